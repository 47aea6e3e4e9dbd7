import { BridgeError } from '../../../domain/errors.js';
import { type Run, type RunStatus, withStatus } from '../../../domain/run.js';
import { leave } from '../../../domain/run-parts.js';
import { countRun } from '../../shared/count-stats.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import { placeOf } from '../../sync/context/stopped-at.js';
import { finalStatus } from '../phases/finish.js';
import { failureOfSide } from './run-health.js';
import type { RunLease } from './run-lease.js';

const PURGE_MS = 30_000;

/** Ends a run that went through (`status` null: by what it counted) or was cancelled. */
export async function endRun(deps: EngineDeps, held: RunLease, status: RunStatus | null): Promise<void> {
  const reached = status ?? finalStatus(held.run);
  const fault = reached === 'partiallySucceeded' ? failureOfSide(held.run) : null;
  const final = fault === null ? reached : 'failed';
  if (fault !== null) {
    const { id: runId, connectionId } = held.run;
    deps.logger.error('A run failed.', { runId, connectionId, code: fault.code });
  }
  await noteState(deps, held.run, final, fault);
  // Before the run ends: a worker that takes it over counts it once more, as it is then.
  await countRun(deps, ended(deps, held.run, final, fault));
  await held.save((run) => ended(deps, run, final, fault));
  await purge(deps, held.run);
}

interface Failure {
  readonly fault: NonNullable<Run['error']>;
  readonly error?: unknown;
}

/**
 * Leaves a run that is to end before all of it is done: cancelled, or for a fault that one of its workers met. The last
 * worker ends it, so that what the others still did is counted.
 */
export async function leaveRun(deps: EngineDeps, held: RunLease, failure?: Failure): Promise<void> {
  const part = held.share?.part ?? null;
  const now = deps.clock.now();
  if (part !== null) await held.save((run) => leave(run, part, held.hold(), { fault: failure?.fault, now }));
  if (held.share === undefined) return;
  const { cancelRequested, cursor } = held.whole;
  const first = cursor.parts?.fault ?? failure?.fault;
  if (cancelRequested || !first) return endRun(deps, held, 'cancelled');
  await failRun(deps, held, { ...failure, fault: first });
}

/** Ends a run that cannot go on; the reason is shown with the run and with the connection. */
async function failRun(deps: EngineDeps, held: RunLease, { error, fault }: Failure): Promise<void> {
  // Operators are alerted by these words, for every reason.
  const { id: runId, connectionId } = held.run;
  deps.logger.error('A run failed.', { runId, connectionId, error: error ?? fault });
  await noteState(deps, held.run, 'failed', fault);
  await countRun(deps, ended(deps, held.run, 'failed', fault));
  await held.save((run) => ended(deps, run, 'failed', fault));
  await purge(deps, held.run);
}

/** Answers that other records may not get. */
const OF_ONE_CALL: readonly string[] = ['dynamics_error', 'authscape_error'];

export function faultOf(error: unknown): NonNullable<Run['error']> {
  const place = placeOf(error);
  if (error instanceof BridgeError) {
    const isNamed = place !== undefined && OF_ONE_CALL.includes(error.code);
    return {
      code: error.code,
      message: isNamed ? `${error.message} It came up at ${place}.` : error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
  const where = place === undefined ? '' : ` at ${place}`;
  return {
    code: 'internal_error',
    message: `The run met an unexpected fault${where}; see the logs of the service.`,
  };
}

function ended(deps: EngineDeps, run: Run, status: RunStatus, error: Run['error']): Run {
  const waits = status === 'awaitingApproval';
  return withStatus(run, status, {
    phase: waits ? 'removing' : 'done',
    percent: waits ? 99 : 100,
    etaSeconds: null,
    finishedAt: waits ? null : new Date(deps.clock.now()).toISOString(),
    error,
    lease: null,
    decision: null,
    decided: undefined,
    cursor: {
      ...run.cursor,
      position: null,
      mappingIndex: 0,
      facts: waits ? run.cursor.facts : {},
      parts: undefined,
    },
  });
}

/** What the connection remembers of its runs. Dry runs leave no trace. */
async function noteState(deps: EngineDeps, run: Run, status: RunStatus, fault: Run['error']): Promise<void> {
  if (run.dryRun || status === 'cancelled') return;
  const at = new Date(deps.clock.now()).toISOString();
  const isAll = run.mappingIds === null && run.sample === undefined;
  const whole = run.mode === 'full' && run.trigger === 'manual' && isAll;
  const well = status === 'succeeded' || status === 'partiallySucceeded' || status === 'awaitingApproval';
  await deps.connections.updateState(run.connectionId, (state) => ({
    ...state,
    lastSyncAt: at,
    lastSyncError: fault === null ? null : { code: fault.code, message: fault.message },
    lastSuccessAt: well ? at : state.lastSuccessAt,
    firstFullSyncAt: state.firstFullSyncAt ?? (well && whole ? at : null),
  }));
}

async function purge(deps: EngineDeps, run: Run): Promise<void> {
  const deadline = deps.clock.now() + PURGE_MS;
  if (!(await deps.staging.purge(run.connectionId, run.id, deadline))) {
    deps.logger.warn('Scratch rows of a run are left over and go with the connection.', { runId: run.id });
  }
}
