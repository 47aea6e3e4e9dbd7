import { createTokenVerifier } from './adapters/auth/verify-token.js';
import { type AuthScape, createAuthScape } from './adapters/authscape/authscape.js';
import { cron } from './adapters/cron.js';
import { createDynamicsFactory } from './adapters/dataverse/factory.js';
import { createAlertPoster } from './adapters/http/alert-poster.js';
import { appIdentity } from './adapters/http/app-identity.js';
import { createTokenSource } from './adapters/http/credentials.js';
import { DEFAULT_RETRY } from './adapters/http/retry.js';
import { systemInterruption } from './adapters/interruption.js';
import { createSecretStore } from './adapters/key-vault/secrets.js';
import { type CountingMeter, createMeter } from './adapters/meter.js';
import { createStorage } from './adapters/storage/storage.js';
import { createLogger, type LogSink, systemClock, systemIds } from './adapters/system.js';
import { createConnectionCache } from './application/connections/connection-cache.js';
import { resolveCredentials } from './application/connections/resolve-credentials.js';
import type { OpenWebhookRegistry } from './application/ports/webhooks.js';
import type { Config } from './config.js';
import type { EngineParts } from './engine.js';
import type { SignIn } from './functions/authorize.js';
import { writeLog } from './functions/invocation.js';

/** What the engine is made of, and what only setting up needs. */
export interface AppParts extends EngineParts {
  readonly openRegistry: OpenWebhookRegistry;
  readonly signIn: SignIn;
}

const LEVELS = ['info', 'warn', 'error'] as const;

/** Everything real that the app is made of, by its settings. */
export function createParts(config: Config): AppParts {
  const meter = createMeter();
  const clock = systemClock;
  const sink: LogSink = (level, line) => {
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(config.logLevel)) writeLog(level, line);
  };
  const secrets = createSecretStore({
    vaultUrl: config.keyVaultUrl,
    credential: appIdentity(config, config.identityClientId),
    clock,
  });
  const storage = createStorage({
    ...('connectionString' in config.storage
      ? config.storage
      : { ...config.storage, credential: appIdentity(config, config.storage.clientId) }),
    meter,
    clock,
  });
  const recent = createConnectionCache(storage.connections, clock);
  const authScape = authScapeOf(config, secrets, meter);
  const dynamics = createDynamicsFactory({
    hostMap: config.hostMap,
    resolveCredentials: resolveCredentials({ secrets, settings: config.dynamics, clock }),
    tokens: createTokenSource({
      clock,
      authorityHost: config.authorityHost,
      identity: appIdentity(config, config.identityClientId),
    }),
    meter,
    clock,
    retry: { baseDelayMs: config.tuning.retryBaseMs },
    dataTimeoutMs: config.tuning.dataTimeoutMs,
    concurrency: config.tuning.requestConcurrency,
  });
  return {
    config,
    signIn: { ...config.signIn, verifyToken: createTokenVerifier(config.signIn.issuers, clock) },
    storage: { ...storage, connections: recent.store },
    connectionCache: recent,
    secrets,
    systems: { dynamics: dynamics.open, authScape: async () => authScape.system },
    probe: { ...dynamics.probe, ...authScape.probe },
    openRegistry: dynamics.webhooks,
    cron,
    clock,
    interruption: systemInterruption,
    ids: systemIds,
    postAlert: createAlertPoster({ allowLoopback: Object.keys(config.hostMap).length > 0 }),
    logger: createLogger(sink),
    meter,
  };
}

function authScapeOf(
  { authScape, tuning }: Config,
  secrets: EngineParts['secrets'],
  meter: CountingMeter,
): AuthScape {
  const { clientId, clientSecret, refreshTokenSecret, scope } = authScape;
  const secret = clientSecret === undefined ? {} : { clientSecret: async () => clientSecret };
  return createAuthScape({
    apiUrl: authScape.apiUrl,
    idpUrl: authScape.idpUrl,
    auth:
      refreshTokenSecret === undefined
        ? { kind: 'client', clientId, clientSecret: async () => clientSecret ?? '', scope }
        : { kind: 'refresh', clientId, ...secret, secretName: refreshTokenSecret, secrets },
    meter,
    clock: systemClock,
    retry: { ...DEFAULT_RETRY, baseDelayMs: tuning.retryBaseMs },
    dataTimeoutMs: tuning.dataTimeoutMs,
    writeTimeoutMs: tuning.authScapeWriteTimeoutMs,
  });
}
