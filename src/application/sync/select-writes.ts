import { guardCategory } from '../../domain/deletes.js';
import type { ResolvedMapping } from '../../domain/fields.js';
import type { Link } from '../../domain/link.js';
import type { FieldError, FieldWrite, MergeResult } from '../../domain/merge.js';
import { countRepeat } from '../../domain/settle.js';
import { baseForm } from '../../domain/values.js';
import type { SyncContext } from './context.js';
import { checkLogin } from './login.js';
import type { ReadPair } from './pair-result.js';

export interface SelectionRules {
  /** Guard categories that may be written now. */
  readonly allow: 'all' | ReadonlySet<string>;
  /** False while the run will come back to the pair. */
  readonly lastTry?: boolean | undefined;
}

export interface Selection {
  readonly writes: FieldWrite[];
  readonly errors: FieldError[];
  readonly guarded: { category: string; detail: string }[];
  /** Writes that wait for another record's own change within the run. */
  postponed: number;
  repeats: Link['repeats'];
}

/** Takes out of the merge what the guard, the login rules and the oscillation brake do not let pass now. */
export async function selectWrites(
  context: SyncContext,
  resolved: ResolvedMapping,
  link: Link,
  read: ReadPair,
  merge: MergeResult,
  { allow, lastTry = true }: SelectionRules,
): Promise<Selection> {
  const selection: Selection = {
    writes: [],
    errors: [...merge.errors],
    guarded: [],
    postponed: 0,
    repeats: link.repeats,
  };
  const recordFails = merge.errors.some((error) => error.reason === 'required_value_missing');
  for (const write of merge.writes) {
    if (recordFails && write.side === 'dynamics') continue;
    const category = categoryOf(resolved, write);
    if (category !== null && allow !== 'all' && !allow.has(category)) {
      selection.guarded.push({ category, detail: `${write.side}:${write.field.aName}` });
      continue;
    }
    const refused =
      (await checkLogin(context, resolved, link, read.a, write)) ?? brake(context, write, selection);
    if (refused === null) selection.writes.push(write);
    else if (refused.reason === 'email_taken' && !lastTry) selection.postponed += 1;
    else selection.errors.push(refused);
  }
  return selection;
}

function categoryOf(resolved: ResolvedMapping, write: FieldWrite): string | null {
  return write.guarded === null
    ? null
    : guardCategory(write.guarded, resolved.mapping.id, write.field.id, write.side);
}

/** Counts the write; a field that gets the same value again and again rests until the next full run. */
function brake(context: SyncContext, write: FieldWrite, selection: Selection): FieldError | null {
  const comparison = write.side === 'dynamics' ? write.field.dComparison : write.field.aComparison;
  const key = `${write.field.id}|${write.side}`;
  const value = baseForm(write.value, comparison);
  const counted = countRepeat(selection.repeats, key, value, context.clock.now());
  if (!counted.oscillates) {
    selection.repeats = counted.repeats;
    return null;
  }
  if (context.fullRun) {
    selection.repeats = {};
    return null;
  }
  selection.repeats = counted.repeats;
  return {
    field: write.field,
    side: write.side,
    reason: 'field_oscillates',
    message: 'The same value was written five times within an hour; the field rests until the next full run.',
  };
}
