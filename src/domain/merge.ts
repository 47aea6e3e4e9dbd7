import type { ChangeRule } from './change.js';
import { conflictWinner, type KeptConflict, type MergeTimes } from './conflict.js';
import { type GuardedKind, guardOf, isActiveInA } from './deletes.js';
import { holdSame, type ResolvedField, valueInA } from './fields.js';
import { type BaseEntry, baseMoved } from './link.js';
import { type ConflictPolicy, flowsFrom, otherSide, type Side } from './model.js';
import { baseForm, type FieldValue, type FieldValues, isEmpty } from './values.js';

/**
 * Field-level three-way merge of one linked pair. Pure: values and base in, decisions out. The invariant: a side is only
 * written where the other side (or the direction) gives a reason, only with the converted value of the other side, and
 * a value that is replaced is named in the result.
 */
export interface MergeInput {
  readonly fields: readonly ResolvedField[];
  readonly base: Readonly<Record<string, BaseEntry>>;
  /** Ids whose base entries are kept as they are: fields that rest. */
  readonly restingIds?: readonly string[] | undefined;
  readonly a: FieldValues;
  readonly d: FieldValues;
  readonly policy: ConflictPolicy;
  readonly times: MergeTimes;
}

export interface FieldWrite {
  readonly field: ResolvedField;
  /** The side that is written. */
  readonly side: Side;
  readonly old: FieldValue;
  readonly value: FieldValue;
  /** The present value of the side that it comes from. */
  readonly from: FieldValue;
  readonly rule: ChangeRule;
  readonly winner?: Side;
  readonly estimated?: boolean;
  readonly cut?: boolean;
  /** Set on writes that the mass guard counts: a deactivation, the clearing of a field, a changed match key. */
  readonly guarded: GuardedKind | null;
}

export interface FieldError {
  readonly field: ResolvedField;
  readonly side: Side;
  readonly reason: string;
  readonly message: string;
}

export interface MergeResult {
  readonly writes: readonly FieldWrite[];
  /** The base with every move that needs no write; entries of other signatures are gone. */
  readonly base: Readonly<Record<string, BaseEntry>>;
  readonly baseMoved: boolean;
  readonly errors: readonly FieldError[];
  /** Ids of lookups whose target has no link yet. */
  readonly waiting: readonly string[];
  /** Conflicts whose winning value the other side cannot hold: each side keeps its own, and that is agreed. */
  readonly kept: readonly KeptConflict[];
  /** Every readable field equals its base and nothing waits: the link may be called clean. */
  readonly settled: boolean;
}

/** A field with the values that both sides show. */
interface Seen {
  readonly field: ResolvedField;
  readonly a: FieldValue;
  readonly d: FieldValue;
}

interface Draft {
  writes: FieldWrite[];
  base: Record<string, BaseEntry>;
  errors: FieldError[];
  waiting: string[];
  kept: KeptConflict[];
  incomplete: boolean;
}

export function mergeFields(input: MergeInput): MergeResult {
  const draft: Draft = { writes: [], base: {}, errors: [], waiting: [], kept: [], incomplete: false };
  for (const id of input.restingIds ?? []) {
    const entry = input.base[id];
    if (entry !== undefined) draft.base[id] = entry;
  }
  for (const field of input.fields) mergeOne(input, field, draft);
  return {
    writes: draft.writes,
    base: draft.base,
    baseMoved: baseMoved(input.base, draft.base),
    errors: draft.errors,
    waiting: draft.waiting,
    kept: draft.kept,
    settled:
      draft.writes.length === 0 &&
      draft.errors.length === 0 &&
      draft.waiting.length === 0 &&
      !draft.incomplete,
  };
}

