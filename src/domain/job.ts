/**
 * Messages of the two queues, layout version 1. They hold ids only: no personal data, no payload. A worker that reads
 * a version it does not know throws, so that the message ends where a person sees it.
 */
export interface RunJob {
  readonly v: 1;
  readonly kind: 'run';
  readonly connectionId: string;
  readonly runId: string;
  /** The holder of the lease whose step this message looks after: it is there for the case that the holder dies. */
  readonly watches?: string | undefined;
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
  /** A person asked for it: done also before the first full run, and whatever rests. */
  readonly byHand?: boolean | undefined;
}

/** What a deleted connection left in tables is cleared in the background, step by step. */
export interface EraseJob {
  readonly v: 1;
  readonly kind: 'erase';
  readonly connectionId: string;
}

export type Job = RunJob | RecordJob | EraseJob;

/** Equal for jobs that mean the same work, whenever they were asked for. */
export function jobKey(job: RunJob | RecordJob): string {
  const { connectionId } = job;
  return JSON.stringify(
    job.kind === 'run'
      ? [connectionId, job.kind, job.runId]
      : [connectionId, job.kind, job.source, job.entity, job.id],
  );
}
