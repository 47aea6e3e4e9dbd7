import { BridgeError, type Fault } from '../../../domain/errors.js';
import type { RecordJob } from '../../../domain/job.js';
import {
  type ProblemKind,
  type ProblemRef,
  parseProblemId,
  type RecordProblem,
} from '../../../domain/problem.js';
import { mapConcurrent } from '../../../lib/map-concurrent.js';
import { requireConnection } from '../../connections/manage-connections.js';
import type { JobQueue } from '../../ports/job-queue.js';
import type { Clock } from '../../ports/runtime.js';
import { listProblems, type ProblemDeps } from './list-problems.js';

export interface RetryDeps extends ProblemDeps {
  readonly queue: JobQueue;
  readonly clock: Clock;
  /** Asks for the work of a dead letter anew. Throws `dead_letter_not_found`. */
  readonly replay: (connectionId: string, id: string) => Promise<void>;
}

export type RetryRequest =
  | { readonly ids: readonly string[] }
  | { readonly kind: Exclude<ProblemKind, 'held'> };

const AT_A_TIME = 16;

/**
 * Has each of the named problems looked at again now, before its back-off ends; answers how many there were. Throws
 * `invalid_request` for ids that are none, and for what is held: that is decided, not retried.
 */
export const retryProblems =
  (deps: RetryDeps) =>
  async (connectionId: string, request: RetryRequest): Promise<number> => {
    const { value: connection } = await requireConnection(deps, connectionId);
    if (!connection.enabled) {
      throw new BridgeError('connection_disabled', 'The connection is switched off.', {
        hint: 'Set "enabled" to true first.',
      });
    }
    const refs = 'ids' in request ? readIds(request.ids) : await refsOf(deps, connectionId, request.kind);
    const letters = refs.flatMap((ref) => (ref.of === 'deadLetter' ? [ref.id] : []));
    const records = refs.flatMap((ref) => (ref.of === 'record' ? [ref] : []));
    const noted = await deps.problems.get(connectionId, records);
    const receivedAt = new Date(deps.clock.now()).toISOString();
    await mapConcurrent(noted, AT_A_TIME, (problem) =>
      deps.queue.enqueue(jobOf(connectionId, problem, receivedAt)),
    );
    const replayed = await mapConcurrent(letters, AT_A_TIME, (id) => replayIfThere(deps, connectionId, id));
    return noted.length + replayed.filter(Boolean).length;
  };

function readIds(ids: readonly string[]): readonly ProblemRef[] {
  const faults: Fault[] = [];
  const refs = [...new Set(ids)].flatMap((id) => {
    const ref = parseProblemId(id);
    const message =
      ref === undefined
        ? 'Must be the id of a problem.'
        : ref.of === 'held'
          ? 'What is held is approved or rejected with its run, not retried.'
          : null;
    if (message === null) return ref ?? [];
    faults.push({ path: `ids[${ids.indexOf(id)}]`, message });
    return [];
  });
  if (faults.length === 0) return refs;
  throw new BridgeError('invalid_request', 'Some of the problems cannot be retried.', { errors: faults });
}

async function refsOf(
  deps: ProblemDeps,
  connectionId: string,
  kind: ProblemKind,
): Promise<readonly ProblemRef[]> {
  const { problems } = await listProblems(deps)(connectionId);
  return problems.flatMap((problem) => (problem.kind === kind ? (parseProblemId(problem.id) ?? []) : []));
}

function jobOf(connectionId: string, problem: RecordProblem, receivedAt: string): RecordJob {
  const { authScapeId, crmEntity, crmId, entity } = problem;
  const record =
    authScapeId === null
      ? ({ source: 'dynamics', entity: crmEntity, id: crmId ?? '' } as const)
      : ({ source: 'authScape', entity, id: authScapeId } as const);
  return { v: 1, kind: 'record', connectionId, ...record, receivedAt, byHand: true };
}

/** Another caller may have been faster. */
async function replayIfThere(deps: RetryDeps, connectionId: string, id: string): Promise<boolean> {
  try {
    await deps.replay(connectionId, id);
    return true;
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'dead_letter_not_found') return false;
    throw error;
  }
}
