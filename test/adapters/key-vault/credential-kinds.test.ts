import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClientCredentials, createTokenSource } from '../../../src/adapters/http/credentials.js';
import { systemClock } from '../../../src/adapters/system.js';
import { makeCertificate, makeSigningCertificate } from '../../stack/entra/certificate.js';
import { type IdentitySim, startIdentitySim } from '../../stack/entra/identity-sim.js';
import { control, fetchTrusting, type TrustingFetch } from '../../stack/entra/trusting-fetch.js';

const tenantId = '11111111-0000-4000-8000-000000000001';
const clientId = '22222222-0000-4000-8000-000000000001';
const identityId = 'aaaaaaaa-0000-4000-8000-000000000001';
const host = 'contoso.crm.dynamics.com';
const TOKEN_ROUTE = 'POST oauth2/v2.0/token';

/** The real identity library in a process of its own, since that keeps the managed identity's endpoint and tokens. */
describe('signing in without a client secret', () => {
  let sim: IdentitySim;
  let fetchIt: TrustingFetch;
  let ca: string;
  let ahead = 0;
  const day = 86_400_000;

  beforeAll(async () => {
    const certificate = await makeCertificate();
    ca = certificate.cert;
    fetchIt = fetchTrusting(ca);
    sim = await startIdentitySim({
      port: 0,
      tenants: [tenantId],
      clients: [],
      certificate,
      environments: [host],
      managedIdentity: { clientId: identityId, header: 'the-header' },
      now: () => new Date(Date.now() + ahead),
    });
    vi.stubEnv('IDENTITY_ENDPOINT', `${sim.url}/msi/token`);
    vi.stubEnv('IDENTITY_HEADER', 'the-header');
  });
  beforeEach(async () => {
    ahead = 0;
    await control(fetchIt, sim.url, 'POST', 'reset');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await sim.close();
  });

  const trust = (given: { certificates?: string[]; identities?: string[] }) =>
    control(fetchIt, sim.url, 'POST', 'trust', { tenantId, clientId, ...given });
  const token = (credentials: ClientCredentials) =>
    createTokenSource({
      clock: systemClock,
      authorityHost: sim.url,
      identity: new ManagedIdentityCredential({ tlsOptions: { ca } }),
      credentialOptions: { tlsOptions: { ca }, retryOptions: { maxRetries: 0 } },
    }).token(credentials, host);

  const certified = (pem: string): ClientCredentials => {
    return { tenantId, clientId, version: 'v1', kind: 'certificate', pem };
  };
  const federated: ClientCredentials = { tenantId, clientId, version: 'v1', kind: 'managedIdentity' };

  it('works with a certificate, whose assertion the directory checks', async () => {
    const { cert, pem } = await makeSigningCertificate(new Date(Date.now() + 30 * day));
    await trust({ certificates: [cert] });

    const given = await token(certified(pem));
    expect(sim.verifier.verify(given)).toMatchObject({
      appId: clientId,
      tenantId,
      audience: `https://${host}`,
    });
  });

  it('is refused with a certificate that the application does not have, or that has expired', async () => {
    const [one, other] = await Promise.all(
      [0, 1].map(() => makeSigningCertificate(new Date(Date.now() + day))),
    );
    if (one === undefined || other === undefined) throw new Error('No certificates were made.');
    await trust({ certificates: [one.cert] });
    await expect(token(certified(other.pem))).rejects.toMatchObject({
      code: 'invalid_client_credentials',
      message: expect.stringContaining('700027'),
    });

    const old = await makeSigningCertificate(new Date(Date.now() - 60_000));
    await trust({ certificates: [old.cert] });
    await expect(token(certified(old.pem))).rejects.toMatchObject({
      code: 'invalid_client_credentials',
      message: expect.stringContaining('1000502'),
    });
  });

  it('is refused with an assertion that has expired by the clock of the directory', async () => {
    const { cert, pem } = await makeSigningCertificate(new Date(Date.now() + 30 * day));
    await trust({ certificates: [cert] });
    ahead = day;
    await expect(token(certified(pem))).rejects.toMatchObject({ message: expect.stringContaining('700024') });
  });

  it('works as the managed identity that a federated credential names', async () => {
    await trust({ identities: [identityId] });
    const given = await token(federated);
    expect(sim.verifier.verify(given)).toMatchObject({ appId: clientId, audience: `https://${host}` });
  });

  it('is refused as an identity that no federated credential names', async () => {
    await trust({ identities: ['bbbbbbbb-0000-4000-8000-000000000001'] });
    await expect(token(federated)).rejects.toMatchObject({
      code: 'invalid_client_credentials',
      message: expect.stringContaining('No federated credential of the application names'),
    });
  });

  it('is refused with a token of another audience, a forged one, and a secret where none is', async () => {
    await trust({ identities: [identityId] });
    const forWhat = async (audience: string) =>
      new ManagedIdentityCredential({ tlsOptions: { ca } }).getToken(audience).then((given) => given.token);
    const ask = async (proof: Record<string, string>) => {
      const form = {
        grant_type: 'client_credentials',
        client_id: clientId,
        scope: `https://${host}/.default`,
      };
      const body = `${new URLSearchParams({ ...form, ...proof })}`;
      const reply = await fetchIt(`${sim.url}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
      return (JSON.parse(reply.text) as { error_codes?: number[] }).error_codes?.[0] ?? reply.status;
    };
    const exchange = await forWhat('api://AzureADTokenExchange');
    const [head, body] = exchange.split('.');
    const forged = `${head}.${body}.${Buffer.from('forged').toString('base64url')}`;

    expect(await ask({ client_assertion: exchange })).toBe(200);
    expect(await ask({ client_assertion: await forWhat('https://vault.azure.net') })).toBe(700212);
    expect(await ask({ client_assertion: forged })).toBe(700027);
    expect(await ask({ client_assertion: 'no token' })).toBe(50027);
    expect(await ask({ client_secret: 'guessed' })).toBe(7000215);
    ahead = day;
    expect(await ask({ client_assertion: exchange })).toBe(700024);
  });

  it('says so when Entra ID is away', async () => {
    await trust({ identities: [identityId] });
    await control(fetchIt, sim.url, 'POST', 'faults', [{ match: TOKEN_ROUTE, status: 503 }]);
    try {
      await expect(token(federated)).rejects.toMatchObject({ code: 'connection_timeout' });
    } finally {
      await control(fetchIt, sim.url, 'DELETE', 'faults');
    }
  });
});