function mergeOne(input: MergeInput, field: ResolvedField, draft: Draft): void {
  const a = valueInA(field, input.a);
  const d = input.d[field.column];
  const stored = input.base[field.id];
  const entry = stored?.sig === field.signature ? stored : undefined;
  if (entry !== undefined) draft.base[field.id] = entry;
  if (field.direction === 'none') return;
  if (a === undefined || d === undefined) {
    draft.incomplete = true;
    return;
  }
  if (entry === undefined) firstMerge(input, { field, a, d }, draft);
  else threeWay(input, { field, a, d }, entry, draft);
}

/** No base: an empty field takes the other's value where the direction allows, two values are decided, nothing is cleared. */
function firstMerge(input: MergeInput, seen: Seen, draft: Draft): void {
  const { field, a, d } = seen;
  const aEmpty = isEmpty(a, field.aComparison);
  const dEmpty = isEmpty(d, field.dComparison);
  if (holdSame(field, a, d, input.a)) {
    agree(seen, draft);
    return;
  }
  if (aEmpty || dEmpty) {
    // Both may be empty and still differ: a default stands for an empty A.
    const source: Side = dEmpty ? 'authScape' : 'dynamics';
    if (flowsFrom(source, field.direction)) propose(input, seen, { source, rule: 'firstMerge' }, draft);
    else agree(seen, draft);
    return;
  }
  const winner = firstMergeWinner(input, field, a);
  propose(input, seen, { source: winner, rule: 'firstMerge', winner }, draft);
}

function firstMergeWinner(input: MergeInput, field: ResolvedField, a: FieldValue): Side {
  if (field.direction === 'Outbound') return 'authScape';
  if (field.direction === 'Inbound') return 'dynamics';
  if (input.policy === 'authScapeWins') return 'authScape';
  if (input.policy === 'dynamicsWins') return 'dynamics';
  // Nothing is known of A's time; a state that differs is settled as active.
  return field.isState && isActiveInA(field, a) ? 'authScape' : 'dynamics';
}

function threeWay(input: MergeInput, seen: Seen, entry: BaseEntry, draft: Draft): void {
  const { field, a, d } = seen;
  const aChanged = entry.a !== baseForm(a, field.aComparison);
  const dChanged = entry.d !== baseForm(d, field.dComparison);
  if (!aChanged && !dChanged) return;
  if (holdSame(field, a, d, input.a)) {
    agree(seen, draft);
    return;
  }
  const aCleared = aChanged && !field.syncNullValues && isEmpty(a, field.aComparison);
  const dCleared = dChanged && (!field.syncNullValues || field.isLogin) && isEmpty(d, field.dComparison);
  if (aCleared || dCleared) {
    const otherChanged = aCleared ? dChanged && !dCleared : aChanged && !aCleared;
    noteCleared(input, seen, { source: aCleared ? 'dynamics' : 'authScape', otherChanged }, draft);
    return;
  }
  propose(input, seen, decide(input, seen, entry, { aChanged, dChanged }), draft);
}

/** A cleared field counts as no value here: the other side keeps (or brings) its own, and the base moves. */
function noteCleared(
  input: MergeInput,
  seen: Seen,
  { source, otherChanged }: { source: Side; otherChanged: boolean },
  draft: Draft,
): void {
  const { field, a, d } = seen;
  const otherEmpty = source === 'dynamics' ? isEmpty(d, field.dComparison) : isEmpty(a, field.aComparison);
  const setBack = field.direction !== 'Bidirectional';
  if (!otherEmpty && flowsFrom(source, field.direction) && (otherChanged || setBack)) {
    const rule = otherChanged ? changedRule(source) : 'setBack';
    propose(input, seen, { source, rule }, draft);
  } else {
    agree(seen, draft);
  }
}

/** Whose value goes to the other side, and by which rule. */
interface Choice {
  readonly source: Side;
  readonly rule: ChangeRule;
  readonly winner?: Side;
  readonly estimated?: boolean;
}

