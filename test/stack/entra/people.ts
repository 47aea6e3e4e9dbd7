import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { json, type SimReply, type SimRequest } from '../wire.js';
import type { TokenIssuer } from './token-issuer.js';

/** A person who may sign in. */
export interface Person {
  name: string;
  password: string;
  roles: readonly string[];
}

/** The application that people sign in to; its tokens are for itself. */
export interface WebApplication {
  clientId: string;
  people: readonly Person[];
}

interface Grant {
  person: Person;
  redirectUri: string;
  challenge: string;
  nonce: string | undefined;
  /** Milliseconds. */
  until: number;
}

const CODE_LIFETIME_MS = 60_000;

const authorizeSchema = z.looseObject({
  client_id: z.string(),
  response_type: z.literal('code'),
  redirect_uri: z.url(),
  code_challenge: z.string().min(43),
  code_challenge_method: z.literal('S256'),
  state: z.string().optional(),
  nonce: z.string().optional(),
  scope: z.string().refine((scope) => scope.split(' ').includes('openid'), 'openid is missing'),
});

/**
 * The authorization code flow with PKCE (RFC 6749, RFC 7636), for people: a page that asks for name and password, a code
 * that is good once and for a minute, and tokens with the roles of the person.
 */
export function createPeople(issuer: TokenIssuer, application: WebApplication | undefined, now: () => Date) {
  const grants = new Map<string, Grant>();

  /** The sign-in page, or the answer to what was entered there. */
  function authorize(request: SimRequest): SimReply {
    const isForm = request.method === 'POST';
    const form = isForm ? new URLSearchParams(request.body.toString()) : request.url.searchParams;
    const parsed = authorizeSchema.safeParse(Object.fromEntries(form));
    if (!parsed.success || parsed.data.client_id !== application?.clientId) {
      return json(400, {
        error: 'invalid_request',
        error_description: 'The request of the application is not valid.',
      });
    }
    if (!isForm) return signInPage(form, '');
    const person = application.people.find(({ name }) => name === form.get('username'));
    if (person === undefined || person.password !== form.get('password')) {
      return signInPage(form, 'Name or password is wrong.');
    }
    const { code_challenge: challenge, nonce, redirect_uri: redirectUri, state } = parsed.data;
    const code = randomBytes(24).toString('base64url');
    grants.set(code, { person, redirectUri, challenge, nonce, until: now().getTime() + CODE_LIFETIME_MS });
    const target = new URL(redirectUri);
    target.searchParams.set('code', code);
    if (state !== undefined) target.searchParams.set('state', state);
    return { status: 302, headers: { location: target.href } };
  }

  /** Exchanges a code for tokens. */
  function token(form: URLSearchParams, base: string): SimReply {
    const code = form.get('code') ?? '';
    const grant = grants.get(code);
    grants.delete(code);
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (
      grant === undefined ||
      grant.until < now().getTime() ||
      grant.challenge !== verifier ||
      grant.redirectUri !== form.get('redirect_uri') ||
      form.get('client_id') !== application?.clientId
    ) {
      return json(400, {
        error: 'invalid_grant',
        error_description: 'The code is not valid for this request.',
      });
    }
    const tenantId = base.slice(base.lastIndexOf('/') + 1);
    const claims = personClaims(grant.person, { base, tenantId, audience: application.clientId });
    const access = issuer.sign(claims);
    const id = issuer.sign(grant.nonce === undefined ? claims : { ...claims, nonce: grant.nonce });
    return json(200, {
      token_type: 'Bearer',
      scope: 'openid profile',
      expires_in: access.expiresIn,
      access_token: access.token,
      id_token: id.token,
    });
  }

  return { authorize, token };
}

function personClaims(
  { name, roles }: Person,
  { base, tenantId, audience }: { base: string; tenantId: string; audience: string },
) {
  const sub = createHash('sha256').update(name).digest('base64url');
  return {
    iss: `${base}/v2.0`,
    aud: audience,
    azp: audience,
    sub,
    tid: tenantId,
    name,
    preferred_username: `${name}@contoso.example`,
    roles,
    ver: '2.0',
  };
}

function signInPage(form: URLSearchParams, fault: string): SimReply {
  const hidden = [...form]
    .filter(([name]) => !['username', 'password'].includes(name))
    .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`);
  const body = `<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in</h1><p role="alert">${fault}</p>
<form method="post">${hidden.join('')}
<label>Name <input name="username" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button>Sign in</button></form></html>`;
  return { status: fault === '' ? 200 : 401, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
