import type { TokenCredential } from '@azure/identity';
import { type AuthScape, createAuthScape } from './adapters/authscape/authscape.js';
import { createDynamicsFactory } from './adapters/dataverse/factory.js';
import { createTokenSource } from './adapters/http/credentials.js';
import { DEFAULT_RETRY } from './adapters/http/retry.js';
import { type ActiveProcesses, createShares } from './adapters/http/shares.js';
import type { CountingMeter } from './adapters/meter.js';
import { resolveCredentials } from './application/connections/resolve-credentials.js';
import type { Clock, Logger } from './application/ports/runtime.js';
import type { SecretStore } from './application/ports/secret-store.js';
import type { ConnectionProbe, Systems } from './application/ports/systems.js';
import type { OpenWebhookRegistry } from './application/ports/webhooks.js';
import type { Config } from './config.js';

/** The clients of AuthScape and of Dynamics. */
export interface BothSides {
  readonly systems: Systems;
  readonly probe: ConnectionProbe;
  readonly openRegistry: OpenWebhookRegistry;
}

export interface SideDeps {
  readonly secrets: SecretStore;
  readonly meter: CountingMeter;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  readonly processes: ActiveProcesses;
  /** Of this process. */
  readonly processId: string;
  /** The app's own. */
  readonly identity: TokenCredential;
}

/** Everything that reaches one of the two systems; parts.ts loads it with its first use. */
export function createBothSides(config: Config, deps: SideDeps): BothSides {
  const { clock, identity, meter, secrets } = deps;
  const authScape = authScapeOf(config, deps);
  const dynamics = createDynamicsFactory({
    hostMap: config.hostMap,
    resolveCredentials: resolveCredentials({ secrets, settings: config.dynamics, clock }),
    tokens: createTokenSource({ clock, authorityHost: config.authorityHost, identity }),
    meter,
    clock,
    retry: { baseDelayMs: config.tuning.retryBaseMs },
    dataTimeoutMs: config.tuning.dataTimeoutMs,
    concurrency: config.tuning.requestConcurrency,
    shareOf: createShares(deps),
  });
  return {
    systems: { dynamics: dynamics.open, authScape: async () => authScape.system },
    probe: { ...dynamics.probe, ...authScape.probe },
    openRegistry: dynamics.webhooks,
  };
}

function authScapeOf({ authScape, tuning }: Config, { clock, meter, secrets }: SideDeps): AuthScape {
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
    clock,
    retry: { ...DEFAULT_RETRY, baseDelayMs: tuning.retryBaseMs },
    dataTimeoutMs: tuning.dataTimeoutMs,
    writeTimeoutMs: tuning.authScapeWriteTimeoutMs,
  });
}
