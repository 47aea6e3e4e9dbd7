import type { CountingMeter } from './adapters/meter.js';
import type { Storage } from './adapters/storage/storage.js';
import { requestSync } from './application/control-runs.js';
import type { Cron } from './application/ports/cron.js';
import type { Clock, Ids, Logger } from './application/ports/runtime.js';
import type { SecretStore } from './application/ports/secret-store.js';
import type { ConnectionProbe, Systems } from './application/ports/systems.js';
import { processJob } from './application/process-jobs.js';
import { receiveAuthScapeEvents, receiveDynamicsEvent } from './application/receive-change.js';
import { scheduleDueSyncs } from './application/schedule-due-syncs.js';
import type { Config } from './config.js';
import type { Job } from './domain/job.js';
import { parseDynamicsEvent } from './functions/dynamics-event.js';
import type { AuthScapeEvent, DynamicsEvent } from './functions/webhook.js';

/** Ports with their implementations, from which all use cases are built. */
export interface EngineParts {
  readonly config: Pick<Config, 'dynamics' | 'hostMap' | 'tuning'>;
  readonly storage: Storage;
  readonly secrets: SecretStore;
  readonly systems: Systems;
  readonly probe: ConnectionProbe;
  readonly cron: Cron;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly meter: CountingMeter;
}

/** What the triggers call. */
export interface Engine {
  /** Starts the syncs that are due and takes up runs that nobody works on. */
  scheduleDueSyncs(): Promise<void>;
  /** Works on one message; throws when it is to be delivered again. */
  processJob(job: Job): Promise<void>;
  receiveDynamicsEvent(event: DynamicsEvent): Promise<void>;
  receiveAuthScapeEvents(events: readonly AuthScapeEvent[]): Promise<void>;
}

/** Builds the sync engine over the given ports. */
export function createEngine(parts: EngineParts): Engine {
  const { config, storage, secrets, systems, cron, clock, ids, logger, meter } = parts;
  const { tuning } = config;
  const queue = storage.jobs;
  const deps = {
    ...storage,
    queue,
    systems,
    clock,
    ids,
    logger,
    meter,
    cron,
    options: {
      leaseMs: tuning.runLeaseMs,
      stepMs: tuning.stepMs,
      writeTimeoutMs: tuning.authScapeWriteTimeoutMs,
      concurrency: tuning.recordConcurrency,
      retryBaseMs: tuning.retryBaseMs,
    },
  };
  return {
    scheduleDueSyncs: scheduleDueSyncs({
      ...deps,
      leaseMs: tuning.runLeaseMs,
      requestSync: requestSync(deps),
    }),
    processJob: processJob(deps),
    receiveDynamicsEvent: receiveDynamicsEvent({ ...deps, secrets }, parseDynamicsEvent),
    receiveAuthScapeEvents: receiveAuthScapeEvents(deps),
  };
}
