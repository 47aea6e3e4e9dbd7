import type { CountingMeter } from '../../src/adapters/meter.js';
import { prefixEnd } from '../../src/adapters/storage/keys.js';
import type {
  Operation,
  Query,
  Row,
  RowPage,
  StoredRow,
  Table,
  TableName,
  Tables,
} from '../../src/adapters/storage/table.js';
import { BridgeError, ConflictError } from '../../src/domain/errors.js';

/** What is about to be done to which row; for tests that interleave or kill. */
export interface MemoryRequest {
  readonly table: TableName;
  readonly kind: 'get' | 'insert' | 'put' | 'replace' | 'remove' | 'transact' | 'query';
  readonly partitionKey: string;
  readonly rowKey?: string | undefined;
}

export interface MemoryTables extends Tables {
  /** Called before each request takes effect; what it throws is what the caller gets, and nothing happens. */
  before: ((request: MemoryRequest) => void | Promise<void>) | undefined;
  /** Called after each request took effect: throwing here is an answer that got lost. */
  after: ((request: MemoryRequest) => void | Promise<void>) | undefined;
  /** All rows of a table in key order. */
  rows(name: TableName): StoredRow[];
}

interface Partition {
  readonly rows: Map<string, StoredRow>;
  /** Row keys in order; undefined after a row came or went. */
  sorted: string[] | undefined;
}

/** Table Storage in memory: the same ETags, conflicts, orders, pages and refusals, without the network. */
export function createMemoryTables(meter?: CountingMeter): MemoryTables {
  const tables = new Map<TableName, MemoryTable>();
  const open = (name: TableName): MemoryTable => {
    const known = tables.get(name) ?? memoryTable();
    tables.set(name, known);
    return known;
  };
  const memory: MemoryTables = {
    before: undefined,
    after: undefined,
    rows: (name) =>
      open(name)
        .query({ partitionPrefix: '' }, Number.POSITIVE_INFINITY)
        .rows.map((row) => ({ ...row })),
    table(name) {
      const table = open(name);
      const run = async <T>(request: Omit<MemoryRequest, 'table'>, work: () => T): Promise<T> => {
        meter?.count('storage');
        await memory.before?.({ table: name, ...request });
        const result = work();
        await memory.after?.({ table: name, ...request });
        return result;
      };
      return asTable(table, run);
    },
  };
  return memory;
}

type Runner = <T>(request: Omit<MemoryRequest, 'table'>, work: () => T) => Promise<T>;

function asTable(table: MemoryTable, run: Runner): Table {
  const keysOf = ({ partitionKey, rowKey }: Row) => ({ partitionKey, rowKey });
  return {
    get: (partitionKey, rowKey) =>
      run({ kind: 'get', partitionKey, rowKey }, () => table.get(partitionKey, rowKey)),
    insert: (row) =>
      run({ kind: 'insert', ...keysOf(row) }, () =>
        table.get(row.partitionKey, row.rowKey) === undefined ? table.write(row) : undefined,
      ),
    put: (row) => run({ kind: 'put', ...keysOf(row) }, () => table.write(row)),
    replace: (row, etag) =>
      run({ kind: 'replace', ...keysOf(row) }, () => {
        table.demand(row.partitionKey, row.rowKey, etag);
        return table.write(row);
      }),
    remove: (partitionKey, rowKey, etag) =>
      run({ kind: 'remove', partitionKey, rowKey }, () => {
        if (etag !== undefined) table.demand(partitionKey, rowKey, etag);
        table.remove(partitionKey, rowKey);
      }),
    transact: (operations) =>
      run({ kind: 'transact', partitionKey: keysOfOperation(operations[0]).partitionKey }, () =>
        table.transact(operations),
      ),
    query: (query, limit, token) =>
      run(
        { kind: 'query', partitionKey: 'partition' in query ? query.partition : query.partitionPrefix },
        () => table.query(query, limit, token),
      ),
  };
}

interface MemoryTable {
  get(partitionKey: string, rowKey: string): StoredRow | undefined;
  write(row: Row): string;
  demand(partitionKey: string, rowKey: string, etag?: string): void;
  remove(partitionKey: string, rowKey: string): void;
  transact(operations: readonly Operation[]): (string | undefined)[];
  query(query: Query, limit: number, token?: string): RowPage;
}

