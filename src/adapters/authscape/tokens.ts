import type { Clock } from '../../application/ports/runtime.js';
import type { SecretStore } from '../../application/ports/secret-store.js';
import { BridgeError } from '../../domain/errors.js';
import type { Caller } from '../http/caller.js';
import { PROBE_DEADLINE_MS, parseJson } from '../http/client.js';
import { HttpFailure, jsonOf } from '../http/failure.js';
import { oauthError, tokenAnswer } from './wire.js';

/**
 * How the service signs in. `client`: client credentials, for an identity provider whose branch sets an audience.
 * `refresh`: the rolling refresh token of a dedicated user, kept in the vault; the stock identity provider takes that.
 */
export type AuthScapeAuth =
  | {
      readonly kind: 'client';
      readonly clientId: string;
      clientSecret(): Promise<string>;
      readonly scope: string;
    }
  | {
      readonly kind: 'refresh';
      readonly clientId: string;
      clientSecret?(): Promise<string>;
      /** Name of the vault's secret that holds the refresh token. */
      readonly secretName: string;
      readonly secrets: SecretStore;
    };

type RefreshAuth = Extract<AuthScapeAuth, { kind: 'refresh' }>;

export interface TokenSource {
  /** A token that is good for some minutes; parallel callers share one request. */
  token(): Promise<string>;
  /** Forgets a token that the API refused, unless it was replaced already. */
  drop(token: string): void;
  /** The fault to report when the API refuses a fresh token as well. */
  refusedTwice(): BridgeError;
}

/** Tokens are renewed this long before they expire; short-lived ones at half of their life. */
const RENEW_BEFORE_MS = 5 * 60_000;

interface Token {
  readonly value: string;
  readonly renewAt: number;
}

export function createTokenSource(options: {
  idpUrl: string;
  auth: AuthScapeAuth;
  caller: Caller;
  clock: Clock;
}): TokenSource {
  const { auth, caller, clock, idpUrl } = options;
  let current: Token | undefined;
  let underWay: Promise<Token> | undefined;
  const chain = createChain();

  async function fetchToken(): Promise<Token> {
    const answer = auth.kind === 'client' ? await request(await clientForm(auth)) : await refresh(auth);
    const lifeMs = answer.expires_in * 1000;
    const renewAt = answer.askedAt + lifeMs - Math.min(RENEW_BEFORE_MS, lifeMs / 2);
    return { value: answer.access_token, renewAt };
  }

  /** The newest refresh token always comes from the vault: other instances of the service roll it, too. */
  async function refresh(way: RefreshAuth) {
    let used = await chain.newest(way);
    let answer: Awaited<ReturnType<typeof request>>;
    try {
      answer = await request(await refreshForm(way, used));
    } catch (error) {
      const newest = await storedToken(way);
      if (newest === used) throw error;
      used = newest;
      answer = await request(await refreshForm(way, used));
    }
    // Stored before the access token is used: a crash in between would leave only a used-up token behind.
    const next = answer.refresh_token;
    if (next) await chain.save(way, { used, next });
    return answer;
  }

  async function request(form: Record<string, string>) {
    const askedAt = clock.now();
    try {
      const answer = await caller.call(
        {
          method: 'POST',
          url: `${idpUrl}/connect/token`,
          headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
          body: new URLSearchParams(form).toString(),
          timeoutMs: PROBE_DEADLINE_MS,
        },
        true,
      );
      const parsed = tokenAnswer.safeParse(parseJson(answer));
      if (parsed.success) return { ...parsed.data, askedAt };
    } catch (error) {
      throw error instanceof HttpFailure ? tokenFault(error, auth) : error;
    }
    throw new BridgeError('authscape_error', 'The identity provider of AuthScape answered without a token.', {
      hint: IDP_HINT,
    });
  }

  return {
    token: async () => {
      if (current !== undefined && clock.now() < current.renewAt) return current.value;
      underWay ??= fetchToken().finally(() => {
        underWay = undefined;
      });
      current = await underWay;
      return current.value;
    },
    drop: (token) => {
      if (current?.value === token) current = undefined;
    },
    refusedTwice: () => refusedTwice(auth),
  };
}

interface Rolled {
  readonly used: string;
  readonly next: string;
}

