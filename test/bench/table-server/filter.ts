import { TableError } from './table-error.js';

type Literal = string | number | boolean;

export interface Condition {
  readonly column: string;
  readonly operator: 'eq' | 'ne' | 'ge' | 'gt' | 'le' | 'lt';
  readonly value: Literal;
}

export interface Filter {
  readonly keys: { readonly PartitionKey: readonly Condition[]; readonly RowKey: readonly Condition[] };
  readonly columns: readonly Condition[];
}

const condition = /\s*(\w+) (eq|ne|ge|gt|le|lt) ('(?:[^']|'')*'|true|false|-?\d+)\s*(and\b|$)/y;

/** Comparisons that are joined by `and`, as the product asks; anything else is refused. */
export function parseFilter(text: string): Filter {
  const conditions: Condition[] = [];
  condition.lastIndex = 0;
  for (let isOver = text === ''; !isOver; ) {
    const found = condition.exec(text);
    if (found === null) throw new TableError(501, 'NotImplemented', `No such filter here: ${text}`);
    const [, column = '', operator, literal = '', joint] = found;
    conditions.push({ column, operator: operator as Condition['operator'], value: valueIn(literal) });
    isOver = joint === '';
  }
  const about = (column: string) => conditions.filter((one) => one.column === column);
  return {
    keys: { PartitionKey: about('PartitionKey'), RowKey: about('RowKey') },
    columns: conditions.filter(({ column }) => column !== 'PartitionKey' && column !== 'RowKey'),
  };
}

function valueIn(literal: string): Literal {
  if (literal.startsWith("'")) return literal.slice(1, -1).replaceAll("''", "'");
  return literal === 'true' || literal === 'false' ? literal === 'true' : Number(literal);
}

/** A column that is not there, or of another type, meets no condition. */
export function meets(value: unknown, { operator, value: wanted }: Condition): boolean {
  if (typeof value !== typeof wanted) return false;
  const given = value as Literal;
  switch (operator) {
    case 'eq':
      return given === wanted;
    case 'ne':
      return given !== wanted;
    case 'ge':
      return given >= wanted;
    case 'gt':
      return given > wanted;
    case 'le':
      return given <= wanted;
    case 'lt':
      return given < wanted;
  }
}

/** The first key that can meet the conditions. */
export function lowest(conditions: readonly Condition[]): string {
  return conditions.reduce(
    (low, { operator, value }) =>
      /^(eq|ge|gt)$/.test(operator) && String(value) > low ? String(value) : low,
    '',
  );
}

/** Does no key from this one on meet the conditions? */
export function isBehind(key: string, conditions: readonly Condition[]): boolean {
  return conditions.some(
    ({ operator, value }) =>
      (/^(eq|le)$/.test(operator) && key > value) || (operator === 'lt' && key >= value),
  );
}
