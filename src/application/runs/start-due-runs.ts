import { BridgeError } from '../../domain/errors.js';
import type { Connection, ConnectionState } from '../../domain/model.js';
import { type Run, type RunMode, withStatus } from '../../domain/run.js';
import type { Cron } from '../ports/cron.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { Clock, Logger } from '../ports/runtime.js';
import type { ConnectionStore, RunStore } from '../ports/stores.js';
import { pagesOf } from '../shared/pages.js';
import type { SyncRequest } from './manage-runs.js';

export interface ScheduleDeps {
  readonly connections: ConnectionStore;
  readonly runs: RunStore;
  readonly queue: JobQueue;
  readonly cron: Cron;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly requestSync: (request: SyncRequest) => Promise<Run>;
  readonly leaseMs: number;
}

const PAGE = 100;
const MINUTE = 60_000;

/**
 * One tick of the timer: takes up runs whose worker is gone and starts what is due. A connection is left alone while it
 * is disabled, while a run of it is under way, and until a person's first full run has ended well.
 */
export const scheduleDueSyncs = (deps: ScheduleDeps) => async (): Promise<void> => {
  for await (const page of pagesOf((cursor) => deps.connections.list(PAGE, cursor))) {
    for (const { value: connection } of page.items) {
      try {
        await tickConnection(deps, connection);
      } catch (error) {
        // One connection's trouble must not keep the others from their schedule.
        deps.logger.error('The schedule of a connection could not be kept.', {
          connectionId: connection.id,
          error,
        });
      }
    }
  }
};

async function tickConnection(deps: ScheduleDeps, connection: Connection): Promise<void> {
  const blocking = await deps.runs.blocking(connection.id);
  if (blocking !== undefined) {
    await takeUp(deps, blocking);
    return;
  }
  await failNeverStarted(deps, connection.id);
  if (!connection.enabled) return;
  const state = await deps.connections.getState(connection.id);
  const mode = dueMode(deps, connection, state);
  if (mode === null) return;
  try {
    await deps.requestSync({
      connectionId: connection.id,
      mode,
      trigger: 'schedule',
      dryRun: false,
      mappingIds: [],
    });
  } catch (error) {
    const expected = error instanceof BridgeError && EXPECTED.includes(error.code);
    if (!expected) throw error;
  }
}

/** Another caller was faster, or there is nothing to sync: no news for the log. */
const EXPECTED: readonly string[] = ['run_in_progress', 'no_enabled_mappings', 'connection_disabled'];

/** A run whose lease ran out, or which no worker ever took, gets a new message; a superfluous one does no harm. */
async function takeUp(deps: ScheduleDeps, run: Run): Promise<void> {
  const idleSince = run.lease?.until ?? Date.parse(run.createdAt) + deps.leaseMs;
  if (idleSince > deps.clock.now()) return;
  await deps.queue.enqueue({ v: 1, kind: 'run', connectionId: run.connectionId, runId: run.id });
}

const NEWEST = 3;

/** A run that was stored when its requester died, before it got the connection's turn: no worker will ever take it. */
async function failNeverStarted(deps: ScheduleDeps, connectionId: string): Promise<void> {
  const { items } = await deps.runs.list(connectionId, NEWEST);
  for (const { id, status, createdAt } of items) {
    if (status !== 'queued' || Date.parse(createdAt) + deps.leaseMs > deps.clock.now()) continue;
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
}

function dueMode(
  deps: Pick<ScheduleDeps, 'cron' | 'clock'>,
  connection: Pick<Connection, 'fullSyncSchedule' | 'syncIntervalMinutes'>,
  state: ConnectionState,
): RunMode | null {
  if (state.firstFullSyncAt === null) return null;
  const now = deps.clock.now();
  const lastFull = time(state.lastFullStartedAt) ?? Date.parse(state.firstFullSyncAt);
  if (connection.fullSyncSchedule !== null) {
    const next = deps.cron.next(connection.fullSyncSchedule, lastFull);
    if (next !== null && next <= now) return 'full';
  }
  const lastAny = Math.max(lastFull, time(state.lastIncrementalStartedAt) ?? 0);
  return now - lastAny >= connection.syncIntervalMinutes * MINUTE ? 'incremental' : null;
}

function time(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}
