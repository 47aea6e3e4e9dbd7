import { describe, expect, it } from 'vitest';
import { secretName } from '../../src/domain/secret-names.js';
import { secretStoreContract } from '../contracts/stores-secrets.js';
import { createMemorySecrets } from './memory-secrets.js';

describe('secrets in memory', () => {
  secretStoreContract(createMemorySecrets);

  it('fail as an unreachable vault does', async () => {
    const secrets = createMemorySecrets();
    secrets.isDown = true;
    await expect(secrets.ping()).rejects.toMatchObject({ code: 'secret_store_unavailable' });
  });
});

describe('names of secrets', () => {
  it('hold only what the vault takes', () => {
    expect(secretName('c_8f3k2m1x9q', 'client-secret')).toBe('conn-c-8f3k2m1x9q-client-secret');
    expect(secretName('c_8f3k2m1x9q', 'webhook-secret')).toBe('conn-c-8f3k2m1x9q-webhook-secret');
  });
});
