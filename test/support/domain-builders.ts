import { baseAfterWrite } from '../../src/domain/base-update.js';
import type { MergeTimes } from '../../src/domain/conflict.js';
import { type ResolvedField, type ResolvedMapping, resolveMapping } from '../../src/domain/fields.js';
import type { BaseEntry } from '../../src/domain/link.js';
import { type FieldWrite, type MergeInput, type MergeResult, mergeFields } from '../../src/domain/merge.js';
import type { Connection, EntityMapping, FieldMapping, RelationshipMapping } from '../../src/domain/model.js';
import type { Column, EntityField, EntitySchema, TableSchema } from '../../src/domain/schema.js';
import { baseForm, type FieldValue } from '../../src/domain/values.js';
import { aColumn, aConnection, aContactTable, aFieldMapping, aMapping, anEntityField } from './builders.js';

/** What the tests of the pure rules need: mappings joined with their schemas, and a merge with its effects applied. */

export function aRelationship(overrides: Partial<RelationshipMapping> = {}): RelationshipMapping {
  return {
    id: 'l_1',
    authScapeField: 'companyId',
    relatedEntity: 'Company',
    crmLookupField: 'parentcustomerid',
    crmRelatedEntity: 'account',
    direction: 'Bidirectional',
    enabled: true,
    syncNullValues: true,
    autoCreateRelated: true,
    ...overrides,
  };
}

export function aUserSchema(...more: readonly EntityField[]): EntitySchema {
  return {
    entity: 'User',
    fields: [
      anEntityField('firstName'),
      anEntityField('lastName'),
      anEntityField('email', { required: true, maxLength: 256 }),
      anEntityField('phoneNumber'),
      anEntityField('isActive', { type: 'boolean' }),
      anEntityField('companyId', { type: 'reference', inList: false }),
      ...more,
    ],
  };
}

interface Parts {
  readonly connection?: Partial<Connection>;
  readonly mapping?: Partial<EntityMapping>;
  readonly entity?: EntitySchema;
  readonly table?: TableSchema;
}

export function resolved(parts: Parts = {}): ResolvedMapping {
  return resolveMapping(
    aConnection(parts.connection),
    aMapping(parts.mapping),
    parts.entity ?? aUserSchema(),
    parts.table ?? aContactTable(),
  );
}

/** One resolved field (`f_1`), from a field mapping and, where they matter, other traits of its two ends. */
export function aField(
  part: Partial<FieldMapping> = {},
  ends: { field?: Partial<EntityField>; column?: Partial<Column>; mapping?: Partial<EntityMapping> } = {},
): ResolvedField {
  const mapped = aFieldMapping(part);
  const known = aContactTable().columns.find((column) => column.name === mapped.crmField);
  const column = { ...(known ?? aColumn(mapped.crmField)), ...ends.column };
  const field = aUserSchema().fields.find((candidate) => candidate.key === mapped.authScapeField);
  const [only] = resolved({
    mapping: { matchBy: [], ...ends.mapping, fields: [mapped] },
    entity: {
      entity: 'User',
      fields: [
        { ...(field ?? anEntityField(mapped.authScapeField)), ...ends.field },
        ...aUserSchema().fields.filter((candidate) => candidate.key !== mapped.authScapeField),
      ],
    },
    table: { ...aContactTable(), columns: [column] },
  }).fields;
  if (only === undefined) throw new Error(`The field ${mapped.authScapeField} rests.`);
  return only;
}

export const UNKNOWN_TIMES: MergeTimes = {
  now: 0,
  dModifiedAt: null,
  aEventAt: null,
  aUnchangedAt: null,
  dUnchangedAt: null,
};

/** An agreed pair of values under the field's present signature. */
export function anEntry(field: ResolvedField, a: FieldValue, d: FieldValue): BaseEntry {
  return { a: baseForm(a, field.aComparison), d: baseForm(d, field.dComparison), sig: field.signature };
}

/** The input of a merge of one field; `agreed` undefined: never merged. */
export function oneField(
  field: ResolvedField,
  values: { a: FieldValue; d: FieldValue; agreed?: readonly [FieldValue, FieldValue] | undefined },
  more: Partial<Pick<MergeInput, 'policy' | 'times'>> = {},
): MergeInput {
  return {
    fields: [field],
    base: values.agreed === undefined ? {} : { [field.id]: anEntry(field, ...values.agreed) },
    a: { [field.aKey]: values.a },
    d: { [field.column]: values.d },
    policy: 'lastWriteWins',
    times: UNKNOWN_TIMES,
    ...more,
  };
}

/** Both sides and the base after the writes of a merge were carried out and shown as sent. */
export function applied(input: MergeInput, result: MergeResult): MergeInput {
  const a: Record<string, FieldValue> = { ...input.a };
  const d: Record<string, FieldValue> = { ...input.d };
  const base: Record<string, BaseEntry> = { ...result.base };
  for (const write of result.writes) {
    if (write.side === 'authScape') a[write.field.aKey] = write.value;
    else d[write.field.column] = write.value;
    const { entry } = baseAfterWrite(write, write.value, base[write.field.id]);
    if (entry !== undefined) base[write.field.id] = entry;
  }
  return { ...input, a, d, base };
}

export function mergedAgain(input: MergeInput): MergeResult {
  return mergeFields(applied(input, mergeFields(input)));
}

/** A write in short: where, from what to what, and why. */
export function told(write: FieldWrite): readonly unknown[] {
  return [write.side, write.old, write.value, write.rule];
}
