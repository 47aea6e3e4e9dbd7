import { plainNumber } from './text-form.js';
import { type FieldValue, roundTo } from './values.js';

/** A converted value, or the reason why the field is left out (a field error: the record's other fields go on). */
export type Converted =
  | { readonly ok: true; readonly value: FieldValue; readonly cut?: boolean }
  | { readonly ok: false; readonly reason: string; readonly message: string };

export const ok = (value: FieldValue): Converted => ({ ok: true, value });
export const fail = (reason: string, message: string): Converted => ({ ok: false, reason, message });
export const EMPTY = ok(null);

export function toNumber(value: FieldValue, decimals: number | undefined): Converted {
  if (value === null) return EMPTY;
  const number = typeof value === 'string' ? plainNumber(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number))
    return fail('invalid_number', 'The value is not a number in plain digits.');
  // Beyond this whole numbers have gaps: another one would be written.
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) {
    return fail('out_of_range', 'The number has more digits than can be kept.');
  }
  // No side tells a negative zero from zero.
  return ok((decimals === undefined ? number : roundTo(number, decimals)) + 0);
}
