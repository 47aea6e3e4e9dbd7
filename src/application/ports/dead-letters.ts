import type { KeptJob, RecordJob, RunJob } from '../../domain/job.js';
import type { Page } from './stores.js';

/** Work that was given up: what it was, why, and how often it was tried. */
export interface DeadLetter {
  /** Follows from the job: the same work given up twice is one letter. */
  readonly id: string;
  readonly connectionId: string;
  readonly job: KeptJob;
  readonly cause: Cause;
  /** Attempts that failed, over all times that the job was given up. */
  readonly count: number;
  readonly firstFailedAt: string;
  readonly lastFailedAt: string;
}

/** Free of personal data. */
export interface Cause {
  readonly code: string;
  readonly message: string;
}

export interface DeadLetterStore {
  /** Notes that an attempt at the job failed, for the day on which it is given up. */
  noteFailure(job: RunJob | RecordJob, cause: Cause, at: string): Promise<void>;
  /** The job got through after all. */
  forgetFailures(job: RunJob | RecordJob): Promise<void>;
  /** Makes (or brings up to date) the letter of a job, with what was noted of its failures; `cause` where nothing was. */
  bury(job: KeptJob, cause: Cause, at: string): Promise<DeadLetter>;
  get(connectionId: string, id: string): Promise<DeadLetter | undefined>;
  list(connectionId: string, limit: number, cursor?: string): Promise<Page<DeadLetter>>;
  /** A missing one counts as removed; one that was brought up to date since stays. */
  remove(letter: DeadLetter): Promise<void>;
}
