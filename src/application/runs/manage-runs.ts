import { BridgeError } from '../../domain/errors.js';
import {
  blocksConnection,
  hasEnded,
  NO_COUNTS,
  NO_SIDE_COUNTS,
  type Run,
  type RunMode,
  type RunTrigger,
  type Sample,
  withStatus,
} from '../../domain/run.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { Clock, Ids, Logger } from '../ports/runtime.js';
import type { StatsStore } from '../ports/stats.js';
import type { ConnectionStore, LogStore, MappingStore, Page, RunStore, Stored } from '../ports/stores.js';
import type { Metrics } from '../ports/telemetry.js';
import { countRun } from '../shared/count-stats.js';
import { rewrite } from '../shared/precondition.js';

export interface RunDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly runs: RunStore;
  readonly logs: LogStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

export interface SyncRequest {
  readonly connectionId: string;
  readonly mode: RunMode;
  readonly trigger: RunTrigger;
  readonly dryRun: boolean;
  /** Empty: all enabled mappings. */
  readonly mappingIds: readonly string[];
  /** So many new pairs of each mapping, or these records, as a first try of a full run. */
  readonly sample?: Sample | undefined;
}

/**
 * The one door for button and timer: opens a run and hands it to the queue. Throws `connection_disabled`,
 * `no_enabled_mappings`, `run_in_progress` with the address of the run that is in the way.
 */
export const requestSync =
  (deps: RunDeps) =>
  async (request: SyncRequest): Promise<Run> => {
    await checkRequest(deps, request);
    const result = await deps.runs.open(newRun(deps, request));
    if ('blockedBy' in result) throw inProgress(result.blockedBy);
    const run = result.opened.value;
    await handOver(deps, run);
    return run;
  };

async function checkRequest(deps: RunDeps, request: SyncRequest): Promise<void> {
  const { value: connection } = await requireConnection(deps, request.connectionId);
  if (!connection.enabled) {
    throw new BridgeError('connection_disabled', 'The connection is switched off.', {
      hint: 'Set "enabled" to true first.',
    });
  }
  const mappings = (await deps.mappings.list(connection.id)).map((stored) => stored.value);
  const unknown = request.mappingIds.flatMap((id, index) =>
    mappings.some((mapping) => mapping.id === id)
      ? []
      : [{ path: `mappingIds[${index}]`, message: `The connection has no mapping "${id}".` }],
  );
  if (unknown.length > 0) {
    throw new BridgeError('invalid_request', 'Some of the mappings are not known.', { errors: unknown });
  }
  const wanted = mappings.filter(
    ({ id, enabled }) => enabled && (request.mappingIds.length === 0 || request.mappingIds.includes(id)),
  );
  if (wanted.length === 0) {
    throw new BridgeError('no_enabled_mappings', 'There is no enabled mapping to sync.', {
      hint: 'Create a mapping, or switch one on.',
    });
  }
}

function newRun(deps: Pick<RunDeps, 'clock' | 'ids'>, request: SyncRequest): Run {
  const now = deps.clock.now();
  return {
    id: newRunId(now, deps.ids),
    connectionId: request.connectionId,
    mode: request.mode,
    trigger: request.trigger,
    dryRun: request.dryRun,
    status: 'queued',
    phase: 'preparing',
    percent: 0,
    etaSeconds: null,
    counts: NO_COUNTS,
    bySide: { authScape: NO_SIDE_COUNTS, dynamics: NO_SIDE_COUNTS },
    requests: { dynamics: 0, authScape: 0, storage: 0 },
    messages: [],
    mappingIds: request.mappingIds.length === 0 ? null : request.mappingIds,
    ...(request.sample === undefined ? {} : { sample: request.sample }),
    createdAt: new Date(now).toISOString(),
    startedAt: null,
    finishedAt: null,
    error: null,
    cursor: { unit: 0, mappingIndex: 0, position: null, repeated: false, facts: {} },
    lease: null,
    cancelRequested: false,
    decision: null,
  };
}

/** Nine digits of base 36 last beyond the year 5000. */
const ID_TIME_END = 36 ** 9 - 1;

/** Ids of later runs come first in the order of text: a store that sorts by id lists the newest first. */
function newRunId(now: number, ids: Ids): string {
  return `r_${(ID_TIME_END - now).toString(36).padStart(9, '0')}${ids.random(8)}`;
}

/** Runs that were made before this time (ms) have ids that sort after this one. */
export function firstRunIdBefore(time: number): string {
  return `r_${(ID_TIME_END - time).toString(36).padStart(9, '0')}`;
}

/** A queue that cannot be reached loses nothing: the timer finds runs without a worker. */
export async function handOver(deps: Pick<RunDeps, 'queue' | 'logger'>, run: Run): Promise<void> {
  try {
    await deps.queue.enqueue({ v: 1, kind: 'run', connectionId: run.connectionId, runId: run.id });
  } catch (error) {
    deps.logger.warn('A run could not be queued; the timer takes it up', { runId: run.id, error });
  }
}

/** Throws `run_not_found`. */
export const getRun =
  (deps: Pick<RunDeps, 'runs'>) =>
  async (runId: string): Promise<Stored<Run>> =>
    requireRun(deps, runId);

export const listRuns =
  (deps: Pick<RunDeps, 'runs' | 'connections'>) =>
  async (connectionId: string, limit: number, cursor?: string): Promise<Page<Run>> => {
    await requireConnection(deps, connectionId);
    return deps.runs.list(connectionId, limit, cursor);
  };

/**
 * A run without a worker is cancelled at once; one that waits between two steps is woken up for it, and one that is under
 * way ends before its next request. A run that has ended stays as it is.
 */
export const cancelRun =
  (
    deps: Pick<RunDeps, 'runs' | 'clock' | 'queue' | 'logger'> & {
      readonly stats: Pick<StatsStore, 'add' | 'putRun'>;
      readonly telemetry: Metrics;
    },
  ) =>
  async (runId: string): Promise<Run> => {
    const present = await requireRun(deps, runId);
    if (hasEnded(present.value.status)) return present.value;
    const stored = await rewrite({
      read: () => requireRun(deps, runId),
      change: (run) => cancelled(run, deps.clock.now()),
      write: (run, etag) => deps.runs.replace(run, etag),
      precondition: undefined,
    });
    const run = stored.value;
    if (hasEnded(run.status)) await countRun(deps, run);
    if (run.status === 'running' && (run.lease === null || run.lease.owner === '')) await handOver(deps, run);
    return run;
  };

function cancelled(run: Run, now: number): Run {
  if (hasEnded(run.status)) return run;
  if (run.status === 'running') return { ...run, cancelRequested: true };
  return withStatus(run, 'cancelled', {
    phase: 'done',
    cancelRequested: true,
    etaSeconds: null,
    finishedAt: new Date(now).toISOString(),
    lease: null,
  });
}

/** Throws `run_not_found`. */
export async function requireRun(
  deps: { readonly runs: Pick<RunStore, 'get'> },
  runId: string,
): Promise<Stored<Run>> {
  const stored = await deps.runs.get(runId);
  if (!stored) throw new BridgeError('run_not_found', `There is no run "${runId}".`);
  return stored;
}

/** Says which run of the connection is in the way. */
export function inProgress(run: Run): BridgeError {
  const state = blocksConnection(run.status) ? 'in progress' : run.status;
  return new BridgeError('run_in_progress', `The run ${run.id} of this connection is ${state}.`, {
    hint: 'Wait until it has ended, or cancel it.',
    location: `/api/runs/${run.id}`,
  });
}
