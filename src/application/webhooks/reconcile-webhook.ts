import { BridgeError } from '../../domain/errors.js';
import type { EntityMapping } from '../../domain/model.js';
import {
  endpointName,
  planSteps,
  receiverPath,
  type WantedStep,
  wantedSteps,
  watchedColumns,
} from '../../domain/webhook.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { Clock, Logger } from '../ports/runtime.js';
import type { SecretStore } from '../ports/secret-store.js';
import type { ConnectionStore, MappingStore } from '../ports/stores.js';
import type {
  OpenWebhookRegistry,
  WebhookRegistration,
  WebhookRegistry,
  WebhookStore,
} from '../ports/webhooks.js';

export interface WebhookDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly secrets: SecretStore;
  readonly webhooks: WebhookStore;
  readonly openRegistry: OpenWebhookRegistry;
  readonly newSecret: () => string;
  /** Local runs may be reached by http on the machine itself. */
  readonly allowLoopback: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Brings Dynamics to what the connection's mappings and secret ask for. Throws what Dynamics answers; without a
 * registration nothing is done.
 */
export async function bringUpToDate(deps: WebhookDeps, connectionId: string): Promise<void> {
  const registration = await deps.webhooks.get(connectionId);
  if (registration === undefined) return;
  const { value: connection } = await requireConnection(deps, connectionId);
  const ref = connection.webhookSecret;
  if (ref === null) throw new BridgeError('secret_missing', 'The connection has no webhook secret.');
  const secret = await deps.secrets.get(ref);
  const registry = await deps.openRegistry(connection);
  const endpointId = await ensureEndpoint(registry, connectionId, receiverUrl(registration), secret);
  await deps.webhooks.put({ ...registration, endpointId, secretVersion: ref.version, lastFailure: null });
  await ensureSteps(registry, endpointId, await wantedOf(deps, connectionId));
}

async function ensureEndpoint(
  registry: WebhookRegistry,
  connectionId: string,
  url: string,
  secret: string,
): Promise<string> {
  const name = endpointName(connectionId);
  const [endpoint, ...surplus] = await registry.findEndpoints(name);
  await removeEndpoints(registry, surplus);
  if (endpoint === undefined) return registry.createEndpoint(name, url, secret);
  // Dynamics never shows the secret that it holds, so it is always set anew.
  await registry.updateEndpoint(endpoint.id, url, secret);
  return endpoint.id;
}

async function ensureSteps(
  registry: WebhookRegistry,
  endpointId: string,
  wanted: readonly WantedStep[],
): Promise<void> {
  const plan = planSteps(wanted, await registry.steps(endpointId, tablesOf(wanted)));
  const refused = plan.create.length === 0 ? [] : await registry.withoutEvent(plan.create);
  for (const step of plan.create) if (!refused.includes(step)) await registry.createStep(endpointId, step);
  for (const { step, wanted: want } of plan.repair) await registry.repairStep(step.id, want);
  for (const { id } of plan.remove) await registry.removeStep(id);
  // Last, so that one table keeps no other from being told of.
  requireEvents(refused);
}

/** Throws `table_without_events` where there are steps that Dynamics cannot take. */
export function requireEvents(refused: readonly WantedStep[]): void {
  const [first] = refused;
  if (first === undefined) return;
  throw new BridgeError(
    'table_without_events',
    `Dynamics sends no events for the table \`${first.table}\` (${first.message}).`,
    { hint: 'Disable its mapping while webhooks are set up, or leave the connection to scheduled runs.' },
  );
}

/** Takes everything of the connection out of Dynamics. */
export async function removeAll(registry: WebhookRegistry, connectionId: string): Promise<void> {
  await removeEndpoints(registry, await registry.findEndpoints(endpointName(connectionId)));
}

async function removeEndpoints(
  registry: WebhookRegistry,
  endpoints: readonly { readonly id: string }[],
): Promise<void> {
  // Dynamics refuses to remove an endpoint that steps still use.
  for (const { id } of endpoints) {
    for (const step of await registry.steps(id, [])) await registry.removeStep(step.id);
    await registry.removeEndpoint(id);
  }
}

/** The steps that the connection's enabled mappings ask for. */
export async function wantedOf(deps: WebhookDeps, connectionId: string): Promise<readonly WantedStep[]> {
  return wantedSteps(connectionId, await mappingsOf(deps, connectionId));
}

/** The columns of each mapped table whose change is told of. */
export async function watchedOf(
  deps: Pick<WebhookDeps, 'mappings'>,
  connectionId: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  return watchedColumns(await mappingsOf(deps, connectionId));
}

async function mappingsOf(
  deps: Pick<WebhookDeps, 'mappings'>,
  connectionId: string,
): Promise<readonly EntityMapping[]> {
  return (await deps.mappings.list(connectionId)).map(({ value }) => value);
}

export function tablesOf(wanted: readonly WantedStep[]): readonly string[] {
  return [...new Set(wanted.map(({ table }) => table))];
}

/** Where Dynamics posts to. */
export function receiverUrl(registration: Pick<WebhookRegistration, 'baseUrl' | 'connectionId'>): string {
  return registration.baseUrl + receiverPath(registration.connectionId);
}
