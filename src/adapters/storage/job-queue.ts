import type { TokenCredential } from '@azure/identity';
import type { QueueClient } from '@azure/storage-queue';
import type { JobQueue } from '../../application/ports/job-queue.js';
import type { Telemetry } from '../../application/ports/telemetry.js';
import type { Job } from '../../domain/job.js';
import { onceUntilItFails } from '../../lib/once-until-it-fails.js';
import type { TimeLimits } from '../http/sdk-time-limit.js';
import type { CountingMeter } from '../meter.js';
import { storageFault } from './faults.js';

export interface JobQueueOptions {
  /** Either a connection string, or URL and credential. */
  readonly connectionString?: string | undefined;
  readonly queuesUrl?: string | undefined;
  readonly credential?: TokenCredential | undefined;
  readonly meter: CountingMeter;
  /** Messages carry its `traceparent`, so that what works on them belongs to the same trace. */
  readonly telemetry?: Pick<Telemetry, 'traceparent'> | undefined;
  /** Delay before the first of three repeats. */
  readonly retryDelayMs?: number | undefined;
  readonly timeLimits?: Pick<TimeLimits, 'writeMs'> | undefined;
}

/** Runs go step by step on one queue; events of records on another, so that neither waits for the other. */
const RUN_QUEUE = 'sync-runs';
const RECORD_QUEUE = 'sync-records';

/** The service hides a message for seven days at most. */
const MAX_DELAY_SECONDS = 7 * 24 * 60 * 60;
/** A message that no worker could take for a week (an app that was off) must not vanish. */
const NEVER_EXPIRES = -1;
/** For one call with its repeats: the library itself has no clock. */
const CALL_LIMIT_MS = 30_000;

export interface AzureJobQueue extends JobQueue {
  /** One cheap request to the queue service. */
  ping(): Promise<void>;
}

/** Messages are JSON in base64, as the Functions host expects them. Queues are created at their first use. */
export function createJobQueue(options: JobQueueOptions): AzureJobQueue {
  const runs = openQueue(RUN_QUEUE, options);
  const records = openQueue(RECORD_QUEUE, options);
  return {
    async enqueue(job, { delaySeconds = 0 } = {}) {
      const queue = job.kind === 'record' || job.kind === 'batch' ? records : runs;
      await queue.send(job, Math.min(Math.max(0, Math.ceil(delaySeconds)), MAX_DELAY_SECONDS));
    },
    ping: () => runs.ping(),
  };
}

interface Limit {
  readonly abortSignal: AbortSignal;
}

function openQueue(name: string, options: JobQueueOptions) {
  const counted = <T>(work: (limit: Limit) => Promise<T>): Promise<T> => {
    options.meter.count('storage');
    return work({ abortSignal: AbortSignal.timeout(options.timeLimits?.writeMs ?? CALL_LIMIT_MS) });
  };
  const ready = onceUntilItFails(async () => {
    // The SDK is loaded with the first message.
    const { createQueueClient } = await import('./queue-client.js');
    const client = createQueueClient(name, options);
    await counted((limit) => client.createIfNotExists(limit));
    return client;
  });
  const run = async (work: (client: QueueClient, limit: Limit) => Promise<unknown>): Promise<void> => {
    try {
      const client = await ready();
      await counted((limit) => work(client, limit));
    } catch (error) {
      throw storageFault(error, `queue ${name}`);
    }
  };
  const traced = (job: Job): object => {
    const traceparent = options.telemetry?.traceparent();
    return traceparent === undefined ? job : { ...job, traceparent };
  };
  return {
    send: (job: Job, visibilityTimeout: number) =>
      run((client, limit) =>
        client.sendMessage(Buffer.from(JSON.stringify(traced(job)), 'utf8').toString('base64'), {
          ...limit,
          visibilityTimeout,
          messageTimeToLive: NEVER_EXPIRES,
        }),
      ),
    ping: () => run((client, limit) => client.getProperties(limit)),
  };
}
