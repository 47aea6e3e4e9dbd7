/**
 * Log entries, JSON in `data`, with `status`, `entity` and `crmId` as columns to filter by. The partition
 * `{connectionId}` holds each entry under up to four keys:
 *   `T|{reverse time}|{entry}`             newest first
 *   `A|{A id}|{reverse time}|{entry}`      by A record
 *   `D|{D id}|{reverse time}|{entry}`      by D record
 *   `R|{runId}|{time}|{entry}`             by run: what it did, and what it tells only there
 *   `H|{hour}|{runId}`                     where a run has entries of this hour
 * Earlier versions kept what runs did in partitions `!run|{runId}`, under `{time}|{entry}`: it is listed and removed with the rest.
 *
 * One partition takes 2,000 rows a second, that is some 500 entries, which is more than both systems let us
 * write. So there are no shards: what belongs together is stored at once, and what many pairs log goes together.
 * T and H lead to everything else, which is therefore never written before them nor removed after them.
 */
import type { LogFilter, LogStore } from '../../application/ports/stores.js';
import type { LogEntry } from '../../domain/change.js';
import { apart } from '../lanes.js';
import { allRows, fitTransaction, PAGE_ROWS, putRows, removeRows } from './bulk.js';
import { checkVersion, fittingColumns, fromJsonColumns, shortText, textColumn } from './json-columns.js';
import { encodeKey, forwardTime, keyPart, prefixEnd, reverseTime } from './keys.js';
import { copyKeys, type RunOfLog, recordPrefix, runKeys, runQueries, timeKeys, timeOf } from './log-keys.js';
import type { Query, Row, RowKeys, StoredRow, Table, Tables } from './table.js';

const HOUR_MS = 60 * 60_000;
const KNOWN_HOURS = 1_000;

export function createLogStore(tables: Tables): LogStore {
  const table = tables.table('Logs');
  const hours = new KnownHours(table);
  return {
    async append(entries) {
      const made = entries.map((entry) => ({ entry, columns: logColumns(entry) }));
      const shared = made.filter(({ entry }) => !entry.runOnly);
      const leading = shared.map(({ entry, columns }) => ({ ...timeKeys(entry), ...columns }));
      const copies = shared.flatMap(({ entry, columns }) =>
        copyKeys(entry).map((keys) => ({ ...keys, ...columns })),
      );
      const ofRuns = made.flatMap(({ entry, columns }) =>
        runKeys(entry).map((keys) => ({ ...keys, ...columns })),
      );
      await hours.note(entries.flatMap(hourRow));
      const others = [...copies, ...ofRuns];
      if (fitTransaction([...leading, ...others])) {
        await putRows(table, [...leading, ...others]);
        return;
      }
      await putRows(table, leading);
      await putRows(table, others);
    },
    async list(connectionId, filter, limit, cursor) {
      const page = await table.query(queryOf(connectionId, filter), limit, cursor);
      return { items: page.rows.map(logFromRow), nextCursor: page.next };
    },
    removeOlderThan: async (connectionId, olderThan) =>
      (await removeOldEntries(table, connectionId, timeOf(olderThan), WITHOUT_END)).removed,
    listByRun: (run, limit, cursor, { status, entity } = {}) =>
      listByRun(table, run, limit, { cursor, where: { status, entity } }),
  };
}

/** Begins a cursor of the connection's partition; others are of the partition in which earlier versions kept a run. */
const OWN = '|';

async function listByRun(
  table: Table,
  run: RunOfLog,
  limit: number,
  { cursor, where }: { readonly cursor: string | undefined; readonly where: Query['where'] },
): Promise<{ items: LogEntry[]; nextCursor: string | undefined }> {
  const { earlier, own } = runQueries(run);
  const isOwn = cursor?.startsWith(OWN) === true;
  const before = isOwn ? { rows: [] } : await table.query({ ...earlier, where }, limit, cursor);
  const isFull = before.next !== undefined || before.rows.length >= limit;
  const from = isOwn ? cursor.slice(OWN.length) || undefined : undefined;
  const page = isFull
    ? { rows: [], next: '' }
    : await table.query({ ...own, where }, limit - before.rows.length, from);
  return {
    items: [...before.rows, ...page.rows].map(logFromRow),
    nextCursor: before.next ?? (page.next === undefined ? undefined : OWN + page.next),
  };
}

/** Hours of runs that this process has noted already; there are few, so forgetting all of them costs little. */
class KnownHours {
  readonly #table: Table;
  readonly #noted = new Map<string, Promise<void>>();

  constructor(table: Table) {
    this.#table = table;
  }

