import { createHash } from 'node:crypto';
import { isDay, isoTime, localTime } from './time-zone.js';

/**
 * What a field can hold in our neutral form. A lookup column is `"<table>:<row id>"`, a reference of AuthScape the bare id
 * of the related record; dates are ISO 8601 strings.
 */
export type FieldValue = string | number | boolean | null;

/** Values of one record by field or column name; a missing key means "not read", `null` means empty. */
export type FieldValues = Readonly<Record<string, FieldValue>>;

/**
 * How a value is compared. `text` folds white space at the ends, Unicode form and line ends; `email` also folds case;
 * `number` compares at `precision` digits after the point; `dateTime` to the second.
 */
export type ValueKind =
  | 'text'
  | 'email'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'choices'
  | 'dateTime'
  | 'dateOnly'
  | 'lookup';

export interface Comparison {
  readonly kind: ValueKind;
  readonly precision?: number | undefined;
}

/** Longer values are kept as a digest in a link's base: equality is all that the base is for. */
export const BASE_VALUE_LIMIT = 512;

/**
 * The one normal form in which values are compared everywhere: now with base, one side with the other, sent with shown.
 * Empty text is null. A value that does not parse as its kind is compared as text, so that a surprise is a difference
 * and never an accidental match.
 */
export function canonical(value: FieldValue | undefined, comparison: Comparison): FieldValue {
  if (value === undefined || value === null) return null;
  switch (comparison.kind) {
    case 'number':
    case 'choice':
      return canonicalNumber(value, comparison.precision);
    case 'boolean':
      return canonicalBoolean(value);
    case 'dateTime':
      return canonicalTime(value);
    case 'dateOnly':
      return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value)
        ? value.slice(0, 10)
        : canonicalText(value);
    case 'choices':
      return canonicalChoices(value);
    case 'email':
    case 'lookup':
      return canonicalText(value)?.toLowerCase().normalize('NFC') ?? null;
    case 'text':
      return canonicalText(value);
  }
}

export function isEmpty(value: FieldValue | undefined, comparison: Comparison): boolean {
  return canonical(value, comparison) === null;
}

export function sameValue(
  left: FieldValue | undefined,
  right: FieldValue | undefined,
  comparison: Comparison,
): boolean {
  return baseForm(left, comparison) === baseForm(right, comparison);
}

/** The form a value takes in a link's base: canonical, and a digest above the limit. */
export function baseForm(value: FieldValue | undefined, comparison: Comparison): FieldValue {
  const form = canonical(value, comparison);
  if (typeof form !== 'string' || form.length <= BASE_VALUE_LIMIT || form.startsWith('sha256:')) return form;
  return `sha256:${createHash('sha256').update(form).digest('hex')}`;
}

/** The comparison key of a match value: trimmed, case-folded, NFC; null when nothing is left. */
export function matchForm(value: FieldValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  const text = String(value).normalize('NFC').trim().toLowerCase().normalize('NFC');
  return text === '' ? null : text;
}

function canonicalText(value: FieldValue): string | null {
  const text = String(value).replace(/\r\n?/g, '\n').normalize('NFC').trim();
  return text === '' ? null : text;
}

function canonicalNumber(value: FieldValue, precision: number | undefined): FieldValue {
  const text = typeof value === 'string' ? value.trim() : value;
  if (text === '') return null;
  const number = Number(text);
  if (!Number.isFinite(number)) return canonicalText(value);
  return precision === undefined ? number : roundTo(number, precision);
}

/** Rounds half away from zero at `digits` after the point, as Dataverse shows decimals. */
export function roundTo(value: number, digits: number): number {
  const shifted = shiftPoint(Math.abs(value), digits);
  if (!Number.isFinite(shifted) || Number.isInteger(shifted)) return value;
  const rounded = shiftPoint(Math.round(shifted), -digits);
  return value < 0 ? 0 - rounded : rounded;
}

/** Moves the decimal point in the written form: a multiplication would bring in binary noise. */
function shiftPoint(value: number, places: number): number {
  const [digits, exponent = '0'] = String(value).split('e');
  return Number(`${digits}e${Number(exponent) + places}`);
}

function canonicalBoolean(value: FieldValue): FieldValue {
  if (typeof value === 'boolean') return value;
  const text = String(value).trim().toLowerCase();
  if (text === '') return null;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  return text;
}

function canonicalTime(value: FieldValue): FieldValue {
  const text = String(value).trim();
  if (text === '') return null;
  const time = isDay(text) ? Date.parse(text) : isoTime(text);
  return time === undefined ? text : localTime(time);
}

function canonicalChoices(value: FieldValue): FieldValue {
  const parts = String(value)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) return null;
  return [...new Set(parts)].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1)).join(',');
}
