import { BridgeError } from '../../domain/errors.js';
import type { Connection } from '../../domain/model.js';
import { type Drift, driftOf, endpointName, type RegisteredStep, readBaseUrl } from '../../domain/webhook.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { WebhookRegistration } from '../ports/webhooks.js';
import {
  bringUpToDate,
  receiverUrl,
  removeAll,
  requireEvents,
  tablesOf,
  type WebhookDeps,
  wantedOf,
} from './reconcile-webhook.js';
import { ensureSecret, rotateSecret } from './rotate-secret.js';

/** What is registered, and how it differs from what should be. */
export interface WebhookView {
  readonly connection: Connection;
  /** Null: nothing is registered. */
  readonly registration: WebhookRegistration | null;
  readonly steps: readonly RegisteredStep[];
  readonly drift: readonly Drift[];
}

/**
 * Registers the webhook in Dynamics, or repairs what is there of it. Throws `connection_not_found`, `invalid_request`,
 * `no_enabled_mappings`, `table_without_events`, and what Dynamics answers.
 */
const registerWebhook =
  (deps: WebhookDeps) =>
  async (connectionId: string, input: { readonly baseUrl: string }): Promise<WebhookView> => {
    const { value: unregistered } = await requireConnection(deps, connectionId);
    const read = readBaseUrl(input.baseUrl, deps.allowLoopback);
    if (!read.ok) {
      throw new BridgeError('invalid_request', 'The request is not valid.', {
        errors: [{ path: 'baseUrl', message: read.message }],
      });
    }
    const wanted = await wantedOf(deps, connectionId);
    if (wanted.length === 0) {
      throw new BridgeError('no_enabled_mappings', 'The connection has no enabled mapping to watch.', {
        hint: 'Make a mapping first, or enable one.',
      });
    }
    requireEvents(await (await deps.openRegistry(unregistered)).withoutEvent(wanted));
    const connection = await ensureSecret(deps, connectionId);
    const before = await deps.webhooks.get(connectionId);
    const { environment } = connection;
    // Remembered first: what a failure leaves half done can then be seen, repaired and removed.
    await deps.webhooks.put({
      connectionId,
      baseUrl: read.origin,
      environment,
      endpointId: before?.endpointId ?? null,
      secretVersion: before?.secretVersion ?? null,
      registeredAt: before?.registeredAt ?? new Date(deps.clock.now()).toISOString(),
      lastFailure: null,
    });
    await bringUpToDate(deps, connectionId);
    return viewWebhook(deps)(connectionId);
  };

/** Throws `connection_not_found`, and what Dynamics answers. */
const viewWebhook =
  (deps: WebhookDeps) =>
  async (connectionId: string): Promise<WebhookView> => {
    const { value: connection } = await requireConnection(deps, connectionId);
    const registration = await deps.webhooks.get(connectionId);
    if (registration === undefined) return { connection, registration: null, steps: [], drift: [] };
    const registry = await deps.openRegistry(connection);
    const wanted = await wantedOf(deps, connectionId);
    const endpoints = await registry.findEndpoints(endpointName(connectionId));
    const [endpoint] = endpoints;
    const present = endpoint === undefined ? [] : await registry.steps(endpoint.id, tablesOf(wanted));
    const drift = driftOf({
      url: receiverUrl(registration),
      secretIsCurrent: registration.secretVersion === (connection.webhookSecret?.version ?? null),
      endpoints,
      wanted,
      present,
    });
    return { connection, registration, steps: present, drift };
  };

/** Removes what is registered, or what is left of it. Throws `connection_not_found`, and what Dynamics answers. */
const unregisterWebhook =
  (deps: WebhookDeps) =>
  async (connectionId: string): Promise<void> => {
    const { value: connection } = await requireConnection(deps, connectionId);
    await removeAll(await deps.openRegistry(connection), connectionId);
    await deps.webhooks.remove(connectionId);
    await deps.connections.updateState(connectionId, (state) => ({ ...state, webhookSilence: null }));
  };

/** What administrators do with a connection's webhook. */
export const manageWebhook = (deps: WebhookDeps) => ({
  register: registerWebhook(deps),
  view: viewWebhook(deps),
  unregister: unregisterWebhook(deps),
  rotate: rotateSecret(deps),
});
