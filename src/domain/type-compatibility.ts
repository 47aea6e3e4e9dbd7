import type { Transform } from './model.js';
import { mapForm } from './options.js';
import type { Column, ColumnType, EntityField } from './schema.js';
import { labelForm } from './text-form.js';
import { isTimeZone } from './time-zone.js';

type FieldType = EntityField['type'];

const TEXT_COLUMNS: readonly ColumnType[] = ['string', 'memo'];
const NUMBER_COLUMNS: readonly ColumnType[] = ['integer', 'decimal', 'money'];
const DATE_COLUMNS: readonly ColumnType[] = ['dateOnly', 'dateTime'];
const OPTION_COLUMNS: readonly ColumnType[] = ['choice', 'choices', 'state', 'status'];
const TEXT_FIELDS: readonly FieldType[] = ['string', 'memo', 'choice'];

/** Columns that take a field of this type as it is. */
const PLAIN: Readonly<Record<FieldType, readonly ColumnType[]>> = {
  string: TEXT_COLUMNS,
  memo: TEXT_COLUMNS,
  number: [...NUMBER_COLUMNS, 'choice'],
  boolean: ['boolean', 'state'],
  date: DATE_COLUMNS,
  choice: [...TEXT_COLUMNS, 'choice'],
  reference: [],
  image: [],
};

interface Rule {
  readonly fields: readonly FieldType[];
  readonly columns: readonly ColumnType[];
}

const SCALARS: readonly FieldType[] = ['string', 'memo', 'number', 'boolean', 'date', 'choice'];
const TEXT_RULE: Rule = { fields: TEXT_FIELDS, columns: TEXT_COLUMNS };

/** What each transform takes and gives. `default` changes no type and follows the plain table. */
const WITH_TRANSFORM: Readonly<Record<Exclude<Transform['type'], 'default'>, Rule>> = {
  stateCode: { fields: ['boolean'], columns: ['state'] },
  boolean: { fields: ['boolean', 'string', 'choice', 'number'], columns: ['boolean'] },
  optionSet: { fields: [...TEXT_FIELDS, 'number'], columns: OPTION_COLUMNS },
  date: { fields: ['date', 'string'], columns: DATE_COLUMNS },
  number: { fields: ['number', ...TEXT_FIELDS], columns: [...NUMBER_COLUMNS, ...TEXT_COLUMNS] },
  uppercase: TEXT_RULE,
  lowercase: TEXT_RULE,
  titleCase: TEXT_RULE,
  trim: TEXT_RULE,
  concatenate: { fields: SCALARS, columns: TEXT_COLUMNS },
  split: TEXT_RULE,
  valueMap: {
    fields: SCALARS,
    columns: [...TEXT_COLUMNS, ...NUMBER_COLUMNS, 'boolean', 'choice', 'state', 'status'],
  },
};

/** Why a field and a column do not fit together under a transform, as a sentence; undefined when they do. */
export function typeFault(
  field: EntityField,
  column: Column,
  transform: Transform | null,
): string | undefined {
  const mismatch = `A ${field.type} field does not fit a ${column.type} column`;
  if (transform === null || transform.type === 'default') {
    if (PLAIN[field.type].includes(column.type)) return undefined;
    const possible = transformsFor(field.type, column.type);
    return possible.length === 0
      ? `${mismatch}.`
      : `${mismatch} as it is; a transform (${possible.join(', ')}) can bring them together.`;
  }
  const rule = WITH_TRANSFORM[transform.type];
  if (rule.fields.includes(field.type) && rule.columns.includes(column.type)) return undefined;
  return `${mismatch} with the transform ${transform.type}.`;
}

function transformsFor(field: FieldType, column: ColumnType): readonly string[] {
  return Object.entries(WITH_TRANSFORM)
    .filter(([, rule]) => rule.fields.includes(field) && rule.columns.includes(column))
    .map(([type]) => type);
}

/** A fault in a transform's own settings, or in the lack of one, against the column it writes to. */
export function transformFault(
  transform: Transform | null,
  field: EntityField,
  column: Column,
): string | undefined {
  // Without a transform a date is still brought into the column's form.
  if (transform === null) return dateFault(undefined, field, column);
  if (transform.type === 'stateCode') return stateFault(transform.inverted, field);
  if (transform.type === 'optionSet') return transform.by === 'label' ? labelFault(column) : undefined;
  if (transform.type === 'date') return dateFault(transform.timeZone, field, column);
  if (transform.type === 'valueMap') {
    return keysFault(Object.keys(transform.map)) ?? valuesFault(Object.values(transform.map), column);
  }
  if (transform.type === 'default') {
    return valuesFault([transform.value], column) ?? dateFault(undefined, field, column);
  }
  return undefined;
}

const STATE_INVERTED: Readonly<Record<string, boolean>> = { isActive: false, isDeactivated: true };

/** The other way round each active record would be deactivated on the other side, and each inactive one activated. */
function stateFault(inverted: boolean | undefined, field: EntityField): string | undefined {
  const usual = STATE_INVERTED[field.name];
  if (inverted === undefined || usual === undefined || inverted === usual) return undefined;
  return `${field.name} would be the opposite in Dynamics: leave inverted out.`;
}

function labelFault(column: Column): string | undefined {
  const seen = new Set<string>();
  for (const option of column.options ?? []) {
    const label = labelForm(option.label ?? '');
    if (seen.has(label)) {
      return `${column.name} has two options labelled "${option.label ?? ''}": map by value instead.`;
    }
    if (column.type === 'choices' && label.includes(',')) {
      return `${column.name} has an option labelled "${option.label ?? ''}", and commas part them: map by value instead.`;
    }
    seen.add(label);
  }
  return undefined;
}

function dateFault(timeZone: string | undefined, field: EntityField, column: Column): string | undefined {
  if (timeZone !== undefined && !isTimeZone(timeZone)) return `"${timeZone}" is no known time zone.`;
  if (timeZone === undefined && field.type === 'date' && column.type === 'dateTime') {
    return `${column.name} has a time of day and the field has none: name a timeZone, such as "Europe/Berlin".`;
  }
  return undefined;
}

/** Keys that are one text to the comparison: one of the entries would never be used. */
function keysFault(keys: readonly string[]): string | undefined {
  const forms = keys.map(mapForm);
  const doubled = keys.find((_, index) => forms.indexOf(forms[index] ?? '') < index);
  return doubled === undefined ? undefined : `The value map has two entries for ${JSON.stringify(doubled)}.`;
}

function valuesFault(values: readonly (string | number | boolean)[], column: Column): string | undefined {
  const wrong = values.find((value) => !fits(value, column));
  return wrong === undefined ? undefined : `${column.name} cannot hold the value ${JSON.stringify(wrong)}.`;
}

function fits(value: string | number | boolean, column: Column): boolean {
  if (TEXT_COLUMNS.includes(column.type)) return typeof value === 'string';
  if (column.type === 'boolean') return typeof value === 'boolean';
  if (OPTION_COLUMNS.includes(column.type)) {
    return typeof value === 'number' && (column.options ?? []).some((option) => option.value === value);
  }
  if (column.type === 'integer') return Number.isInteger(value);
  if (NUMBER_COLUMNS.includes(column.type)) return typeof value === 'number';
  return typeof value === 'string';
}
