import { BridgeError } from '../../domain/errors.js';
import type { Connection, ConnectionState } from '../../domain/model.js';
import { type Run, type RunMode, withStatus } from '../../domain/run.js';
import { heldUntil } from '../../domain/run-parts.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import type { Cron } from '../ports/cron.js';
import type { DueIndex, Look } from '../ports/due-index.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { Clock, Logger } from '../ports/runtime.js';
import type { ConnectionStore, RunStore } from '../ports/stores.js';
import type { SyncRequest } from './manage-runs.js';
import { sweepConnections } from './sweep-connections.js';

export interface ScheduleDeps {
  readonly connections: ConnectionStore;
  readonly runs: RunStore;
  readonly due: DueIndex;
  readonly queue: JobQueue;
  readonly cron: Cron;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly requestSync: (request: SyncRequest) => Promise<Run>;
  readonly leaseMs: number;
}

const MINUTE = 60_000;
/** A connection is looked at as often as this in any case: a look that was lost is found by that. */
const HOUR = 60 * MINUTE;
/** What one tick begins; the next one goes on with the oldest. */
const MOST_LOOKS = 1_000;
const TICK_MS = 50_000;
/** One connection whose rows take long must not hold up the others. */
const SIDE_BY_SIDE = 8;

/**
 * One tick of the timer: takes up runs whose worker is gone and starts what is due. A connection is left alone while it
 * is disabled, while a run of it is under way, and until a person's first full run has ended well.
 *
 * It reads only the connections that the index names for now, the oldest first, and sets when each is looked at next: at
 * the time of its schedule, at the next tick while a run of it is under way, after an hour at the latest. So a tick
 * costs five requests, and about five for each connection that is named. A sweep goes over all connections, a page each
 * tick, and adds those that the index lacks: new ones, and all after an update from a version without index.
 */
export const scheduleDueSyncs = (deps: ScheduleDeps) => async (): Promise<void> => {
  const { clock, due } = deps;
  await sweepConnections(deps);
  const deadline = clock.now() + TICK_MS;
  await mapConcurrent(await due.due(clock.now(), MOST_LOOKS), SIDE_BY_SIDE, async (look) => {
    if (clock.now() >= deadline) return;
    try {
      await lookAt(deps, look);
    } catch (error) {
      // One connection's trouble must not keep the others from their schedule.
      deps.logger.error('The schedule of a connection could not be kept.', {
        connectionId: look.connectionId,
        error,
      });
    }
  });
};

async function lookAt(deps: ScheduleDeps, look: Look): Promise<void> {
  const stored = await deps.connections.get(look.connectionId);
  if (stored === undefined) return await deps.due.forget(look.connectionId);
  const next = await tickConnection(deps, stored.value);
  await deps.due.move(look, Math.min(next, deps.clock.now() + HOUR));
}

/** Does what is due; answers when to look next (ms), a time that has come for the next tick. */
async function tickConnection(deps: ScheduleDeps, connection: Connection): Promise<number> {
  const now = deps.clock.now();
  const blocking = await deps.runs.blocking(connection.id);
  if (blocking !== undefined) {
    await takeUp(deps, blocking);
    return now;
  }
  const neverStartedAt = await failNeverStarted(deps, connection.id);
  if (!connection.enabled) return neverStartedAt;
  const state = await deps.connections.getState(connection.id);
  const next = nextRun(deps, connection, state);
  if (next === null || next.at > now) return Math.min(neverStartedAt, next?.at ?? Number.POSITIVE_INFINITY);
  try {
    await deps.requestSync({
      connectionId: connection.id,
      mode: next.mode,
      trigger: 'schedule',
      dryRun: false,
      mappingIds: [],
    });
  } catch (error) {
    const expected = error instanceof BridgeError && EXPECTED.includes(error.code);
    if (!expected) throw error;
  }
  return now;
}

/** Another caller was faster, or there is nothing to sync: no news for the log. */
const EXPECTED: readonly string[] = ['run_in_progress', 'no_enabled_mappings', 'connection_disabled'];

/** A run whose lease ran out, or which no worker ever took, gets a new message; a superfluous one does no harm. */
async function takeUp(deps: ScheduleDeps, run: Run): Promise<void> {
  const idleSince = heldUntil(run) ?? Date.parse(run.createdAt) + deps.leaseMs;
  if (idleSince > deps.clock.now()) return;
  await deps.queue.enqueue({ v: 1, kind: 'run', connectionId: run.connectionId, runId: run.id });
}

const NEWEST = 3;

/**
 * Ends runs that were stored when their requester died, before they got the connection's turn: no worker will ever take
 * them. Answers when one that is still young counts as such (ms), infinity when there is none.
 */
async function failNeverStarted(deps: ScheduleDeps, connectionId: string): Promise<number> {
  const { items } = await deps.runs.list(connectionId, NEWEST);
  let next = Number.POSITIVE_INFINITY;
  for (const { id, status, createdAt } of items) {
    if (status !== 'queued') continue;
    const lostAt = Date.parse(createdAt) + deps.leaseMs;
    if (lostAt > deps.clock.now()) {
      next = Math.min(next, lostAt);
      continue;
    }
    const stored = await deps.runs.get(id);
    if (stored?.value.status !== 'queued') continue;
    await deps.runs.replace(
      withStatus(stored.value, 'failed', {
        phase: 'done',
        finishedAt: new Date(deps.clock.now()).toISOString(),
        error: { code: 'internal_error', message: 'The service stopped while the run was being opened.' },
      }),
      stored.etag,
    );
  }
  return next;
}

/** Which run is next by the connection's schedule, and when (ms); null before the first full run. */
function nextRun(
  deps: Pick<ScheduleDeps, 'cron' | 'clock'>,
  connection: Pick<Connection, 'fullSyncSchedule' | 'syncIntervalMinutes'>,
  state: ConnectionState,
): { readonly mode: RunMode; readonly at: number } | null {
  if (state.firstFullSyncAt === null) return null;
  const lastFull = time(state.lastFullStartedAt) ?? Date.parse(state.firstFullSyncAt);
  const lastAny = Math.max(lastFull, time(state.lastIncrementalStartedAt) ?? 0);
  const incremental = {
    mode: 'incremental',
    at: lastAny + connection.syncIntervalMinutes * MINUTE,
  } as const;
  if (connection.fullSyncSchedule === null) return incremental;
  const at = deps.cron.next(connection.fullSyncSchedule, lastFull);
  if (at === null) return incremental;
  // A full run that is due does what an incremental one would.
  return at <= deps.clock.now() || at <= incremental.at ? { mode: 'full', at } : incremental;
}

function time(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}
