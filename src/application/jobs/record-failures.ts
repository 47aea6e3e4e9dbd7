import { BridgeError, RecordRejectedError } from '../../domain/errors.js';
import type { BatchJob, EraseJob, Job, RecordJob, RunJob, UnreadJob } from '../../domain/job.js';
import type { Cause, DeadLetterStore } from '../ports/dead-letters.js';
import type { Clock, Logger } from '../ports/runtime.js';

interface FailureDeps {
  readonly deadLetters: DeadLetterStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Work = (job: Job) => Promise<void>;

/**
 * Works on a job and notes each failure, so that the cause is known should the job be given up. `delivery` counts from
 * 1. Throws what the work throws.
 */
export const recordFailures =
  (deps: FailureDeps, work: Work) =>
  async (job: Job, delivery = 1): Promise<void> => {
    try {
      await work(job);
    } catch (error) {
      if (isKept(job)) await note(deps, job, error);
      throw error;
    }
    if (delivery > 1 && isKept(job)) await deps.deadLetters.forgetFailures(job);
  };

/** The others are tried until they succeed: they stand for nothing that a person could decide about. */
export function isKept<J extends Job | UnreadJob>(job: J): job is Exclude<J, EraseJob | BatchJob> {
  return job.kind !== 'erase' && job.kind !== 'batch';
}

/** The failure itself counts more than its note: storage may be what fails. */
async function note(deps: FailureDeps, job: RunJob | RecordJob, error: unknown): Promise<void> {
  try {
    await deps.deadLetters.noteFailure(job, causeOf(error), new Date(deps.clock.now()).toISOString());
  } catch (second) {
    deps.logger.warn('A failure could not be noted', { connectionId: job.connectionId, error: second });
  }
}

/** Texts of this product's errors are made to be shown; what others say may hold anything. */
function causeOf(error: unknown): Cause {
  if (error instanceof BridgeError) return { code: error.code, message: error.message };
  if (error instanceof RecordRejectedError) {
    return { code: error.reason, message: 'The other system refused the record.' };
  }
  const name = error instanceof Error ? error.name : 'unknown';
  return { code: 'internal_error', message: `The work failed for a reason that was logged (${name}).` };
}
