import { baseAfterWrite } from '../../../domain/base-update.js';
import type { FieldChange } from '../../../domain/change.js';
import type { Converted } from '../../../domain/converted.js';
import type { RecordRejectedError } from '../../../domain/errors.js';
import { type ResolvedField, type ResolvedMapping, valueInA } from '../../../domain/fields.js';
import type { BaseEntry } from '../../../domain/link.js';
import { flowsFrom } from '../../../domain/model.js';
import { statusFault } from '../../../domain/options.js';
import { baseForm, type FieldValue, type FieldValues } from '../../../domain/values.js';
import { changeOf, type PairRef } from '../context/sync-context.js';

/** The row that is to be inserted for an A record, and what went into it. */
export interface Draft {
  readonly values: Record<string, FieldValue>;
  readonly sources: { field: ResolvedField; from: FieldValue; value: FieldValue }[];
  readonly changes: FieldChange[];
  readonly faults: { code: string; message: string; field: string }[];
  waiting: boolean;
}

export function draftRow(
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  values: FieldValues,
): Draft {
  const draft: Draft = {
    values: { ...resolved.constants },
    sources: [],
    changes: [],
    faults: [],
    waiting: false,
  };
  for (const [column, value] of Object.entries(resolved.constants)) {
    draft.changes.push({ field: column, from: null, to: value, rule: 'filterConstant' });
  }
  for (const field of fields) {
    const from = valueInA(field, values);
    if (from === undefined || field.isState || !field.creatable || !flowsFrom('authScape', field.direction))
      continue;
    draftField(resolved, draft, { field, from, converted: field.converter.toDynamics(from, values) });
  }
  return draft;
}

/** Puts one value into the draft, or says why it cannot be there. */
function draftField(
  resolved: ResolvedMapping,
  draft: Draft,
  { field, from, converted }: { field: ResolvedField; from: FieldValue; converted: Converted },
): void {
  if (!converted.ok && converted.reason === 'waiting') {
    draft.waiting = true;
    return;
  }
  const fault = faultOf(resolved, field, converted);
  if (fault !== null) draft.faults.push({ ...fault, field: field.column });
  if (fault !== null || !converted.ok) return;
  if (converted.value === null || field.column in resolved.constants) return;
  draft.values[field.column] = converted.value;
  draft.sources.push({ field, from, value: converted.value });
  draft.changes.push({
    field: field.column,
    from: null,
    to: converted.value,
    rule: converted.cut === true ? 'cut' : 'created',
    ...(converted.cut === true ? { dropped: from } : {}),
  });
}

/** Why a value does not go into a new row, which is active. */
function faultOf(
  { schema }: ResolvedMapping,
  { column }: ResolvedField,
  converted: Converted,
): { code: string; message: string } | null {
  if (!converted.ok) return { code: converted.reason, message: converted.message };
  const fault = statusFault(schema, column, converted.value, 0);
  return fault === null ? null : { code: fault.reason, message: fault.message };
}

/** Refusals that no other selection of columns would cure; a duplicate is not made by leaving its key out. */
const FINAL: readonly string[] = [
  'access_denied',
  'access_denied_to_row',
  'duplicate_record',
  'required_value_missing',
  'system_failing',
];

/**
 * The row without what was refused: the column that is named, or, where none is, all that a row can do without. That
 * follows as an update, which finds the column. Null when the record fails.
 */
export function withoutRefused(
  { matchFields }: ResolvedMapping,
  draft: Draft,
  { field: name, message, reason }: RecordRejectedError,
): Draft | null {
  if (FINAL.includes(reason)) return null;
  const isSpare = ({ field }: Draft['sources'][number]) =>
    !field.required && !matchFields.some(({ id }) => id === field.id);
  const named = draft.sources.find(({ field }) => field.column === name);
  const left = (named === undefined ? draft.sources : [named]).filter(isSpare);
  if (left.length === 0) return null;
  const columns = left.map(({ field }) => field.column);
  const stays = (column: string) => !columns.includes(column);
  return {
    ...draft,
    values: Object.fromEntries(Object.entries(draft.values).filter(([column]) => stays(column))),
    sources: draft.sources.filter(({ field }) => stays(field.column)),
    changes: draft.changes.filter(({ field }) => stays(field)),
    faults:
      named === undefined
        ? draft.faults
        : [...draft.faults, { code: reason, message, field: named.field.column }],
  };
}

export function createdChange(
  resolved: ResolvedMapping,
  pair: PairRef,
  draft: Pick<Draft, 'changes' | 'faults'>,
) {
  const fault = draft.faults[0];
  return changeOf(resolved, pair, {
    side: 'dynamics',
    action: 'create',
    outcome: fault === undefined ? 'created' : 'failed',
    fields: draft.changes,
    ...(fault === undefined ? {} : { error: fault }),
  });
}

/** What is agreed once the row is there: the values that were sent as Dynamics shows them, and what is empty on both sides. */
export function baseOfRow(
  fields: readonly ResolvedField[],
  draft: Draft,
  a: FieldValues,
  d: FieldValues,
): Record<string, BaseEntry> {
  const base: Record<string, BaseEntry> = {};
  for (const { field, from, value } of draft.sources) {
    const written = { field, side: 'dynamics', old: null, value, from } as const;
    const { entry } = baseAfterWrite(written, d[field.column], undefined);
    if (entry !== undefined) base[field.id] = entry;
  }
  for (const field of fields) agreeEmpty(field, a, d, base);
  return base;
}

/** A value that is empty on both sides is agreed without a write; the state is active on both sides at creation. */
function agreeEmpty(
  field: ResolvedField,
  a: FieldValues,
  d: FieldValues,
  base: Record<string, BaseEntry>,
): void {
  const aValue = valueInA(field, a);
  const dValue = d[field.column];
  if (base[field.id] !== undefined || aValue === undefined || dValue === undefined) return;
  const aForm = baseForm(aValue, field.aComparison);
  const dForm = baseForm(dValue, field.dComparison);
  const converted = field.converter.toDynamics(aValue, a);
  const equal = converted.ok && baseForm(converted.value, field.dComparison) === dForm;
  if (equal || (aForm === null && dForm === null)) {
    base[field.id] = { a: aForm, d: dForm, sig: field.signature };
  }
}
