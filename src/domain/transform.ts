import { type Converted, EMPTY, fail, ok, toNumber } from './converted.js';
import { fitColumn, fitField } from './limits.js';
import type { Transform } from './model.js';
import { fromOption, labelOf, mapped, toOption, unmapped } from './options.js';
import type { Column, EntityField } from './schema.js';
import { textOf, trimText } from './text-form.js';
import { dayOf, isDay, isoTime, localTime, zonedDate, zonedTime } from './time-zone.js';
import { booleanOf, type FieldValue, type FieldValues } from './values.js';

/**
 * Both ways of one field. `back` says what the way from Dynamics does: `inverse` restores the A value, `asIs` takes D's
 * value over (the forward way is many to one), `none` means that the mapping must be Outbound.
 */
export interface Converter {
  readonly back: 'inverse' | 'asIs' | 'none';
  /** A value (and its record, for transforms over several fields) to the form of the column. Null means empty. */
  toDynamics(value: FieldValue, record: FieldValues): Converted;
  toAuthScape(value: FieldValue): Converted;
}

/** Transforms that lose what they were made from. */
const ONE_WAY: readonly Transform['type'][] = ['concatenate', 'split', 'default'];

export function wayBack(transform: Transform | null): Converter['back'] {
  if (transform === null) return 'inverse';
  if (ONE_WAY.includes(transform.type)) return 'none';
  if (transform.type === 'valueMap') {
    const values = Object.values(transform.map).map(String);
    return new Set(values).size === values.length ? 'inverse' : 'none';
  }
  return ['uppercase', 'lowercase', 'titleCase', 'trim'].includes(transform.type) ? 'asIs' : 'inverse';
}

/**
 * The converter of a field mapping; the column's own limits (length, range, options) are applied after the transform.
 * `fields` are those of the entity, for transforms over several.
 */
export function converterOf(
  transform: Transform | null,
  field: EntityField,
  column: Column,
  fields: readonly EntityField[] = [field],
): Converter {
  const effective = stateDirected(transform, field) ?? implied(field, column);
  const forward = forwardOf(effective, field, column, fields);
  const backward = backwardOf(effective, field, column);
  return {
    back: wayBack(effective),
    toDynamics: (value, record) => {
      const moved = forward(emptyToNull(value), record);
      return moved.ok ? fitColumn(moved.value, column) : moved;
    },
    toAuthScape: (value) => {
      const moved = backward(emptyToNull(value));
      return moved.ok
        ? fitField(moved.value, field, namesLabels(effective, column) ? 'label' : 'key')
        : moved;
    },
  };
}

/** `isDeactivated` says the opposite of Dynamics' state, whether its mapping says so or not. */
export function stateDirected(transform: Transform | null, field: EntityField): Transform | null {
  if (transform?.type !== 'stateCode' || transform.inverted !== undefined) return transform;
  return field.name === 'isDeactivated' ? { ...transform, inverted: true } : transform;
}

function implied(field: EntityField, column: Column): Transform | null {
  if (column.type === 'state') return stateDirected({ type: 'stateCode' }, field);
  if (column.type === 'boolean') return { type: 'boolean' };
  if (column.type === 'choice') return { type: 'optionSet' };
  if (column.type === 'dateOnly' || column.type === 'dateTime') return { type: 'date' };
  if (column.type === 'integer' || column.type === 'decimal' || column.type === 'money')
    return { type: 'number' };
  return null;
}

function emptyToNull(value: FieldValue): FieldValue {
  return typeof value === 'string' && trimText(value) === '' ? null : value;
}

function isText({ type }: Column): boolean {
  return type === 'string' || type === 'memo';
}

/** What AuthScape shows of an option goes where texts and labels go, not the key that it stores. */
function namesLabels(transform: Transform | null, column: Column): boolean {
  if (transform?.type === 'optionSet') return transform.by === 'label';
  return transform?.type !== 'valueMap' && isText(column);
}

function forwardOf(
  transform: Transform | null,
  field: EntityField,
  column: Column,
  fields: readonly EntityField[],
) {
  const one = forwardOne(transform, field, column, fields);
  return (value: FieldValue, record: FieldValues): Converted => {
    const label = labelOf(value, field);
    const [first, second] = namesLabels(transform, column) ? [label, value] : [value, label];
    const moved = one(first, record);
    if (moved.ok || second === first) return moved;
    const other = one(second, record);
    return other.ok ? other : moved;
  };
}

