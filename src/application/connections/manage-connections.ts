import { checkLimits, defaultSettings, readEnvironment } from '../../domain/connection-rules.js';
import { BridgeError, type Fault } from '../../domain/errors.js';
import type {
  ConflictPolicy,
  Connection,
  ConnectionState,
  CredentialKind,
  DeletePolicy,
  Direction,
  LogValues,
  MassDeleteGuard,
  SecretRef,
} from '../../domain/model.js';
import { secretName } from '../../domain/secret-names.js';
import type { Cron } from '../ports/cron.js';
import type { Clock, Ids } from '../ports/runtime.js';
import type { SecretStore } from '../ports/secret-store.js';
import type { Page, Stored } from '../ports/stores.js';
import { pagesOf } from '../shared/pages.js';
import { type Precondition, requireVersion, rewrite } from '../shared/precondition.js';
import { type EnvironmentDeps, forgetEnvironment, moveTables } from './change-environment.js';
import { scheduleFault } from './validate-schedule.js';

/** What a caller may set. Secrets come as values here and leave for the vault before anything is stored. */
export interface ConnectionInput {
  readonly name?: string | undefined;
  readonly environment?: string | undefined;
  readonly tenantId?: string | null | undefined;
  readonly clientId?: string | null | undefined;
  readonly clientSecret?: string | null | undefined;
  readonly credential?: CredentialKind | undefined;
  /** ISO time at which the client secret expires, as Entra ID shows it; a new secret without one has none. */
  readonly credentialExpiresAt?: string | null | undefined;
  readonly webhookSecret?: string | undefined;
  readonly direction?: Direction | undefined;
  readonly enabled?: boolean | undefined;
  readonly syncIntervalMinutes?: number | undefined;
  readonly fullSyncSchedule?: string | null | undefined;
  readonly conflictPolicy?: ConflictPolicy | undefined;
  readonly deletePolicy?: DeletePolicy | undefined;
  readonly massDeleteGuard?: MassDeleteGuard | null | undefined;
  readonly logValues?: LogValues | undefined;
}

export interface ConnectionView {
  readonly connection: Connection;
  readonly state: ConnectionState;
  readonly etag: string;
}

export interface ConnectionDeps extends EnvironmentDeps {
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly cron: Cron;
  /** From the app settings. */
  readonly defaultEnvironment: string | undefined;
  readonly mappedHosts: readonly string[];
}

/** Throws `invalid_request`, `connection_name_taken`, `secret_store_unavailable`. */
export const createConnection =
  (deps: ConnectionDeps) =>
  async (input: ConnectionInput & { readonly name: string }): Promise<ConnectionView> => {
    const environment = checkInput(deps, {
      ...input,
      environment: input.environment ?? deps.defaultEnvironment ?? '',
    });
    const draft = draftConnection(deps);
    await refuseTakenName(deps, input.name);
    const secrets = await storeSecrets(deps, draft.id, input);
    const stored = await deps.connections.create({ ...changed(draft, input), environment, ...secrets });
    return view(deps, stored);
  };

/** A new connection with the default settings, without name and environment. */
export function draftConnection(deps: Pick<ConnectionDeps, 'clock' | 'ids'>): Connection {
  const now = new Date(deps.clock.now()).toISOString();
  const dates = { createdAt: now, updatedAt: now };
  return {
    ...{ id: `c_${deps.ids.random(10)}`, name: '', environment: '' },
    ...{ ...defaultSettings, ...NO_SECRETS, ...dates },
  };
}

/** Asked before a secret is stored for nothing; the store decides when two come at once. */
async function refuseTakenName(deps: ConnectionDeps, name: string): Promise<void> {
  const folded = name.toLowerCase();
  for await (const page of pagesOf((cursor) => deps.connections.list(500, cursor))) {
    if (page.items.some(({ value }) => value.name.toLowerCase() === folded)) {
      throw new BridgeError('connection_name_taken', `Another connection is called "${name}" already.`);
    }
  }
}

const NO_SECRETS = { clientSecret: null, webhookSecret: null, previousWebhookSecret: null };

/** Throws `connection_not_found`. */
export const getConnection =
  (deps: Pick<ConnectionDeps, 'connections'>) =>
  async (id: string): Promise<ConnectionView> =>
    view(deps, await requireConnection(deps, id));

export const listConnections =
  (deps: Pick<ConnectionDeps, 'connections'>) =>
  async (limit: number, cursor?: string): Promise<Page<ConnectionView>> => {
    const page = await deps.connections.list(limit, cursor);
    return {
      items: await Promise.all(page.items.map((stored) => view(deps, stored))),
      nextCursor: page.nextCursor,
    };
  };

/**
 * Changes what the input names. Another environment is another organization: it is refused while links exist, and what
 * runs had learned of the old one is forgotten.
 */
export const patchConnection =
  (deps: ConnectionDeps) =>
  async (id: string, input: ConnectionInput, precondition?: Precondition): Promise<ConnectionView> => {
    const environment = checkInput(deps, input);
    const before = await requireConnection(deps, id);
    // Checked again with the write; here it keeps a caller who is too late from making a version of a secret.
    requireVersion(precondition, before.etag);
    const secrets = await storeSecrets(deps, id, input);
    const moves = environment !== undefined && environment !== before.value.environment;
    if (!moves) {
      return rewriteConnection(
        deps,
        id,
        (connection) => merged(deps, connection, input, secrets),
        precondition,
      );
    }
    const release = await moveTables(deps, before.value, environment);
    const result = await rewriteConnection(
      deps,
      id,
      (connection) => ({ ...merged(deps, connection, input, secrets), environment }),
      precondition,
    );
    await forgetEnvironment(deps, id);
    await release();
    return result;
  };

