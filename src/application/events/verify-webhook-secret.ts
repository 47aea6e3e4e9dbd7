import { createHash, timingSafeEqual } from 'node:crypto';
import { BridgeError } from '../../domain/errors.js';
import type { Connection, SecretRef } from '../../domain/model.js';
import type { ConnectionCache } from '../connections/connection-cache.js';
import type { Clock } from '../ports/runtime.js';
import type { SecretStore } from '../ports/secret-store.js';
import type { ConnectionStore } from '../ports/stores.js';

export interface CheckSecretDeps {
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly connectionCache: Pick<ConnectionCache, 'find'>;
  readonly secrets: Pick<SecretStore, 'get'>;
  readonly clock: Clock;
}

/**
 * Does the caller know a secret of the connection: the present one, or the former one while its time runs? Throws
 * `unauthorized` alike for an unknown connection and a wrong secret, and what the stores throw.
 */
export async function checkSecret(
  deps: CheckSecretDeps,
  connectionId: string,
  given: string | undefined,
): Promise<void> {
  const recent = await deps.connectionCache.find(connectionId);
  if (await knows(deps, recent.connection, given)) return;
  // The secret may be a moment old: only a welcome answer may be out of date.
  if (!recent.isFresh && (await knows(deps, (await deps.connections.get(connectionId))?.value, given)))
    return;
  throw new BridgeError('unauthorized', 'The webhook secret is missing or wrong.', {
    hint: 'Send the secret of the connection in the header x-authscape-webhook-secret or as ?code=.',
  });
}

async function knows(
  deps: CheckSecretDeps,
  connection: Connection | undefined,
  given: string | undefined,
): Promise<boolean> {
  const [present, former] = connection === undefined ? [null, null] : secretsOf(connection, deps.clock.now());
  const isPresent = matches(given, present === null ? null : await deps.secrets.get(present));
  // The former one is compared in any case, so that time tells nothing about which of the two was meant.
  const isFormer = matches(given, former === null ? null : await formerSecret(deps, former));
  return isPresent || isFormer;
}

function secretsOf(connection: Connection, now: number): readonly [SecretRef | null, SecretRef | null] {
  const { previousWebhookSecret: previous, webhookSecret } = connection;
  return [webhookSecret, previous !== null && Date.parse(previous.until) > now ? previous.ref : null];
}

/** The former version may have been removed from the vault: the present one works on. */
async function formerSecret(deps: CheckSecretDeps, ref: SecretRef): Promise<string | null> {
  try {
    return await deps.secrets.get(ref);
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'secret_missing') return null;
    throw error;
  }
}

/** Digests have one length, so the comparison takes the same time for every input, known connection or not. */
function matches(given: string | undefined, expected: string | null): boolean {
  const same = timingSafeEqual(digest(given ?? ''), digest(expected ?? ''));
  return same && given !== undefined && expected !== null && expected !== '';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
