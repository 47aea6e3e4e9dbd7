import { describe, expect, it } from 'vitest';
import type { SecretStore } from '../../src/application/ports/secret-store.js';
import { newId } from './stores-samples.js';

const newName = (): string => newId('conn').replace('_', '-');

/** The vault. */
export function secretStoreContract(open: () => SecretStore): void {
  describe('secrets', () => {
    it('keep every version under one name', async () => {
      const secrets = open();
      const name = newName();
      expect(await secrets.latest(name)).toBeUndefined();
      const first = await secrets.put(name, 'one');
      const second = await secrets.put(name, 'two');

      expect(second).toEqual({ name, version: expect.any(String) });
      expect(second.version).not.toBe(first.version);
      expect(await secrets.get(first)).toBe('one');
      expect(await secrets.get(second)).toBe('two');
      expect(await secrets.latest(name)).toEqual({ ref: second, value: 'two' });
      await secrets.ping();
    });

    it('are missing, by name, when they were never set or are removed', async () => {
      const secrets = open();
      const ref = await secrets.put(newName(), 'value');
      await secrets.remove(ref.name);

      const missing = { code: 'secret_missing', message: expect.stringContaining(ref.name) };
      await expect(secrets.get(ref)).rejects.toMatchObject(missing);
      await expect(secrets.get({ name: newName(), version: '1'.repeat(32) })).rejects.toMatchObject({
        code: 'secret_missing',
      });
      expect(await secrets.latest(ref.name)).toBeUndefined();
      await secrets.remove(ref.name);
      await secrets.remove(newName());
    });

    it('can be set again under a name that was removed', async () => {
      const secrets = open();
      const { name } = await secrets.put(newName(), 'old');
      await secrets.remove(name);
      const ref = await secrets.put(name, 'new');
      expect(await secrets.get(ref)).toBe('new');
    });
  });
}
