import { ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeCertificate } from '../entra/certificate.js';
import { type IdentitySim, startIdentitySim } from '../entra/identity-sim.js';
import { control, fetchTrusting, type TrustingFetch } from '../entra/trusting-fetch.js';

const tenantId = '11111111-1111-4111-8111-111111111111';
const outsider = {
  tenantId,
  clientId: '22222222-2222-4222-8222-222222222222',
  clientSecret: 'a-secret-of-it',
};
const polling = { intervalInMs: 10 };

let sim: IdentitySim;
let ca: string;
let fetchIt: TrustingFetch;
let client: SecretClient;

const clientWith = (credential: ConstructorParameters<typeof SecretClient>[1]) =>
  new SecretClient(sim.url, credential, {
    disableChallengeResourceVerification: true,
    tlsOptions: { ca },
    retryOptions: { maxRetries: 0 },
  });

beforeAll(async () => {
  const certificate = await makeCertificate();
  ca = certificate.cert;
  fetchIt = fetchTrusting(ca);
  sim = await startIdentitySim({
    port: 0,
    tenants: [tenantId],
    clients: [outsider],
    certificate,
    environments: [],
    managedIdentity: { clientId: 'aaaaaaaa-0000-4000-8000-000000000001', header: 'the-header' },
  });
  vi.stubEnv('IDENTITY_ENDPOINT', `${sim.url}/msi/token`);
  vi.stubEnv('IDENTITY_HEADER', 'the-header');
  client = clientWith(new ManagedIdentityCredential({ tlsOptions: { ca } }));
});
beforeEach(async () => {
  await control(fetchIt, sim.url, 'POST', 'reset');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await sim.close();
});

describe('secrets through the real client and the managed identity', () => {
  it('come back with their properties, newest version first asked', async () => {
    const first = await client.setSecret('conn-1', 'one', { contentType: 'text/plain', tags: { a: 'b' } });
    const second = await client.setSecret('conn-1', 'two');

    expect((await client.getSecret('conn-1')).value).toBe('two');
    expect(await client.getSecret('conn-1', { version: first.properties.version! })).toMatchObject({
      value: 'one',
      properties: { contentType: 'text/plain', tags: { a: 'b' }, recoveryLevel: 'Recoverable+Purgeable' },
    });
    const versions: (string | undefined)[] = [];
    for await (const each of client.listPropertiesOfSecretVersions('conn-1')) {
      versions.push(each.version);
    }
    expect(versions).toEqual([first.properties.version, second.properties.version]);
  });

  it('are listed in pages without values', async () => {
    for (let index = 0; index < 30; index += 1) {
      await client.setSecret(`bulk-${index}`, 'hidden');
    }
    const pages: number[] = [];
    for await (const page of client.listPropertiesOfSecrets().byPage()) {
      pages.push(page.length);
      expect(JSON.stringify(page)).not.toContain('hidden');
    }
    expect(pages).toEqual([25, 5]);
  });

  it('are refused: unknown, badly named, too long, disabled', async () => {
    await expect(client.getSecret('nothing')).rejects.toMatchObject({
      statusCode: 404,
      code: 'SecretNotFound',
    });
    await expect(client.setSecret('a_b', 'x')).rejects.toMatchObject({
      statusCode: 400,
      code: 'BadParameter',
    });
    await expect(client.setSecret('long', 'x'.repeat(25_601))).rejects.toMatchObject({ statusCode: 400 });
    const { properties } = await client.setSecret('off', 'x');
    await client.updateSecretProperties('off', properties.version!, { enabled: false });
    await expect(client.getSecret('off')).rejects.toMatchObject({ statusCode: 403, code: 'Forbidden' });
  });
});

describe('soft delete', () => {
  it('holds the name until the secret is recovered', async () => {
    await client.setSecret('conn-2', 'one');
    const poller = await client.beginDeleteSecret('conn-2', polling);
    await expect(client.setSecret('conn-2', 'again')).rejects.toMatchObject({
      statusCode: 409,
      details: { error: { innerError: { code: 'ObjectIsBeingDeleted' } } },
    });
    await poller.pollUntilDone();
    await expect(client.setSecret('conn-2', 'again')).rejects.toMatchObject({
      statusCode: 409,
      details: { error: { innerError: { code: 'ObjectIsDeletedButRecoverable' } } },
    });
    await (await client.beginRecoverDeletedSecret('conn-2', polling)).pollUntilDone();

    expect((await client.getSecret('conn-2')).value).toBe('one');
  });

  it('ends with a purge, after which the name is free', async () => {
    await client.setSecret('conn-3', 'one');
    await (await client.beginDeleteSecret('conn-3', polling)).pollUntilDone();
    await client.purgeDeletedSecret('conn-3');
    await expect(client.setSecret('conn-3', 'two')).rejects.toMatchObject({ statusCode: 409 });
    await vi.waitUntil(() => client.setSecret('conn-3', 'two').catch(() => undefined), { timeout: 5000 });

    expect(await control(fetchIt, sim.url, 'GET', 'dump')).toEqual({
      secrets: [{ name: 'conn-3', versions: [expect.objectContaining({ value: 'two', enabled: true })] }],
      deleted: [],
    });
  });

  it('cannot be cut short under purge protection', async () => {
    await control(fetchIt, sim.url, 'POST', 'vault', { purgeProtection: true });
    await client.setSecret('conn-4', 'one');
    await (await client.beginDeleteSecret('conn-4', polling)).pollUntilDone();

    await expect(client.purgeDeletedSecret('conn-4')).rejects.toMatchObject({ statusCode: 403 });
  });
});

describe('the door', () => {
  it('challenges a request without a token', async () => {
    const reply = await fetchIt(`${sim.url}/secrets/x?api-version=7.4`, {
      method: 'PUT',
      body: '{"value":"x"}',
    });

    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toContain('resource="https://vault.azure.net"');
    expect(await control(fetchIt, sim.url, 'GET', 'dump')).toEqual({ secrets: [], deleted: [] });
  });

  it('is closed to applications without a role, and to requests without api-version', async () => {
    const { tenantId: tenant, clientId, clientSecret } = outsider;
    const credential = new ClientSecretCredential(tenant, clientId, clientSecret, {
      authorityHost: sim.url,
      disableInstanceDiscovery: true,
      tlsOptions: { ca },
    });
    await expect(clientWith(credential).getSecret('x')).rejects.toMatchObject({ statusCode: 403 });

    const msi = `${sim.url}/msi/token?api-version=2019-08-01&resource=https://vault.azure.net`;
    const token = await fetchIt(msi, { headers: { 'x-identity-header': 'the-header' } });
    const { access_token: bearer } = JSON.parse(token.text) as { access_token: string };
    const headers = { authorization: `Bearer ${bearer}` };
    expect((await fetchIt(`${sim.url}/secrets/x`, { headers })).status).toBe(400);
  });

  it('gives identity tokens only for the right header', async () => {
    const url = `${sim.url}/msi/token?api-version=2019-08-01&resource=https://vault.azure.net`;

    expect((await fetchIt(url, { headers: { 'x-identity-header': 'guess' } })).status).toBe(401);
  });
});
