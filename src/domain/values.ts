import { createHash } from 'node:crypto';
import { foldedText, plainNumber, textOf, trimText } from './text-form.js';
import { dayOf, isDay, isoTime, localTime } from './time-zone.js';

/**
 * What a field can hold in our neutral form. A lookup column is `"<table>:<row id>"`, a reference of AuthScape the bare id
 * of the related record; dates are ISO 8601 strings.
 */
export type FieldValue = string | number | boolean | null;

/** Values of one record by field or column name; a missing key means "not read", `null` means empty. */
export type FieldValues = Readonly<Record<string, FieldValue>>;

/**
 * How a value is compared. `text` folds what shows nothing at the ends, Unicode form and line ends; `email` also folds case;
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
      return typeof value === 'string' ? (dayOf(value) ?? canonicalText(value)) : canonicalText(value);
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

/** The comparison key of a match value (`foldedText`); null when nothing is left. */
export function matchForm(value: FieldValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  const text = foldedText(textOf(value));
  return text === '' ? null : text;
}

function canonicalText(value: string | number | boolean): string | null {
  const text = trimText(textOf(value).replace(/\r\n?/g, '\n').normalize('NFC'));
  return text === '' ? null : text;
}

function canonicalNumber(value: string | number | boolean, precision: number | undefined): FieldValue {
  const number = typeof value === 'string' ? plainNumber(value) : Number(value);
  if (number === undefined || !Number.isFinite(number)) return canonicalText(value);
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

function canonicalBoolean(value: string | number | boolean): FieldValue {
  if (typeof value === 'boolean') return value;
  const text = trimText(textOf(value)).toLowerCase();
  if (text === '') return null;
  return booleanOf(text) ?? text;
}

/** What a text says of true and false; undefined for any other. */
export function booleanOf(text: string): boolean | undefined {
  const plain = trimText(text).toLowerCase();
  if (plain === 'true' || plain === '1') return true;
  return plain === 'false' || plain === '0' ? false : undefined;
}

function canonicalTime(value: string | number | boolean): FieldValue {
  const text = trimText(textOf(value));
  if (text === '') return null;
  const time = isDay(text) ? Date.parse(text) : isoTime(text);
  return time === undefined ? text : localTime(time);
}

function canonicalChoices(value: string | number | boolean): FieldValue {
  const parts = textOf(value)
    .split(',')
    .map(trimText)
    .filter((part) => part !== '');
  if (parts.length === 0) return null;
  return [...new Set(parts)].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1)).join(',');
}
