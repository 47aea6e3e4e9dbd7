import type { CountingMeter } from '../../src/adapters/meter.js';
import type { Storage } from '../../src/adapters/storage/storage.js';
import { createStores } from '../../src/adapters/storage/stores.js';
import type { JobQueue } from '../../src/application/ports/job-queue.js';
import type { Clock } from '../../src/application/ports/runtime.js';
import type { Job } from '../../src/domain/job.js';
import { createMemoryTables, type MemoryTables } from './memory-tables.js';

export interface MemoryJobQueue extends JobQueue {
  /** Takes the oldest job that is visible now (of one kind, if named) off the queue. */
  take(kind?: Job['kind']): Job | undefined;
  /** All jobs that wait, also those that are not visible yet. */
  waiting(): readonly { job: Job; visibleAt: number }[];
  /** Messages that look after a step, apart: they do nothing as long as no worker dies. */
  watches(): readonly { job: Job; visibleAt: number }[];
}

export interface MemoryStorage extends Storage {
  readonly jobs: MemoryJobQueue;
  readonly tables: MemoryTables;
}

/**
 * The product's stores on tables in memory: what they do with keys, claims and ETags is the real thing, only the service
 * below is replaced. `tables.before` and `tables.after` let a test kill or interleave at any request.
 */
export function createMemoryStorage(clock: Clock, meter?: CountingMeter): MemoryStorage {
  const tables = createMemoryTables(meter);
  return {
    ...createStores(tables, clock),
    tables,
    jobs: createMemoryJobQueue(clock, meter),
    probe: { ping: () => Promise.resolve() },
  };
}

export function createMemoryJobQueue(clock: Clock, meter?: CountingMeter): MemoryJobQueue {
  const queue: { job: Job; visibleAt: number }[] = [];
  const watches: { job: Job; visibleAt: number }[] = [];
  return {
    enqueue: async (job, { delaySeconds = 0 } = {}) => {
      meter?.count('storage');
      const isWatch = job.kind === 'run' && job.watches !== undefined;
      (isWatch ? watches : queue).push({
        job: JSON.parse(JSON.stringify(job)) as Job,
        visibleAt: clock.now() + delaySeconds * 1_000,
      });
    },
    take(kind) {
      const index = queue.findIndex(
        ({ job, visibleAt }) => visibleAt <= clock.now() && (kind === undefined || job.kind === kind),
      );
      return index < 0 ? undefined : queue.splice(index, 1)[0]?.job;
    },
    waiting: () => [...queue],
    watches: () => [...watches],
  };
}
