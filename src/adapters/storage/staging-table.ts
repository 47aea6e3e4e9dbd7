/**
 * Scratch rows of runs, JSON in `data`; everything of a run is under one prefix of partitions:
 *   `{runId}|{mappingId}|{A, D or L}|{shard of key}` / `{key}`                a record as read, by staging set
 *   `{runId}|{mappingId}|S|{A or D}` / `{unit}`                               `seen`: records found unchanged, packed
 *   `{runId}|{mappingId}|I` / `{number}`                                      an index of the links, packed: `brief-rows.ts`
 *   `{runId}|{mappingId}|K|{shard of hash}` / `{hash}|{A or D}|{id}`          its place in a match group
 *   `{runId}|{mappingId}|T-{kind}|{shard}` / `{A id}|{D id}|{category}`       something to do at the end
 *   `{runId}|{mappingId}|P|{shard of id}` / `{A or D}|{id}`                   a pair that a dry run plans, under both ids
 *   `{runId}|!outcomes|{shard}` / `{pair}`                                    `outcome` it was counted with
 */
import type { Clock } from '../../application/ports/runtime.js';
import type {
  PlannedPair,
  StagedKey,
  StagedRecord,
  StagedTodo,
  StagingScope,
  StagingSet,
  StagingStore,
} from '../../application/ports/staging.js';
import type { Side } from '../../domain/model.js';
import type { Outcome } from '../../domain/run.js';
import { cutText } from '../../domain/text-form.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import { putBriefRows, readBriefRows } from './brief-rows.js';
import { getNearRows, getRows, putRows, removeAllRows } from './bulk.js';
import { checkVersion, fittingColumns, fromJsonColumns, jsonColumns, textColumn } from './json-columns.js';
import { decodeKey, encodeKey, hashOf, joinKey, shardOf, shardOfHash } from './keys.js';
import { packSeen, unpackSeen } from './seen-rows.js';
import { scanGroups } from './staging-groups.js';
import type { Row, RowKeys, Tables } from './table.js';
import { readRemoval, readRetry, storedTodo } from './todo-rows.js';

const SET_CODES: Record<StagingSet, string> = { authScape: 'A', dynamics: 'D', dynamicsLinked: 'L' };
const SHARDS_AT_A_TIME = 4;
/** Each may have a hundred kilobytes. */
const SEEN_ROWS = 50;

export function createStagingStore(tables: Tables, clock: Clock): StagingStore {
  const table = tables.table('Staging');
  const scan = async <T>(partitionPrefix: string, limit: number, cursor: string | undefined) => {
    const page = await table.query({ partitionPrefix }, limit, cursor);
    return { items: page.rows.map((row) => read<T>(row)), nextCursor: page.next };
  };
  return {
    putRecords: (scope, stagingSet, records) =>
      putRows(
        table,
        records.map((record) => recordRow(recordKeys(scope, stagingSet, record.key), record)),
      ),
    async getRecords(scope, stagingSet, keys) {
      const partitions = new Map<string, string[]>();
      for (const { partitionKey, rowKey } of keys.map((key) => recordKeys(scope, stagingSet, key))) {
        partitions.set(partitionKey, [...(partitions.get(partitionKey) ?? []), rowKey]);
      }
      const rows = await mapConcurrent([...partitions], SHARDS_AT_A_TIME, ([partitionKey, rowKeys]) =>
        getNearRows(table, partitionKey, rowKeys),
      );
      return new Map(rows.flat().map((row) => [decodeKey(row.rowKey), read<StagedRecord>(row)]));
    },
    scanRecords: (scope, stagingSet, limit, cursor) =>
      scan<StagedRecord>(`${partition(scope, SET_CODES[stagingSet])}|`, limit, cursor),
    async putSeen(scope, part) {
      const keys = {
        partitionKey: `${partition(scope, 'S')}|${sideLetter(part.side)}`,
        rowKey: encodeKey(part.part),
      };
      await putRows(table, [{ ...keys, v: 1, ...packSeen(part) }]);
    },
    async *getSeen(scope) {
      let cursor: string | undefined;
      do {
        const page = await table.query({ partitionPrefix: `${partition(scope, 'S')}|` }, SEEN_ROWS, cursor);
        for (const row of page.rows) yield unpackSeen(row);
        cursor = page.next;
      } while (cursor !== undefined);
    },
    putBriefs: (scope, briefs) => putBriefRows(table, partition(scope, 'I'), briefs),
    getBriefs: (scope) => readBriefRows(table, partition(scope, 'I')),
    putKeys: (scope, keys) =>
      putRows(
        table,
        keys.map((key) => toRow(groupKeys(scope, key), key)),
      ),
    scanGroups: (scope, limit, cursor, share) =>
      scanGroups(table, partition(scope, 'K'), limit, { cursor, share }),
    putTodos: (scope, todos) =>
      putRows(
        table,
        todos.map((todo) => toRow(todoKeys(scope, todo), storedTodo(todo))),
      ),
    async scanRetries(scope, limit, cursor) {
      const page = await scan<Parameters<typeof readRetry>[0]>(todoPrefix(scope, 'retry'), limit, cursor);
      return { ...page, items: page.items.map(readRetry) };
    },
    async scanRemovals(scope, limit, cursor) {
      const page = await scan<Parameters<typeof readRemoval>[0]>(todoPrefix(scope, 'removal'), limit, cursor);
      return { ...page, items: page.items.map(readRemoval) };
    },
    putPlanned: (scope, { authScapeId, crmId }) =>
      putRows(table, [
        toRow(plannedKeys(scope, 'authScape', authScapeId), { authScapeId, crmId }),
        toRow(plannedKeys(scope, 'dynamics', crmId), { authScapeId, crmId }),
      ]),
    async getPlanned(scope, side, ids) {
      const rows = await getRows(
        table,
        [...new Set(ids)].map((id) => plannedKeys(scope, side, id)),
      );
      return rows.flatMap((row) => (row === undefined ? [] : read<PlannedPair>(row)));
    },
    async getOutcomes(runId, keys) {
      const asked = [...new Set(keys)];
      const rows = await getRows(
        table,
        asked.map((key) => outcomeKeys(runId, key)),
      );
      const outcomes = new Map<string, Outcome>();
      for (const [index, key] of asked.entries()) {
        const row = rows[index];
        if (row !== undefined) outcomes.set(key, textColumn(row, 'outcome') as Outcome);
      }
      return outcomes;
    },
    putOutcomes: (runId, outcomes) =>
      putRows(
        table,
        [...outcomes].map(([key, outcome]) => ({ ...outcomeKeys(runId, key), v: 1, outcome })),
      ),
    purge: (_connectionId, runId, deadline) =>
      removeAllRows(table, { partitionPrefix: `${encodeKey(runId)}|` }, { deadline, now: () => clock.now() }),
  };
}

