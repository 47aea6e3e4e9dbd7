import type { DynamicsRow } from '../../domain/records.js';
import type { Column } from '../../domain/schema.js';
import type { FieldValue } from '../../domain/values.js';
import type { DataverseTable } from './columns.js';
import { bridgeError } from './faults.js';
import { isGuid } from './odata.js';
import type { RawRow } from './wire.js';

/** How rows of one table are asked for and read for a given set of columns. */
export interface RowFormat {
  /** Value of `$select`. */
  readonly select: string;
  /** `Prefer` values that reads and representations need. */
  readonly prefer: readonly string[];
  /** `readAt`: when the request was sent, milliseconds of our clock. Undefined when the row has no id. */
  toRow(raw: RawRow, readAt: number): DynamicsRow | undefined;
}

const LOOKUP_TABLE = 'Microsoft.Dynamics.CRM.lookuplogicalname';
/** What every reading brings along: state, time and fate of the row, where the table has them. */
const ALWAYS = ['statecode', 'modifiedon', 'merged', 'masterid'];

/** The property that carries a column's value: lookups are read through a computed one. */
export function propertyOf(column: Column): string {
  return column.type === 'lookup' ? `_${column.name}_value` : column.name;
}

/** Names of columns that the table does not have. */
export function unknownColumns(schema: DataverseTable, columns: Iterable<string>): readonly string[] {
  const known = new Set(schema.columns.map((column) => column.name));
  return [...columns].filter((name) => !known.has(name));
}

/** Columns that may not be read are left out, so that their values are absent and not empty. */
export function rowFormat(schema: DataverseTable, columns: readonly string[]): RowFormat {
  const unknown = unknownColumns(schema, columns);
  if (unknown.length > 0) {
    const names = unknown.map((name) => `\`${name}\``).join(', ');
    throw bridgeError('schema_changed', `The table \`${schema.logicalName}\` has no column ${names}.`);
  }
  const byName = new Map(schema.columns.map((column) => [column.name, column]));
  const readable = (names: readonly string[]) =>
    names.flatMap((name) => {
      const column = byName.get(name);
      return column?.readable === true ? [column] : [];
    });
  const wanted = readable([...new Set(columns)]);
  const always = readable(ALWAYS);
  const select = new Set([...wanted, ...always].map(propertyOf));
  const hasState = always.some((column) => column.name === 'statecode');
  const hasLookups = wanted.some((column) => column.type === 'lookup');
  const readers = wanted.map((column) => {
    const read = readerOf(column);
    return [column.name, schema.secured.has(column.name) ? unlessNull(read) : read] as const;
  });

  function toRow(raw: RawRow, readAt: number): DynamicsRow | undefined {
    const id = raw[schema.primaryId];
    if (typeof id !== 'string' || !isGuid(id)) return undefined;
    const values: Record<string, FieldValue> = {};
    for (const [name, read] of readers) {
      const value = read(raw);
      if (value !== undefined) values[name] = value;
    }
    const etag = raw['@odata.etag'];
    return {
      id: id.toLowerCase(),
      values,
      active: !hasState || raw.statecode === 0,
      etag: schema.optimisticConcurrency && typeof etag === 'string' ? etag : null,
      modifiedOn: text(raw.modifiedon),
      mergedInto: mergedInto(raw, id.toLowerCase()),
      readAt,
    };
  }
  return {
    select: [...select].join(','),
    prefer: hasLookups ? [`odata.include-annotations="${LOOKUP_TABLE}"`] : [],
    toRow,
  };
}

/** When the surviving row is deleted, the reference to it goes, too. A row that a person activates stands for itself again. */
function mergedInto(raw: RawRow, id: string): string | null {
  if (raw.merged !== true || raw.statecode === 0) return null;
  const master = raw._masterid_value;
  if (typeof master === 'string' && isGuid(master)) return master.toLowerCase();
  return master === null && raw.statecode === 1 ? id : null;
}

type Reader = (raw: RawRow) => FieldValue | undefined;

/** Reads one column into the neutral form; undefined when the answer does not tell the value. */
function readerOf(column: Column): Reader {
  const property = propertyOf(column);
  if (column.type === 'lookup') return lookupReader(column, property);
  return (raw) => {
    const value = raw[property];
    if (value === null || typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
  };
}

/** Null of a secured column may just mean that we must not see it: then the value is absent and not empty. */
function unlessNull(read: Reader): Reader {
  return (raw) => read(raw) ?? undefined;
}

/** Only the annotation tells which table a lookup with several targets points to. */
function lookupReader(column: Column, property: string): Reader {
  const annotation = `${property}@${LOOKUP_TABLE}`;
  const [only, ...others] = column.targets ?? [];
  const single = others.length === 0 ? only : undefined;
  return (raw) => {
    const id = raw[property];
    if (id === null) return null;
    if (typeof id !== 'string' || !isGuid(id)) return undefined;
    const table = text(raw[annotation]) ?? single;
    return table === undefined || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(table)
      ? undefined
      : `${table}:${id.toLowerCase()}`;
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** `"account:<guid>"` apart; undefined for anything else. */
export function parseLookup(value: FieldValue): { table: string; id: string } | undefined {
  if (typeof value !== 'string') return undefined;
  const [table, id, ...rest] = value.split(':');
  if (!table || !id || rest.length > 0 || !isGuid(id)) return undefined;
  return { table, id: id.toLowerCase() };
}
