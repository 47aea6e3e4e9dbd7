import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorityFor, isPublicAuthority } from '../../../src/adapters/http/authority.js';
import { createTokenSource, type TokenSource } from '../../../src/adapters/http/credentials.js';
import { tokenError } from '../../../src/adapters/http/token-errors.js';
import { systemClock } from '../../../src/adapters/system.js';
import { type Certificate, makeCertificate } from '../../stack/entra/certificate.js';
import { type IdentitySim, startIdentitySim } from '../../stack/entra/identity-sim.js';
import { control, fetchTrusting, type TrustingFetch } from '../../stack/entra/trusting-fetch.js';

const tenantId = '11111111-0000-4000-8000-000000000001';
const clientId = '22222222-0000-4000-8000-000000000001';
const host = 'contoso.crm.dynamics.com';
const good = { tenantId, clientId, clientSecret: 'a-secret-that-is-long-enough', version: 'v1' };
const TOKEN_ROUTE = 'POST oauth2/v2.0/token';

let certificate: Certificate;
let sim: IdentitySim;
let fetchIt: TrustingFetch;

beforeAll(async () => {
  certificate = await makeCertificate();
  fetchIt = fetchTrusting(certificate.cert);
  sim = await startIdentitySim({
    port: 0,
    tenants: [tenantId],
    clients: [good],
    certificate,
    environments: [host],
    managedIdentity: { clientId: 'identity', header: 'header' },
  });
});

afterAll(async () => {
  await sim.close();
});

function source(authorityHost = sim.url): TokenSource {
  return createTokenSource({
    clock: systemClock,
    authorityHost,
    credentialOptions: { tlsOptions: { ca: certificate.cert }, retryOptions: { maxRetries: 0 } },
  });
}

async function tokenRequests(): Promise<number> {
  const seen = (await control(fetchIt, sim.url, 'GET', 'requests')) as { byRoute: Record<string, number> };
  return seen.byRoute[TOKEN_ROUTE] ?? 0;
}

describe('token source', () => {
  it('asks once for 20 parallel first calls and keeps the token', async () => {
    await control(fetchIt, sim.url, 'DELETE', 'requests');
    const tokens = source();
    const all = await Promise.all(Array.from({ length: 20 }, () => tokens.token(good, host)));
    all.push(await tokens.token(good, host));
    expect(new Set(all).size).toBe(1);
    expect(sim.verifier.verify(all[0] ?? '')).toMatchObject({ appId: clientId, tenantId });
    expect(await tokenRequests()).toBe(1);
  });

  it('gets a new token after a drop, but keeps a newer one than the dropped', async () => {
    const tokens = source();
    const first = await tokens.token(good, host);
    tokens.drop(good, host, first);
    const second = await tokens.token(good, host);
    expect(second).not.toBe(first);
    tokens.drop(good, host, first);
    expect(await tokens.token(good, host)).toBe(second);
    tokens.drop(good, host);
    expect(await tokens.token(good, host)).not.toBe(second);
  });

  it('uses a token of four minutes more than once', async () => {
    await control(fetchIt, sim.url, 'POST', 'tokens', { expiresIn: 240 });
    try {
      const tokens = source();
      expect(await tokens.token(good, host)).toBe(await tokens.token(good, host));
    } finally {
      await control(fetchIt, sim.url, 'POST', 'tokens', { expiresIn: 3599 });
    }
  });

  it('signs in anew with another version of the secret', async () => {
    const tokens = source();
    await tokens.token(good, host);
    const wrong = { ...good, clientSecret: 'not-the-secret', version: 'v2' };
    await expect(tokens.token(wrong, host)).rejects.toMatchObject({ code: 'invalid_client_credentials' });
  });

  it.each([
    [
      'a wrong secret',
      { ...good, clientSecret: 'n0t-the-right-one' },
      host,
      'invalid_client_credentials',
      '7000215',
    ],
    [
      'an unknown app',
      { ...good, clientId: '33333333-0000-4000-8000-000000000001' },
      host,
      'invalid_client_credentials',
      '700016',
    ],
    [
      'an unknown tenant',
      { ...good, tenantId: '44444444-0000-4000-8000-000000000001' },
      host,
      'tenant_not_found',
      '',
    ],
    ['a malformed tenant', { ...good, tenantId: 'no tenant!' }, host, 'tenant_not_found', ''],
    ['an unknown environment', good, 'other.crm.dynamics.com', 'environment_not_found', '500011'],
  ])('%s', async (_name, credentials, where, code, number) => {
    const error = await source()
      .token(credentials, where)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    const { message, hint } = error as { message: string; hint: string };
    expect(message).toContain(number);
    expect(hint).not.toBe('');
    expect(message).not.toContain(credentials.clientSecret);
  });

  it('asks again after a failure', async () => {
    const tokens = source();
    const times = { match: TOKEN_ROUTE, status: 503, times: 1 };
    await control(fetchIt, sim.url, 'POST', 'faults', [times]);
    await expect(tokens.token(good, host)).rejects.toMatchObject({ code: 'connection_timeout' });
    await expect(tokens.token(good, host)).resolves.toBeTypeOf('string');
  });

  it.each([
    ['POST oauth2/v2.0/token', 200],
    ['POST oauth2/v2.0/token', 403],
    ['GET v2.0/.well-known/openid-configuration', 200],
    ['GET v2.0/.well-known/openid-configuration', 407],
  ])(
    '[E12] the page of a proxy in front of it is a problem of the network: %s, %i',
    async (match, status) => {
      const page = { body: '<html><body>Sign in to the network</body></html>', contentType: 'text/html' };
      await control(fetchIt, sim.url, 'POST', 'faults', [{ match, status, ...page }]);
      try {
        const error: unknown = await source()
          .token(good, host)
          .catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'connection_timeout' });
        expect((error as Error).message).toContain('proxy');
        expect((error as { hint: string }).hint).toContain('network');
      } finally {
        await control(fetchIt, sim.url, 'DELETE', 'faults');
      }
    },
  );

  it('calls an authority that cannot be reached a time-out', async () => {
    await expect(source('https://127.0.0.1:9').token(good, host)).rejects.toMatchObject({
      code: 'connection_timeout',
    });
  });
});