/** The connection, or `connection_not_found`. */
export async function requireConnection(
  deps: Pick<ConnectionDeps, 'connections'>,
  id: string,
): Promise<Stored<Connection>> {
  const stored = await deps.connections.get(id);
  if (!stored) throw new BridgeError('connection_not_found', `There is no connection "${id}".`);
  return stored;
}

async function rewriteConnection(
  deps: ConnectionDeps,
  id: string,
  change: (connection: Connection) => Connection,
  precondition: Precondition,
): Promise<ConnectionView> {
  const stored = await rewrite({
    read: () => requireConnection(deps, id),
    change,
    write: (connection, etag) => deps.connections.replace(connection, etag),
    precondition,
  });
  return view(deps, stored);
}

async function view(
  deps: Pick<ConnectionDeps, 'connections'>,
  stored: Stored<Connection>,
): Promise<ConnectionView> {
  const state = await deps.connections.getState(stored.value.id);
  return { connection: stored.value, state, etag: stored.etag };
}

function merged(
  deps: Pick<ConnectionDeps, 'clock'>,
  connection: Connection,
  input: ConnectionInput,
  secrets: StoredSecrets,
): Connection {
  return {
    ...changed(connection, input),
    ...secrets,
    updatedAt: new Date(deps.clock.now()).toISOString(),
  };
}

/** The connection with every plain setting that the input names. */
function changed(connection: Connection, input: ConnectionInput): Connection {
  const pick = <T>(value: T | undefined, before: T): T => (value === undefined ? before : value);
  return {
    ...connection,
    name: pick(input.name, connection.name),
    tenantId: pick(input.tenantId, connection.tenantId),
    clientId: pick(input.clientId, connection.clientId),
    credential: pick(input.credential, connection.credential),
    direction: pick(input.direction, connection.direction),
    enabled: pick(input.enabled, connection.enabled),
    syncIntervalMinutes: pick(input.syncIntervalMinutes, connection.syncIntervalMinutes),
    fullSyncSchedule: pick(input.fullSyncSchedule, connection.fullSyncSchedule),
    conflictPolicy: pick(input.conflictPolicy, connection.conflictPolicy),
    deletePolicy: pick(input.deletePolicy, connection.deletePolicy),
    massDeleteGuard: pick(input.massDeleteGuard, connection.massDeleteGuard),
    logValues: pick(input.logValues, connection.logValues),
  };
}

interface StoredSecrets {
  clientSecret?: SecretRef | null;
  credentialExpiresAt?: string | null;
  webhookSecret?: SecretRef;
  previousWebhookSecret?: null;
}

/** Vault first, row later: a version that no row names is never used. */
async function storeSecrets(
  deps: ConnectionDeps,
  id: string,
  input: ConnectionInput,
): Promise<StoredSecrets> {
  const stored: StoredSecrets = {};
  if (input.clientSecret !== undefined) stored.credentialExpiresAt = null;
  if (input.credentialExpiresAt !== undefined) stored.credentialExpiresAt = input.credentialExpiresAt;
  if (input.clientSecret === null) stored.clientSecret = null;
  if (typeof input.clientSecret === 'string') {
    stored.clientSecret = await deps.secrets.put(secretName(id, 'client-secret'), input.clientSecret);
  }
  if (input.webhookSecret !== undefined) {
    stored.webhookSecret = await deps.secrets.put(secretName(id, 'webhook-secret'), input.webhookSecret);
    // A caller who sets one by hand may do so because the former one got out.
    stored.previousWebhookSecret = null;
  }
  return stored;
}

type RuleDeps = Pick<ConnectionDeps, 'mappedHosts' | 'cron' | 'clock'>;

/** What is wrong with the values of the settings that the input names. */
export const connectionFaults =
  (deps: RuleDeps) =>
  (input: ConnectionInput): readonly Fault[] => {
    const faults: Fault[] = [...checkLimits(input)];
    if (input.environment !== undefined) {
      const read = readEnvironment(input.environment, deps.mappedHosts);
      if (!read.ok) faults.push({ path: 'environment', message: read.message });
    }
    if (input.fullSyncSchedule !== undefined && input.fullSyncSchedule !== null) {
      const message = scheduleFault(input.fullSyncSchedule, deps.cron, deps.clock.now());
      if (message !== undefined) faults.push({ path: 'fullSyncSchedule', message });
    }
    return faults;
  };

function checkInput(deps: RuleDeps, input: ConnectionInput & { environment: string }): string;
function checkInput(deps: RuleDeps, input: ConnectionInput): string | undefined;
function checkInput(deps: RuleDeps, input: ConnectionInput): string | undefined {
  const errors = connectionFaults(deps)(input);
  if (errors.length > 0) {
    throw new BridgeError('invalid_request', 'Some settings of the connection are not valid.', { errors });
  }
  if (input.environment === undefined) return undefined;
  const read = readEnvironment(input.environment, deps.mappedHosts);
  return read.ok ? read.environment : undefined;
}
