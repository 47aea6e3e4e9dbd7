import { randomBytes } from 'node:crypto';
import type { SimReply, SimRequest } from '../wire.js';
import type { Identity } from './action.js';
import { errorReply } from './replies.js';
import type { Store } from './store.js';
import { roleNames } from './users.js';

export interface MachineClient {
  clientId: string;
  clientSecret: string;
}

/** How the token branch behaves: as shipped, repaired, or only useful with a refresh token. */
type TokenMode = 'stock' | 'patched' | 'refresh';

interface TokenSettings {
  mode: TokenMode;
  /** Whether a client-credentials token of the repaired branch names a signed-in user. */
  identity: boolean;
  /** Seconds. */
  expiresIn: number;
}

interface AccessToken {
  expiresAt: number;
  hasAudience: boolean;
  identity: Identity | undefined;
}

interface RefreshToken {
  clientId: string;
  expiresAt: number;
  scopes: string[];
  /** The claims of the first sign-in: later changes of the user do not reach them. */
  identity: Identity;
}

/** What the API found out about a request's token. */
type TokenCheck = { identity: Identity | undefined } | { refused: SimReply };

const scopes = new Set(['openid', 'email', 'profile', 'roles', 'offline_access', 'api1']);
const refreshLifetimeMs = 14 * 86_400_000;
const accessLifetimeS = 3599;

/** The identity provider: `/connect/token` and the introspection the API does with each call. */
export class TokenIssuer {
  readonly settings: TokenSettings = { mode: 'patched', identity: true, expiresIn: accessLifetimeS };
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();
  readonly #clients: readonly MachineClient[];
  readonly #store: Store;

  constructor(clients: readonly MachineClient[], store: Store) {
    this.#clients = clients;
    this.#store = store;
  }

  /** Revokes every access token given so far; refresh tokens stay good. */
  expireAll(): void {
    this.#access.clear();
  }

  /** Signs the first machine client's user in, as an admin would do once by hand. */
  startRefreshChain(): string {
    const client = this.#clients[0];
    const identity = client && this.#identityOf(Number(client.clientId));
    if (client === undefined || identity === undefined) {
      throw new Error('A refresh token needs a client whose id is the id of a user.');
    }
    return this.#newRefreshToken(client.clientId, ['openid', 'profile', 'offline_access', 'api1'], identity);
  }

  check(request: SimRequest): TokenCheck {
    const [scheme, token] = (request.headers.authorization ?? '').split(/\s+/);
    if (scheme?.toLowerCase() !== 'bearer' || token === undefined || token === '') {
      return { refused: unauthorized('Bearer') };
    }
    const known = this.#access.get(token);
    if (known === undefined || known.expiresAt <= this.#now()) {
      return { refused: unauthorized(invalidToken('The specified token is invalid.')) };
    }
    return known.hasAudience
      ? { identity: known.identity }
      : { refused: unauthorized(invalidToken('The specified token is not intended for this resource.')) };
  }

