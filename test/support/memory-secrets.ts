import type { SecretStore } from '../../src/application/ports/secret-store.js';
import { BridgeError } from '../../src/domain/errors.js';

export interface MemorySecrets extends SecretStore {
  /** Values by name and version; tests look here for what must not be anywhere else. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** While true, every call fails as an unreachable vault does. */
  isDown: boolean;
}

/** A vault in memory: versions accumulate under a name until the name is removed. */
export function createMemorySecrets(): MemorySecrets {
  const values = new Map<string, Map<string, string>>();
  let versions = 0;
  const reach = (): void => {
    if (secrets.isDown) throw new BridgeError('secret_store_unavailable', 'Key Vault does not answer.');
  };
  const secrets: MemorySecrets = {
    values,
    isDown: false,
    async put(name, value) {
      reach();
      versions += 1;
      const version = versions.toString(16).padStart(32, '0');
      values.set(name, new Map([...(values.get(name) ?? []), [version, value]]));
      return { name, version };
    },
    async get({ name, version }) {
      reach();
      const value = values.get(name)?.get(version);
      if (value === undefined) throw new BridgeError('secret_missing', `The secret "${name}" is gone.`);
      return value;
    },
    async latest(name) {
      reach();
      const [version, value] = [...(values.get(name) ?? [])].at(-1) ?? [];
      return version === undefined || value === undefined ? undefined : { ref: { name, version }, value };
    },
    async remove(name) {
      reach();
      values.delete(name);
    },
    async ping() {
      reach();
    },
  };
  return secrets;
}
