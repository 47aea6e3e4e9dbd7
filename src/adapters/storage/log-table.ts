/**
 * Log entries, each in up to four partitions, JSON in `data`, with `status`, `entity` and `crmId` as columns to
 * filter by:
 *   `{connectionId}` / `{reverse time}|{entry}`                     newest first
 *   `{connectionId}|A|{shard}` / `{A id}|{reverse time}|{entry}`    by A record
 *   `{connectionId}|D|{shard}` / `{D id}|{reverse time}|{entry}`    by D record
 *   `!run|{runId}` / `{time}|{entry}`                               what one run did
 *   `{connectionId}|!hours` / `{hour}|{runId}`                      where entries are that only their run lists
 * The first and the last are written first and removed last, so that they always lead to the others.
 */
import type { LogFilter, LogStore } from '../../application/ports/stores.js';
import type { LogEntry } from '../../domain/change.js';
import { BridgeError } from '../../domain/errors.js';
import { allRows, PAGE_ROWS, putRows, removeRows } from './bulk.js';
import { checkVersion, fromJsonColumns, jsonColumns, textColumn } from './json-columns.js';
import { crmKey, encodeKey, forwardTime, keyPart, reverseTime, shardOf } from './keys.js';
import type { Query, Row, RowKeys, StoredRow, Table, Tables } from './table.js';

const HOUR_MS = 60 * 60_000;

export function createLogStore(tables: Tables): LogStore {
  const table = tables.table('Logs');
  return {
    async append(entries) {
      const shared = entries.filter(({ runOnly }) => !runOnly);
      await putRows(table, [
        ...shared.map((entry) => toRow(entry, timeKeys(entry))),
        ...entries.flatMap((entry) => (entry.runOnly && entry.runId !== null ? [hourRow(entry)] : [])),
      ]);
      await putRows(
        table,
        entries.flatMap((entry) => copyKeys(entry).map((keys) => toRow(entry, keys))),
      );
    },
    async list(connectionId, filter, limit, cursor) {
      const page = await table.query(queryOf(connectionId, filter), limit, cursor);
      return { items: page.rows.map(fromRow), nextCursor: page.next };
    },
    async removeOlderThan(connectionId, olderThan) {
      const limit = timeOf(olderThan);
      return (
        (await removeShared(table, connectionId, limit)) + (await removeRunOnly(table, connectionId, limit))
      );
    },
    async listByRun(runId, limit, cursor) {
      const page = await table.query({ partition: runPartition(runId) }, limit, cursor);
      return { items: page.rows.map(fromRow), nextCursor: page.next };
    },
  };
}

export function runPartition(runId: string): string {
  return `!run|${encodeKey(runId)}`;
}

/** Entries of the connection's list before `limit` (ms), with their copies. */
async function removeShared(table: Table, connectionId: string, limit: number): Promise<number> {
  const query = { partition: encodeKey(connectionId), from: `${reverseTime(limit - 1)}|` };
  let removed = 0;
  for (;;) {
    const { rows, next } = await table.query(query, PAGE_ROWS);
    await removeRows(
      table,
      rows.flatMap((row) => copyKeys(fromRow(row))),
    );
    await removeRows(table, rows);
    removed += rows.length;
    if (next === undefined) return removed;
  }
}

/** Entries before `limit` (ms) that only their runs list. */
async function removeRunOnly(table: Table, connectionId: string, limit: number): Promise<number> {
  const hours = await allRows(table, { partition: hourPartition(connectionId), below: forwardTime(limit) });
  let removed = 0;
  for (const hour of hours) {
    const partition = runPartition(textColumn(hour, 'runId'));
    const rows = await allRows(table, { partition, below: forwardTime(limit), keysOnly: true });
    await removeRows(table, rows);
    removed += rows.length;
    if (Number(keyPart(hour.rowKey, 0)) + HOUR_MS <= limit) await removeRows(table, [hour]);
  }
  return removed;
}

/** The narrowest partition that holds all entries in question; the rest is filtered by the service. */
function queryOf(connectionId: string, filter: LogFilter): Query {
  const { status, entity, authScapeId, crmId } = filter;
  // Keys of the same millisecond sort below the next one's.
  const below = filter.since === undefined ? undefined : `${reverseTime(timeOf(filter.since) - 1)}|`;
  const where = { status, entity, crmId: crmId?.toLowerCase() };
  const [partition, record] =
    authScapeId !== undefined
      ? recordKey(connectionId, 'A', authScapeId)
      : crmId !== undefined
        ? recordKey(connectionId, 'D', crmId)
        : [encodeKey(connectionId), undefined];
  if (record === undefined) return { partition, where, ...(below === undefined ? {} : { below }) };
  return {
    partition,
    where,
    from: `${record}|`,
    below: below === undefined ? `${record}}` : `${record}|${below}`,
  };
}

function timeKeys(entry: LogEntry): RowKeys {
  return {
    partitionKey: encodeKey(entry.connectionId),
    rowKey: `${reverseTime(timeOf(entry.at))}|${encodeKey(entry.id)}`,
  };
}

/** Leads from the connection to what only its run lists, so that it can be forgotten: one row per run and hour. */
function hourRow(entry: LogEntry): Row {
  const time = timeOf(entry.at);
  const runId = entry.runId ?? '';
  return {
    partitionKey: hourPartition(entry.connectionId),
    rowKey: `${forwardTime(time - (time % HOUR_MS))}|${encodeKey(runId)}`,
    v: 1,
    runId,
  };
}

function hourPartition(connectionId: string): string {
  return `${encodeKey(connectionId)}|!hours`;
}

function copyKeys(entry: LogEntry): RowKeys[] {
  const { rowKey } = timeKeys(entry);
  const keys: RowKeys[] = [];
  if (entry.runId !== null) {
    keys.push({
      partitionKey: runPartition(entry.runId),
      rowKey: `${forwardTime(timeOf(entry.at))}|${encodeKey(entry.id)}`,
    });
  }
  if (entry.runOnly) return keys;
  if (entry.authScapeId !== null) {
    const [partitionKey, record] = recordKey(entry.connectionId, 'A', entry.authScapeId);
    keys.push({ partitionKey, rowKey: `${record}|${rowKey}` });
  }
  if (entry.crmId !== null) {
    const [partitionKey, record] = recordKey(entry.connectionId, 'D', entry.crmId);
    keys.push({ partitionKey, rowKey: `${record}|${rowKey}` });
  }
  return keys;
}

function recordKey(connectionId: string, side: 'A' | 'D', id: string): [partition: string, record: string] {
  const form = side === 'A' ? id : id.toLowerCase();
  const record = side === 'A' ? encodeKey(id) : crmKey(id);
  return [`${encodeKey(connectionId)}|${side}|${shardOf(form)}`, record];
}

function timeOf(iso: string): number {
  const time = Date.parse(iso);
  if (!Number.isNaN(time)) return time;
  throw new BridgeError('invalid_request', 'A time is not in ISO 8601 form.');
}

function toRow(entry: LogEntry, keys: RowKeys): Row {
  return {
    ...keys,
    v: 1,
    status: entry.status,
    entity: entry.entity,
    crmId: entry.crmId?.toLowerCase(),
    ...jsonColumns('data', entry),
  };
}

function fromRow(row: StoredRow): LogEntry {
  checkVersion(row);
  return fromJsonColumns<LogEntry>(row, 'data');
}
