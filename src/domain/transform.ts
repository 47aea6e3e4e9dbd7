import type { Transform } from './model.js';
import type { Column, EntityField } from './schema.js';
import { cutText, isEmail } from './text-form.js';
import { isDay, isoTime, localTime, zonedDate, zonedTime } from './time-zone.js';
import { type FieldValue, type FieldValues, roundTo } from './values.js';

/** A converted value, or the reason why the field is left out (a field error: the record's other fields go on). */
export type Converted =
  | { readonly ok: true; readonly value: FieldValue; readonly cut?: boolean }
  | { readonly ok: false; readonly reason: string; readonly message: string };

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

const ok = (value: FieldValue): Converted => ({ ok: true, value });
const fail = (reason: string, message: string): Converted => ({ ok: false, reason, message });
const EMPTY = ok(null);

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

/** The converter of a field mapping; the column's own limits (length, range, options) are applied after the transform. */
export function converterOf(transform: Transform | null, field: EntityField, column: Column): Converter {
  const effective = stateDirected(transform, field) ?? implied(field, column);
  const forward = forwardOf(effective, column);
  const backward = backwardOf(effective, field, column);
  return {
    back: wayBack(effective),
    toDynamics: (value, record) => {
      const moved = forward(emptyToNull(value), record);
      return moved.ok ? fitColumn(moved.value, column) : moved;
    },
    toAuthScape: (value) => {
      const moved = backward(emptyToNull(value));
      return moved.ok ? fitField(moved.value, field) : moved;
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
  return typeof value === 'string' && value.trim() === '' ? null : value;
}

function forwardOf(transform: Transform | null, column: Column) {
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
        return ok(joined(transform.fields, transform.separator ?? ' ', record));
      case 'split':
        return ok(splitPart(value, transform.separator, transform.index));
      case 'default':
        return ok(value ?? transform.value);
      case 'valueMap':
        return mapped(value, transform.map);
      case 'uppercase':
      case 'lowercase':
      case 'titleCase':
      case 'trim':
        return ok(value === null ? null : recase(transform.type, String(value)));
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
        return unmapped(value, transform.map);
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

function fromBoolean(
  value: FieldValue,
  inverted: boolean | undefined,
  then: (flag: boolean) => FieldValue,
): Converted {
  if (value === null) return EMPTY;
  const text = String(value).toLowerCase();
  if (text !== 'true' && text !== 'false' && text !== '0' && text !== '1') {
    return fail('invalid_value', 'The value is neither true nor false.');
  }
  const flag = text === 'true' || text === '1';
  return ok(then(flag !== (inverted ?? false)));
}

function toOption(
  value: FieldValue,
  transform: { by?: 'value' | 'label' | undefined },
  column: Column,
): Converted {
  if (value === null) return EMPTY;
  const options = column.options ?? [];
  if (transform.by !== 'label') {
    const number = Number(value);
    return options.some((option) => option.value === number)
      ? ok(number)
      : fail('unknown_option', `"${String(value)}" is not an option of ${column.name}.`);
  }
  const wanted = String(value).trim().toLowerCase();
  const hits = options.filter((option) => option.label?.trim().toLowerCase() === wanted);
  if (hits.length > 1) return fail('ambiguous_option', `${column.name} has several options labelled alike.`);
  return hits[0] === undefined
    ? fail('unknown_option', `"${String(value)}" is not a label of ${column.name}.`)
    : ok(hits[0].value);
}

function fromOption(
  value: FieldValue,
  transform: { by?: 'value' | 'label' | undefined },
  field: EntityField,
  column: Column,
): Converted {
  if (value === null) return EMPTY;
  if (transform.by !== 'label') return ok(field.type === 'number' ? Number(value) : String(value));
  const option = (column.options ?? []).find((candidate) => candidate.value === Number(value));
  if (option === undefined || option.label === null) {
    return fail('unknown_option', `${column.name} has no label for ${String(value)}.`);
  }
  return ok(option.label);
}

function convertDate(value: FieldValue, zone: string | undefined, to: 'dateOnly' | 'dateTime'): Converted {
  if (value === null) return EMPTY;
  const text = String(value).trim();
  const dateOnly = isDay(text);
  if (dateOnly && to === 'dateOnly') return ok(text);
  if (dateOnly) {
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

function toNumber(value: FieldValue, decimals: number | undefined): Converted {
  if (value === null) return EMPTY;
  const number = typeof value === 'boolean' ? Number.NaN : Number(String(value).trim());
  if (!Number.isFinite(number)) return fail('invalid_number', 'The value is not a number.');
  return ok(decimals === undefined ? number : roundTo(number, decimals));
}

function joined(fields: readonly string[], separator: string, record: FieldValues): FieldValue {
  const parts = fields
    .map((name) => record[name])
    .filter((part) => part !== null && part !== undefined && part !== '');
  return parts.length === 0 ? null : parts.map(String).join(separator);
}

function splitPart(value: FieldValue, separator: string, index: number): FieldValue {
  return value === null ? null : emptyToNull(String(value).split(separator)[index] ?? null);
}

function mapped(value: FieldValue, map: Readonly<Record<string, string | number | boolean>>): Converted {
  if (value === null) return EMPTY;
  const hit = Object.hasOwn(map, String(value)) ? map[String(value)] : undefined;
  return hit === undefined
    ? fail('unmapped_value', `The value map has no entry for "${String(value)}".`)
    : ok(hit);
}

function unmapped(value: FieldValue, map: Readonly<Record<string, string | number | boolean>>): Converted {
  if (value === null) return EMPTY;
  const hit = Object.entries(map).find(([, target]) => String(target) === String(value));
  return hit === undefined
    ? fail('unmapped_value', `The value map has no entry that gives "${String(value)}".`)
    : ok(hit[0]);
}

function recase(type: 'uppercase' | 'lowercase' | 'titleCase' | 'trim', text: string): string {
  switch (type) {
    case 'uppercase':
      return text.toUpperCase();
    case 'lowercase':
      return text.toLowerCase();
    case 'trim':
      return text.trim();
    case 'titleCase':
      return text
        .toLowerCase()
        .replace(
          /(^|[\s\-'’])(\p{L})/gu,
          (_, before: string, letter: string) => before + letter.toUpperCase(),
        );
  }
}

/** Limits of the column: length (cut on a code point), range, e-mail form. */
function fitColumn(value: FieldValue, column: Column): Converted {
  if (value === null) return EMPTY;
  if (column.type === 'string' || column.type === 'memo') return fitText(String(value), column);
  if (column.type === 'integer' || column.type === 'decimal' || column.type === 'money') {
    const digits = column.type === 'integer' ? 0 : (column.precision ?? undefined);
    const rounded = toNumber(value, digits);
    if (!rounded.ok) return rounded;
    const number = Number(rounded.value);
    if (number < (column.minValue ?? -Infinity) || number > (column.maxValue ?? Infinity)) {
      return fail('out_of_range', `The value is outside the range of ${column.name}.`);
    }
    return rounded;
  }
  return ok(value);
}

function fitText(text: string, column: Column): Converted {
  if (column.format === 'email') {
    return fitEmail(text, column.name, column.maxLength);
  }
  if (column.maxLength === null || text.length <= column.maxLength) return ok(text);
  return { ok: true, value: cutText(text, column.maxLength), cut: true };
}

function fitField(value: FieldValue, field: EntityField): Converted {
  if (value === null || typeof value !== 'string') return ok(value);
  if (field.name === 'email') return fitEmail(value, field.name, field.maxLength);
  if (field.maxLength !== null && value.length > field.maxLength) {
    return fail('value_too_long', `The value is longer than ${field.name} allows.`);
  }
  return ok(value);
}

/** An address is written without the blanks around it and never cut. */
function fitEmail(text: string, name: string, maxLength: number | null): Converted {
  const address = text.trim();
  if (!isEmail(address)) return fail('invalid_email', 'The value is not an e-mail address.');
  if (maxLength !== null && address.length > maxLength) {
    return fail('value_too_long', `The e-mail address is longer than ${name} allows.`);
  }
  return ok(address);
}
