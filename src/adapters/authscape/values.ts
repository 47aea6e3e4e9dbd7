import { RecordRejectedError } from '../../domain/errors.js';
import { plainNumber, textOf, trimText } from '../../domain/text-form.js';
import { dayOf } from '../../domain/time-zone.js';
import type { FieldValue } from '../../domain/values.js';
import type { WireCustomField } from './wire.js';

const NUMBER = 3;
const DATE = 4;
const BOOLEAN = 5;

/** Text as AuthScape stores it; empty text is empty. */
export function textValue(text: string | null): string | null {
  return text === '' ? null : text;
}

/** A custom field's value in neutral form: AuthScape stores all of them as text and checks none. */
export function customValue({ customFieldType, value }: WireCustomField): FieldValue {
  const text = trimText(value ?? '');
  if (text === '') return null;
  switch (customFieldType) {
    case NUMBER:
      return plainNumber(text) ?? text;
    case DATE:
      return dayOf(text) ?? text;
    case BOOLEAN:
      return /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text;
    default:
      return value;
  }
}

/** The text that stands for a value in a custom field; empty text clears it, since null is refused. */
export function customText(value: FieldValue): string {
  return value === null ? '' : textOf(value);
}

/** A value for a text column. */
export function plainText(value: FieldValue): string | null {
  return value === null ? null : textOf(value);
}

/** An id for a reference column, as the number that AuthScape wants. Throws `RecordRejectedError`. */
export function referenceNumber(value: string | null, field: string): number | null {
  if (value === null || value === '') return null;
  const id = idNumber(value);
  if (id === undefined) {
    throw new RecordRejectedError('invalid_value', `${field} must be the decimal id of a record.`, { field });
  }
  return id;
}

/** AuthScape's ids are positive whole numbers; undefined for anything else. */
export function idNumber(id: string): number | undefined {
  const number = Number(id);
  return /^\d{1,16}$/.test(id) && number > 0 && Number.isSafeInteger(number) ? number : undefined;
}
