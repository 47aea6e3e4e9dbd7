import { afterDecision } from '../../domain/deletes.js';
import { BridgeError, ConflictError } from '../../domain/errors.js';
import { parseProblemId } from '../../domain/problem.js';
import { type Run, withStatus } from '../../domain/run.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { Logger } from '../ports/runtime.js';
import type { BacklogStore, HeldKey } from '../ports/staging.js';
import type { RunStore, Stored } from '../ports/stores.js';
import { groupBy } from '../shared/group-by.js';
import { handOver, inProgress, requireRun } from './manage-runs.js';

export interface DecideDeps {
  readonly runs: RunStore;
  readonly backlog: Pick<BacklogStore, 'getHeld'>;
  readonly queue: JobQueue;
  readonly logger: Logger;
}

export type Decision = 'approve' | 'reject';

const ATTEMPTS = 3;

/**
 * Lets a waiting run go on with what the guard holds, or drop it. `changeIds`: only these of the held changes; the others
 * stay held, and the run waits on. Throws `run_not_waiting`, `run_in_progress`, `invalid_request` for what the run does
 * not hold.
 */
export const decideRun =
  (deps: DecideDeps) =>
  async (runId: string, decision: Decision, changeIds?: readonly string[]): Promise<Run> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const stored = await requireRun(deps, runId);
      demandWaiting(stored.value);
      if (changeIds !== undefined) await demandHeld(deps, stored.value, changeIds);
      const run = await reopen(deps, stored, decision, changeIds);
      if (run === undefined) continue;
      await handOver(deps, run);
      return run;
    }
    throw new BridgeError('record_busy', 'The run is being changed by others.', { retryAfterSeconds: 1 });
  };

function demandWaiting(run: Run): void {
  if (run.status === 'awaitingApproval') return;
  throw new BridgeError('run_not_waiting', `The run is ${run.status}; nothing waits for approval.`);
}

type HeldRef = HeldKey & { readonly mappingId: string };

async function demandHeld(deps: DecideDeps, run: Run, ids: readonly string[]): Promise<void> {
  const refs = new Map<string, HeldRef>();
  for (const id of ids) {
    const ref = parseProblemId(id);
    if (ref?.of === 'held') refs.set(id, ref);
  }
  const held = new Set<string>();
  for (const [mappingId, keys] of groupBy([...refs.values()], (ref) => ref.mappingId)) {
    const found = await deps.backlog.getHeld(run.connectionId, mappingId, keys);
    for (const each of found) if (each.runId === run.id) held.add(nameOf(each));
  }
  const errors = ids.flatMap((id, index) => {
    const ref = refs.get(id);
    const isHeld = ref !== undefined && held.has(nameOf(ref));
    return isHeld ? [] : [{ path: `changeIds[${index}]`, message: 'The run holds no such change.' }];
  });
  if (errors.length === 0) return;
  throw new BridgeError('invalid_request', 'Some of the changes are not held by this run.', {
    errors,
    hint: 'Read the list of held changes again: what came back meanwhile has left it.',
  });
}

function nameOf({ mappingId, authScapeId, category }: HeldRef): string {
  return JSON.stringify([mappingId, authScapeId, category]);
}

/** Undefined when another caller changed the run meanwhile. */
async function reopen(
  deps: Pick<DecideDeps, 'runs'>,
  { value: run, etag }: Stored<Run>,
  decision: Decision,
  changeIds: readonly string[] | undefined,
): Promise<Run | undefined> {
  const { cursor } = run;
  try {
    const result = await deps.runs.reopen({
      value: withStatus(run, 'running', {
        phase: 'removing',
        decision,
        decided: changeIds,
        // Of some of the changes only: the others wait on.
        messages: changeIds === undefined ? afterDecision(run.messages, decision) : run.messages,
        finishedAt: null,
        lease: null,
        cursor: { ...cursor, unit: cursor.unit + 1, mappingIndex: 0, position: null, repeated: false },
      }),
      etag,
    });
    if ('blockedBy' in result) throw inProgress(result.blockedBy);
    return result.opened.value;
  } catch (error) {
    if (error instanceof ConflictError) return undefined;
    throw error;
  }
}
