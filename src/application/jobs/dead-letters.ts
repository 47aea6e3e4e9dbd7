import { BridgeError, RecordRejectedError } from '../../domain/errors.js';
import type { Job, RecordJob, RunJob } from '../../domain/job.js';
import { statsOfEvents } from '../../domain/stats.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { Cause, DeadLetter, DeadLetterStore } from '../ports/dead-letters.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { Clock, Logger } from '../ports/runtime.js';
import type { ConnectionStore, Page } from '../ports/stores.js';
import { createStatsCounter, type StatsDeps } from '../shared/count-stats.js';
import { pagesOf } from '../shared/pages.js';

/** Work that failed as often as it may: kept with its cause until a person replays or drops it. */
export interface DeadLetterDeps {
  readonly connections: ConnectionStore;
  readonly deadLetters: DeadLetterStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Work = (job: Job) => Promise<void>;

/**
 * Works on a job and notes each failure, so that the cause is known should the job be given up. `delivery` counts from
 * 1. Throws what the work throws.
 */
export const noteFailures =
  (deps: Pick<DeadLetterDeps, 'deadLetters' | 'clock' | 'logger'>, work: Work) =>
  async (job: Job, delivery = 1): Promise<void> => {
    try {
      await work(job);
    } catch (error) {
      if (job.kind !== 'erase') await note(deps, job, error);
      throw error;
    }
    if (delivery > 1 && job.kind !== 'erase') await deps.deadLetters.forgetFailures(job);
  };

/** The failure itself counts more than its note: storage may be what fails. */
async function note(
  deps: Pick<DeadLetterDeps, 'deadLetters' | 'clock' | 'logger'>,
  job: RunJob | RecordJob,
  error: unknown,
): Promise<void> {
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

const WITHOUT_NOTE: Cause = {
  code: 'worker_ended',
  message: 'The worker ended or lost its storage each time it was at work on this.',
};
const ERASE_AGAIN_SECONDS = 3_600;

/** Makes a dead letter of a job that was given up. What a deleted connection left is tried again for ever. */
export const deadLetterJob = (deps: DeadLetterDeps & StatsDeps) => {
  const count = createStatsCounter(deps);
  return async (job: Job): Promise<void> => {
    deps.logger.error('A job was given up', { connectionId: job.connectionId, kind: job.kind });
    if (job.kind === 'erase') return deps.queue.enqueue(job, { delaySeconds: ERASE_AGAIN_SECONDS });
    if ((await deps.connections.get(job.connectionId)) === undefined) return;
    await deps.deadLetters.bury(job, WITHOUT_NOTE, new Date(deps.clock.now()).toISOString());
    if (job.kind === 'record') await count(job.connectionId, statsOfEvents({ received: 1, deadLettered: 1 }));
  };
};

const PAGE = 100;
const AT_A_TIME = 8;

/** What people do with dead letters. All throw `connection_not_found`; those of one letter `dead_letter_not_found`. */
export const manageDeadLetters = (deps: DeadLetterDeps) => ({
  list: async (connectionId: string, limit: number, cursor?: string): Promise<Page<DeadLetter>> => {
    await requireConnection(deps, connectionId);
    return deps.deadLetters.list(connectionId, limit, cursor);
  },

  /** Asks for the work anew: it is planned from the present state. */
  replay: async (connectionId: string, id: string): Promise<void> =>
    replay(deps, await requireLetter(deps, connectionId, id)),

  /** Replays what is there at the start; answers how many. */
  replayAll: async (connectionId: string): Promise<number> => {
    await requireConnection(deps, connectionId);
    let replayed = 0;
    for await (const page of pagesOf((cursor) => deps.deadLetters.list(connectionId, PAGE, cursor))) {
      await mapConcurrent(page.items, AT_A_TIME, (letter) => replay(deps, letter));
      replayed += page.items.length;
    }
    return replayed;
  },

  remove: async (connectionId: string, id: string): Promise<void> => {
    await deps.deadLetters.remove(await requireLetter(deps, connectionId, id));
  },
});

async function requireLetter(deps: DeadLetterDeps, connectionId: string, id: string): Promise<DeadLetter> {
  const letter = await deps.deadLetters.get(connectionId, id);
  if (letter !== undefined) return letter;
  await requireConnection(deps, connectionId);
  throw new BridgeError('dead_letter_not_found', `The connection has no dead letter "${id}".`);
}

/** Queue first: a letter that stays behind is replayed twice at worst, which does no harm. */
async function replay(deps: DeadLetterDeps, letter: DeadLetter): Promise<void> {
  await deps.queue.enqueue(renewed(deps, letter.job));
  await deps.deadLetters.remove(letter);
}

function renewed(deps: DeadLetterDeps, job: RunJob | RecordJob): RunJob | RecordJob {
  if (job.kind === 'run') return job;
  return { ...job, receivedAt: new Date(deps.clock.now()).toISOString(), putOff: undefined };
}
