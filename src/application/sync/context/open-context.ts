import { BridgeError } from '../../../domain/errors.js';
import { type ResolvedMapping, resolveMapping } from '../../../domain/fields.js';
import {
  type Connection,
  type ConnectionState,
  dependencyOrder,
  type EntityMapping,
} from '../../../domain/model.js';
import type { AuthScapeSystem, DynamicsSystem } from '../../ports/systems.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import { createConfirmation, createMappingReader } from './present-mappings.js';
import { createSecondWriterWatch } from './second-writer-watch.js';
import type { PlannedPairs, SyncContext } from './sync-context.js';
import { type Health, watchAuthScape, watchDynamics } from './watch-writes.js';

export interface OpenOptions {
  readonly runId: string | null;
  readonly trigger: SyncContext['trigger'];
  readonly dryRun: boolean;
  readonly fullRun: boolean;
  /** What the run has learned of both sides; kept up to date. Undefined outside of runs. */
  readonly health?: Health | undefined;
}

/**
 * A claim outlives the longest write by this much, or by another such write where that is less. Meanwhile pairs side by side
 * wait for their turn.
 */
const CLAIM_MARGIN_MS = 45_000;

/**
 * Opens both systems for a connection and joins its mappings with their schemas. Stops with `environment_changed` before
 * anything is written when the organization or the AuthScape on the other end is not the one that the links belong to.
 */
export async function openContext(
  deps: EngineDeps,
  connectionId: string,
  options: OpenOptions,
): Promise<SyncContext> {
  const stored = await deps.connections.get(connectionId);
  if (stored === undefined) {
    throw new BridgeError('connection_not_found', 'There is no such connection.');
  }
  const connection = stored.value;
  const opened = await Promise.all([deps.systems.dynamics(connection), deps.systems.authScape()]);
  const watch = { clock: deps.clock, health: options.dryRun ? undefined : options.health };
  const [dynamics, authScape] = [watchDynamics(opened[0], watch), watchAuthScape(opened[1], watch)];
  const [identity, user] = await Promise.all([dynamics.identity(), authScape.identity()]);
  const organizationId = identity.organizationId.toLowerCase();
  const seen = { organizationId, address: authScape.address };
  const state = await checkEnvironment(deps, connection, seen, options.dryRun);
  const mappings = await loadMappings(deps, connection, dynamics, authScape);
  const scannedFrom = new Map<string, number | null>();
  for (const { mapping } of mappings) {
    scannedFrom.set(mapping.id, (await deps.feeds.get(connection.id, mapping.id))?.scannedFrom ?? null);
  }
  const present = createMappingReader(deps.mappings, connection.id);
  let abandonedReservations: ReturnType<SyncContext['abandonedReservations']> | undefined;
  return {
    connection,
    organizationId,
    ownUserId: user.userId,
    dynamics,
    authScape,
    links: deps.links,
    keyReservations: deps.keyReservations,
    abandonedReservations: () => {
      abandonedReservations ??= deps.keyReservations.left(connection.id);
      return abandonedReservations;
    },
    logs: deps.logs,
    problems: deps.problems,
    clock: deps.clock,
    ids: deps.ids,
    logger: deps.logger,
    mappings,
    confirmMapping: options.dryRun ? async () => undefined : createConfirmation(present, deps.clock),
    isMappingStored: async (mappingId) => (await present()).some(({ value }) => value.id === mappingId),
    runId: options.runId,
    trigger: options.trigger,
    dryRun: options.dryRun,
    fullRun: options.fullRun,
    unit: 0,
    syncRelated: null,
    claimMs: deps.options.writeTimeoutMs + Math.min(CLAIM_MARGIN_MS, deps.options.writeTimeoutMs),
    writeTimeoutMs: deps.options.writeTimeoutMs,
    scannedFrom,
    planned: plannedPairs(deps, connection.id, options),
    definitionsReadAt: new Map(),
    secondWriter: createSecondWriterWatch(deps, connection.id, state),
  };
}

/** A preview stands alone and has no place to keep them. */
function plannedPairs(
  { staging }: EngineDeps,
  connectionId: string,
  { dryRun, runId }: OpenOptions,
): PlannedPairs | null {
  if (!dryRun || runId === null) return null;
  const scope = (mappingId: string) => ({ connectionId, runId, mappingId });
  return {
    add: (mappingId, pair) => staging.putPlanned(scope(mappingId), pair),
    find: (mappingId, side, ids) => staging.getPlanned(scope(mappingId), side, ids),
  };
}

async function checkEnvironment(
  deps: EngineDeps,
  connection: Connection,
  seen: { readonly organizationId: string; readonly address: string },
  dryRun: boolean,
): Promise<ConnectionState> {
  const state = await deps.connections.getState(connection.id);
  if ((state.organizationId ?? seen.organizationId) !== seen.organizationId) {
    throw environmentChanged(
      'The Dynamics organization is another one than the links of this connection know.',
    );
  }
  if ((state.authScapeAddress ?? seen.address) !== seen.address) {
    throw environmentChanged('The AuthScape is another one than the links of this connection know.');
  }
  if (dryRun || (state.organizationId !== null && state.authScapeAddress !== null)) return state;
  return deps.connections.updateState(connection.id, (current) => ({
    ...current,
    organizationId: current.organizationId ?? seen.organizationId,
    authScapeAddress: current.authScapeAddress ?? seen.address,
  }));
}

export function environmentChanged(message: string): BridgeError {
  return new BridgeError('environment_changed', message, {
    hint: 'Was the environment copied, restored from a backup or replaced? Nothing was written. Point the connection back, or make a new connection for the new environment.',
  });
}

async function loadMappings(
  deps: EngineDeps,
  connection: Connection,
  dynamics: DynamicsSystem,
  authScape: AuthScapeSystem,
): Promise<readonly ResolvedMapping[]> {
  const stored = await deps.mappings.list(connection.id);
  const enabled = stored
    .map((entry) => entry.value)
    .filter((mapping) => mapping.enabled)
    .sort(dependencyOrder);
  return Promise.all(enabled.map((mapping) => resolveOne(connection, mapping, dynamics, authScape)));
}

async function resolveOne(
  connection: Connection,
  mapping: EntityMapping,
  dynamics: DynamicsSystem,
  authScape: AuthScapeSystem,
): Promise<ResolvedMapping> {
  const [entity, table] = await Promise.all([
    authScape.schema(mapping.authScapeEntity),
    dynamics.table(mapping.crmEntity),
  ]);
  if (table === undefined) {
    throw new BridgeError('schema_changed', `Dynamics has no table "${mapping.crmEntity}".`, {
      hint: 'Was the table removed or renamed? Correct or disable the mapping.',
    });
  }
  return resolveMapping(connection, mapping, entity, table);
}
