import type { TokenCredential } from '@azure/identity';
import type { KeyVaultSecret, SecretClient, SecretClientOptions } from '@azure/keyvault-secrets';
import type { Clock } from '../../application/ports/runtime.js';
import type { SecretStore } from '../../application/ports/secret-store.js';
import { BridgeError } from '../../domain/errors.js';
import type { SecretRef } from '../../domain/model.js';
import { onceUntilItFails } from '../../lib/once-until-it-fails.js';
import type { TimeLimits } from '../http/sdk-time-limit.js';
import { innerCodeOf, isAbsent, isForbidden, statusOf, vaultFault } from './faults.js';

export interface SecretStoreOptions {
  readonly vaultUrl: string;
  readonly credential: TokenCredential;
  readonly clock: Clock;
  /** Settings of the transport: the CA of a local vault, repeats in tests. */
  readonly client?: Pick<SecretClientOptions, 'tlsOptions' | 'retryOptions' | 'httpClient'> | undefined;
  /** How long one attempt may take; a read has a repeat. */
  readonly timeLimits?: TimeLimits | undefined;
}

/** Versions never change, so this only bounds how long a value stays in memory and how long a disabled one works. */
const CACHED_MS = 5 * 60_000;
/** How long the vault may take to finish a deletion or a recovery before we go on without. */
const PATIENCE_MS = 20_000;
const POLL_MS = 250;
const PROBE_NAME = 'probe';

interface Cached {
  readonly value: string;
  readonly until: number;
}

/** Secrets in Key Vault. Deletion is soft there: a name is recovered before it gets a new version. */
export function createSecretStore(options: SecretStoreOptions): SecretStore {
  const { clock } = options;
  // The SDK is loaded with the first secret.
  const open = onceUntilItFails(async () => (await import('./secret-client.js')).createSecretClient(options));
  const cache = new Map<string, Cached>();

  const keep = (ref: SecretRef, value: string): void => {
    for (const [key, { until }] of cache) {
      if (until <= clock.now()) cache.delete(key);
    }
    cache.set(cacheKey(ref), { value, until: clock.now() + CACHED_MS });
  };
  const forget = (name: string): void => {
    for (const key of cache.keys()) {
      if (key.startsWith(`${name}/`)) cache.delete(key);
    }
  };
  return {
    put: (name, value) =>
      guarded('storing a secret', async () => {
        const ref = refOf(await setRecovering(await open(), clock, name, value));
        keep(ref, value);
        return ref;
      }),
    get: (ref) =>
      guarded('reading a secret', async () => {
        const cached = cache.get(cacheKey(ref));
        if (cached !== undefined && cached.until > clock.now()) return cached.value;
        const secret = await readSecret(await open(), ref.name, ref.version);
        if (secret?.value === undefined) throw missing(ref.name);
        keep(ref, secret.value);
        return secret.value;
      }),
    latest: (name) =>
      guarded('reading a secret', async () => {
        const secret = await readSecret(await open(), name);
        if (secret?.value === undefined) return undefined;
        const ref = refOf(secret);
        keep(ref, secret.value);
        return { ref, value: secret.value };
      }),
    remove: (name) =>
      guarded('removing a secret', async () => {
        forget(name);
        await removeAndPurge(await open(), clock, name);
      }),
    ping: () =>
      guarded('probing the vault', async () => {
        await readSecret(await open(), PROBE_NAME);
      }),
  };
}

/** Sets a new version; a name that lies deleted in the vault is recovered, one on its way there is waited for. */
async function setRecovering(
  client: SecretClient,
  clock: Clock,
  name: string,
  value: string,
): Promise<KeyVaultSecret> {
  const deadline = clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await client.setSecret(name, value);
    } catch (error) {
      if (statusOf(error) !== 409 || clock.now() >= deadline) throw error;
      if (innerCodeOf(error) === 'ObjectIsDeletedButRecoverable') await startRecovery(client, name);
    }
    await clock.sleep(POLL_MS);
  }
}

async function startRecovery(client: SecretClient, name: string): Promise<void> {
  try {
    await client.beginRecoverDeletedSecret(name, { intervalInMs: POLL_MS });
  } catch (error) {
    // Recovered or purged by another request meanwhile: the next attempt to set it tells.
    if (!isAbsent(error) && statusOf(error) !== 409) throw error;
  }
}

async function removeAndPurge(client: SecretClient, clock: Clock, name: string): Promise<void> {
  try {
    await client.beginDeleteSecret(name, { intervalInMs: POLL_MS });
  } catch (error) {
    if (isAbsent(error)) return;
    if (statusOf(error) !== 409) throw error;
    // It is being deleted already.
  }
  const deadline = clock.now() + PATIENCE_MS;
  while (!(await isDeleted(client, name))) {
    if (clock.now() >= deadline) return;
    await clock.sleep(POLL_MS);
  }
  try {
    await client.purgeDeletedSecret(name);
  } catch (error) {
    // A vault with purge protection, or an app without the right to purge: it goes by itself after the retention.
    if (!isAbsent(error) && !isForbidden(error) && statusOf(error) !== 409) throw error;
  }
}

async function isDeleted(client: SecretClient, name: string): Promise<boolean> {
  try {
    await client.getDeletedSecret(name);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    // May delete but not look at what is deleted: nothing to wait for.
    if (isForbidden(error)) return true;
    throw error;
  }
}

/** Undefined when it is gone, never was or is disabled. */
async function readSecret(
  client: SecretClient,
  name: string,
  version?: string,
): Promise<KeyVaultSecret | undefined> {
  try {
    return await client.getSecret(name, version === undefined ? {} : { version });
  } catch (error) {
    if (isAbsent(error) || innerCodeOf(error) === 'SecretDisabled') return undefined;
    throw error;
  }
}

async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw vaultFault(error, what);
  }
}

function refOf(secret: KeyVaultSecret): SecretRef {
  const { version } = secret.properties;
  if (version !== undefined) return { name: secret.name, version };
  throw new BridgeError('secret_store_unavailable', 'Key Vault answered without the version of a secret.');
}

function cacheKey(ref: SecretRef): string {
  return `${ref.name}/${ref.version}`;
}

function missing(name: string): BridgeError {
  return new BridgeError('secret_missing', `The secret "${name}" is gone from Key Vault or disabled.`, {
    hint: 'Set the secret of the connection again.',
  });
}
