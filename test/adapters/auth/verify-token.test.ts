import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTokenVerifier } from '../../../src/adapters/auth/verify-token.js';
import type { VerifyToken } from '../../../src/application/ports/sign-in.js';

type Keys = Awaited<ReturnType<typeof keyPair>>;

/** RSA keys take long to make: one pair for each name. */
const keyPairs = new Map<string, ReturnType<typeof makeKeyPair>>();
const keyPair = (kid: string) => {
  const pair = keyPairs.get(kid) ?? makeKeyPair(kid);
  keyPairs.set(kid, pair);
  return pair;
};
const makeKeyPair = async (kid: string) => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256' } };
};

let server: Server;
let issuer: string;
let published: Keys[];
let keys: Keys;
let isDown: boolean;
let named: string | undefined;
let requests: string[];
let now: number;
let verify: VerifyToken;

beforeEach(async () => {
  keys = await keyPair('first');
  published = [keys];
  isDown = false;
  named = undefined;
  requests = [];
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (isDown) return response.writeHead(503).end();
    const body = request.url?.endsWith('/keys')
      ? { keys: published.map(({ jwk }) => jwk) }
      : { issuer: named ?? issuer, jwks_uri: `${issuer}/keys` };
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tenant`;
  now = Date.now();
  verify = verifier();
});
afterEach(() => server.close());

const verifier = (more: { roleClaim?: string; roles?: Record<string, string> } = {}) =>
  createTokenVerifier([{ issuer, audience: 'bridge', roleClaim: 'roles', roles: {}, ...more }], {
    now: () => now,
    sleep: async () => {},
  });

interface Claims {
  iss?: string;
  aud?: string;
  exp?: number;
  nbf?: number;
  [name: string]: unknown;
}

const claims = (more: Claims = {}): Claims => ({
  iss: issuer,
  aud: 'bridge',
  exp: Math.floor(now / 1000) + 600,
  preferred_username: 'ann@contoso.example',
  roles: ['sync.read'],
  ...more,
});
const sign = (more: Claims = {}, key: Pick<Keys, 'kid' | 'privateKey'> = keys) =>
  new SignJWT(claims(more)).setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(key.privateKey);
const seconds = (offset: number) => Math.floor(now / 1000) + offset;

describe('a bearer token', () => {
  it('tells who has brought it, with which roles', async () => {
    expect(await verify(await sign())).toEqual({
      actor: { kind: 'user', name: 'ann@contoso.example' },
      roles: ['sync.read'],
    });
  });

  it('has its roles where the issuer puts them, under the names of the issuer', async () => {
    verify = verifier({ roleClaim: 'realm_access.roles', roles: { CrmAdmin: 'sync.admin' } });
    const token = await sign({ roles: undefined, realm_access: { roles: ['CrmAdmin', 'sync.read'] } });

    expect(await verify(token)).toMatchObject({ roles: ['sync.admin', 'sync.read'] });
    expect(await verifier({ roleClaim: 'role' })(await sign({ role: 'sync.operate' }))).toMatchObject({
      roles: ['sync.operate'],
    });
  });

  it.each([
    ['turns the direction of text', 'ann\u202etxt'],
    ['has a line break', 'ann\nadmin'],
    ['is longer than any name', 'a'.repeat(300)],
  ])('names the caller by another claim where one %s', async (_, name) => {
    expect(
      await verify(await sign({ preferred_username: name, upn: '', email: 'ann@x.test' })),
    ).toMatchObject({
      actor: { name: 'ann@x.test' },
    });
    const nameless = await sign({ preferred_username: name });
    expect(await verify(nameless)).toMatchObject({ actor: { name: 'unknown' } });
  });

  it('has no role without such a claim', async () => {
    expect(await verify(await sign({ roles: undefined }))).toMatchObject({ roles: [] });
  });

  it('may be a minute out, as clocks are', async () => {
    expect(await verify(await sign({ exp: seconds(-30) }))).toMatchObject({ roles: ['sync.read'] });
    expect(await verify(await sign({ nbf: seconds(30) }))).toMatchObject({ roles: ['sync.read'] });
  });
});

describe('no other token is accepted:', () => {
  const tokens: Record<string, () => Promise<string>> = {
    'one that is none': async () => 'not-a-token',
    'one of another issuer': () => sign({ iss: 'https://evil.example' }),
    'one for another audience': () => sign({ aud: 'another' }),
    'one that has expired': () => sign({ exp: seconds(-120) }),
    'one that never expires': async () => {
      const { exp: _, ...lasting } = claims();
      return new SignJWT(lasting).setProtectedHeader({ alg: 'RS256', kid: keys.kid }).sign(keys.privateKey);
    },
    'one that is not valid yet': () => sign({ nbf: seconds(120) }),
    'one signed with another key under the same name': async () =>
      sign({}, { ...(await keyPair('another')), kid: 'first' }),
    'one with an unknown key': async () => sign({}, await keyPair('unknown')),
    'one whose claims were changed': async () => {
      const [head, , signature] = (await sign()).split('.');
      const body = Buffer.from(JSON.stringify(claims({ roles: ['sync.admin'] }))).toString('base64url');
      return `${head}.${body}.${signature}`;
    },
    'one without a signature (alg none)': async () => new UnsecuredJWT(claims()).encode(),
    'one signed with the public key as a shared secret': async () => {
      const secret = new TextEncoder().encode(JSON.stringify(keys.jwk));
      return new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(secret);
    },
  };
  it.each(Object.keys(tokens))('%s', async (name) => {
    const token = await tokens[name]?.();

    await expect(verify(token ?? '')).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

describe('the keys of an issuer', () => {
  it('are read once for many tokens', async () => {
    await Promise.all([sign(), sign(), sign()].map(async (token) => verify(await token)));
    await verify(await sign());

    expect(requests).toHaveLength(2);
  });

  it('are read again for a new key, but not more often than each half minute', async () => {
    await verify(await sign());
    keys = await keyPair('second');
    published.push(keys);
    const token = await sign();
    await expect(verify(token)).rejects.toMatchObject({ code: 'unauthorized' });
    now += 31_000;

    expect(await verify(token)).toMatchObject({ roles: ['sync.read'] });
    for (const _ of [1, 2, 3]) await verify(await sign({}, await keyPair('unknown'))).catch(() => undefined);
    expect(requests).toHaveLength(4);
  });

  it('stop being good an hour after the issuer took them back', async () => {
    await verify(await sign());
    published = [await keyPair('second')];
    now += 3_601_000;

    await expect(verify(await sign())).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('are used on while the issuer is away', async () => {
    await verify(await sign());
    isDown = true;
    now += 3_601_000;

    expect(await verify(await sign())).toMatchObject({ roles: ['sync.read'] });
  });

  it('that cannot be read leave the question open', async () => {
    isDown = true;
    await expect(verify(await sign())).rejects.toMatchObject({ code: 'issuer_unavailable' });
    isDown = false;

    expect(await verify(await sign())).toMatchObject({ roles: ['sync.read'] });
  });

  it('are not taken from a document that names another issuer', async () => {
    named = 'https://evil.example';

    await expect(verify(await sign())).rejects.toMatchObject({ code: 'issuer_unavailable' });
  });
});
