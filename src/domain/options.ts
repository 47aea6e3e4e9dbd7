import { type Converted, EMPTY, fail, ok } from './converted.js';
import type { Column, EntityField } from './schema.js';
import type { FieldValue } from './values.js';

export function toOption(
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

export function fromOption(
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

export function mapped(
  value: FieldValue,
  map: Readonly<Record<string, string | number | boolean>>,
): Converted {
  if (value === null) return EMPTY;
  const hit = Object.hasOwn(map, String(value)) ? map[String(value)] : undefined;
  return hit === undefined
    ? fail('unmapped_value', `The value map has no entry for "${String(value)}".`)
    : ok(hit);
}

export function unmapped(
  value: FieldValue,
  map: Readonly<Record<string, string | number | boolean>>,
): Converted {
  if (value === null) return EMPTY;
  const hit = Object.entries(map).find(([, target]) => String(target) === String(value));
  return hit === undefined
    ? fail('unmapped_value', `The value map has no entry that gives "${String(value)}".`)
    : ok(hit[0]);
}
