import { mapConcurrent } from '../../lib/map-concurrent.js';
import { succeeds } from './faults.js';
import { checkVersion } from './json-columns.js';
import { keysOf, type Query, type Row, type RowKeys, type StoredRow, type Table } from './table.js';
import { chunked } from './transactions.js';

/** Of mostly one partition, which takes no more in the long run. */
const TRANSACTIONS_AT_A_TIME = 4;
const READS_AT_A_TIME = 32;
const PARTITIONS_AT_A_TIME = 8;
/** From this many keys on a range is asked for: its answer tells at least of the first, so it never takes more requests. */
const RANGE_FROM = 2;
/** A point read costs as much as about this many rows of a page; of a first page a quarter for each key is asked for. */
const ROWS_PER_READ = 20;
const SHARE_OF_READ = 4;
/** The most rows that a query answers in one page. */
export const PAGE_ROWS = 1_000;

/** Writes rows over those that are there; the last of several with the same keys counts. */
export async function putRows(table: Table, rows: readonly Row[]): Promise<void> {
  const chunks = chunked(rows.map((row) => ({ kind: 'put', row })));
  await mapConcurrent(chunks, TRANSACTIONS_AT_A_TIME, async (chunk) => {
    const [only] = chunk;
    if (chunk.length === 1 && only?.kind === 'put') await table.put(only.row);
    else await table.transact(chunk);
  });
}

/** Do rows of one partition go in one transaction, so that `putRows` writes all of them or none? */
export function fitTransaction(rows: readonly Row[]): boolean {
  return chunked(rows.map((row) => ({ kind: 'put', row }))).length <= 1;
}

/** Removes rows; those that are gone already are fine. */
export async function removeRows(table: Table, rows: readonly RowKeys[]): Promise<void> {
  const chunks = chunked(rows.map(({ partitionKey, rowKey }) => ({ kind: 'remove', partitionKey, rowKey })));
  await mapConcurrent(chunks, TRANSACTIONS_AT_A_TIME, async (chunk) => {
    if (await succeeds(table.transact(chunk))) return;
    // One row that another worker removed meanwhile fails the whole transaction.
    await mapConcurrent(chunk.map(keysOf), TRANSACTIONS_AT_A_TIME, (row) =>
      table.remove(row.partitionKey, row.rowKey),
    );
  });
}

/**
 * Removes what a query finds, page by page; true when nothing is left, false when the deadline (by `now`) came first.
 * At least one page is removed, so that repeated calls get to the end. Throws before a page that has a row of a later
 * layout: the version that wrote it may keep more under keys that this one does not know.
 */
export async function removeAllRows(
  table: Table,
  query: Query,
  until: { deadline: number; now: () => number },
): Promise<boolean> {
  for (;;) {
    const { rows, next } = await table.query({ ...query, keysOnly: true }, PAGE_ROWS);
    rows.forEach(checkVersion);
    await removeRows(table, rows);
    if (next === undefined) return true;
    if (until.now() >= until.deadline) return false;
  }
}

/** Reads rows by their keys, missing ones as undefined, in the order asked; those that lie close together in one request. */
export async function getRows(
  table: Table,
  keys: readonly RowKeys[],
): Promise<readonly (StoredRow | undefined)[]> {
  const partitions = new Map<string, Map<string, StoredRow | undefined>>();
  for (const { partitionKey, rowKey } of keys) {
    const rows = partitions.get(partitionKey) ?? new Map<string, StoredRow | undefined>();
    partitions.set(partitionKey, rows.set(rowKey, undefined));
  }
  await mapConcurrent([...partitions], PARTITIONS_AT_A_TIME, async ([partition, rows]) => {
    for (const row of await getNearRows(table, partition, [...rows.keys()])) rows.set(row.rowKey, row);
  });
  return keys.map(({ partitionKey, rowKey }) => partitions.get(partitionKey)?.get(rowKey));
}

/**
 * Rows of one partition by their row keys, missing ones left out. Where keys lie close together (a page of a scan) the
 * range that they span is read, page by page while enough of it is wanted; the rest comes by point reads. `rowsPerRead`: as many
 * rows are read for each key at the most, more than usual where rows are small or few.
 */
export async function getNearRows(
  table: Table,
  partition: string,
  rowKeys: readonly string[],
  rowsPerRead = ROWS_PER_READ,
): Promise<StoredRow[]> {
  let sought = [...new Set(rowKeys)].sort();
  const wanted = new Set(sought);
  const found: StoredRow[] = [];
  while (sought.length >= RANGE_FROM) {
    // `!` sorts before all that a key can go on with, so the range ends with the last key itself.
    const range = { partition, from: sought[0], below: `${sought.at(-1)}!` };
    const most = Math.ceil((sought.length * rowsPerRead) / SHARE_OF_READ);
    const page = await table.query(range, Math.min(most, PAGE_ROWS));
    found.push(...page.rows.filter((row) => wanted.has(row.rowKey)));
    if (page.next === undefined) return found;
    const reached = page.rows.at(-1)?.rowKey ?? '';
    const left = sought.filter((key) => key > reached);
    // It answers for keys without a row as well.
    const answered = sought.length - left.length;
    sought = left;
    if (answered * rowsPerRead < page.rows.length) break;
  }
  return [...found, ...(await readEach(table, partition, sought))];
}

async function readEach(
  table: Table,
  partitionKey: string,
  rowKeys: readonly string[],
): Promise<StoredRow[]> {
  const rows = await mapConcurrent(rowKeys, READS_AT_A_TIME, (rowKey) => table.get(partitionKey, rowKey));
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
