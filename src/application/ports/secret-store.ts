import type { SecretRef } from '../../domain/model.js';

/** The vault. Values never appear in errors. Throws `BridgeError` `secret_store_unavailable` when it cannot be reached. */
export interface SecretStore {
  /** Makes a new version (and the secret, when it is new; recovers it first when it was deleted but not purged). */
  put(name: string, value: string): Promise<SecretRef>;
  /** The value of exactly that version; throws `secret_missing` when it is gone or disabled. */
  get(ref: SecretRef): Promise<string>;
  /** The newest version by name; undefined when there is none. */
  latest(name: string): Promise<{ ref: SecretRef; value: string } | undefined>;
  /** Deletes the secret with all versions and tries to purge it; a refused purge is normal. Missing counts as done. */
  remove(name: string): Promise<void>;
  /** Cheap probe for the health check. */
  ping(): Promise<void>;
}