  /** Answers a token request. */
  token(request: SimRequest): SimReply {
    if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
      return refusal(400, 'invalid_request', 'The specified content type is not valid.', 'ID2081');
    }
    const form = new URLSearchParams(request.body.toString());
    const grant = form.get('grant_type');
    if (grant === null || grant === '') {
      return refusal(400, 'invalid_request', "The mandatory 'grant_type' parameter is missing.", 'ID2029');
    }
    if (grant === 'authorization_code') {
      return errorReply(501, 'The simulator does not do the authorization code grant.');
    }
    if (grant !== 'client_credentials' && grant !== 'refresh_token') {
      return refusal(400, 'unsupported_grant_type', 'The specified grant type is not supported.', 'ID2032');
    }
    const client = this.#authenticate(request, form);
    if (client === undefined) {
      return refusal(401, 'invalid_client', 'The specified client credentials are invalid.', 'ID2055');
    }
    const asked = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    if (asked.some((scope) => !scopes.has(scope))) {
      return refusal(400, 'invalid_scope', "The specified 'scope' is invalid.", 'ID2052');
    }
    return grant === 'refresh_token'
      ? this.#refreshGrant(client, form.get('refresh_token') ?? '')
      : this.#clientGrant(client, asked);
  }

  /** What AuthScape's own branch does: the client id is taken for the id of a user. */
  #clientGrant(client: MachineClient, asked: string[]): SimReply {
    if (!/^\d+$/.test(client.clientId)) {
      return errorReply(500, `The input string '${client.clientId}' was not in a correct format.`);
    }
    const identity = this.#identityOf(Number(client.clientId));
    if (identity === undefined) {
      return errorReply(500, 'Object reference not set to an instance of an object.');
    }
    const isPatched = this.settings.mode === 'patched';
    return tokenReply({
      ...this.#newAccessToken(
        isPatched && asked.includes('api1'),
        isPatched && this.settings.identity ? identity : undefined,
      ),
    });
  }

  /** Rolling: the token is used up, the answer has the next one. */
  #refreshGrant(client: MachineClient, token: string): SimReply {
    const known = this.#refresh.get(token);
    if (known === undefined || known.clientId !== client.clientId || known.expiresAt <= this.#now()) {
      return refusal(400, 'invalid_grant', 'The specified refresh token is invalid.', 'ID2003');
    }
    this.#refresh.delete(token);
    return tokenReply({
      ...this.#newAccessToken(known.scopes.includes('api1'), known.identity),
      refresh_token: this.#newRefreshToken(client.clientId, known.scopes, known.identity),
    });
  }

  #newAccessToken(hasAudience: boolean, identity: Identity | undefined) {
    const token = `eyJhbGciOiJSU0EtT0FFUCIs${randomBytes(48).toString('base64url')}`;
    const { expiresIn } = this.settings;
    this.#access.set(token, { expiresAt: this.#now() + expiresIn * 1000, hasAudience, identity });
    return { access_token: token, token_type: 'Bearer', expires_in: expiresIn };
  }

  #newRefreshToken(clientId: string, granted: string[], identity: Identity): string {
    const token = `eyJhbGciOiJSU0EtT0FFUCIs${randomBytes(48).toString('base64url')}`;
    const expiresAt = this.#now() + refreshLifetimeMs;
    this.#refresh.set(token, { clientId, expiresAt, scopes: granted, identity });
    return token;
  }

  /** By form or by Basic authentication. */
  #authenticate(request: SimRequest, form: URLSearchParams): MachineClient | undefined {
    const [scheme, encoded = ''] = (request.headers.authorization ?? '').split(' ');
    const [basicId, basicSecret] =
      scheme?.toLowerCase() === 'basic' ? Buffer.from(encoded, 'base64').toString().split(':') : [];
    const id = basicId ?? form.get('client_id');
    const secret = basicSecret ?? form.get('client_secret');
    return this.#clients.find((client) => client.clientId === id && client.clientSecret === secret);
  }

  #identityOf(id: number): Identity | undefined {
    const user = this.#store.users.get(id);
    if (user === undefined) {
      return undefined;
    }
    const { userName: email, firstName, lastName, companyId } = user;
    const names = roleNames(this.#store, user);
    const roles = user.roleIds.map((roleId, index) => ({ id: roleId, name: names[index] ?? '' }));
    return { id, email, firstName, lastName, companyId, roles };
  }

  #now(): number {
    return this.#store.now().getTime();
  }
}

function tokenReply(answer: object): SimReply {
  return {
    status: 200,
    headers: { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store' },
    body: JSON.stringify(answer),
  };
}

function refusal(status: number, error: string, description: string, id: string): SimReply {
  const error_uri = `https://documentation.openiddict.com/errors/${id}`;
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
    body: JSON.stringify({ error, error_description: description, error_uri }),
  };
}

function invalidToken(description: string): string {
  return `Bearer error="invalid_token", error_description="${description}"`;
}

function unauthorized(challenge: string): SimReply {
  return { status: 401, headers: { 'www-authenticate': challenge } };
}
