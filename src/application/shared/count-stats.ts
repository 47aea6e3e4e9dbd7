import { ConflictError } from '../../domain/errors.js';
import type { Run } from '../../domain/run.js';
import { addStats, dayOf, type StatsPart } from '../../domain/stats.js';
import type { Clock, Logger } from '../ports/runtime.js';
import type { StatsStore } from '../ports/stats.js';
import type { Metrics } from '../ports/telemetry.js';

export interface StatsDeps {
  readonly stats: Pick<StatsStore, 'add' | 'putRun'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Counts a run as it ends, or as it waits for a person. Dry runs leave no trace. */
export async function countRun(
  { logger, stats, telemetry }: Omit<StatsDeps, 'clock'> & { readonly telemetry: Metrics },
  run: Run,
): Promise<void> {
  if (run.dryRun) return;
  const { mode, status, trigger } = run;
  telemetry.count('bridge.runs', 1, { mode, status, trigger });
  await unlessCrowded(logger, run.connectionId, () => stats.putRun(run));
}

/** Counts that wait for the write under way to end. */
interface Batch {
  part: StatsPart;
  readonly stored: Promise<void>;
}

/**
 * Counts what happened outside of runs, on the day on which it did. What is counted while a write of that day is under way is
 * stored together by the next one. Resolves when the count is stored.
 */
export function createStatsCounter(
  deps: StatsDeps,
): (connectionId: string, part: StatsPart) => Promise<void> {
  const open = new Map<string, Batch>();
  const underWay = new Map<string, Promise<void>>();

  function start(key: string, connectionId: string, day: string, part: StatsPart): Batch {
    const before = underWay.get(key) ?? Promise.resolve();
    const stored = before.then(() => {
      open.delete(key);
      return unlessCrowded(deps.logger, connectionId, () => deps.stats.add(connectionId, day, batch.part));
    });
    const settled = stored
      .catch(() => undefined)
      .then(() => {
        if (underWay.get(key) === settled) underWay.delete(key);
      });
    underWay.set(key, settled);
    const batch: Batch = { part, stored };
    open.set(key, batch);
    return batch;
  }

  return (connectionId, part) => {
    const day = dayOf(deps.clock.now());
    const key = `${connectionId} ${day}`;
    const batch = open.get(key);
    if (batch === undefined) return start(key, connectionId, day, part).stored;
    batch.part = addStats(batch.part, part);
    return batch.stored;
  };
}

/** Nothing is done anew for a count. */
async function unlessCrowded(
  logger: Logger,
  connectionId: string,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    logger.info('Counts of a day could not be stored', { connectionId });
  }
}
