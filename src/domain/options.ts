import { type Converted, EMPTY, fail, ok, toNumber } from './converted.js';
import type { ChoiceOption, Column, EntityField } from './schema.js';
import type { FieldValue } from './values.js';

type By = { readonly by?: 'value' | 'label' | undefined };

/** The number of an option; where a column holds several, their numbers as Dataverse shows them. */
export function toOption(value: FieldValue, transform: By, column: Column): Converted {
  if (value === null) return EMPTY;
  if (column.type !== 'choices') return toNumberOf(value, transform, column);
  const numbers = new Set<number>();
  for (const part of partsOf(value)) {
    const found = toNumberOf(part, transform, column);
    if (!found.ok) return found;
    numbers.add(Number(found.value));
  }
  return numbers.size === 0 ? EMPTY : ok([...numbers].sort((one, two) => one - two).join(','));
}

export function fromOption(value: FieldValue, transform: By, field: EntityField, column: Column): Converted {
  if (value === null) return EMPTY;
  if (transform.by !== 'label')
    return field.type === 'number' ? toNumber(value, undefined) : ok(String(value));
  const labels: string[] = [];
  for (const part of column.type === 'choices' ? partsOf(value) : [value]) {
    const found = toLabel(part, column);
    if (!found.ok) return found;
    labels.push(String(found.value));
  }
  return labels.length === 0 ? EMPTY : ok(labels.join(','));
}

function partsOf(value: FieldValue): readonly string[] {
  const parts = String(value).split(',');
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function toNumberOf(value: FieldValue, transform: By, column: Column): Converted {
  if (transform.by !== 'label') {
    const number = Number(value);
    return (column.options ?? []).some((option) => option.value === number)
      ? ok(number)
      : fail('unknown_option', `"${String(value)}" is not an option of ${column.name}.`);
  }
  const [hit, another] = labelled(String(value), column);
  if (hit === undefined)
    return fail('unknown_option', `"${String(value)}" is not a label of ${column.name}.`);
  return another === undefined ? ok(hit.value) : doubled(column);
}

function toLabel(value: FieldValue, column: Column): Converted {
  const option = (column.options ?? []).find((candidate) => candidate.value === Number(value));
  if (option === undefined || option.label === null) {
    return fail('unknown_option', `${column.name} has no label for ${String(value)}.`);
  }
  if (column.type === 'choices' && option.label.includes(',')) {
    return fail(
      'ambiguous_option',
      `Commas part the labels of ${column.name}, and "${option.label}" has one.`,
    );
  }
  // Labels can be doubled after the mapping was checked.
  return labelled(option.label, column).length > 1 ? doubled(column) : ok(option.label);
}

function labelled(label: string, column: Column): readonly ChoiceOption[] {
  const wanted = label.trim().toLowerCase();
  return (column.options ?? []).filter((option) => option.label?.trim().toLowerCase() === wanted);
}

function doubled(column: Column): Converted {
  return fail('ambiguous_option', `${column.name} has several options labelled alike.`);
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
