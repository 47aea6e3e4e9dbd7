import { type Converted, EMPTY, fail, ok, toNumber } from './converted.js';
import type { ChoiceOption, Column, EntityField, TableSchema } from './schema.js';
import { labelForm, plainNumber, quoted, textOf, trimText } from './text-form.js';
import { canonical, type FieldValue } from './values.js';

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
    return field.type === 'number' ? toNumber(value, undefined) : ok(textOf(value));
  const labels: string[] = [];
  for (const part of column.type === 'choices' ? partsOf(value) : [value]) {
    const found = toLabel(part, column);
    if (!found.ok) return found;
    labels.push(String(found.value));
  }
  return labels.length === 0 ? EMPTY : ok(labels.join(','));
}

function partsOf(value: string | number | boolean): readonly string[] {
  const parts = textOf(value).split(',');
  return parts.map(trimText).filter((part) => part !== '');
}

/** What AuthScape shows for an option of a field; any other value as it is. */
export function labelOf(value: FieldValue, field: EntityField): FieldValue {
  if (value === null || field.options === null) return value;
  const text = textOf(value);
  const form = labelForm(text);
  const option =
    field.options.find(({ key }) => key === text) ?? field.options.find(({ key }) => labelForm(key) === form);
  return option === undefined || trimText(option.label) === '' ? value : option.label;
}

function toNumberOf(value: string | number | boolean, transform: By, column: Column): Converted {
  if (transform.by !== 'label') {
    const number = plainNumber(textOf(value));
    return number !== undefined && (column.options ?? []).some((option) => option.value === number)
      ? ok(number)
      : fail('unknown_option', `${quoted(String(value))} is not an option of ${column.name}.`);
  }
  const [hit, another] = labelled(String(value), column);
  if (hit === undefined)
    return fail('unknown_option', `${quoted(String(value))} is not a label of ${column.name}.`);
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
  const wanted = labelForm(label);
  return (column.options ?? []).filter(
    (option) => option.label !== null && labelForm(option.label) === wanted,
  );
}

function doubled(column: Column): Converted {
  return fail('ambiguous_option', `${column.name} has several options labelled alike.`);
}

type ValueMap = Readonly<Record<string, string | number | boolean>>;
type Entry = readonly [key: string, target: string | number | boolean];

export function mapped(value: FieldValue, map: ValueMap): Converted {
  if (value === null) return EMPTY;
  const hit = entryFor(value, Object.entries(map), ([key]) => key);
  return hit === undefined
    ? fail('unmapped_value', `The value map has no entry for ${quoted(textOf(value))}.`)
    : ok(hit[1]);
}

export function unmapped(value: FieldValue, map: ValueMap): Converted {
  if (value === null) return EMPTY;
  const hit = entryFor(value, Object.entries(map), ([, target]) => target);
  return hit === undefined
    ? fail('unmapped_value', `The value map has no entry that gives ${quoted(textOf(value))}.`)
    : ok(hit[0]);
}

function entryFor(
  value: string | number | boolean,
  entries: readonly Entry[],
  part: (entry: Entry) => string | number | boolean,
): Entry | undefined {
  const form = mapForm(value);
  return entries.find((entry) => mapForm(part(entry)) === form);
}

/** How the keys of a value map are compared: as texts are everywhere. */
export function mapForm(value: string | number | boolean): string {
  return String(canonical(value, { kind: 'text' }) ?? '');
}

/** Why a status reason cannot be set while the row is in this state (0: active); null when it can. */
export function statusFault(
  { columns }: Pick<TableSchema, 'columns'>,
  name: string,
  value: FieldValue,
  state: number,
): { readonly reason: string; readonly message: string } | null {
  const column = columns.find((each) => each.name === name);
  if (column?.type !== 'status' || value === null) return null;
  const option = column.options?.find((each) => each.value === Number(value));
  if (option?.state === undefined || option.state === state) return null;
  const label = option.label ?? String(option.value);
  return {
    reason: 'invalid_status',
    message: `"${label}" is a status reason of the other state of the row.`,
  };
}
