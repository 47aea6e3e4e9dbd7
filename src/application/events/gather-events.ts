import type { BatchJob, RecordJob } from '../../domain/job.js';
import { keepNewest } from '../../lib/keep-newest.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { Clock } from '../ports/runtime.js';

export interface GatherDeps {
  readonly queue: JobQueue;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Milliseconds of a clock that cannot be set: it never goes back. */
  readonly elapsed: () => number;
}

/** So many events of a connection, and so many more with each second, go on the queue alone. */
const ALONE = 8;
/** How far above that a flood is counted: so many seconds it takes until events go alone again. */
const CALM_SECONDS = 4;
/** Far less than the sender waits for its answer. */
const GATHER_MS = 300;
/** Of the events of one message; the queue takes 48 KiB. */
const BATCH_BYTES = 40_000;

/** The events of one connection. */
interface Flow {
  readonly level: number;
  readonly at: number;
  readonly open: Gathered | undefined;
}

interface Gathered {
  readonly records: BatchJob['records'][number][];
  readonly receivedAt: string;
  readonly stored: Promise<void>;
}

const MOST_CONNECTIONS = 500;

/**
 * Hands events of Dynamics on to the queue: one by one while few come, many in one message in a flood. What a run writes
 * comes back as such a flood, and a message of many is looked at with a few requests. Returns when the event is stored.
 */
export function createEventGatherer(deps: GatherDeps): (job: RecordJob) => Promise<void> {
  const flows = new Map<string, Flow>();

  function open(job: RecordJob): Gathered {
    const { connectionId, receivedAt } = job;
    const records: BatchJob['records'][number][] = [];
    const gathered: Gathered = {
      records,
      receivedAt,
      stored: deps.clock.sleep(GATHER_MS).then(() => {
        const flow = flows.get(connectionId);
        if (flow?.open === gathered) flows.set(connectionId, { ...flow, open: undefined });
        return deps.queue.enqueue(
          records.length === 1
            ? job
            : { v: 1, kind: 'batch', connectionId, source: 'dynamics', receivedAt, records },
        );
      }),
    };
    return gathered;
  }

  return (job) => {
    const now = deps.elapsed();
    const before = flows.get(job.connectionId) ?? { level: 0, at: now, open: undefined };
    const calmed = before.level - ((now - before.at) * ALONE) / 1_000;
    const level = Math.min(Math.max(0, calmed) + 1, ALONE * (1 + CALM_SECONDS));
    const isFlood = level > ALONE;
    const isFull = before.open !== undefined && bytesOf(before.open.records) > BATCH_BYTES;
    const gathered = isFull ? undefined : before.open;
    const next = gathered ?? (isFlood ? open(job) : undefined);
    keepNewest(flows, MOST_CONNECTIONS, [job.connectionId, { level, at: now, open: next }]);
    if (next === undefined) return deps.queue.enqueue(job);
    next.records.push({ entity: job.entity, id: job.id });
    return next.stored;
  };
}

function bytesOf(records: Gathered['records']): number {
  return records.reduce((sum, { entity, id }) => sum + entity.length + id.length + BRACKETS, 0);
}

/** What names and punctuation add to each. */
const BRACKETS = 30;
