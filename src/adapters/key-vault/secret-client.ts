import { SecretClient } from '@azure/keyvault-secrets';
import { limitTime, type TimeLimits } from '../http/sdk-time-limit.js';
import type { SecretStoreOptions } from './secrets.js';

const TIME_LIMITS: TimeLimits = { readMs: 10_000, writeMs: 15_000 };
const KNOWN_HOSTS =
  /\.(vault\.azure\.net|vault\.azure\.cn|vault\.usgovcloudapi\.net|vault\.microsoftazure\.de)$/;

/** A host that is none of Azure's own vaults is a local one: no domain to compare challenges with, perhaps no TLS. */
export function createSecretClient({
  vaultUrl,
  credential,
  client,
  timeLimits,
}: SecretStoreOptions): SecretClient {
  const { protocol, hostname } = new URL(vaultUrl);
  const isPlainHttp = protocol === 'http:';
  return new SecretClient(vaultUrl, credential, {
    ...client,
    retryOptions: client?.retryOptions ?? { maxRetries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 5_000 },
    ...(isPlainHttp ? { allowInsecureConnection: true } : {}),
    ...(isPlainHttp || !KNOWN_HOSTS.test(hostname) ? { disableChallengeResourceVerification: true } : {}),
    additionalPolicies: [{ position: 'perRetry', policy: limitTime(timeLimits ?? TIME_LIMITS) }],
  });
}
