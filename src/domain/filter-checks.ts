import type { Fault } from './errors.js';
import type { ComparisonOperator, Filter, FilterConstant } from './filter.js';
import { parseFilter } from './filter-parser.js';
import type { Column, ColumnType, TableSchema } from './schema.js';

/** Kinds of constant that a column can be compared with; types that are not named take any. */
const CONSTANTS: Partial<Readonly<Record<ColumnType, readonly FilterConstant['kind'][]>>> = {
  integer: ['number'],
  decimal: ['number'],
  money: ['number'],
  choice: ['number'],
  state: ['number'],
  status: ['number'],
  boolean: ['boolean', 'number'],
  dateOnly: ['date'],
  dateTime: ['date'],
};

/** What is wrong with a filter over this table: its grammar, or columns and constants that do not fit. */
export function checkFilter(filter: string | null, table: TableSchema): readonly Fault[] {
  if (filter === null) return [];
  const parsed = parseFilter(filter);
  const messages = parsed.ok
    ? [...new Set(messagesOf(parsed.filter, table))]
    : [`${parsed.message} (at character ${parsed.position + 1})`];
  return messages.map((message) => ({ path: 'filter', message }));
}

function messagesOf(filter: Filter, table: TableSchema): readonly string[] {
  if ('operands' in filter) return filter.operands.flatMap((part) => messagesOf(part, table));
  if ('operand' in filter) return messagesOf(filter.operand, table);
  const column = table.columns.find((candidate) => candidate.name === filter.column);
  if (!column) return [unknownColumn(filter.column, table)];
  if (!column.readable) return [`The column ${column.name} cannot be read.`];
  return filter.op === 'compare'
    ? comparisonFault(column, filter.operator, filter.constant)
    : searchFault(column, filter.operator);
}

function comparisonFault(
  column: Column,
  operator: ComparisonOperator,
  constant: FilterConstant,
): readonly string[] {
  const allowed = CONSTANTS[column.type];
  if (constant.kind === 'null' || allowed === undefined || allowed.includes(constant.kind)) return [];
  return [
    `The column ${column.name} (${column.type}) cannot be compared (${operator}) with ${named(constant)}.`,
  ];
}

function searchFault(column: Column, operator: string): readonly string[] {
  return CONSTANTS[column.type] === undefined
    ? []
    : [`The column ${column.name} (${column.type}) holds no text for ${operator} to search.`];
}

function named({ kind, value }: FilterConstant): string {
  return kind === 'text' ? `the text '${value}'` : `${kind} ${value}`;
}

export function unknownColumn(name: string, table: TableSchema): string {
  return `The table ${table.logicalName} has no column "${name}".`;
}
