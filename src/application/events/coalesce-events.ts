import type { RecordJob } from '../../domain/job.js';
import { keepNewest } from '../../lib/keep-newest.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { Clock } from '../ports/runtime.js';

export interface CoalesceDeps {
  readonly queue: JobQueue;
  readonly clock: Clock;
  /** Milliseconds of a clock that cannot be set: it never goes back. */
  readonly elapsed: () => number;
}

/** A message about a record that was just told of stays hidden for so long; in a flood twice as long each time. */
const DELAY_SECONDS = 2;
const LONGEST_DELAY_SECONDS = 16;
/** So many events that share one message are a flood. */
const FLOOD = 20;
/** What is certain of a delay: the queue may count in whole seconds. */
const ROUNDING_SECONDS = 1;
/** How long after a message has come out of hiding the next one about the same record still belongs to the burst. */
const BURST_MS = 2_000;
const MOST_RECORDS = 10_000;

/** The newest message about a record: what it covers, and until when no worker can have read it. */
interface Told {
  readonly delaySeconds: number;
  /** Before this moment by both clocks the message is hidden in the queue. */
  readonly hiddenUntil: { readonly elapsed: number; readonly now: number };
  /** Seconds; an event that happened later has to be told on its own. */
  readonly occurredAt: number;
  readonly stored: Promise<void>;
  shared: number;
}

/**
 * Hands records on to the queue so that a burst of events about one record becomes few messages. The first event goes
 * out at once; the next ones share a message that stays hidden for a while. An event may share a message only while
 * that message is certainly still hidden, so that the record is read after every event that was accepted: nothing is
 * lost when the process dies, and what other processes do does not matter. `atOnce` stores what does not have to wait.
 */
export function createCoalescer(
  deps: CoalesceDeps,
  atOnce: (job: RecordJob) => Promise<void> = (job) => deps.queue.enqueue(job),
): (job: RecordJob) => Promise<void> {
  const told = new Map<string, Told>();

  function send(key: string, job: RecordJob, delaySeconds: number): Promise<void> {
    const certainMs = Math.max(0, delaySeconds - ROUNDING_SECONDS) * 1000;
    const hiddenUntil = { elapsed: deps.elapsed() + certainMs, now: deps.clock.now() + certainMs };
    const stored = delaySeconds === 0 ? atOnce(job) : deps.queue.enqueue(job, { delaySeconds });
    const entry: Told = { delaySeconds, hiddenUntil, occurredAt: secondOf(job), stored, shared: 0 };
    keepNewest(told, MOST_RECORDS, [key, entry]);
    // A message that could not be stored covers nothing.
    stored.catch(() => {
      if (told.get(key) === entry) told.delete(key);
    });
    return stored;
  }

  return (job) => {
    const key = JSON.stringify([job.connectionId, job.source, job.entity, job.id]);
    const last = told.get(key);
    if (last === undefined || deps.elapsed() - last.hiddenUntil.elapsed >= BURST_MS) return send(key, job, 0);
    const isHidden = deps.elapsed() < last.hiddenUntil.elapsed && deps.clock.now() < last.hiddenUntil.now;
    if (!isHidden || secondOf(job) > last.occurredAt) return send(key, job, nextDelay(last));
    last.shared += 1;
    return last.stored;
  };
}

function nextDelay({ delaySeconds, shared }: Told): number {
  return shared < FLOOD ? DELAY_SECONDS : Math.min(delaySeconds * 2, LONGEST_DELAY_SECONDS);
}

/** Dataverse knows times to the second, so that is as fine as times of change are ever compared. */
function secondOf({ occurredAt }: RecordJob): number {
  return occurredAt === undefined ? 0 : Math.floor(Date.parse(occurredAt) / 1000);
}
