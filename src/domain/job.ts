/**
 * Messages of the two queues, layout version 1. They hold ids only: no personal data, no payload. A worker that reads
 * a version it does not know throws, so that the message ends as a dead letter.
 */
export interface RunJob {
  readonly v: 1;
  readonly kind: 'run';
  readonly connectionId: string;
  readonly runId: string;
  /** The holder of the lease whose step this message looks after: it is there for the case that the holder dies. */
  readonly watches?: string | undefined;
  /** How often it came to a process that works on the run already, and was to go to another. */
  readonly passedOn?: number | undefined;
}

export interface RecordJob {
  readonly v: 1;
  readonly kind: 'record';
  readonly connectionId: string;
  readonly source: 'dynamics' | 'authScape';
  /** Table logical name or AuthScape entity. */
  readonly entity: string;
  readonly id: string;
  /** ISO time at which the event was accepted. */
  readonly receivedAt: string;
  /** ISO time at which the sender says that it happened. */
  readonly occurredAt?: string | undefined;
  /** How often it was put off because one of the systems was away. */
  readonly putOff?: number | undefined;
  /** It was looked at after it came, and what was due waits for a related record: the next look is at that one's link. */
  readonly waited?: boolean | undefined;
  /** A person asked for it: done also before the first full run, and of what rests. */
  readonly byHand?: boolean | undefined;
}

/** What a deleted connection left in tables is cleared in the background, step by step. */
export interface EraseJob {
  readonly v: 1;
  readonly kind: 'erase';
  readonly connectionId: string;
}

/**
 * Many events. Those of AuthScape came in one post: a worker makes a message of each, so that the sender does not wait for
 * that. Those of Dynamics came one by one in a flood: what is not over with one look at all of them becomes a message of its own.
 */
export interface BatchJob {
  readonly v: 1;
  readonly kind: 'batch';
  readonly connectionId: string;
  readonly source: 'dynamics' | 'authScape';
  /** ISO time at which the post, or the first of the events, was accepted. */
  readonly receivedAt: string;
  readonly records: readonly Pick<RecordJob, 'entity' | 'id' | 'occurredAt'>[];
}

export type Job = RunJob | RecordJob | BatchJob | EraseJob;

/** A message that was given up and that only a later version can read. It waits, as it came, for that version. */
export interface UnreadJob {
  readonly v: 1;
  readonly kind: 'unread';
  readonly connectionId: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** What can become a dead letter. */
export type KeptJob = RunJob | RecordJob | UnreadJob;

/** Equal for jobs that mean the same work, whenever they were asked for. */
export function jobKey(job: KeptJob): string {
  const { connectionId } = job;
  if (job.kind === 'unread') return JSON.stringify([connectionId, job.kind, job.message]);
  return JSON.stringify(
    job.kind === 'run'
      ? [connectionId, job.kind, job.runId]
      : [connectionId, job.kind, job.source, job.entity, job.id],
  );
}