function decide(
  input: MergeInput,
  { field, a, d }: Seen,
  entry: BaseEntry,
  { aChanged, dChanged }: { aChanged: boolean; dChanged: boolean },
): Choice {
  if (field.direction === 'Inbound')
    return { source: 'dynamics', rule: aChanged ? 'setBack' : 'dynamicsChanged' };
  if (field.direction === 'Outbound')
    return { source: 'authScape', rule: dChanged ? 'setBack' : 'authScapeChanged' };
  if (!dChanged) return { source: 'authScape', rule: 'authScapeChanged' };
  if (!aChanged) return { source: 'dynamics', rule: 'dynamicsChanged' };
  // The form that a server gave to what we sent is no person's edit: it yields.
  if (entry.form?.side === 'dynamics' && entry.form.shown === baseForm(d, field.dComparison)) {
    return { source: 'authScape', rule: 'authScapeChanged' };
  }
  if (entry.form?.side === 'authScape' && entry.form.shown === baseForm(a, field.aComparison)) {
    return { source: 'dynamics', rule: 'dynamicsChanged' };
  }
  const { winner, estimated } = conflictWinner(input.policy, input.times);
  return { source: winner, rule: 'conflict', winner, ...(estimated ? { estimated } : {}) };
}

const changedRule = (source: Side): ChangeRule =>
  source === 'authScape' ? 'authScapeChanged' : 'dynamicsChanged';

/** Proposes to write the value of `source` to the other side; becomes an error, a wait or an agreement where it must. */
function propose(input: MergeInput, seen: Seen, choice: Choice, draft: Draft): void {
  const { field, a, d } = seen;
  const { source, ...reason } = choice;
  const target = otherSide(source);
  const converted =
    source === 'authScape' ? field.converter.toDynamics(a, input.a) : field.converter.toAuthScape(d);
  if (!converted.ok) {
    leaveOut(seen, choice, converted, draft);
    return;
  }
  const comparison = target === 'dynamics' ? field.dComparison : field.aComparison;
  const old = target === 'dynamics' ? d : a;
  const clears = isEmpty(converted.value, comparison);
  if (clears && !mayBeCleared(field, target, reason)) {
    agree(seen, draft);
    return;
  }
  if (clears && target === 'dynamics' && field.required) {
    draft.errors.push({
      field,
      side: target,
      reason: 'required_value_missing',
      message: `${field.column} is required in Dynamics and would be empty.`,
    });
    return;
  }
  draft.writes.push({
    field,
    side: target,
    old,
    value: converted.value,
    from: source === 'authScape' ? a : d,
    ...reason,
    ...(converted.cut === true ? { cut: true } : {}),
    guarded: reason.rule === 'firstMerge' ? null : guardOf(field, target, { value: converted.value, old }),
  });
}

/** What becomes of a field whose value has no form on the other side. */
function leaveOut(
  seen: Seen,
  { source, winner }: Choice,
  { reason, message }: { readonly reason: string; readonly message: string },
  draft: Draft,
): void {
  const { field, a, d } = seen;
  const isElsewhere = reason === 'other_table';
  if (isElsewhere && winner !== undefined) {
    draft.kept.push({ field, winner: source, value: source === 'dynamics' ? a : d, message });
    agree(seen, draft);
  } else if (isElsewhere || reason === 'waiting') {
    draft.waiting.push(field.id);
  } else {
    draft.errors.push({ field, side: otherSide(source), reason, message });
  }
}

/** A transform may return nothing for a value: a first merge still clears nothing. */
function mayBeCleared(field: ResolvedField, side: Side, { rule }: Pick<Choice, 'rule'>): boolean {
  if (rule === 'firstMerge') return false;
  return field.syncNullValues && !(side === 'authScape' && field.isLogin);
}

function agree({ field, a, d }: Seen, draft: Draft): void {
  draft.base[field.id] = {
    a: baseForm(a, field.aComparison),
    d: baseForm(d, field.dComparison),
    sig: field.signature,
  };
}
