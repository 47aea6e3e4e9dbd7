/**
 * Log entries, JSON in `data`, with `status`, `entity` and `crmId` as columns to filter by. The partition
 * `{connectionId}` holds each entry under up to three keys:
 *   `T|{reverse time}|{entry}`             newest first
 *   `A|{A id}|{reverse time}|{entry}`      by A record
 *   `D|{D id}|{reverse time}|{entry}`      by D record
 *   `H|{hour}|{runId}`                     where a run has entries of this hour
 * and the partition `!run|{runId}` once more under `{time}|{entry}`: what one run did.
 *
 * One partition takes 2,000 rows a second, that is entries of some 300 pairs, which is more than both systems let us
 * write. So there are no shards: what belongs together is stored at once, and what many pairs log goes together.
 * T and H lead to everything else, which is therefore never written before them nor removed after them.
 */
import type { LogFilter, LogStore } from '../../application/ports/stores.js';
import type { LogEntry } from '../../domain/change.js';
import { BridgeError } from '../../domain/errors.js';
import { apart } from '../lanes.js';
import { allRows, fitTransaction, PAGE_ROWS, putRows, removeRows } from './bulk.js';
import { checkVersion, fittingColumns, fromJsonColumns, shortText, textColumn } from './json-columns.js';
import { crmKey, encodeKey, forwardTime, keyPart, prefixEnd, reverseTime } from './keys.js';
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
      if (fitTransaction([...leading, ...copies])) {
        await putRows(table, [...leading, ...copies, ...ofRuns]);
        return;
      }
      await putRows(table, leading);
      await putRows(table, [...copies, ...ofRuns]);
    },
    async list(connectionId, filter, limit, cursor) {
      const page = await table.query(queryOf(connectionId, filter), limit, cursor);
      return { items: page.rows.map(logFromRow), nextCursor: page.next };
    },
    removeOlderThan: async (connectionId, olderThan) =>
      (await removeOldEntries(table, connectionId, timeOf(olderThan), WITHOUT_END)).removed,
    async listByRun(runId, limit, cursor, { status, entity } = {}) {
      const query = { partition: runPartition(runId), where: { status, entity } };
      const page = await table.query(query, limit, cursor);
      return { items: page.rows.map(logFromRow), nextCursor: page.next };
    },
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

export function runPartition(runId: string): string {
  return `!run|${encodeKey(runId)}`;
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
  return { removed: shared.removed + (await removeOfRuns(table, hours, limit)), isDone: true };
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
async function removeOfRuns(table: Table, hours: readonly StoredRow[], limit: number): Promise<number> {
  let removed = 0;
  for (const hour of hours) {
    const partition = runPartition(textColumn(hour, 'runId'));
    const query = { partition, below: forwardTime(limit) };
    const own = await allRows(table, { ...query, where: { runOnly: true }, keysOnly: true });
    await removeRows(table, own);
    await removeRows(table, await allRows(table, { ...query, keysOnly: true }));
    removed += own.length;
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

export function timeKeys(entry: LogEntry): RowKeys {
  return { partitionKey: encodeKey(entry.connectionId), rowKey: `T|${timePart(entry)}` };
}

/** Reverse time and id. */
function timePart(entry: LogEntry): string {
  return `${reverseTime(timeOf(entry.at))}|${encodeKey(entry.id)}`;
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

export function runKeys(entry: LogEntry): RowKeys[] {
  if (entry.runId === null) return [];
  const rowKey = `${forwardTime(timeOf(entry.at))}|${encodeKey(entry.id)}`;
  return [{ partitionKey: runPartition(entry.runId), rowKey }];
}

export function copyKeys(entry: LogEntry): RowKeys[] {
  const partitionKey = encodeKey(entry.connectionId);
  const prefixes = [
    ...(entry.authScapeId === null ? [] : [recordPrefix('A', entry.authScapeId)]),
    ...(entry.crmId === null ? [] : [recordPrefix('D', entry.crmId)]),
  ];
  return prefixes.map((prefix) => ({ partitionKey, rowKey: prefix + timePart(entry) }));
}

export function recordPrefix(side: 'A' | 'D', id: string): string {
  return `${side}|${side === 'A' ? encodeKey(id) : crmKey(id)}|`;
}

function timeOf(iso: string): number {
  const time = Date.parse(iso);
  if (!Number.isNaN(time)) return time;
  throw new BridgeError('invalid_request', 'A time is not in ISO 8601 form.');
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
