import type { ColumnType } from './schema.js';
import type { FieldValue, FieldValues } from './values.js';

/** The language of a mapping's filter: which rows of the Dynamics table may join. `filter-parser.ts` reads it. */
export type Filter =
  | { readonly op: 'and' | 'or'; readonly operands: readonly Filter[] }
  | { readonly op: 'not'; readonly operand: Filter }
  | {
      readonly op: 'compare';
      readonly column: string;
      readonly operator: ComparisonOperator;
      readonly constant: FilterConstant;
    }
  | {
      readonly op: 'search';
      readonly column: string;
      readonly operator: SearchOperator;
      readonly text: string;
    };

export type ComparisonOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
export type SearchOperator = 'contains' | 'startswith' | 'endswith';

/** `date` covers days and times as written, `guid` is in lower case. */
export type FilterConstant =
  | { readonly kind: 'text' | 'date' | 'guid'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null'; readonly value: null };

export type ColumnTypes = Readonly<Record<string, ColumnType>>;

/** Null is "unknown": what a comparison with an empty column gives. */
type Truth = boolean | null;

/**
 * Does a row pass? As Dataverse compares: text without case and trailing spaces, and with three-valued logic, so that
 * neither `a eq 1` nor `not (a eq 1)` takes a row whose `a` is empty. A column that was not read counts as empty.
 * `%` and `_` are plain characters. `columnTypes` settles what text and constants alone leave open (days, lookups).
 */
export function evaluate(filter: Filter, values: FieldValues, columnTypes: ColumnTypes = {}): boolean {
  return truth(filter, values, columnTypes) === true;
}

/** The columns that a filter looks at, each once, in alphabetical order. */
export function filterColumns(filter: Filter): readonly string[] {
  const found = new Set<string>();
  const visit = (part: Filter): void => {
    if ('operands' in part) part.operands.forEach(visit);
    else if ('operand' in part) visit(part.operand);
    else found.add(part.column);
  };
  visit(filter);
  return [...found].sort();
}

/**
 * The values that every passing row has: `column eq constant` at the top or under `and` only. A row made for this
 * mapping gets them. A lookup's constant is the bare id. Of two constants for one column the first counts.
 */
export function filterConstants(filter: Filter): FieldValues {
  return Object.fromEntries([...equalities(filter)].map(([column, constant]) => [column, constant.value]));
}

/** True when some column must equal one constant in the first filter and a different one in the second. */
export function excludeEachOther(first: Filter, second: Filter): boolean {
  const others = equalities(second);
  return [...equalities(first)].some(([column, constant]) => {
    const other = others.get(column);
    return other !== undefined && differ(constant, other);
  });
}

function equalities(filter: Filter): Map<string, FilterConstant> {
  const found = new Map<string, FilterConstant>();
  const visit = (part: Filter): void => {
    if (part.op === 'and') part.operands.forEach(visit);
    else if (part.op === 'compare' && part.operator === 'eq' && !found.has(part.column)) {
      found.set(part.column, part.constant);
    }
  };
  visit(filter);
  return found;
}

/** Constants of two kinds may still mean the same to a column, so only null and one kind are told apart. */
function differ(left: FilterConstant, right: FilterConstant): boolean {
  if (left.kind === 'null' || right.kind === 'null') return left.kind !== right.kind;
  return left.kind === right.kind && order(left.value, right, undefined) !== 0;
}

function truth(filter: Filter, values: FieldValues, types: ColumnTypes): Truth {
  switch (filter.op) {
    case 'and':
      return combine(filter.operands, false, values, types);
    case 'or':
      return combine(filter.operands, true, values, types);
    case 'not': {
      const inner = truth(filter.operand, values, types);
      return inner === null ? null : !inner;
    }
    case 'compare':
      return compare(filter.operator, values[filter.column] ?? null, filter.constant, types[filter.column]);
    case 'search':
      return search(filter.operator, values[filter.column] ?? null, filter.text);
  }
}

/** `and` is settled by the first false, `or` by the first true; else one unknown makes the whole unknown. */
function combine(
  operands: readonly Filter[],
  settling: boolean,
  values: FieldValues,
  types: ColumnTypes,
): Truth {
  let result: Truth = !settling;
  for (const operand of operands) {
    const part = truth(operand, values, types);
    if (part === settling) return settling;
    if (part === null) result = null;
  }
  return result;
}

function compare(
  operator: ComparisonOperator,
  value: FieldValue,
  constant: FilterConstant,
  type: ColumnType | undefined,
): Truth {
  if (constant.kind === 'null') {
    if (operator === 'eq') return value === null;
    return operator === 'ne' ? value !== null : null;
  }
  if (value === null) return null;
  const difference = order(value, constant, type);
  if (Number.isNaN(difference)) return null;
  switch (operator) {
    case 'eq':
      return difference === 0;
    case 'ne':
      return difference !== 0;
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    case 'le':
      return difference <= 0;
  }
}

/** Negative below the constant, 0 at it, positive above it; NaN when the two cannot be compared. */
function order(
  value: string | number | boolean,
  constant: Exclude<FilterConstant, { kind: 'null' }>,
  type: ColumnType | undefined,
): number {
  switch (comparisonOf(constant, type)) {
    case 'number':
      return Number(value) - Number(constant.value);
    case 'day':
      return sign(String(value).slice(0, 10), String(constant.value).slice(0, 10));
    case 'time':
      return Date.parse(String(value)) - Date.parse(String(constant.value));
    case 'id':
      return sign(bareId(String(value)), bareId(String(constant.value)));
    case 'text':
      return sign(folded(String(value)).trimEnd(), folded(String(constant.value)).trimEnd());
  }
}

type Way = 'number' | 'day' | 'time' | 'id' | 'text';

const WAY_OF_TYPE: Partial<Record<ColumnType, Way>> = {
  dateOnly: 'day',
  dateTime: 'time',
  lookup: 'id',
  uniqueIdentifier: 'id',
};

const WAY_OF_KIND: Record<Exclude<FilterConstant['kind'], 'null'>, Way> = {
  number: 'number',
  boolean: 'number',
  date: 'time',
  guid: 'id',
  text: 'text',
};

function comparisonOf(
  constant: Exclude<FilterConstant, { kind: 'null' }>,
  type: ColumnType | undefined,
): Way {
  return (type && WAY_OF_TYPE[type]) ?? WAY_OF_KIND[constant.kind];
}

/** A lookup is `"<table>:<id>"` in neutral form, and its filter names the id alone. */
function bareId(text: string): string {
  return text.slice(text.lastIndexOf(':') + 1).toLowerCase();
}

function search(operator: SearchOperator, value: FieldValue, text: string): Truth {
  if (value === null) return null;
  const hay = folded(String(value));
  const needle = folded(text);
  if (operator === 'contains') return hay.includes(needle);
  return operator === 'startswith' ? hay.startsWith(needle) : hay.endsWith(needle);
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

function sign(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
