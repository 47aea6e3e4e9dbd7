import { succeeds } from './faults.js';
import { mapParallel } from './parallel.js';
import type { Query, Row, RowKeys, StoredRow, Table } from './table.js';

/** Limits of a transaction: 100 operations, 4 MiB with its envelope. */
const OPERATIONS = 100;
const BYTES = 3_500_000;
/** About what headers and boundaries add to each operation. */
const ENVELOPE_BYTES = 700;
const TRANSACTIONS_AT_A_TIME = 8;
const READS_AT_A_TIME = 32;
/** From this many keys on a range is worth its request. */
const RANGE_FROM = 12;
/** The most rows that a query answers in one page. */
export const PAGE_ROWS = 1_000;

/** Writes rows whatever stood there before; the last of several with the same keys counts. */
export async function putRows(table: Table, rows: readonly Row[]): Promise<void> {
  const chunks = chunked([...new Map(rows.map((row) => [identity(row), row])).values()], (row) =>
    Buffer.byteLength(JSON.stringify(row)),
  );
  await mapParallel(chunks, TRANSACTIONS_AT_A_TIME, async (chunk) => {
    const [only] = chunk;
    if (chunk.length === 1 && only !== undefined) await table.put(only);
    else await table.transact(chunk.map((row) => ({ kind: 'put', row })));
  });
}

/** Removes rows; those that are gone already are fine. */
export async function removeRows(table: Table, rows: readonly RowKeys[]): Promise<void> {
  const chunks = chunked([...new Map(rows.map((row) => [identity(row), row])).values()], () => 0);
  await mapParallel(chunks, TRANSACTIONS_AT_A_TIME, async (chunk) => {
    const removed = await succeeds(
      table.transact(chunk.map(({ partitionKey, rowKey }) => ({ kind: 'remove', partitionKey, rowKey }))),
    );
    if (removed) return;
    // One row that somebody else removed meanwhile fails the whole transaction.
    await mapParallel(chunk, TRANSACTIONS_AT_A_TIME, (row) => table.remove(row.partitionKey, row.rowKey));
  });
}

/**
 * Removes what a query finds, page by page; true when nothing is left, false when the deadline (by `now`) came first.
 * At least one page is removed, so that repeated calls get to the end.
 */
export async function removeAllRows(
  table: Table,
  query: Query,
  until: { deadline: number; now: () => number },
): Promise<boolean> {
  for (;;) {
    const { rows, next } = await table.query({ ...query, keysOnly: true }, PAGE_ROWS);
    await removeRows(table, rows);
    if (next === undefined) return true;
    if (until.now() >= until.deadline) return false;
  }
}

/** Reads rows by their keys, missing ones as undefined, in the order asked. */
export function getRows(table: Table, keys: readonly RowKeys[]): Promise<(StoredRow | undefined)[]> {
  return mapParallel(keys, READS_AT_A_TIME, ({ partitionKey, rowKey }) => table.get(partitionKey, rowKey));
}

/**
 * Rows of one partition by their row keys, missing ones left out. Many keys usually lie close together (a page of a
 * scan), so the range that they span is read first; what a bounded look at it did not reach comes by point reads.
 */
export async function getNearRows(
  table: Table,
  partition: string,
  rowKeys: readonly string[],
): Promise<StoredRow[]> {
  const sorted = [...new Set(rowKeys)].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (sorted.length < RANGE_FROM || first === undefined || last === undefined) {
    return await readEach(table, partition, sorted);
  }
  const wanted = new Set(sorted);
  // `!` sorts before all that a key can go on with, so the range ends with the last key itself.
  const range = { partition, from: first, below: `${last}!` };
  const page = await table.query(range, sorted.length * 2);
  const near = page.rows.filter((row) => wanted.has(row.rowKey));
  const reached = page.next === undefined ? last : (page.rows.at(-1)?.rowKey ?? '');
  const far = sorted.filter((key) => key > reached);
  return [...near, ...(await readEach(table, partition, far))];
}

async function readEach(
  table: Table,
  partitionKey: string,
  rowKeys: readonly string[],
): Promise<StoredRow[]> {
  const rows = await getRows(
    table,
    rowKeys.map((rowKey) => ({ partitionKey, rowKey })),
  );
  return rows.filter((row) => row !== undefined);
}

/** All rows of a query that is known to be short. */
export async function allRows(table: Table, query: Query): Promise<StoredRow[]> {
  const rows: StoredRow[] = [];
  let token: string | undefined;
  do {
    const page = await table.query(query, PAGE_ROWS, token);
    rows.push(...page.rows);
    token = page.next;
  } while (token !== undefined);
  return rows;
}

function identity({ partitionKey, rowKey }: RowKeys): string {
  return `${partitionKey}\n${rowKey}`;
}

/** Chunks of one partition each that fit a transaction. */
function chunked<T extends RowKeys>(rows: readonly T[], bytesOf: (row: T) => number): T[][] {
  const chunks: T[][] = [];
  const open = new Map<string, { chunk: T[]; bytes: number }>();
  for (const row of rows) {
    const bytes = bytesOf(row) + ENVELOPE_BYTES;
    const current = open.get(row.partitionKey);
    if (current !== undefined && current.chunk.length < OPERATIONS && current.bytes + bytes <= BYTES) {
      current.chunk.push(row);
      current.bytes += bytes;
    } else {
      const chunk = [row];
      chunks.push(chunk);
      open.set(row.partitionKey, { chunk, bytes });
    }
  }
  return chunks;
}
