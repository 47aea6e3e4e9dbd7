import { baseAfterWrite } from '../../../domain/base-update.js';
import type { FieldChange } from '../../../domain/change.js';
import { type ResolvedField, type ResolvedMapping, valueInA } from '../../../domain/fields.js';
import type { BaseEntry } from '../../../domain/link.js';
import { flowsFrom } from '../../../domain/model.js';
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
    const converted = field.converter.toDynamics(from, values);
    if (!converted.ok) {
      if (converted.reason === 'waiting') draft.waiting = true;
      else draft.faults.push({ code: converted.reason, message: converted.message, field: field.column });
      continue;
    }
    if (converted.value === null || field.column in resolved.constants) continue;
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
  return draft;
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

/** What was empty here and is empty there needs no write to be agreed; the state is born active on both sides. */
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
