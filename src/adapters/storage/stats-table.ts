/**
 * Counts, JSON in `data`, in the partition `{connectionId}`:
 *   `D|{day}|R`          what the runs of a day did
 *   `D|{day}|E|{shard}`  what events and syncs of one record did; a process writes to one shard
 *   `L|{mappingId}`      links that a run counted last
 */
import type { CountedLinks, StatsStore } from '../../application/ports/stats.js';
import { ConflictError } from '../../domain/errors.js';
import {
  addStats,
  type DayOfRuns,
  dayOfRun,
  type StatsPart,
  totalOfRuns,
  withRun,
} from '../../domain/stats.js';
import { allRows, removeRows } from './bulk.js';
import { succeeds } from './faults.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import { encodeKey, keyPart, prefixEnd } from './keys.js';
import { putKnown } from './known-rows.js';
import type { Row, RowKeys, StoredRow, Table, Tables } from './table.js';

/** Few enough to be read with a day, enough that processes seldom meet. */
const SHARDS = 8;
const ATTEMPTS = 10;

export function createStatsStore(tables: Tables): StatsStore {
  const table = tables.table('Stats');
  const shard = String(Math.floor(Math.random() * SHARDS));
  return {
    putRun: (run) =>
      change<DayOfRuns>(table, keysOf(run.connectionId, `D|${dayOfRun(run)}|R`), (day) => withRun(day, run)),
    add: (connectionId, day, part) =>
      change<StatsPart>(table, keysOf(connectionId, `D|${day}|E|${shard}`), (before) =>
        before === undefined ? part : addStats(before, part),
      ),
    async days(connectionId, from, to) {
      const range = { from: `D|${from}`, below: prefixEnd(`D|${to}|`) };
      const rows = await allRows(table, { partition: encodeKey(connectionId), ...range });
      const days = new Map<string, StatsPart>();
      for (const row of rows) {
        const day = keyPart(row.rowKey, 1);
        const isOfRuns = row.rowKey.endsWith('|R');
        const part = isOfRuns ? totalOfRuns(read<DayOfRuns>(row)) : read<StatsPart>(row);
        const before = days.get(day);
        days.set(day, before === undefined ? part : addStats(before, part));
      }
      return days;
    },
    putLinks: (connectionId, counted) =>
      putKnown(table, toRow(keysOf(connectionId, `L|${encodeKey(counted.mappingId)}`), counted)),
    async links(connectionId) {
      const range = { from: 'L|', below: prefixEnd('L|') };
      const rows = await allRows(table, { partition: encodeKey(connectionId), ...range });
      return rows.map((row) => read<CountedLinks>(row));
    },
    async prune(connectionId, before) {
      const range = { from: 'D|', below: `D|${before}` };
      const rows = await allRows(table, { partition: encodeKey(connectionId), ...range, keysOnly: true });
      rows.forEach(checkVersion);
      await removeRows(table, rows);
    },
  };
}

function keysOf(connectionId: string, rowKey: string): RowKeys {
  return { partitionKey: encodeKey(connectionId), rowKey };
}

/** Inserts or replaces by what `next` makes of what is there. */
async function change<T>(table: Table, keys: RowKeys, next: (before: T | undefined) => T): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const present = await table.get(keys.partitionKey, keys.rowKey);
    const row = toRow(keys, next(present && read<T>(present)));
    const written =
      present === undefined
        ? (await table.insert(row)) !== undefined
        : await succeeds(table.replace(row, present.etag));
    if (written) return;
  }
  throw new ConflictError('The counts keep changing.');
}

function toRow(keys: RowKeys, value: unknown): Row {
  return { ...keys, v: 1, ...jsonColumns('data', value) };
}

function read<T>(row: StoredRow): T {
  checkVersion(row);
  return fromJsonColumns<T>(row, 'data');
}
