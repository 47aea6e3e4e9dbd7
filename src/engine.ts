import { inBulk } from './adapters/bulk-work.js';
import { createLanes } from './adapters/lanes.js';
import type { CountingMeter } from './adapters/meter.js';
import type { SingleWork } from './adapters/single-work.js';
import type { Storage } from './adapters/storage/storage.js';
import { elapsedMs } from './adapters/system.js';
import { sendAlerts } from './application/alerts/send-alerts.js';
import { type ConnectionCache, readEachTime } from './application/connections/connection-cache.js';
import { receiveAuthScapeEvents, receiveDynamicsEvent } from './application/events/receive-events.js';
import { deadLetterJob } from './application/jobs/dead-letters.js';
import { processJob } from './application/jobs/process-job.js';
import { recordFailures } from './application/jobs/record-failures.js';
import type { PostAlert } from './application/ports/alerts.js';
import type { Cron } from './application/ports/cron.js';
import type { Clock, Ids, Interruption, Logger } from './application/ports/runtime.js';
import type { SecretStore } from './application/ports/secret-store.js';
import type { ConnectionProbe, Systems } from './application/ports/systems.js';
import type { Telemetry } from './application/ports/telemetry.js';
import { linkRecords } from './application/records/link-records.js';
import { searchRecords } from './application/records/search-records.js';
import {
  previewRecord,
  syncAuthScapeRecordNow,
  syncDynamicsRowNow,
} from './application/records/sync-one-record.js';
import { type TakenBack, takeBackSample } from './application/records/take-back-sample.js';
import { viewRecord } from './application/records/view-record.js';
import { requestSync } from './application/runs/manage-runs.js';
import { pruneHourly } from './application/runs/prune-history.js';
import { scheduleDueSyncs } from './application/runs/start-due-runs.js';
import type { Config } from './config.js';
import type { Job, UnreadJob } from './domain/job.js';
import { parseDynamicsEvent } from './functions/dynamics-event.js';
import type { AuthScapeEvent, DynamicsEvent } from './functions/events.js';
import type { RecordPageUseCases } from './functions/record-pages.js';
import type { RecordUseCases } from './functions/records.js';

/** Ports with their implementations, from which all use cases are built. */
export interface EngineParts {
  readonly config: Pick<Config, 'dynamics' | 'hostMap' | 'tuning' | 'retention'>;
  readonly storage: Storage;
  /** Over the connections of `storage`; left out: each is read anew. */
  readonly connectionCache?: Pick<ConnectionCache, 'find'>;
  readonly secrets: SecretStore;
  readonly systems: Systems;
  readonly probe: ConnectionProbe;
  readonly cron: Cron;
  readonly clock: Clock;
  readonly interruption: Interruption;
  readonly ids: Ids;
  readonly postAlert: PostAlert;
  readonly logger: Logger;
  readonly meter: CountingMeter;
  readonly telemetry: Telemetry;
  /** Left out: runs do not give way to single records. */
  readonly singles?: SingleWork;
}

/** What moves records: by timer, queue, event, or one at a time by hand. */
export interface Engine {
  /** Starts the syncs that are due, takes up runs without a worker, sends alerts, and prunes. */
  scheduleDueSyncs(): Promise<void>;
  /** Works on one message, delivered for the n-th time; throws when it is to be delivered again. */
  processJob(job: Job, delivery?: number): Promise<void>;
  /** Keeps a message that was given up where a person finds it. */
  deadLetterJob(job: Job | UnreadJob): Promise<void>;
  /** Returns when the event is stored. */
  receiveDynamicsEvent(event: DynamicsEvent): Promise<void>;
  receiveAuthScapeEvents(events: readonly AuthScapeEvent[]): Promise<void>;
  /** Work on one record while a caller waits. */
  readonly records: RecordUseCases;
  /** Writes back what a sample replaced, and unlinks its pairs. */
  takeBackSample(runId: string): Promise<TakenBack>;
  /** Looking for records and at one of them, and linking two by hand. */
  readonly recordPages: RecordPageUseCases;
}

export function createEngine(parts: EngineParts): Engine {
  const { tuning } = parts.config;
  const deps = {
    ...parts.storage,
    ...parts,
    queue: parts.storage.jobs,
    elapsed: elapsedMs,
    lanes: createLanes(tuning.recordConcurrency, parts.singles?.giveWay),
    connectionCache: parts.connectionCache ?? readEachTime(parts.storage.connections),
    options: {
      leaseMs: tuning.runLeaseMs,
      stepMs: tuning.stepMs,
      writeTimeoutMs: tuning.authScapeWriteTimeoutMs,
      concurrency: tuning.requestConcurrency,
      retryBaseMs: tuning.retryBaseMs,
      workers: tuning.runWorkers,
      partRecords: tuning.runPartRecords,
    },
  };
  return {
    scheduleDueSyncs: inTurn(
      scheduleDueSyncs({
        ...deps,
        requestSync: requestSync(deps),
        leaseMs: tuning.runLeaseMs,
      }),
      sendAlerts(deps),
      pruneHourly({ ...deps, retention: parts.config.retention }),
    ),
    processJob: runsInBulk(recordFailures(deps, processJob(deps)), parts.singles),
    deadLetterJob: deadLetterJob(deps),
    receiveDynamicsEvent: receiveDynamicsEvent(deps, parseDynamicsEvent),
    receiveAuthScapeEvents: receiveAuthScapeEvents(deps),
    records: {
      authScape: syncAuthScapeRecordNow(deps),
      dynamics: syncDynamicsRowNow(deps),
      preview: previewRecord(deps),
    },
    takeBackSample: takeBackSample(deps),
    recordPages: {
      view: viewRecord(deps),
      search: searchRecords(deps),
      link: linkRecords(deps),
    },
  };
}

/** What a run asks of both systems, and writes, lets events and single records go first. */
function runsInBulk(
  work: Engine['processJob'],
  singles: Pick<SingleWork, 'run'> = { run: (single) => single() },
): Engine['processJob'] {
  return (job, delivery) => {
    if (job.kind === 'run') return inBulk(() => work(job, delivery));
    return job.kind === 'record' ? singles.run(() => work(job, delivery)) : work(job, delivery);
  };
}

/** Works one after the other, each even if the one before failed; throws what the first failed with. */
function inTurn(...works: readonly (() => Promise<void>)[]): () => Promise<void> {
  return async () => {
    let failure: { readonly error: unknown } | undefined;
    for (const work of works) {
      try {
        await work();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  };
}
