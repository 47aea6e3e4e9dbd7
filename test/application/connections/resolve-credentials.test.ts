import { describe, expect, it } from 'vitest';
import {
  credentialExpiry,
  resolveCredentials,
} from '../../../src/application/connections/resolve-credentials.js';
import { makeSigningCertificate } from '../../stack/entra/certificate.js';
import { aConnection } from '../../support/builders.js';
import { createMemoryClock } from '../../support/memory-clock.js';
import { createMemorySecrets } from '../../support/memory-secrets.js';

const clock = createMemoryClock();
const settings = { tenantId: 'their-tenant', clientId: 'their-client', clientSecret: 'their-secret' };

describe('the credentials of a connection', () => {
  it('are the app settings’ where it has none of its own', async () => {
    const resolve = resolveCredentials({ secrets: createMemorySecrets(), settings, clock });
    expect(await resolve(aConnection())).toEqual({ ...settings, version: 'app-settings' });
  });

  it('are its own part by part, under the version of its secret', async () => {
    const secrets = createMemorySecrets();
    const ref = await secrets.put('conn-1-client-secret', 'own-secret');
    const resolve = resolveCredentials({ secrets, settings, clock });
    expect(await resolve(aConnection({ clientId: 'own-client', clientSecret: ref }))).toEqual({
      tenantId: 'their-tenant',
      clientId: 'own-client',
      clientSecret: 'own-secret',
      version: ref.version,
    });
  });

  it('name what is missing', async () => {
    const resolve = resolveCredentials({
      secrets: createMemorySecrets(),
      clock,
      settings: { tenantId: undefined, clientId: 'x', clientSecret: undefined },
    });
    await expect(resolve(aConnection())).rejects.toMatchObject({
      code: 'invalid_client_credentials',
      message: expect.stringContaining('tenantId, clientSecret missing'),
      hint: expect.stringMatching(/\S/),
    });
  });
});

describe('what a connection without a secret signs in with', () => {
  const settings = { tenantId: 'their-tenant', clientId: 'their-client', clientSecret: undefined };
  const credential = { kind: 'certificate', name: 'dynamics' } as const;
  const inAMonth = new Date(Math.floor(Date.now() / 1000) * 1000 + 30 * 86_400_000);

  it('is the newest version of a certificate in the vault, which says itself when it expires', async () => {
    const secrets = createMemorySecrets();
    const time = createMemoryClock();
    const resolve = resolveCredentials({ secrets, settings, clock: time });
    const connection = aConnection({ credential, credentialExpiresAt: '2020-01-01T00:00:00.000Z' });
    await expect(resolve(connection)).rejects.toMatchObject({ code: 'secret_missing' });

    const { pem } = await makeSigningCertificate(inAMonth);
    const { version } = await secrets.put('dynamics', pem);
    expect(await resolve(connection)).toEqual({
      ...{ tenantId: 'their-tenant', clientId: 'their-client', kind: 'certificate', pem, version },
    });
    expect(await credentialExpiry({ secrets })(connection)).toBe(inAMonth.toISOString());

    const renewed = await secrets.put('dynamics', `${pem}\n`);
    expect(await resolve(connection)).toMatchObject({ version });
    time.advance(5 * 60_000);
    expect(await resolve(connection)).toMatchObject({ version: renewed.version });
  });

  it('is refused when the vault holds something else under that name', async () => {
    const secrets = createMemorySecrets();
    await secrets.put('dynamics', Buffer.from('a PFX').toString('base64'));
    const resolve = resolveCredentials({ secrets, settings, clock });
    await expect(resolve(aConnection({ credential }))).rejects.toMatchObject({
      code: 'invalid_client_credentials',
      message: expect.not.stringContaining('PFX'),
      hint: expect.stringContaining('PEM'),
    });
  });

  it('is the managed identity, which expires never', async () => {
    const secrets = createMemorySecrets();
    const connection = aConnection({ credential: { kind: 'managedIdentity' } });
    expect(await resolveCredentials({ secrets, settings, clock })(connection)).toMatchObject({
      ...{ kind: 'managedIdentity', tenantId: 'their-tenant', clientId: 'their-client' },
    });
    expect(await credentialExpiry({ secrets })(connection)).toBeNull();
  });
});
