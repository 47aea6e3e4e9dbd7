import { RecordRejectedError } from '../../domain/errors.js';
import type { Column } from '../../domain/schema.js';
import type { FieldValue, FieldValues } from '../../domain/values.js';
import type { DataverseTable } from './columns.js';
import { bridgeError } from './faults.js';
import { rowPath } from './odata.js';
import { parseLookup } from './row-format.js';

export interface Payload {
  readonly body: Record<string, unknown>;
  /** Columns that the body writes. */
  readonly columns: readonly string[];
  /** Those of them that bind a row, with its id. */
  readonly bound: ReadonlyMap<string, string>;
  /** Values that this kind of write does not take: Dataverse would ignore them without a word. */
  readonly left: FieldValues;
}

export interface PayloadOptions {
  readonly operation: 'create' | 'update';
  /** Entity set of a table; undefined when there is no such table. */
  entitySet(table: string): Promise<string | undefined>;
}

/** Values in the neutral form into the body of a write (*Associate and disassociate table rows* for lookups). */
export async function toPayload(
  schema: DataverseTable,
  values: FieldValues,
  options: PayloadOptions,
): Promise<Payload> {
  const isCreate = options.operation === 'create';
  const body: Record<string, unknown> = {};
  const columns: string[] = [];
  const bound = new Map<string, string>();
  const left: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(values)) {
    const column = columnOf(schema, name);
    if (!(isCreate ? column.creatable : column.updatable)) {
      left[name] = value;
      continue;
    }
    // A new row is empty by itself.
    if (isCreate && value === null) continue;
    const [property, sent] =
      column.type === 'lookup' ? await binding(schema, column, value, options) : [name, value];
    body[property] = sent;
    columns.push(name);
    const lookup = column.type === 'lookup' ? parseLookup(value) : undefined;
    if (lookup !== undefined) bound.set(name, lookup.id);
  }
  return { body, columns, bound, left };
}

function columnOf(schema: DataverseTable, name: string): Column {
  const column = schema.columns.find((each) => each.name === name);
  if (column !== undefined) return column;
  throw bridgeError('schema_changed', `The table \`${schema.logicalName}\` has no column \`${name}\`.`);
}

async function binding(
  schema: DataverseTable,
  column: Column,
  value: FieldValue,
  options: PayloadOptions,
): Promise<[string, string | null]> {
  if (value === null) return [bindName(schema, column, undefined), null];
  const lookup = parseLookup(value);
  if (lookup === undefined) {
    throw new RecordRejectedError('invalid_value', `\`${column.name}\` needs a reference to a row.`, {
      field: column.name,
    });
  }
  const entitySet = await options.entitySet(lookup.table);
  if (entitySet === undefined) throw wrongTarget(column, lookup.table);
  return [bindName(schema, column, lookup.table), `/${rowPath(entitySet, lookup.id)}`];
}

/**
 * The writable name of a lookup for one of its tables; for clearing any of them. Owners are users and teams, which share
 * one name under the table `owner`.
 */
export function bindName(schema: DataverseTable, column: Column, table: string | undefined): string {
  const names = schema.navigations.filter((each) => each.column === column.name);
  const isShared = names.length === 1 && table !== undefined && column.targets?.includes(table) === true;
  const name = names.find((each) => table === undefined || isShared || each.referencedTable === table);
  if (name === undefined) throw wrongTarget(column, table ?? '');
  return `${name.navigationProperty}@odata.bind`;
}

function wrongTarget(column: Column, table: string): RecordRejectedError {
  const message = `\`${column.name}\` cannot point to the table \`${table}\`.`;
  return new RecordRejectedError('invalid_value', message, { field: column.name });
}
