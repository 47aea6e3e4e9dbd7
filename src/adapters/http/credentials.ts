import { createHash } from 'node:crypto';
import type { AccessToken, ClientSecretCredentialOptions, TokenCredential } from '@azure/identity';
import type { Clock } from '../../application/ports/runtime.js';
import { keepNewest } from '../../lib/keep-newest.js';
import { onceUntilItFails } from '../../lib/once-until-it-fails.js';
import { authorityFor, isPublicAuthority } from './authority.js';
import { PROBE_DEADLINE_MS } from './client.js';
import { type AuthorityContact, NO_CONTACT, tokenError } from './token-errors.js';

/** What the service signs in with, for one resource. */
export type ClientCredentials = {
  readonly tenantId: string;
  readonly clientId: string;
  /** Version of what proves the identity: another one gets a credential of its own. */
  readonly version: string;
} & (
  | { readonly kind?: undefined; readonly clientSecret: string }
  | { readonly kind: 'certificate'; readonly pem: string }
  | { readonly kind: 'managedIdentity' }
);

export interface TokenSource {
  /**
   * An access token for `https://<host>/.default`, cached until shortly before it expires; parallel first calls share one
   * request. Throws `BridgeError` with the code that names the fault.
   */
  token(credentials: ClientCredentials, host: string): Promise<string>;
  /** Forgets that token after the service refused it (a newer one stays), or whichever there is. */
  drop(credentials: ClientCredentials, host: string, token?: string): void;
}

export interface TokenSourceOptions {
  readonly clock: Clock;
  /** Overrides the authority that belongs to the host's cloud. */
  readonly authorityHost?: string | undefined;
  /** The app's own identity, whose token stands for a client secret in a federated credential. */
  readonly identity?: TokenCredential | undefined;
  /** Passed on to the credential: trusted certificates, retries. */
  readonly credentialOptions?: ClientSecretCredentialOptions | undefined;
  readonly timeoutMs?: number | undefined;
}

interface Entry {
  /** The identity library is loaded with the first token. */
  readonly credential: () => Promise<TokenCredential>;
  readonly contact: AuthorityContact;
  token: AccessToken | undefined;
  renewAt: number;
  pending: Promise<string> | undefined;
}

/** More connections than this in one process renew their tokens more often. */
const CACHE_SIZE = 64;
const RENEW_BEFORE_MS = 5 * 60_000;

/** Signs in with client credentials. */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { clock } = options;
  const timeoutMs = options.timeoutMs ?? PROBE_DEADLINE_MS;
  const entries = new Map<string, Entry>();

  function entryFor(credentials: ClientCredentials, host: string): Entry {
    const key = keyOf(credentials, host);
    const entry = entries.get(key) ?? createEntry(credentials, host);
    keepNewest(entries, CACHE_SIZE, [key, entry]);
    return entry;
  }

  function createEntry(credentials: ClientCredentials, host: string): Entry {
    const contact: AuthorityContact = { ...NO_CONTACT };
    const authorityHost = options.authorityHost ?? authorityFor(host);
    const settings: ClientSecretCredentialOptions = {
      authorityHost,
      disableInstanceDiscovery: !isPublicAuthority(authorityHost),
      retryOptions: { maxRetries: 2 },
      ...options.credentialOptions,
      additionalPolicies: [{ position: 'perCall', policy: watching(contact) }],
    };
    const credential = onceUntilItFails(async () => {
      const { createCredential } = await import('./client-credential.js');
      return createCredential(credentials, settings, options.identity);
    });
    return { credential, contact, token: undefined, renewAt: 0, pending: undefined };
  }

  async function fetchToken(entry: Entry, host: string): Promise<string> {
    Object.assign(entry.contact, NO_CONTACT);
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const scope = `https://${host}/.default`;
      const credential = await entry.credential();
      const token = await untilAborted(credential.getToken(scope, { abortSignal: deadline }), deadline);
      const now = clock.now();
      if (token === null) throw new Error('The credential gave no token.');
      entry.token = token;
      // A token that lives only for minutes is used for at least half of its life.
      const half = now + (token.expiresOnTimestamp - now) / 2;
      entry.renewAt = Math.max(token.expiresOnTimestamp - RENEW_BEFORE_MS, half);
      return token.token;
    } catch (error) {
      throw tokenError(error, entry.contact, deadline.aborted);
    }
  }

  return {
    token: async (credentials, host) => {
      const entry = entryFor(credentials, host);
      if (entry.token !== undefined && clock.now() < entry.renewAt) return entry.token.token;
      entry.pending ??= fetchToken(entry, host)
        .catch((error: unknown) => {
          // The library repeats a failure for a minute without asking again: only a new credential asks.
          const key = keyOf(credentials, host);
          if (entries.get(key) === entry) entries.delete(key);
          throw error;
        })
        .finally(() => {
          entry.pending = undefined;
        });
      return entry.pending;
    },
    drop: (credentials, host, token) => {
      const key = keyOf(credentials, host);
      const held = entries.get(key)?.token?.token;
      if (token === undefined || held === token) entries.delete(key);
    },
  };
}

/** A digest, so that no secret is a key; a changed secret under the same version is another key. */
function keyOf(credentials: ClientCredentials, host: string): string {
  const { clientId, kind, tenantId, version } = credentials;
  const proof = kind === undefined ? credentials.clientSecret : kind === 'certificate' ? credentials.pem : '';
  const text = JSON.stringify([tenantId, clientId, version, kind, proof, host.toLowerCase()]);
  return createHash('sha256').update(text).digest('base64');
}

type Policies = NonNullable<ClientSecretCredentialOptions['additionalPolicies']>;

/** Notes how the authority was reached: the credential's own errors do not tell. */
function watching(contact: AuthorityContact): Policies[number]['policy'] {
  return {
    name: 'bridgeAuthorityContact',
    sendRequest: async (request, next) => {
      try {
        const response = await next(request);
        const foreign = isForeign(response.bodyAsText);
        Object.assign(contact, { reached: true, unreachable: undefined, status: response.status, foreign });
        return response;
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        Object.assign(contact, { unreachable: code });
        throw error;
      }
    },
  };
}

/** Is that a page or a text, and no JSON? */
function isForeign(body: string | null | undefined): boolean {
  const text = body?.trim() ?? '';
  return text !== '' && !text.startsWith('{');
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Error('The authority did not answer in time.'));
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
  }
}
