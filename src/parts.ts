import { createTokenVerifier } from './adapters/auth/verify-token.js';
import { cron } from './adapters/cron.js';
import { createAlertPoster } from './adapters/http/alert-poster.js';
import { appIdentity } from './adapters/http/app-identity.js';
import { systemInterruption } from './adapters/interruption.js';
import { createSecretStore } from './adapters/key-vault/secrets.js';
import { createMeter } from './adapters/meter.js';
import { createSingleWork } from './adapters/single-work.js';
import { createStorage } from './adapters/storage/storage.js';
import { createLogger, type LogSink, systemClock, systemIds } from './adapters/system.js';
import { createTelemetry } from './adapters/telemetry/telemetry.js';
import { createConnectionCache } from './application/connections/connection-cache.js';
import type { OpenWebhookRegistry } from './application/ports/webhooks.js';
import type { Config } from './config.js';
import type { EngineParts } from './engine.js';
import type { SignIn } from './functions/authorize.js';
import { writeLog } from './functions/invocation.js';
import { onceUntilItFails } from './lib/once-until-it-fails.js';
import { openedLater } from './lib/opened-later.js';
import type { BothSides } from './sides.js';

/** What the engine is made of, and what only setting up needs. */
export interface AppParts extends EngineParts {
  readonly openRegistry: OpenWebhookRegistry;
  readonly signIn: SignIn;
}

const LEVELS = ['info', 'warn', 'error'] as const;

/** Everything real that the app is made of, by its settings. */
export function createParts(config: Config): AppParts {
  const clock = systemClock;
  const sink: LogSink = (level, line) => {
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(config.logLevel)) writeLog(level, line);
  };
  const logger = createLogger(sink);
  const identity = appIdentity(config, config.identityClientId);
  const telemetry = createTelemetry(config.telemetry, identity, logger);
  const meter = createMeter(telemetry);
  const secrets = createSecretStore({
    vaultUrl: config.keyVaultUrl,
    credential: identity,
    clock,
  });
  const storage = createStorage({
    ...('connectionString' in config.storage
      ? config.storage
      : { ...config.storage, credential: appIdentity(config, config.storage.clientId) }),
    meter,
    telemetry,
    clock,
  });
  const recent = createConnectionCache(storage.connections, clock);
  const open = onceUntilItFails(async () => {
    const { createBothSides } = await import('./sides.js');
    const { processes } = storage;
    const processId = systemIds.random();
    return createBothSides(config, { secrets, meter, clock, logger, processes, processId, identity });
  });
  return {
    config,
    signIn: { ...config.signIn, verifyToken: createTokenVerifier(config.signIn.issuers, clock) },
    storage: { ...storage, connections: recent.store },
    connectionCache: recent,
    secrets,
    ...loadedLater(open),
    cron,
    clock,
    interruption: systemInterruption,
    ids: systemIds,
    postAlert: createAlertPoster({ allowLoopback: Object.keys(config.hostMap).length > 0 }),
    logger,
    meter,
    telemetry,
    singles: createSingleWork(clock),
  };
}

/** The clients of both sides. A process that only looks into storage never loads them. */
function loadedLater(open: () => Promise<BothSides>): BothSides {
  const later = openedLater(open);
  return {
    systems: {
      dynamics: later(({ systems }) => systems.dynamics),
      authScape: later(({ systems }) => systems.authScape),
    },
    probe: {
      token: later(({ probe }) => probe.token),
      whoAmI: later(({ probe }) => probe.whoAmI),
      readContact: later(({ probe }) => probe.readContact),
      writeContact: later(({ probe }) => probe.writeContact),
      changeTracking: later(({ probe }) => probe.changeTracking),
      authScapeToken: later(({ probe }) => probe.authScapeToken),
      authScapeModule: later(({ probe }) => probe.authScapeModule),
    },
    openRegistry: later(({ openRegistry }) => openRegistry),
  };
}