/** Refresh tokens of which each is good once: what the vault could not take yet is kept here, or it would be lost. */
function createChain() {
  let unsaved: Rolled | undefined;

  async function save(way: RefreshAuth, rolled: Rolled): Promise<void> {
    unsaved = rolled;
    await way.secrets.put(way.secretName, rolled.next);
    unsaved = undefined;
  }

  /** Of the vault, unless this process has used that one up and could not store the next. */
  async function newest(way: RefreshAuth): Promise<string> {
    const stored = await storedToken(way);
    if (unsaved?.used !== stored) return stored;
    const { next } = unsaved;
    await save(way, unsaved);
    return next;
  }
  return { newest, save };
}

async function clientForm(auth: Extract<AuthScapeAuth, { kind: 'client' }>): Promise<Record<string, string>> {
  const { clientId, scope } = auth;
  const client_secret = await auth.clientSecret();
  return { grant_type: 'client_credentials', client_id: clientId, client_secret, scope };
}

async function refreshForm(auth: RefreshAuth, token: string): Promise<Record<string, string>> {
  const secret = await auth.clientSecret?.();
  return {
    grant_type: 'refresh_token',
    client_id: auth.clientId,
    ...(secret === undefined ? {} : { client_secret: secret }),
    refresh_token: token,
  };
}

async function storedToken(auth: RefreshAuth): Promise<string> {
  const stored = await auth.secrets.latest(auth.secretName);
  if (stored !== undefined) return stored.value;
  throw new BridgeError(
    'authscape_unauthorized',
    'There is no refresh token of AuthScape in the vault yet.',
    { hint: `Sign in once as the integration user and store its refresh token as ${auth.secretName}.` },
  );
}

const IDP_HINT =
  'Check the setting AuthScape__IdpUrl: it is the address of the identity provider, not of the API.';

function tokenFault(error: HttpFailure, auth: AuthScapeAuth): BridgeError {
  const { failure } = error;
  if (failure.kind !== 'status') {
    return new BridgeError('authscape_unreachable', 'The identity provider of AuthScape cannot be reached.', {
      hint: IDP_HINT,
    });
  }
  const { status, text } = failure;
  if ([408, 429, 502, 503, 504].includes(status)) {
    return new BridgeError(
      'authscape_unreachable',
      `The identity provider of AuthScape is not available at the moment (${status}).`,
    );
  }
  if (status === 404 || (status >= 300 && status < 400)) {
    return new BridgeError('authscape_unreachable', 'There is no identity provider at the given address.', {
      hint: IDP_HINT,
    });
  }
  if (status === 500 && auth.kind === 'client') return notAUser();
  const parsed = oauthError.safeParse(jsonOf(text));
  return refusedByIdp(parsed.success ? parsed.data.error : String(status));
}

/** The stock branch takes the client id for the id of a user and fails when it is none. */
function notAUser(): BridgeError {
  return new BridgeError(
    'authscape_unauthorized',
    'The identity provider of AuthScape failed at the token request: the client id is probably not the id of a user.',
    {
      hint: 'AuthScape__ClientId must be the decimal id of a dedicated AuthScape user with first name, last name and user name.',
    },
  );
}

const REFUSALS: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  invalid_client: [
    'does not take the client id and secret',
    'Check AuthScape__ClientId and AuthScape__ClientSecret against the client in the admin page of the identity provider.',
  ],
  invalid_grant: [
    'does not take the refresh token any more',
    'It is used up, revoked or older than 14 days: sign in once more as the integration user and store the new refresh token in the vault.',
  ],
  invalid_scope: ['does not know the scope', 'The client needs the permission for the scope api1.'],
  unauthorized_client: [
    'does not allow this client that grant',
    'The client needs the permissions for the token endpoint and for the grant (client credentials or refresh token).',
  ],
};

function refusedByIdp(code: string): BridgeError {
  const [message, hint] = REFUSALS[code] ?? [
    `refused the token request (${code})`,
    'Check the client in the admin page of the identity provider.',
  ];
  return new BridgeError('authscape_unauthorized', `The identity provider of AuthScape ${message}.`, {
    hint,
  });
}

function refusedTwice(auth: AuthScapeAuth): BridgeError {
  const message = 'The AuthScape API refuses a fresh token of its identity provider.';
  const hint =
    auth.kind === 'client'
      ? 'The stock client-credentials branch of AuthScape issues tokens without an audience, which the API refuses: the branch must set the resources of the scopes. Or use the refresh token of an integration user (AuthScape__RefreshTokenSecret).'
      : 'The integration user must sign in with the scopes offline_access and api1; check also that AuthScape__ApiUrl and AuthScape__IdpUrl belong together.';
  return new BridgeError('authscape_unauthorized', message, { hint });
}
