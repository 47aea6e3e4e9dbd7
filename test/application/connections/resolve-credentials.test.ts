import { describe, expect, it } from 'vitest';
import { resolveCredentials } from '../../../src/application/connections/resolve-credentials.js';
import { aConnection } from '../../support/builders.js';
import { createMemorySecrets } from '../../support/memory-secrets.js';

const settings = { tenantId: 'their-tenant', clientId: 'their-client', clientSecret: 'their-secret' };

describe('the credentials of a connection', () => {
  it('are the app settings’ where it has none of its own', async () => {
    const resolve = resolveCredentials({ secrets: createMemorySecrets(), settings });
    expect(await resolve(aConnection())).toEqual({ ...settings, version: 'app-settings' });
  });

  it('are its own part by part, under the version of its secret', async () => {
    const secrets = createMemorySecrets();
    const ref = await secrets.put('conn-1-client-secret', 'own-secret');
    const resolve = resolveCredentials({ secrets, settings });
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
      settings: { tenantId: undefined, clientId: 'x', clientSecret: undefined },
    });
    await expect(resolve(aConnection())).rejects.toMatchObject({
      code: 'invalid_client_credentials',
      message: expect.stringContaining('tenantId, clientSecret missing'),
      hint: expect.stringMatching(/\S/),
    });
  });
});