function partition(scope: StagingScope, letter: string): string {
  return `${joinKey(scope.runId, scope.mappingId)}|${letter}`;
}

function sideLetter(side: Side): string {
  return side === 'authScape' ? 'A' : 'D';
}

function todoPrefix(scope: StagingScope, kind: StagedTodo['kind']): string {
  return `${partition(scope, `T-${kind}`)}|`;
}

/** Within a shard the same order as links have, where the key is an A id. */
function recordKeys(scope: StagingScope, stagingSet: StagingSet, key: string): RowKeys {
  return {
    partitionKey: `${partition(scope, SET_CODES[stagingSet])}|${shardOf(key)}`,
    rowKey: encodeKey(key),
  };
}

function groupKeys(scope: StagingScope, key: StagedKey): RowKeys {
  return {
    partitionKey: `${partition(scope, 'K')}|${shardOfKey(key.keyHash)}`,
    rowKey: `${encodeKey(key.keyHash)}|${sideLetter(key.side)}|${encodeKey(key.id)}`,
  };
}

/** Groups are scanned in the order of their hashes. */
function shardOfKey(keyHash: string): string {
  return /^[0-9a-f]/.test(keyHash) ? shardOfHash(keyHash) : shardOf(keyHash);
}

function todoKeys(scope: StagingScope, todo: StagedTodo): RowKeys {
  return {
    partitionKey: todoPrefix(scope, todo.kind) + shardOf(todo.authScapeId),
    rowKey: joinKey(todo.authScapeId, todo.crmId, todo.category ?? ''),
  };
}

function plannedKeys(scope: StagingScope, side: Side, id: string): RowKeys {
  const key = id.toLowerCase();
  return {
    partitionKey: `${partition(scope, 'P')}|${shardOf(key)}`,
    rowKey: `${sideLetter(side)}|${encodeKey(key)}`,
  };
}

/** Pair keys can be longer than a row key: the hash stands for them. */
function outcomeKeys(runId: string, key: string): RowKeys {
  const hash = hashOf(key);
  return { partitionKey: `${encodeKey(runId)}|!outcomes|${shardOfHash(hash)}`, rowKey: hash };
}

/**
 * A record that is larger than a row takes is kept with its long texts cut, which is enough to be matched by, and no
 * longer complete: who needs it reads it anew.
 */
function recordRow(keys: RowKeys, record: StagedRecord): Row {
  const cut = (limit: number): StagedRecord => {
    const values = Object.entries(record.values).map(([name, value]) => [
      name,
      typeof value === 'string' ? cutText(value, Math.min(limit, LONGEST_KEY)) : value,
    ]);
    return { ...record, values: Object.fromEntries(values), complete: false };
  };
  return { ...keys, v: 1, ...fittingColumns('data', record, cut) };
}

/** No column that records are matched by takes more characters. */
const LONGEST_KEY = 4_000;

function toRow(keys: RowKeys, value: object): Row {
  return { ...keys, v: 1, ...jsonColumns('data', value) };
}

function read<T>(row: Row): T {
  checkVersion(row);
  return fromJsonColumns<T>(row, 'data');
}
