import { BridgeError } from '../../domain/errors.js';
import type { Connection } from '../../domain/model.js';
import { requireConnection } from '../connections/manage-connections.js';
import { bringUpToDate, removeAll, type WebhookDeps } from './reconcile-webhook.js';

/**
 * Lets a use case that changes mappings take the registered webhook along. The change counts whether or not Dynamics can
 * be reached: what did not get through is remembered and shows as drift.
 */
export const withWebhookUpdate =
  <A extends readonly [Changed, ...(readonly unknown[])], R>(
    deps: WebhookDeps,
    change: (...parameters: A) => Promise<R>,
  ) =>
  async (...parameters: A): Promise<R> => {
    const result = await change(...parameters);
    const [changed] = parameters;
    await follow(deps, typeof changed === 'string' ? changed : changed.connectionId);
    return result;
  };

/** What use cases begin with: the id of a connection, or something of it. */
type Changed = string | { readonly connectionId: string };

async function follow(deps: WebhookDeps, connectionId: string): Promise<void> {
  try {
    await bringUpToDate(deps, connectionId);
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    deps.logger.warn('The webhook could not be adjusted', { connectionId, code: error.code });
    await remember(deps, connectionId, error);
  }
}

/** The use case has done its work: a note that cannot be kept is no reason to call it failed. */
async function remember(deps: WebhookDeps, connectionId: string, error: BridgeError): Promise<void> {
  const at = new Date(deps.clock.now()).toISOString();
  const lastFailure = { code: error.code, message: error.message, at };
  try {
    const registration = await deps.webhooks.get(connectionId);
    if (registration !== undefined) await deps.webhooks.put({ ...registration, lastFailure });
  } catch (second) {
    if (!(second instanceof BridgeError)) throw second;
    deps.logger.warn('A failure could not be noted', { connectionId, code: second.code });
  }
}

/**
 * Lets a change of a connection take its webhook along: a new secret goes to Dynamics at once, and with another
 * environment the registration in the old one ends.
 */
export const patchWithWebhookUpdate =
  <A extends readonly [string, ...(readonly unknown[])], R>(
    deps: WebhookDeps,
    patch: (...parameters: A) => Promise<R>,
  ) =>
  async (...parameters: A): Promise<R> => {
    const [connectionId] = parameters;
    const registration = await deps.webhooks.get(connectionId);
    if (registration === undefined) return patch(...parameters);
    const before = await deps.connections.get(connectionId);
    const result = await patch(...parameters);
    const after = await deps.connections.get(connectionId);
    if (before !== undefined && after?.value.environment !== registration.environment) {
      await leave(deps, before.value);
    } else if (after?.value.webhookSecret?.version !== registration.secretVersion) {
      await follow(deps, connectionId);
    }
    return result;
  };

/**
 * Takes a connection's webhook out of Dynamics where it can be reached, and forgets it either way: Dynamics would post
 * to a receiver that refuses.
 */
export const unregisterWebhook =
  (deps: WebhookDeps) =>
  async (connectionId: string): Promise<void> => {
    if ((await deps.webhooks.get(connectionId)) === undefined) return;
    const { value: connection } = await requireConnection(deps, connectionId);
    await leave(deps, connection);
  };

async function leave(deps: WebhookDeps, connection: Connection): Promise<void> {
  try {
    await removeAll(await deps.openRegistry(connection), connection.id);
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    deps.logger.warn('The webhook could not be unregistered', {
      connectionId: connection.id,
      code: error.code,
    });
  }
  await deps.webhooks.remove(connection.id);
}