  /** Returns when all of them are stored. A caller that logs the same hour at the same time waits for the first. */
  async note(rows: readonly Row[]): Promise<void> {
    if (this.#noted.size > KNOWN_HOURS) this.#noted.clear();
    await Promise.all(rows.map((row) => this.#once(row)));
  }

  #once(row: Row): Promise<void> {
    const key = hourKey(row);
    const known = this.#noted.get(key);
    // What the first of them met says nothing of the next one.
    if (known !== undefined) return known.catch(() => this.#once(row));
    const noting = apart(() => putRows(this.#table, [row]));
    this.#noted.set(key, noting);
    noting.catch(() => this.#noted.delete(key));
    return noting;
  }
}

function hourKey({ partitionKey, rowKey }: Row): string {
  return `${partitionKey}\n${rowKey}`;
}

/** When removing shall stop, by which clock. */
interface Until {
  readonly deadline: number;
  readonly now: () => number;
}

const WITHOUT_END: Until = { deadline: Number.POSITIVE_INFINITY, now: () => 0 };

/** Removes entries from before `limit` (ms) until the deadline; at least one page of them, so that repeated calls get to the end. */
export async function removeOldEntries(
  table: Table,
  connectionId: string,
  limit: number,
  until: Until,
): Promise<{ removed: number; isDone: boolean }> {
  // Both leads are looked at before anything goes: one of a later layout stops this before it is half done.
  const hours = await hoursBefore(table, connectionId, limit);
  const shared = await removeShared(table, connectionId, limit, until);
  if (!shared.isDone) return shared;
  return { removed: shared.removed + (await removeOfRuns(table, connectionId, hours, limit)), isDone: true };
}

/** Entries of the connection's list before `limit` (ms), with their copies. */
async function removeShared(
  table: Table,
  connectionId: string,
  limit: number,
  { deadline, now }: Until,
): Promise<{ removed: number; isDone: boolean }> {
  const query = {
    partition: encodeKey(connectionId),
    from: `T|${reverseTime(limit - 1)}|`,
    below: prefixEnd('T|'),
  };
  let removed = 0;
  for (;;) {
    const { rows, next } = await table.query(query, PAGE_ROWS);
    await removeRows(
      table,
      rows.flatMap((row) => copyKeys(logFromRow(row))),
    );
    await removeRows(table, rows);
    removed += rows.length;
    if (next === undefined) return { removed, isDone: true };
    if (now() >= deadline) return { removed, isDone: false };
  }
}

/** Where runs have entries before `limit` (ms). */
async function hoursBefore(table: Table, connectionId: string, limit: number): Promise<StoredRow[]> {
  const range = { from: 'H|', below: `H|${forwardTime(limit)}` };
  const hours = await allRows(table, { partition: encodeKey(connectionId), ...range });
  hours.forEach(checkVersion);
  return hours;
}

/** What runs did before `limit` (ms); how many of the entries only their runs list. */
async function removeOfRuns(
  table: Table,
  connectionId: string,
  hours: readonly StoredRow[],
  limit: number,
): Promise<number> {
  let removed = 0;
  for (const hour of hours) {
    const queries = runQueries({ connectionId, id: textColumn(hour, 'runId') }, limit);
    for (const query of [queries.earlier, queries.own]) {
      const only = await allRows(table, { ...query, where: { runOnly: true }, keysOnly: true });
      await removeRows(table, only);
      await removeRows(table, await allRows(table, { ...query, keysOnly: true }));
      removed += only.length;
    }
    if (Number(keyPart(hour.rowKey, 1)) + HOUR_MS <= limit) await removeRows(table, [hour]);
  }
  return removed;
}

/** The narrowest range that holds all entries in question; the rest is filtered by the service. */
function queryOf(connectionId: string, filter: LogFilter): Query {
  const { status, entity, authScapeId, crmId } = filter;
  const where = { status, entity, crmId: crmId?.toLowerCase() };
  const prefix =
    authScapeId !== undefined
      ? recordPrefix('A', authScapeId)
      : crmId !== undefined
        ? recordPrefix('D', crmId)
        : 'T|';
  // Keys of the same millisecond sort below the next one's.
  const below =
    filter.since === undefined ? prefixEnd(prefix) : `${prefix}${reverseTime(timeOf(filter.since) - 1)}|`;
  return { partition: encodeKey(connectionId), where, from: prefix, below };
}

/** Leads from the connection to what its run lists, so that it can be forgotten: one row per run and hour. */
function hourRow(entry: LogEntry): Row[] {
  if (entry.runId === null) return [];
  const time = timeOf(entry.at);
  return [
    {
      partitionKey: encodeKey(entry.connectionId),
      rowKey: `H|${forwardTime(time - (time % HOUR_MS))}|${encodeKey(entry.runId)}`,
      v: 1,
      runId: entry.runId,
    },
  ];
}

export function logToRow(entry: LogEntry, keys: RowKeys): Row {
  return { ...keys, ...logColumns(entry) };
}

/** What all rows of an entry hold; made once for them. */
function logColumns(entry: LogEntry): Omit<Row, keyof RowKeys> {
  return {
    v: 1,
    status: entry.status,
    entity: entry.entity,
    crmId: entry.crmId?.toLowerCase(),
    runOnly: entry.runOnly,
    ...fittingColumns('data', entry, (limit) => shortEntry(entry, limit)),
  };
}

function shortEntry(entry: LogEntry, limit: number): LogEntry {
  const fields = entry.fields.map((field) => ({
    ...field,
    from: shortText(field.from, limit),
    to: shortText(field.to, limit),
    ...(field.dropped === undefined ? {} : { dropped: shortText(field.dropped, limit) }),
  }));
  const { error } = entry;
  return {
    ...entry,
    fields,
    ...(error === undefined ? {} : { error: { ...error, message: shortText(error.message, limit) } }),
  };
}

export function logFromRow(row: StoredRow): LogEntry {
  checkVersion(row);
  return fromJsonColumns<LogEntry>(row, 'data');
}
