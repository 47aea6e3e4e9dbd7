import { countRepeat, oscillates, withRest } from '../../../domain/base-update.js';
import { guardCategory } from '../../../domain/deletes.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import type { Link, PlannedField } from '../../../domain/link.js';
import type { FieldError, FieldWrite, MergeResult } from '../../../domain/merge.js';
import { statusFault } from '../../../domain/options.js';
import { baseForm } from '../../../domain/values.js';
import { isolateFailure } from '../context/record-results.js';
import type { MappingContext, SyncContext } from '../context/sync-context.js';
import { checkLogin } from './check-login.js';
import type { ReadPair } from './pair-work.js';

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
  context: MappingContext,
  { link, read, merge }: { readonly link: Link; readonly read: ReadPair; readonly merge: MergeResult },
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
    const category = categoryOf(context.resolved, write);
    if (category !== null && allow !== 'all' && !allow.has(category)) {
      selection.guarded.push({ category, detail: `${write.side}:${write.field.aName}` });
      continue;
    }
    // It cannot always be asked which user has a login: then it is not known to be free.
    const fault = await isolateFailure<FieldError | null>(
      () => checkLogin(context, link, read.a, write),
      ({ code, message }) => ({ field: write.field, side: write.side, reason: code, message }),
    );
    const refused = fault ?? brake(context, write, selection);
    if (refused === null) selection.writes.push(write);
    else if (refused.reason === 'email_taken' && !lastTry) selection.postponed += 1;
    else selection.errors.push(refused);
  }
  leaveOutStatus(context.resolved, read, selection);
  return selection;
}

/** A status reason belongs to one state: one of the other state would be refused, and the whole row with it. */
function leaveOutStatus({ schema }: ResolvedMapping, { d }: ReadPair, { errors, writes }: Selection): void {
  const written = writes.find(({ field, side }) => side === 'dynamics' && field.column === 'statecode');
  const state = Number(written === undefined ? !d.active : written.value);
  for (const write of [...writes]) {
    if (write.side !== 'dynamics') continue;
    const fault = statusFault(schema, write.field.column, write.value, state);
    if (fault === null) continue;
    writes.splice(writes.indexOf(write), 1);
    errors.push({ field: write.field, side: write.side, ...fault });
  }
}

function categoryOf(resolved: ResolvedMapping, write: FieldWrite): string | null {
  return write.guarded === null
    ? null
    : guardCategory(write.guarded, resolved.mapping.id, write.field.id, write.side);
}

/** A field that gets the same value again and again rests until the next full run. */
function brake(context: SyncContext, write: FieldWrite, selection: Selection): FieldError | null {
  const [key, value] = repeatOf(write);
  const now = context.clock.now();
  if (!oscillates(selection.repeats, key, value, now)) return null;
  if (context.fullRun) {
    selection.repeats = {};
    return null;
  }
  selection.repeats = withRest(selection.repeats, key, value, now);
  return {
    field: write.field,
    side: write.side,
    reason: 'field_oscillates',
    message: 'The same value was written five times within an hour; the field rests until the next full run.',
  };
}

/** By what equal writes of a field are counted: field and side, and the value. */
function repeatOf({ field, side, value }: Pick<FieldWrite, 'field' | 'side' | 'value'>) {
  const comparison = side === 'dynamics' ? field.dComparison : field.aComparison;
  return [`${field.id}|${side}`, baseForm(value, comparison)] as const;
}

/** The counts of a link after these writes took effect. */
export function countWrites(
  context: Pick<SyncContext, 'clock'>,
  repeats: Link['repeats'],
  writes: readonly Pick<FieldWrite, 'field' | 'side' | 'value'>[],
): Link['repeats'] {
  return writes.reduce((counted, write) => {
    const [key, value] = repeatOf(write);
    return countRepeat(counted, key, value, context.clock.now());
  }, repeats);
}

/** The same for what of an old plan turned out to have arrived. */
export function countArrived(
  context: Pick<SyncContext, 'clock'>,
  { repeats, plan }: Pick<Link, 'repeats' | 'plan'>,
  arrived: readonly PlannedField[],
): Link['repeats'] {
  if (plan?.kind !== 'update') return repeats;
  return arrived.reduce(
    (counted, { fieldId, side, to }) => countRepeat(counted, `${fieldId}|${side}`, to, context.clock.now()),
    repeats,
  );
}
