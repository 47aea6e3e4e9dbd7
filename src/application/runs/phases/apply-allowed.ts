import { writeOf } from '../../../domain/todo-detail.js';
import type { RemovalTodo } from '../../ports/staging.js';
import { NOTHING, type PairResult } from '../../sync/context/sync-context.js';
import { syncPair } from '../../sync/pair/sync-pair.js';
import { countingNew, type IsNew, listingNew } from '../unit/dry-run-log.js';
import type { UnitInput } from '../unit/unit.js';

/** Carries out the changes of one pair that the guard let pass. What an earlier phase has listed is not listed again. */
export async function applyAllowed(
  input: UnitInput,
  todos: readonly RemovalTodo[],
  { allowed, lastTry }: { allowed: ReadonlySet<string>; lastTry: boolean },
): Promise<PairResult> {
  const [first] = todos;
  if (first === undefined) return NOTHING;
  const named = new Set(todos.map(writeOf));
  const isNew: IsNew = (field, side) => named.has(`${side}:${field.aName}`);
  const result = await syncPair(listingNew(input.context, isNew), {
    authScapeId: first.authScapeId,
    allow: allowed,
    // In a dry run no login changes: one pass says all.
    lastTry: lastTry || input.context.dryRun,
  });
  return countingNew(input.context, result, isNew);
}
