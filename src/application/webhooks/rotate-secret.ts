import type { Connection, SecretRef } from '../../domain/model.js';
import { secretName } from '../../domain/secret-names.js';
import { requireConnection } from '../connections/manage-connections.js';
import { rewrite } from '../shared/precondition.js';
import { bringUpToDate, type WebhookDeps } from './reconcile-webhook.js';

/** How long the former secret is taken beside the new one: notifications on their way carry it. */
const GRACE_MS = 24 * 60 * 60_000;

export interface RotatedSecret {
  readonly connection: Connection;
  /** Is it in Dynamics, too? Otherwise a sender of events by other means has to be given the new one. */
  readonly registered: boolean;
}

/**
 * Makes a new secret and gives it to Dynamics; the former one is taken for a day more. The connection takes both before
 * Dynamics hears of it, so no event is refused on the way. When Dynamics could not be reached, a repeat goes on with the
 * secret that was made: the one that Dynamics still uses stays the former one. Throws what Dynamics answers.
 */
export const rotateSecret =
  (deps: WebhookDeps) =>
  async (connectionId: string): Promise<RotatedSecret> => {
    const { value: before } = await requireConnection(deps, connectionId);
    const registration = await deps.webhooks.get(connectionId);
    const isHalfWay =
      registration !== undefined &&
      registration.secretVersion !== null &&
      registration.secretVersion === before.previousWebhookSecret?.ref.version;
    const connection = isHalfWay
      ? await keepFormer(deps, connectionId)
      : await replaceSecret(deps, connectionId);
    if (registration !== undefined) await bringUpToDate(deps, connectionId);
    return { connection, registered: registration !== undefined };
  };

/** The connection, with a secret of its own in any case. */
export async function ensureSecret(deps: WebhookDeps, connectionId: string): Promise<Connection> {
  const { value: connection } = await requireConnection(deps, connectionId);
  return connection.webhookSecret === null ? replaceSecret(deps, connectionId) : connection;
}

async function replaceSecret(deps: WebhookDeps, connectionId: string): Promise<Connection> {
  const name = secretName(connectionId, 'webhook-secret');
  const ref: SecretRef = await deps.secrets.put(name, deps.newSecret());
  return change(deps, connectionId, (connection) => ({
    ...connection,
    webhookSecret: ref,
    previousWebhookSecret:
      connection.webhookSecret === null ? null : { ref: connection.webhookSecret, until: graceEnd(deps) },
  }));
}

function keepFormer(deps: WebhookDeps, connectionId: string): Promise<Connection> {
  return change(deps, connectionId, (connection) => ({
    ...connection,
    previousWebhookSecret: connection.previousWebhookSecret && {
      ref: connection.previousWebhookSecret.ref,
      until: graceEnd(deps),
    },
  }));
}

function graceEnd(deps: Pick<WebhookDeps, 'clock'>): string {
  return new Date(deps.clock.now() + GRACE_MS).toISOString();
}

async function change(
  deps: WebhookDeps,
  connectionId: string,
  next: (connection: Connection) => Connection,
): Promise<Connection> {
  const stored = await rewrite({
    read: () => requireConnection(deps, connectionId),
    change: (connection) => ({ ...next(connection), updatedAt: new Date(deps.clock.now()).toISOString() }),
    write: (connection, etag) => deps.connections.replace(connection, etag),
    precondition: undefined,
  });
  return stored.value;
}