function forwardOne(
  transform: Transform | null,
  field: EntityField,
  column: Column,
  fields: readonly EntityField[],
) {
  return (value: FieldValue, record: FieldValues): Converted => {
    if (transform === null) return ok(value);
    switch (transform.type) {
      case 'stateCode':
        return fromBoolean(value, transform.inverted, (active) => (active ? 0 : 1));
      case 'boolean':
        return fromBoolean(value, transform.inverted, (flag) => flag);
      case 'optionSet':
        return toOption(value, transform, column);
      case 'date':
        return convertDate(value, transform.timeZone, column.type === 'dateOnly' ? 'dateOnly' : 'dateTime');
      case 'number':
        return toNumber(value, transform.decimals);
      case 'concatenate':
        return ok(joined(transform.fields, transform.separator ?? ' ', record, fields));
      case 'split':
        return ok(splitPart(value, transform.separator, transform.index));
      case 'default':
        // The default is in the form of the column; any other value still has to be brought into it.
        return value === null
          ? ok(transform.value)
          : forwardOf(implied(field, column), field, column, fields)(value, record);
      case 'valueMap':
        return mapped(value, transform.map);
      case 'uppercase':
      case 'lowercase':
      case 'titleCase':
      case 'trim':
        return ok(value === null ? null : recase(transform.type, textOf(value)));
    }
  };
}

function backwardOf(transform: Transform | null, field: EntityField, column: Column) {
  // A text field takes a date in the column's own form.
  const dayInField = field.type === 'date' || column.type === 'dateOnly';
  return (value: FieldValue): Converted => {
    switch (transform?.type) {
      case 'stateCode':
        return value === null ? EMPTY : ok((Number(value) === 0) !== (transform.inverted ?? false));
      case 'boolean':
        return fromBoolean(value, transform.inverted, (flag) => flag);
      case 'optionSet':
        return fromOption(value, transform, field, column);
      case 'date':
        return convertDate(value, transform.timeZone, dayInField ? 'dateOnly' : 'dateTime');
      case 'number':
        return toNumber(value, transform.decimals);
      case 'valueMap':
        return inTypeOf(field, unmapped(value, transform.map));
      case undefined:
      case 'uppercase':
      case 'lowercase':
      case 'titleCase':
      case 'trim':
      case 'concatenate':
      case 'split':
      case 'default':
        return ok(value);
    }
  };
}

/** Keys of a map are text: AuthScape wants them as what the field holds. */
function inTypeOf(field: EntityField, key: Converted): Converted {
  if (!key.ok) return key;
  if (field.type === 'boolean') return fromBoolean(key.value, false, (flag) => flag);
  return field.type === 'number' ? toNumber(key.value, undefined) : key;
}

function fromBoolean(
  value: FieldValue,
  inverted: boolean | undefined,
  then: (flag: boolean) => FieldValue,
): Converted {
  if (value === null) return EMPTY;
  const flag = booleanOf(textOf(value));
  if (flag === undefined) return fail('invalid_value', 'The value is neither true nor false.');
  return ok(then(flag !== (inverted ?? false)));
}

function convertDate(value: FieldValue, zone: string | undefined, to: 'dateOnly' | 'dateTime'): Converted {
  if (value === null) return EMPTY;
  const text = trimText(textOf(value));
  const day = dayOf(text);
  if (day !== undefined && to === 'dateOnly') return ok(day);
  if (isDay(text)) {
    return zone === undefined
      ? fail('time_zone_missing', 'A date without a time needs a named time zone to become a date and time.')
      : ok(zonedTime(text, zone));
  }
  const time = isoTime(text);
  if (time === undefined) return fail('invalid_date', 'The value is not a date.');
  if (to === 'dateTime') return ok(localTime(time));
  return zone === undefined
    ? fail('time_zone_missing', 'A date and time needs a named time zone to become a date.')
    : ok(zonedDate(time, zone));
}

function joined(
  names: readonly string[],
  separator: string,
  record: FieldValues,
  fields: readonly EntityField[],
): FieldValue {
  const parts = names.flatMap((name) => {
    const field = fields.find(({ key }) => key === name);
    const value = record[name] ?? null;
    const shown = field === undefined ? value : labelOf(value, field);
    const part = shown === null ? '' : trimText(textOf(shown));
    return part === '' ? [] : part;
  });
  return parts.length === 0 ? null : parts.join(separator);
}

function splitPart(value: FieldValue, separator: string, index: number): FieldValue {
  return value === null ? null : emptyToNull(textOf(value).split(separator)[index] ?? null);
}

function recase(type: 'uppercase' | 'lowercase' | 'titleCase' | 'trim', text: string): string {
  switch (type) {
    case 'uppercase':
      return text.toUpperCase();
    case 'lowercase':
      return text.toLowerCase();
    case 'trim':
      return trimText(text);
    case 'titleCase':
      return text
        .toLowerCase()
        .replace(/(^|[\s\-'’])(\p{L})/gu, (_, before: string, letter: string) => before + capital(letter))
        .normalize('NFC');
  }
}

/** Some letters become two: only the first of them is a capital. */
function capital(letter: string): string {
  const [first = '', ...rest] = letter.toUpperCase();
  return first + rest.join('').toLowerCase();
}
