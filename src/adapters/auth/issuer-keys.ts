import type { CryptoKey, FlattenedJWSInput, JSONWebKeySet, JWSHeaderParameters } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../application/ports/runtime.js';
import { BridgeError } from '../../domain/errors.js';

/** What of `jose` is used; the library is loaded by its user. */
type Jose = Pick<typeof import('jose'), 'createLocalJWKSet' | 'errors'>;

export type KeyOf = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

/** Keys are read again after an hour, and at once for a key that is not among them, but not more often than this. */
const REFRESH_MS = 3_600_000;
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 5_000;

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });
const keysSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/**
 * The signing keys of one issuer, by OpenID Connect Discovery. Keys that were read once are used while the issuer is
 * away. Throws `issuer_unavailable` when there are none yet.
 */
export function createIssuerKeys(
  issuer: string,
  { jose, clock }: { readonly jose: Jose; readonly clock: Clock },
): KeyOf {
  let known: { readonly find: KeyOf; readonly readAt: number } | undefined;
  let reading: Promise<void> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;

  const read = async (): Promise<void> => {
    triedAt = clock.now();
    const base = issuer.replace(/\/$/, '');
    const discovery = discoverySchema.parse(await getJson(`${base}/.well-known/openid-configuration`));
    if (discovery.issuer !== issuer) throw new Error('The issuer names itself differently.');
    const keys = keysSchema.parse(await getJson(discovery.jwks_uri));
    known = { find: jose.createLocalJWKSet(keys as JSONWebKeySet), readAt: clock.now() };
  };

  /** Side by side calls wait for one reading; a failure counts only where no keys are at hand. */
  const refresh = async (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    try {
      await reading;
    } catch (cause) {
      if (known) return;
      throw new BridgeError('issuer_unavailable', 'The keys of the token issuer cannot be read.', {
        hint: 'Check the issuer in AUTH_ISSUERS, and whether it can be reached from here.',
        retryAfterSeconds: 10,
        cause,
      });
    }
  };

  const mayRefresh = () => clock.now() - triedAt >= COOLDOWN_MS;

  return async (header, token) => {
    if (!known) await refresh();
    else if (clock.now() - known.readAt >= REFRESH_MS && mayRefresh()) await refresh();
    try {
      return await find(header, token);
    } catch (error) {
      if (!(error instanceof jose.errors.JWKSNoMatchingKey) || !mayRefresh()) throw error;
      await refresh();
      return find(header, token);
    }
  };

  function find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    if (!known) throw new BridgeError('issuer_unavailable', 'The keys of the token issuer cannot be read.');
    return known.find(header, token);
  }
}

async function getJson(url: string): Promise<unknown> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
  if (!reply.ok) throw new Error(`${new URL(url).pathname} answered ${reply.status}.`);
  return reply.json();
}
