import { badRequest } from '../errors.js';
import type { Column, Scalar } from '../tables/schema.js';
import type { CompareOperator } from './filter-parser.js';

/** Texts are equal, and ordered, as their keys are. */
export type TextKey = (text: string) => string;

/** How values compare; `any` is for JSON without a declared type (metadata). */
export type ValueKind = 'text' | 'number' | 'boolean' | 'guid' | 'moment' | 'day' | 'null' | 'any';

const EDM: Record<ValueKind, string> = {
  text: 'Edm.String',
  number: 'Edm.Int32',
  boolean: 'Edm.Boolean',
  guid: 'Edm.Guid',
  moment: 'Edm.DateTimeOffset',
  day: 'Edm.Date',
  null: 'null',
  any: 'Edm.Untyped',
};

const OPERATOR_NAMES: Record<CompareOperator, string> = {
  eq: 'Equal',
  ne: 'NotEqual',
  gt: 'GreaterThan',
  ge: 'GreaterThanOrEqual',
  lt: 'LessThan',
  le: 'LessThanOrEqual',
};

export function kindOf(column: Column): ValueKind {
  switch (column.type) {
    case 'string':
    case 'memo':
    case 'multiselect':
    case 'image':
    case 'partylist':
      return 'text';
    case 'boolean':
      return 'boolean';
    case 'guid':
    case 'lookup':
    case 'file':
      return 'guid';
    case 'datetime':
      return 'moment';
    case 'dateonly':
      return 'day';
    case 'integer':
    case 'bigint':
    case 'decimal':
    case 'double':
    case 'money':
    case 'picklist':
    case 'state':
    case 'status':
      return 'number';
  }
}

/** The form in which two values of a kind can be compared directly. */
export function comparable(value: Scalar, kind: ValueKind, keyOf: TextKey): Scalar {
  if (typeof value !== 'string') {
    return value;
  }
  return kind === 'moment' || kind === 'day' ? Date.parse(value) : keyOf(value);
}

/** Refuses operands whose types do not go together and returns the kind to compare in. */
export function commonKind(left: ValueKind, right: ValueKind, operator: CompareOperator): ValueKind {
  if (left === right || right === 'null' || right === 'any') {
    return left;
  }
  if (left === 'null' || left === 'any') {
    return right;
  }
  if ((left === 'moment' && right === 'day') || (left === 'day' && right === 'moment')) {
    return 'moment';
  }
  throw badRequest(
    `A binary operator with incompatible types was detected. Found operand types '${EDM[left]}' and '${EDM[right]}' for operator kind '${OPERATOR_NAMES[operator]}'.`,
    '0x80060888',
  );
}

/** Compares two comparable values; an empty value equals null only and differs from everything else. */
export function holds(operator: CompareOperator, left: Scalar, right: Scalar): boolean {
  if (operator === 'eq') {
    return left === right;
  }
  if (operator === 'ne') {
    return left !== right;
  }
  if (left === null || right === null) {
    return false;
  }
  switch (operator) {
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
  }
}

/** A value given as text (the query functions do) in the form comparable with a column of this kind. */
export function comparableText(
  value: string | number | boolean | null,
  kind: ValueKind,
  keyOf: TextKey,
): Scalar {
  if (value === null) {
    return null;
  }
  if (kind === 'number') {
    return Number(value);
  }
  return kind === 'boolean' ? String(value).toLowerCase() === 'true' : comparable(String(value), kind, keyOf);
}

/** A test for SQL LIKE patterns: `%`, `_` and `[set]` are wildcards inside the value. */
export function likeTest(
  value: string,
  anchor: 'contains' | 'startswith' | 'endswith',
  patternOf: TextKey,
): (text: string) => boolean {
  const wanted = patternOf(value);
  if (!/[%_[]/.test(wanted)) {
    switch (anchor) {
      case 'contains':
        return (text) => patternOf(text).includes(wanted);
      case 'startswith':
        return (text) => patternOf(text).startsWith(wanted);
      case 'endswith':
        return (text) => patternOf(text).endsWith(wanted);
    }
  }
  const start = anchor === 'endswith' || anchor === 'contains' ? '' : '^';
  const end = anchor === 'startswith' || anchor === 'contains' ? '' : '$';
  const pattern = new RegExp(`${start}${likeSource(wanted)}${end}`, 'isu');
  return (text) => pattern.test(patternOf(text));
}

function likeSource(value: string): string {
  const parts = value.match(/\[[^\]]+\]|[\s\S]/gu) ?? [];
  return parts
    .map((part) => {
      if (part === '%') {
        return '.*';
      }
      if (part === '_') {
        return '.';
      }
      if (part.length > 1 && part.startsWith('[')) {
        const isNegated = part.startsWith('[^') && part.length > 3;
        const set = part.slice(isNegated ? 2 : 1, -1).replace(/[\\\][^]/g, '\\$&');
        return `[${isNegated ? '^' : ''}${set.replace(/^-|-$/g, '\\-')}]`;
      }
      return part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    })
    .join('');
}
