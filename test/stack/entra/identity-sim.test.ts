import { ClientSecretCredential } from '@azure/identity';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from './certificate.js';
import { type IdentitySim, startIdentitySim } from './identity-sim.js';
import { control, fetchTrusting, type TrustingFetch } from './trusting-fetch.js';

const tenantId = '11111111-1111-4111-8111-111111111111';
const clientId = '22222222-2222-4222-8222-222222222222';
const clientSecret = 'the-right-secret-of-the-app';
const scope = 'https://contoso.crm.dynamics.com/.default';

let sim: IdentitySim;
let ca: string;
let clock = 0;
let fetchIt: TrustingFetch;

beforeAll(async () => {
  const certificate = await makeCertificate();
  ca = certificate.cert;
  fetchIt = fetchTrusting(ca);
  sim = await startIdentitySim({
    port: 0,
    tenants: [tenantId],
    clients: [{ tenantId, clientId, clientSecret }],
    certificate,
    environments: ['contoso.crm.dynamics.com'],
    managedIdentity: { clientId: 'aaaaaaaa-0000-4000-8000-000000000001', header: 'the-header' },
    now: () => new Date(Date.now() + clock),
  });
});
beforeEach(async () => {
  clock = 0;
  await control(fetchIt, sim.url, 'POST', 'reset');
  await control(fetchIt, sim.url, 'DELETE', 'faults');
});
afterAll(() => sim.close());

const credential = (tenant = tenantId, client = clientId, secret = clientSecret) =>
  new ClientSecretCredential(tenant, client, secret, {
    authorityHost: sim.url,
    disableInstanceDiscovery: true,
    tlsOptions: { ca },
    retryOptions: { maxRetries: 0 },
  });

const askToken = async (change: Record<string, string | undefined>, tenant = tenantId) => {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope };
  const body = new URLSearchParams(
    Object.entries({ ...form, ...change }).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const reply = await fetchIt(`${sim.url}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: `${body}` });
  return { status: reply.status, body: JSON.parse(reply.text) as Record<string, unknown> };
};

describe('tokens for applications', () => {
  it('are given to the real library and verified with their claims', async () => {
    const { token } = await credential().getToken(scope);

    expect(sim.verifier.verify(token)).toEqual({
      appId: clientId,
      tenantId,
      audience: 'https://contoso.crm.dynamics.com',
    });
  });

  it.each([
    ['wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
    ['missing secret', { client_secret: undefined }, 401, 'invalid_client', 7000218],
    ['unknown application', { client_id: 'nobody' }, 400, 'unauthorized_client', 700016],
    ['malformed scope', { scope: 'https://contoso.crm.dynamics.com/user' }, 400, 'invalid_scope', 70011],
    [
      'unknown resource',
      { scope: 'https://other.crm.dynamics.com/.default' },
      400,
      'invalid_resource',
      500011,
    ],
    ['other grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
  ])('are refused for: %s', async (_name, change, status, error, code) => {
    const reply = await askToken(change);

    expect(reply).toMatchObject({ status, body: { error, error_codes: [code] } });
    expect(reply.body.error_description).toMatch(new RegExp(`^AADSTS${code}: .*\r\nTrace ID: `));
  });

  it('are refused for an unknown tenant', async () => {
    const reply = await askToken({}, '99999999-9999-4999-8999-999999999999');

    expect(reply).toMatchObject({ status: 400, body: { error_codes: [90002] } });
  });

  it('show the library the number of the error', async () => {
    await expect(credential(tenantId, clientId, 'wrong').getToken(scope)).rejects.toThrow(/AADSTS7000215/);
    await expect(credential(tenantId, 'nobody').getToken(scope)).rejects.toThrow(/AADSTS700016/);
  });

  it('follow a rotated secret', async () => {
    await control(fetchIt, sim.url, 'POST', 'clients', { tenantId, clientId, clientSecret: 'the-next-one' });

    expect((await askToken({})).status).toBe(401);
    expect((await askToken({ client_secret: 'the-next-one' })).status).toBe(200);
  });

  it('are refused for an expired secret', async () => {
    await control(fetchIt, sim.url, 'POST', 'clients', { tenantId, clientId, clientSecret, expired: true });

    expect(await askToken({})).toMatchObject({ status: 401, body: { error_codes: [7000222] } });
  });

  it('can be made to fail', async () => {
    const fault = { match: 'POST oauth2/v2.0/token', status: 503, retryAfter: 1, times: 1 };
    await control(fetchIt, sim.url, 'POST', 'faults', [fault]);

    expect((await askToken({})).status).toBe(503);
    expect((await askToken({})).status).toBe(200);
  });
});

describe('the verifier', () => {
  it('refuses expired, revoked and forged tokens', async () => {
    const { access_token: expired } = (await askToken({})).body as { access_token: string };
    clock = 3_600_000;
    expect(sim.verifier.verify(expired)).toBeUndefined();

    const { access_token: revoked } = (await askToken({})).body as { access_token: string };
    expect(sim.verifier.verify(revoked)).toBeDefined();
    const [head, body, signature] = revoked.split('.');
    const forgedBody = Buffer.from(
      Buffer.from(body!, 'base64url').toString().replace(clientId, 'somebody-else'),
    ).toString('base64url');
    expect(sim.verifier.verify(`${head}.${forgedBody}.${signature}`)).toBeUndefined();
    expect(sim.verifier.verify('nonsense')).toBeUndefined();

    await control(fetchIt, sim.url, 'POST', 'tokens', { revokeAll: true });
    expect(sim.verifier.verify(revoked)).toBeUndefined();
  });
});

it('counts by route and refuses what it does not know', async () => {
  await control(fetchIt, sim.url, 'DELETE', 'requests');
  await askToken({});
  const unknown = await fetchIt(`${sim.url}/${tenantId}/oauth2/v2.0/devicecode`, { method: 'POST' });

  expect(unknown.status).toBe(501);
  expect(await control(fetchIt, sim.url, 'GET', 'requests')).toMatchObject({
    total: 2,
    byRoute: { 'POST oauth2/v2.0/token': 1 },
  });
});