function memoryTable(): MemoryTable {
  const partitions = new Map<string, Partition>();
  let sortedPartitions: string[] | undefined;
  let writes = 0;

  const get = (partitionKey: string, rowKey: string) => partitions.get(partitionKey)?.rows.get(rowKey);
  const demand = (partitionKey: string, rowKey: string, etag?: string): void => {
    const row = get(partitionKey, rowKey);
    if (row === undefined || (etag !== undefined && row.etag !== etag)) {
      throw new ConflictError('A row was changed by another writer.');
    }
  };
  const write = (row: Row): string => {
    checkRow(row);
    let partition = partitions.get(row.partitionKey);
    if (partition === undefined) {
      partition = { rows: new Map(), sorted: undefined };
      partitions.set(row.partitionKey, partition);
      sortedPartitions = undefined;
    }
    if (!partition.rows.has(row.rowKey)) partition.sorted = undefined;
    writes += 1;
    const stored = Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== undefined));
    const etag = `W/"${writes}"`;
    partition.rows.set(row.rowKey, { ...stored, partitionKey: row.partitionKey, rowKey: row.rowKey, etag });
    return etag;
  };
  const remove = (partitionKey: string, rowKey: string): void => {
    const partition = partitions.get(partitionKey);
    if (partition === undefined || !partition.rows.delete(rowKey)) return;
    partition.sorted = undefined;
    if (partition.rows.size === 0) {
      partitions.delete(partitionKey);
      sortedPartitions = undefined;
    }
  };
  const partitionsOf = (query: Query): string[] => {
    if ('partition' in query) return partitions.has(query.partition) ? [query.partition] : [];
    sortedPartitions ??= [...partitions.keys()].sort();
    const { partitionPrefix } = query;
    if (partitionPrefix === '') return sortedPartitions;
    const end = prefixEnd(partitionPrefix);
    return sortedPartitions.filter((key) => key >= partitionPrefix && key < end);
  };

  return {
    get,
    write,
    demand,
    remove,
    transact(operations) {
      checkTransaction(operations);
      for (const operation of operations) {
        const { partitionKey, rowKey } = keysOfOperation(operation);
        if (operation.kind === 'replace') demand(partitionKey, rowKey, operation.etag);
        if (operation.kind === 'remove') demand(partitionKey, rowKey);
        if (operation.kind === 'insert' && get(partitionKey, rowKey) !== undefined) {
          throw new ConflictError('A row exists already.');
        }
        if (operation.kind !== 'remove') checkRow(operation.row);
      }
      return operations.map((operation) => {
        if (operation.kind !== 'remove') return write(operation.row);
        remove(operation.partitionKey, operation.rowKey);
        return undefined;
      });
    },
    query(query, limit, token) {
      const start = token === undefined ? undefined : parseToken(token);
      const rows: StoredRow[] = [];
      for (const partitionKey of partitionsOf(query)) {
        if (start !== undefined && partitionKey < start.partitionKey) continue;
        const from = start?.partitionKey === partitionKey ? start.rowKey : '';
        for (const row of rowsFrom(partitions.get(partitionKey), from, query)) {
          if (rows.length >= limit) return { rows, next: JSON.stringify([partitionKey, row.rowKey]) };
          rows.push(selected(row, query.keysOnly ? [] : query.columns));
        }
      }
      return { rows };
    },
  };
}

/** The row with these columns only, its keys and its layout version. */
function selected(row: StoredRow, columns: readonly string[] | undefined): StoredRow {
  if (columns === undefined) return row;
  const { partitionKey, rowKey, etag, v } = row;
  const cells = columns.flatMap((column) => (row[column] === undefined ? [] : [[column, row[column]]]));
  return { ...Object.fromEntries(cells), partitionKey, rowKey, etag, v };
}

/** The rows of a partition that a query finds, in order, from a key on. */
function* rowsFrom(partition: Partition | undefined, from: string, query: Query): Generator<StoredRow> {
  if (partition === undefined) return;
  partition.sorted ??= [...partition.rows.keys()].sort();
  const { sorted } = partition;
  for (let index = firstFrom(sorted, maxOf(from, query.from ?? '')); index < sorted.length; index += 1) {
    const rowKey = sorted[index]!;
    if (query.below !== undefined && rowKey >= query.below) return;
    const row = partition.rows.get(rowKey);
    if (row !== undefined && matches(row, query)) yield row;
  }
}

function matches(row: StoredRow, query: Query): boolean {
  return Object.entries(query.where ?? {}).every(
    ([column, value]) => value === undefined || row[column] === value,
  );
}

/** Index of the first key that is not before `from`. */
function firstFrom(sorted: readonly string[], from: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function maxOf(a: string, b: string): string {
  return a > b ? a : b;
}

function parseToken(token: string): { partitionKey: string; rowKey: string } {
  try {
    const [partitionKey, rowKey] = JSON.parse(token) as [string, string];
    return { partitionKey, rowKey };
  } catch {
    throw new BridgeError('invalid_request', 'The cursor is not one that this list gave out.');
  }
}

function keysOfOperation(operation: Operation | undefined): { partitionKey: string; rowKey: string } {
  if (operation === undefined) throw new Error('a transaction needs an operation');
  return operation.kind === 'remove' ? operation : operation.row;
}

/** What the service refuses, so that a test meets it here too. */
function checkTransaction(operations: readonly Operation[]): void {
  const keys = operations.map(keysOfOperation);
  if (operations.length > 100) throw new Error('a transaction takes 100 operations');
  if (new Set(keys.map((key) => key.partitionKey)).size !== 1)
    throw new Error('a transaction has one partition');
  if (new Set(keys.map((key) => key.rowKey)).size !== keys.length) throw new Error('a row occurs twice');
}

function checkRow(row: Row): void {
  for (const key of [row.partitionKey, row.rowKey]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the service refuses in keys
    if (key.length > 512 || /[/\\#?\u0000-\u001f\u007f-\u009f]/.test(key)) throw new Error(`bad key ${key}`);
  }
  const size = Object.entries(row).reduce((sum, [column, cell]) => sum + bytesOf(column, cell), 0);
  if (size > 1_048_576)
    throw new BridgeError('internal_error', 'Storage refuses a request with 413 EntityTooLarge.');
  for (const [column, cell] of Object.entries(row)) {
    if (typeof cell === 'string' && cell.length > 32_768) throw new Error(`column ${column} is too long`);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(column)) throw new Error(`bad column name ${column}`);
    if (typeof cell === 'number' && (!Number.isInteger(cell) || Math.abs(cell) > 0x7fffffff)) {
      throw new Error(`column ${column} does not fit an integer`);
    }
  }
}

/** As the service counts: two bytes a character, of names as of values. */
function bytesOf(column: string, cell: Row[string]): number {
  return column.length * 2 + (typeof cell === 'string' ? cell.length * 2 : 8);
}
