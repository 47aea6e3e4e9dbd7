import { type Change, keptChange } from '../../../domain/change.js';
import type { Connection } from '../../../domain/model.js';
import { problemOf } from '../../../domain/problem.js';
import type { ProblemKey, ProblemStore } from '../../ports/problems.js';
import type { Clock } from '../../ports/runtime.js';

export interface NoteContext {
  readonly connection: Pick<Connection, 'id' | 'logValues'>;
  readonly problems: Pick<ProblemStore, 'note' | 'remove'>;
  readonly clock: Clock;
  readonly runId: string | null;
  readonly dryRun: boolean;
}

/** What a person should look at is kept with its record until the record is seen in order. */
export async function noteProblems(context: NoteContext, changes: readonly Change[]): Promise<void> {
  if (context.dryRun) return;
  const at = new Date(context.clock.now()).toISOString();
  const problems = changes
    .map((change) => keptChange(change, context.connection.logValues))
    .flatMap((change) => problemOf(change, at, context.runId) ?? []);
  if (problems.length > 0) await context.problems.note(context.connection.id, problems);
}

/** What one look at a record came to. */
interface Looked {
  readonly mappingId: string;
  readonly authScapeId: string | null;
  readonly crmId: string | null;
  readonly result: {
    readonly outcome: Change['outcome'];
    readonly changes: readonly Change[];
    readonly busyUntil: number | null;
    readonly waiting: boolean;
  };
}

/** A person asked for the record: what is in order now is no problem any more, what is passed over still is one. */
export async function settleProblems(context: NoteContext, looked: readonly Looked[]): Promise<void> {
  if (context.dryRun) return;
  const skips = looked.flatMap(({ result }) => (result.outcome === 'skipped' ? result.changes : []));
  await noteProblems(context, skips);
  const inOrder = looked.filter(({ result }) => isInOrder(result));
  const keys = inOrder.flatMap(({ mappingId, authScapeId, crmId }): ProblemKey[] => [
    ...(authScapeId === null ? [] : [{ mappingId, authScapeId, crmId: null }]),
    ...(crmId === null ? [] : [{ mappingId, authScapeId: null, crmId }]),
  ]);
  if (keys.length > 0) await context.problems.remove(context.connection.id, keys);
}

function isInOrder({ outcome, busyUntil, waiting }: Looked['result']): boolean {
  return outcome !== 'failed' && outcome !== 'skipped' && busyUntil === null && !waiting;
}
