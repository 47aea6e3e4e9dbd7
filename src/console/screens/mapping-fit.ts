import type { Column, EntityField, Field, Transform } from '../api/types';

/** Which columns and transforms are offered for a field. What is saved is checked by the service, more strictly. */

export type TransformType = Transform['type'];

const TEXTS = ['string', 'memo'];
const NUMBERS = ['integer', 'decimal', 'money'];
const DATES = ['dateOnly', 'dateTime'];
const OPTIONS = ['choice', 'choices', 'state', 'status'];
const TEXT_FIELDS = ['string', 'memo', 'choice'];
const SCALARS = [...TEXT_FIELDS, 'number', 'boolean', 'date'];

const PLAIN: Readonly<Record<string, readonly string[]>> = {
  string: TEXTS,
  memo: TEXTS,
  number: [...NUMBERS, 'choice'],
  boolean: ['boolean', 'state'],
  date: DATES,
  choice: [...TEXTS, 'choice'],
};

const TRANSFORMS: readonly {
  readonly type: TransformType;
  readonly label: string;
  readonly fields: readonly string[];
  readonly columns: readonly string[];
}[] = [
  { type: 'stateCode', label: 'State code', fields: ['boolean'], columns: ['state'] },
  {
    type: 'boolean',
    label: 'Yes or no',
    fields: ['boolean', 'string', 'choice', 'number'],
    columns: ['boolean'],
  },
  { type: 'optionSet', label: 'Option set', fields: [...TEXT_FIELDS, 'number'], columns: OPTIONS },
  { type: 'date', label: 'Date', fields: ['date', 'string'], columns: DATES },
  { type: 'number', label: 'Number', fields: ['number', ...TEXT_FIELDS], columns: [...NUMBERS, ...TEXTS] },
  {
    type: 'valueMap',
    label: 'Table of values',
    fields: SCALARS,
    columns: [...TEXTS, ...NUMBERS, 'boolean', 'choice', 'state', 'status'],
  },
  { type: 'uppercase', label: 'Upper case', fields: TEXT_FIELDS, columns: TEXTS },
  { type: 'lowercase', label: 'Lower case', fields: TEXT_FIELDS, columns: TEXTS },
  { type: 'titleCase', label: 'Title case', fields: TEXT_FIELDS, columns: TEXTS },
  { type: 'trim', label: 'Trim', fields: TEXT_FIELDS, columns: TEXTS },
  { type: 'concatenate', label: 'Concatenate', fields: SCALARS, columns: TEXTS },
  { type: 'split', label: 'Split', fields: TEXT_FIELDS, columns: TEXTS },
  { type: 'default', label: 'Default value', fields: [], columns: [] },
];

export const transformLabel = (type: TransformType): string =>
  TRANSFORMS.find((one) => one.type === type)?.label ?? type;

const fitsPlainly = (field: EntityField, column: Column): boolean =>
  PLAIN[field.type]?.includes(column.type) ?? false;

/** The transforms that bring this field and this column together. */
export function transformsFor(field: EntityField, column: Column): readonly TransformType[] {
  return TRANSFORMS.filter(({ type, fields, columns }) =>
    type === 'default'
      ? fitsPlainly(field, column)
      : fields.includes(field.type) && columns.includes(column.type),
  ).map(({ type }) => type);
}

/** Does the column take the field, with a transform or without? */
export const isOffered = (field: EntityField, column: Column): boolean =>
  fitsPlainly(field, column) || transformsFor(field, column).length > 0;

/** The field mapping with the transform it needs, when its field and column do not fit as they are. */
export function withNeededTransform(mapped: Field, field: EntityField, column: Column): Field {
  const possible = transformsFor(field, column);
  if (mapped.transform !== null && possible.includes(mapped.transform.type)) return mapped;
  if (fitsPlainly(field, column)) return { ...mapped, transform: null };
  const [first] = possible;
  return { ...mapped, transform: first === undefined ? null : emptyTransform(first) };
}

/** A transform of this type before anything was filled in. */
export function emptyTransform(type: TransformType): Transform {
  switch (type) {
    case 'concatenate':
      return { type, fields: [], separator: ' ' };
    case 'split':
      return { type, separator: ' ', index: 0 };
    case 'default':
      return { type, value: '' };
    case 'valueMap':
      return { type, map: {} };
    case 'stateCode':
    case 'boolean':
    case 'optionSet':
    case 'date':
    case 'number':
    case 'uppercase':
    case 'lowercase':
    case 'titleCase':
    case 'trim':
      return { type };
  }
}

export const columnText = (column: Column): string =>
  [
    column.type,
    column.maxLength === null ? '' : `up to ${column.maxLength}`,
    column.required === 'none' || column.required === 'recommended' ? '' : 'required',
    column.readOnly ? 'read-only' : '',
  ]
    .filter(Boolean)
    .join(', ');

export const fieldText = (field: EntityField): string =>
  [
    field.type,
    field.custom ? 'custom field' : '',
    field.maxLength === null ? '' : `up to ${field.maxLength}`,
    field.required ? 'required' : '',
    field.readOnly ? 'read-only' : '',
  ]
    .filter(Boolean)
    .join(', ');

const WORDS = /'(?:[^']|'')*'|[A-Za-z_]\w*|[^\s'\w]+|\S+/g;
const KEYWORDS = new Set(
  ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'and', 'or', 'not', 'null', 'true', 'false'].concat([
    'contains',
    'startswith',
    'endswith',
  ]),
);

/** A first look at a filter while it is typed; undefined when nothing is wrong at first sight. */
export function filterFault(filter: string, columns: readonly Column[]): string | undefined {
  if ((filter.match(/'/g)?.length ?? 0) % 2 === 1) return 'A quoted text does not end.';
  const bare = filter.replaceAll(/'(?:[^']|'')*'/g, "''");
  let depth = 0;
  for (const character of bare) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0) break;
  }
  if (depth !== 0) return 'The parentheses do not match.';
  const names = (bare.match(WORDS) ?? []).filter((word) => /^[A-Za-z_]\w*$/.test(word));
  const unknown = names.find(
    (name) => !KEYWORDS.has(name.toLowerCase()) && !columns.some((column) => column.name === name),
  );
  if (unknown !== undefined) return `The table has no column "${unknown}".`;
  if (bare.trim() !== '' && !/\b(eq|ne|gt|ge|lt|le|contains|startswith|endswith)\b/.test(bare)) {
    return 'A comparison is needed, as in "statecode eq 0".';
  }
  return undefined;
}
