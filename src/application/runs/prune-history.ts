import type { Connection } from '../../domain/model.js';
import { dayOf } from '../../domain/stats.js';
import type { Pruner } from '../ports/retention.js';
import type { Clock, Logger } from '../ports/runtime.js';
import type { StatsStore } from '../ports/stats.js';
import type { ConnectionStore } from '../ports/stores.js';
import { pagesOf } from '../shared/pages.js';
import { firstRunIdBefore } from './manage-runs.js';

export interface Retention {
  /** Days for which entries of the log are kept. */
  readonly logDays: number;
  /** Days for which runs that have ended are kept, with their changes. */
  readonly runDays: number;
}

export interface PruneDeps {
  readonly connections: ConnectionStore;
  readonly pruner: Pruner;
  readonly stats: Pick<StatsStore, 'prune'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retention: Retention;
}

const PAGE = 100;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** One call ends after about this long; the next hour goes on. */
const STEP_MS = 60_000;
/** Statistics are shown for ninety days. */
const STATS_DAYS = 100;
const FAILURE_DAYS = 7;

/**
 * Removes what is kept for a time only: log entries, runs that have ended, counts of days, notes of failures, idempotency keys.
 * What stays: links and tombstones, problems, retry marks, held changes and the runs that hold them, dead letters until they are
 * replayed or dropped. Bounded: what is left over goes with the next call.
 */
export const pruneHistory = (deps: PruneDeps) => async (): Promise<void> => {
  const deadline = deps.clock.now() + STEP_MS;
  await deps.pruner.answers(Math.floor(deps.clock.now() / HOUR_MS));
  for await (const page of pagesOf((cursor) => deps.connections.list(PAGE, cursor))) {
    for (const { value: connection } of page.items) {
      if (deps.clock.now() >= deadline) return;
      await pruneConnection(deps, connection, deadline);
    }
  }
};

/** One connection's trouble must not keep the others from it. */
async function pruneConnection(deps: PruneDeps, { id }: Connection, deadline: number): Promise<void> {
  const { clock, logger, pruner, retention, stats } = deps;
  const ago = (days: number) => clock.now() - days * DAY_MS;
  try {
    await pruner.runs(id, firstRunIdBefore(ago(retention.runDays)), deadline);
    await pruner.logs(id, ago(retention.logDays), deadline);
    await pruner.failures(id, ago(FAILURE_DAYS));
    await stats.prune(id, dayOf(ago(STATS_DAYS)));
  } catch (error) {
    logger.error('Old data of a connection could not be removed.', { connectionId: id, error });
  }
}

/** The minute of each hour in which old data is removed. */
const MINUTE_OF_HOUR = 30;
const MINUTE_MS = 60_000;

/** Lets the timer, which ticks each few minutes, remove old data once an hour. A tick that is left out leaves it to the next hour. */
export const pruneHourly = (deps: PruneDeps) => {
  const prune = pruneHistory(deps);
  return async (): Promise<void> => {
    if (Math.floor(deps.clock.now() / MINUTE_MS) % 60 === MINUTE_OF_HOUR) await prune();
  };
};
