import type { Change } from '../../../domain/change.js';
import type { Link, RunStamp } from '../../../domain/link.js';
import { type Outcome, strongest } from '../../../domain/run.js';
import { NOTHING, type PairResult, type SyncContext } from './sync-context.js';

/** The mark that a link carries after a run wrote its pair; kept and added to within one run. */
export function stampOf(
  context: Pick<SyncContext, 'runId' | 'unit'>,
  before: RunStamp | null,
  outcome: Outcome,
  changes: readonly Change[],
): RunStamp | null {
  if (context.runId === null || outcome === 'unchanged') return before;
  const same = before?.runId === context.runId && before.unit === context.unit ? before : null;
  const writes = changes
    .filter((change) => change.side !== null && change.outcome !== 'failed')
    .map((change) => `${change.side}:${change.action}`);
  return {
    runId: context.runId,
    unit: context.unit,
    outcome: same === null ? outcome : strongest(same.outcome, outcome),
    writes: [...(same?.writes ?? []), ...writes],
  };
}

/**
 * What an attempt that died before it could count had done to a pair; null when this run has not written it. The changes
 * serve counting only: they were logged when they were made.
 */
export function resultOfMark(
  context: Pick<SyncContext, 'runId' | 'unit'>,
  link: Link,
): Pick<PairResult, 'outcome' | 'changes'> | null {
  const mark = link.lastRun;
  if (mark === null || mark.runId !== context.runId || mark.unit !== context.unit) return null;
  const changes = mark.writes.map((write): Change => {
    const [side, action] = write.split(':');
    return {
      entity: link.entity,
      mappingId: link.mappingId,
      authScapeId: link.authScapeId,
      crmEntity: link.table,
      crmId: link.crmId,
      side: side === 'authScape' ? 'authScape' : 'dynamics',
      action: ACTIONS.find((known) => known === action) ?? 'none',
      fields: [],
      outcome: mark.outcome,
    };
  });
  return { outcome: mark.outcome, changes };
}

const ACTIONS: readonly Change['action'][] = ['create', 'update', 'deactivate', 'delete'];

/** The result for a pair that exists already: counted if an attempt of this run made it, else nothing happened. */
export function resultOfExisting(context: Pick<SyncContext, 'runId' | 'unit'>, link: Link): PairResult {
  return { ...NOTHING, ...resultOfMark(context, link) };
}