describe('classification of sign-in failures', () => {
  const reached = { reached: true, unreachable: undefined, status: 400, foreign: false };
  it.each([
    ['7000215', 'invalid_client_credentials'],
    ['7000222', 'invalid_client_credentials'],
    ['7000218', 'invalid_client_credentials'],
    ['700016', 'invalid_client_credentials'],
    ['90002', 'tenant_not_found'],
    ['500011', 'environment_not_found'],
    ['65001', 'access_denied'],
    ['650052', 'access_denied'],
    ['7000229', 'access_denied'],
    ['53003', 'access_denied'],
    ['99999999', 'invalid_client_credentials'],
  ])('AADSTS%s', (number, code) => {
    const text = `invalid_client: Error(s): ${number} - Timestamp: … - Description: AADSTS${number}: … secret s3cr3t`;
    const error = tokenError(new Error(text), reached);
    expect(error.code).toBe(code);
    expect(error.message).toContain(`AADSTS${number}`);
    expect(error.message).not.toContain('s3cr3t');
    expect(error.hint).toBeDefined();
  });
});

describe('[E12] the texts of sign-in failures', () => {
  const reached = { reached: true, unreachable: undefined, status: 400, foreign: false };
  it.each([
    ['650052', 'consent'],
    ['7000229', 'consent'],
    ['53003', 'conditional access'],
  ])('AADSTS%s speaks of %s', (number, word) => {
    const error = tokenError(new Error(`invalid_client: AADSTS${number}: the text.`), reached);
    expect(`${error.message} ${error.hint}`).toContain(word);
    expect(error.hint).not.toContain('expired');
  });

  it('does not send the reader of a conditional access policy to consent or roles', () => {
    const error = tokenError(new Error('AADSTS53003: blocked.'), reached);
    expect(error.hint).toContain('policy');
    expect(error.hint).not.toMatch(/consent|role/);
  });

  it.each([
    ['AADSTS50000: There was an error issuing a token. AADSTS650052: The app needs access.', '650052'],
    ['AADSTS70011: The scope is not valid. AADSTS500011: The resource principal was not found.', '500011'],
    ['Error(s): 70000,53003 - Timestamp: …', '53003'],
    ['AADSTS70000: one. AADSTS70001: two.', '70000'],
  ])('of "%s" AADSTS%s counts', (text, number) => {
    expect(tokenError(new Error(text), reached).message).toContain(`AADSTS${number})`);
  });
});

describe('authority', () => {
  it.each([
    ['contoso.crm.dynamics.com', 'https://login.microsoftonline.com'],
    ['contoso.crm9.dynamics.com', 'https://login.microsoftonline.com'],
    ['contoso.crm.microsoftdynamics.us', 'https://login.microsoftonline.us'],
    ['contoso.crm.appsplatform.us', 'https://login.microsoftonline.us'],
    ['contoso.crm.dynamics.cn', 'https://login.partner.microsoftonline.cn'],
  ])('of %s is %s', (environment, authority) => {
    expect(authorityFor(environment)).toBe(authority);
    expect(isPublicAuthority(authority)).toBe(true);
  });

  it('knows a private one', () => {
    expect(isPublicAuthority('https://127.0.0.1:7074')).toBe(false);
  });
});
