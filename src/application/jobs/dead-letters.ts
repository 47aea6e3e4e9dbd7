import { BridgeError } from '../../domain/errors.js';
import type { Job, KeptJob, UnreadJob } from '../../domain/job.js';
import { statsOfEvents } from '../../domain/stats.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { Cause, DeadLetter, DeadLetterStore } from '../ports/dead-letters.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { Clock, Logger } from '../ports/runtime.js';
import type { ConnectionStore, Page } from '../ports/stores.js';
import type { Metrics } from '../ports/telemetry.js';
import { createStatsCounter, type StatsDeps } from '../shared/count-stats.js';
import { pagesOf } from '../shared/pages.js';
import { isKept } from './record-failures.js';

/** Work that failed as often as it may: kept with its cause until a person replays or drops it. */
export interface DeadLetterDeps {
  readonly connections: ConnectionStore;
  readonly deadLetters: DeadLetterStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
}

const WITHOUT_NOTE: Cause = {
  code: 'worker_ended',
  message: 'The worker ended or lost its storage each time it was at work on this.',
};
const UNREAD: Cause = {
  code: 'later_version',
  message: 'A later version of this service wrote the message. It can be replayed once that version runs.',
};
const AGAIN_SECONDS = { erase: 3_600, batch: 60 };

/** Makes a dead letter of a job that was given up. What a deleted connection left, and a batch, is tried again for ever. */
export const deadLetterJob = (deps: DeadLetterDeps & StatsDeps & { readonly telemetry: Metrics }) => {
  const count = createStatsCounter(deps);
  return async (job: Job | UnreadJob): Promise<void> => {
    deps.logger.error('A job was given up', { connectionId: job.connectionId, kind: job.kind });
    if (!isKept(job)) return deps.queue.enqueue(job, { delaySeconds: AGAIN_SECONDS[job.kind] });
    if ((await deps.connections.get(job.connectionId)) === undefined) return;
    const cause = job.kind === 'unread' ? UNREAD : WITHOUT_NOTE;
    await deps.deadLetters.bury(job, cause, new Date(deps.clock.now()).toISOString());
    deps.telemetry.count('bridge.dead_letters', 1, { code: cause.code });
    if (job.kind === 'record') await count(job.connectionId, statsOfEvents({ received: 1, deadLettered: 1 }));
  };
};

const PAGE = 100;
const AT_A_TIME = 8;

export interface ManageDeps extends DeadLetterDeps {
  /** The job of a queue message; undefined where this version does not know its layout. */
  readonly readMessage: (message: unknown) => Job | undefined;
}

/** What people do with dead letters. All throw `connection_not_found`; those of one letter `dead_letter_not_found`. */
export const manageDeadLetters = (deps: ManageDeps) => ({
  list: async (connectionId: string, limit: number, cursor?: string): Promise<Page<DeadLetter>> => {
    await requireConnection(deps, connectionId);
    return deps.deadLetters.list(connectionId, limit, cursor);
  },

  /** Asks for the work anew: it is planned from the present state. Throws `version_too_old`. */
  replay: async (connectionId: string, id: string): Promise<void> => {
    const letter = await requireLetter(deps, connectionId, id);
    if (await replay(deps, letter)) return;
    throw new BridgeError('version_too_old', UNREAD.message, {
      hint: 'Deploy the version that was there before this one, or a later one.',
    });
  },

  /** Replays what is there at the start and can be read; answers how many. */
  replayAll: async (connectionId: string): Promise<number> => {
    await requireConnection(deps, connectionId);
    let replayed = 0;
    for await (const page of pagesOf((cursor) => deps.deadLetters.list(connectionId, PAGE, cursor))) {
      const done = await mapConcurrent(page.items, AT_A_TIME, (letter) => replay(deps, letter));
      replayed += done.filter(Boolean).length;
    }
    return replayed;
  },

  remove: async (connectionId: string, id: string): Promise<void> => {
    await deps.deadLetters.remove(await requireLetter(deps, connectionId, id));
  },
});

async function requireLetter(deps: ManageDeps, connectionId: string, id: string): Promise<DeadLetter> {
  const letter = await deps.deadLetters.get(connectionId, id);
  if (letter !== undefined) return letter;
  await requireConnection(deps, connectionId);
  throw new BridgeError('dead_letter_not_found', `The connection has no dead letter "${id}".`);
}

/** Queue first: a letter that stays behind is replayed twice at worst, which does no harm. False: it cannot be read. */
async function replay(deps: ManageDeps, letter: DeadLetter): Promise<boolean> {
  const job = renewed(deps, letter.job);
  if (job === undefined) return false;
  await deps.queue.enqueue(job);
  await deps.deadLetters.remove(letter);
  return true;
}

function renewed(deps: ManageDeps, kept: KeptJob): Job | undefined {
  const job = kept.kind === 'unread' ? deps.readMessage(kept.message) : kept;
  if (job?.kind !== 'record') return job;
  return {
    ...job,
    receivedAt: new Date(deps.clock.now()).toISOString(),
    putOff: undefined,
    waited: undefined,
  };
}
