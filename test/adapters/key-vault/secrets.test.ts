import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSecretStore, type SecretStoreOptions } from '../../../src/adapters/key-vault/secrets.js';
import { systemClock } from '../../../src/adapters/system.js';
import type { SecretStore } from '../../../src/application/ports/secret-store.js';
import { secretStoreContract } from '../../contracts/stores-secrets.js';
import { makeCertificate } from '../../stack/entra/certificate.js';
import { type IdentitySim, startIdentitySim } from '../../stack/entra/identity-sim.js';
import { control, fetchTrusting, type TrustingFetch } from '../../stack/entra/trusting-fetch.js';
import { createMemoryClock } from '../../support/memory-clock.js';

const tenantId = '11111111-1111-4111-8111-111111111111';
let sim: IdentitySim;
let ca: string;
let fetchIt: TrustingFetch;
let secrets: SecretStore;

const open = (options: Partial<SecretStoreOptions> = {}): SecretStore =>
  createSecretStore({
    vaultUrl: sim.url,
    credential: new ManagedIdentityCredential({ tlsOptions: { ca } }),
    clock: systemClock,
    client: { tlsOptions: { ca }, retryOptions: { maxRetries: 1, retryDelayInMs: 5 } },
    ...options,
  });
const fault = (match: string, rest: Record<string, unknown>) =>
  control(fetchIt, sim.url, 'POST', 'faults', [{ match, ...rest }]);

beforeAll(async () => {
  const certificate = await makeCertificate();
  ca = certificate.cert;
  fetchIt = fetchTrusting(ca);
  sim = await startIdentitySim({
    port: 0,
    tenants: [tenantId],
    clients: [],
    certificate,
    environments: [],
    managedIdentity: { clientId: 'aaaaaaaa-0000-4000-8000-000000000001', header: 'the-header' },
  });
  vi.stubEnv('IDENTITY_ENDPOINT', `${sim.url}/msi/token`);
  vi.stubEnv('IDENTITY_HEADER', 'the-header');
  secrets = open();
});
afterEach(async () => {
  await control(fetchIt, sim.url, 'DELETE', 'faults');
  await control(fetchIt, sim.url, 'POST', 'reset');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await sim.close();
});

describe('secrets in Key Vault', () => {
  secretStoreContract(() => secrets);

  it('are recovered when the vault does not let them be purged', async () => {
    await control(fetchIt, sim.url, 'POST', 'vault', { purgeProtection: true, delayMs: 50 });
    const { name } = await secrets.put('conn-1-client-secret', 'old');
    await secrets.remove(name);

    const ref = await secrets.put(name, 'new');
    expect(await secrets.get(ref)).toBe('new');
    expect(await secrets.latest(name)).toEqual({ ref, value: 'new' });
  });

  it('can be set by several at once while being recovered', async () => {
    await control(fetchIt, sim.url, 'POST', 'vault', { purgeProtection: true, delayMs: 50 });
    const { name } = await secrets.put('conn-2-client-secret', 'old');
    await secrets.remove(name);
    const refs = await Promise.all(['a', 'b', 'c'].map((value) => secrets.put(name, value)));
    expect(new Set(refs.map(({ version }) => version)).size).toBe(3);
  });

  it('of a vault that hangs are an outage, however it is asked', async () => {
    const hasty = open({ timeLimits: { readMs: 100, writeMs: 100 } });
    const ref = await secrets.put('conn-hang-client-secret', 'value');
    await fault('* secrets', { delayMs: 1_000 });
    for (const work of [
      () => hasty.latest(ref.name),
      () => hasty.put(ref.name, 'other'),
      () => hasty.ping(),
    ]) {
      await expect(work()).rejects.toMatchObject({
        code: 'secret_store_unavailable',
        retryAfterSeconds: 10,
      });
    }
  });

  it('are asked for once in five minutes', async () => {
    const clock = createMemoryClock();
    const cached = open({ clock });
    const ref = await secrets.put('conn-3-client-secret', 'value');
    expect(await cached.get(ref)).toBe('value');
    await secrets.remove(ref.name);

    clock.advance(5 * 60_000 - 1);
    expect(await cached.get(ref)).toBe('value');
    clock.advance(1);
    await expect(cached.get(ref)).rejects.toMatchObject({ code: 'secret_missing' });
  });

  it.each([
    ['refused access', { status: 403, code: 'Forbidden/ForbiddenByRbac', times: 1 }, 'Secrets Officer'],
    ['a failing vault', { status: 503, times: 9 }, 'address'],
  ])('tell %s from a missing secret', async (_what, rest, hint) => {
    await fault('GET secrets', rest);
    const reading = open().get({ name: 'conn-4-client-secret', version: '1'.repeat(32) });
    await expect(reading).rejects.toMatchObject({
      code: 'secret_store_unavailable',
      hint: expect.stringContaining(hint),
    });
  });

  it('never appear in errors', async () => {
    await fault('PUT secrets', { status: 400, code: 'BadParameter', times: 9 });
    const error: unknown = await open()
      .put('conn-5-client-secret', 'the value')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'secret_store_unavailable' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('the value');
  });
});

describe('a vault that is not one of Azure', () => {
  it('may speak plain http, and says when it is gone', async () => {
    const paths: string[] = [];
    const server = createServer((request, response) => {
      paths.push(`${request.method} ${request.url?.split('?')[0]}`);
      if (request.headers.authorization === undefined) {
        const challenge = `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="https://vault.azure.net"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
        return;
      }
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'SecretNotFound', message: 'none' } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const vaultUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credential = { getToken: async () => ({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) };
    const plain = open({ vaultUrl, credential });

    await plain.ping();
    expect(paths).toEqual(['GET /secrets/probe/', 'GET /secrets/probe/']);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(plain.ping()).rejects.toMatchObject({ code: 'secret_store_unavailable' });
  });

  it('is out of reach without a token', async () => {
    const credential = {
      getToken: () => Promise.reject(Object.assign(new Error('no'), { name: 'CredentialUnavailableError' })),
    };
    await expect(open({ credential }).ping()).rejects.toMatchObject({
      code: 'secret_store_unavailable',
      hint: expect.stringContaining('managed identity'),
    });
  });
});
