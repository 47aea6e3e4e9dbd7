import { type Converted, EMPTY, fail, ok, toNumber } from './converted.js';
import type { Column, EntityField } from './schema.js';
import { cutText, isEmail, isLogin, labelForm, quoted, textOf, trimText } from './text-form.js';
import type { FieldValue } from './values.js';

/** Limits of the column: length (cut on a code point), range, e-mail form. */
export function fitColumn(value: FieldValue, column: Column): Converted {
  if (value === null) return EMPTY;
  if (column.type === 'string' || column.type === 'memo') return fitText(textOf(value), column);
  if (column.type === 'integer' || column.type === 'decimal' || column.type === 'money') {
    return fitNumber(value, column);
  }
  return column.type === 'dateOnly' || column.type === 'dateTime'
    ? fitDate(textOf(value), column)
    : ok(value);
}

/** Years beyond 9999 are written with a sign, which a comparison of texts would take for an early date. */
function fitDate(date: string, { name }: Column): Converted {
  if (/^\+|^\d{5}/.test(date)) return fail('out_of_range', `${name} takes no date after 9999-12-31.`);
  return date < FIRST_DAY ? fail('out_of_range', `${name} takes no date before ${FIRST_DAY}.`) : ok(date);
}

function fitNumber(value: NonNullable<FieldValue>, column: Column): Converted {
  const digits = column.type === 'integer' ? 0 : (column.precision ?? undefined);
  const rounded = toNumber(value, digits);
  if (!rounded.ok) return rounded;
  const number = Number(rounded.value);
  if (number < (column.minValue ?? -Infinity) || number > (column.maxValue ?? Infinity)) {
    return fail('out_of_range', `The value is outside the range of ${column.name}.`);
  }
  return rounded;
}

/** The first day that Dynamics' columns can hold. */
const FIRST_DAY = '1753-01-01';

/** What XML cannot carry: control characters, and halves of a character. */
const NOT_IN_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

function fitText(text: string, column: Column): Converted {
  if (column.format === 'email') return fitEmail(text, column.name, column.maxLength);
  if (NOT_IN_XML.test(text)) return unfit(column.name);
  if (column.maxLength === null || text.length <= column.maxLength) return ok(text);
  return { ok: true, value: cutText(text, column.maxLength), cut: true };
}

function unfit(name: string): Converted {
  const what = 'control characters or a half of a character';
  return fail('invalid_value', `The text has ${what}, which ${name} cannot hold.`);
}

/** Limits of the field in AuthScape; `prefer`: what the value most likely is of an option. */
export function fitField(value: FieldValue, field: EntityField, prefer: 'label' | 'key'): Converted {
  if (value === null) return ok(value);
  if (field.options !== null && field.options.length > 0) {
    return fitOption(textOf(value), field.options, field.name, prefer);
  }
  if (typeof value !== 'string') return ok(value);
  if (field.name === 'email') return fitLogin(fitEmail(value, field.name, field.maxLength));
  if (NOT_IN_XML.test(value)) return unfit(field.name);
  if (field.maxLength !== null && value.length > field.maxLength) {
    return fail('value_too_long', `The value is longer than ${field.name} allows.`);
  }
  return ok(value);
}

/** An address is written without the blanks around it and never cut. */
function fitEmail(text: string, name: string, maxLength: number | null): Converted {
  const address = trimText(text);
  if (!isEmail(address)) return fail('invalid_email', 'The value is not an e-mail address.');
  if (maxLength !== null && address.length > maxLength) {
    return fail('value_too_long', `The e-mail address is longer than ${name} allows.`);
  }
  return ok(address);
}

/** The e-mail of a user is the login. */
function fitLogin(address: Converted): Converted {
  return !address.ok || isLogin(String(address.value)) ? address : fail('email_refused', REFUSED_LOGIN);
}

export const REFUSED_LOGIN =
  'AuthScape does not take this e-mail address as login: only the letters a to z, digits and . _ @ + - are allowed.';

/** AuthScape takes any text for an option, and then shows none. */
function fitOption(
  value: string,
  options: NonNullable<EntityField['options']>,
  name: string,
  prefer: 'label' | 'key',
): Converted {
  const form = labelForm(value);
  const keys = [({ key }: Option) => key === value, ({ key }: Option) => labelForm(key) === form];
  const labels = [({ label }: Option) => label === value, ({ label }: Option) => labelForm(label) === form];
  const found = (prefer === 'key' ? [...keys, ...labels] : [...labels, ...keys])
    .map((isMeant) => options.filter(isMeant))
    .filter((some) => some.length > 0);
  const [option] = found.find((some) => some.length === 1) ?? [];
  if (option !== undefined) return ok(option.key);
  return found.length === 0
    ? fail('unknown_option', `${quoted(value)} is not an option of ${name} in AuthScape.`)
    : fail('ambiguous_option', `${name} has several options for ${quoted(value)} in AuthScape.`);
}

type Option = NonNullable<EntityField['options']>[number];
