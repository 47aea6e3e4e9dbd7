import { type Converted, EMPTY, fail, ok, toNumber } from './converted.js';
import type { Column, EntityField } from './schema.js';
import { cutText, isEmail } from './text-form.js';
import type { FieldValue } from './values.js';

/** Limits of the column: length (cut on a code point), range, e-mail form. */
export function fitColumn(value: FieldValue, column: Column): Converted {
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

/** Limits of the field in AuthScape. */
export function fitField(value: FieldValue, field: EntityField): Converted {
  if (value === null || typeof value !== 'string') return ok(value);
  if (field.name === 'email') return fitEmail(value, field.name, field.maxLength);
  if (field.options !== null && field.options.length > 0) return fitOption(value, field.options, field.name);
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

/** AuthScape takes any text for an option, and then shows none. */
function fitOption(value: string, options: NonNullable<EntityField['options']>, name: string): Converted {
  const folded = value.trim().toLowerCase();
  const option =
    options.find(({ key }) => key === value) ??
    options.find(({ key }) => key.trim().toLowerCase() === folded);
  return option === undefined
    ? fail('unknown_option', `"${value}" is not an option of ${name} in AuthScape.`)
    : ok(option.key);
}
