/**
 * Scratch rows of runs, JSON in `data`; everything of a run is under one prefix of partitions:
 *   `{runId}|{mappingId}|{A, D or L}|0` / `{key}`               a record as read, by staging set
 *   `{runId}|{mappingId}|S|{A or D}` / `{unit}`                 `seen`: records found unchanged, packed
 *   `{runId}|{mappingId}|I` / `{number}`                        an index of the links, packed: `brief-rows.ts`
 *   `{runId}|{mappingId}|K|0` / `{start of hash}|{part}|{number}`  match groups, packed: `staging-groups.ts`
 *   `{runId}|{mappingId}|T-{kind}|0` / `{A id}|{D id}|{category}`  something to do at the end
 *   `{runId}|{mappingId}|P|0` / `{A or D}|{id}`                 a pair that a dry run plans, under both ids
 *   `{runId}|!outcomes|0` / `{pair}`                            `outcome` it was counted with
 *
 * One partition for each kind: what is staged at once fills transactions, and what lies close together is read at once.
 * Earlier versions spread a kind over four, `0` to `3`. What a run has left there when it goes on under this one is found by
 * scans; records that are asked for by key, and are not found, are read anew.
 */
import type { Clock } from '../../application/ports/runtime.js';
import type {
  PlannedPair,
  StagedRecord,
  StagedTodo,
  StagingScope,
  StagingSet,
  StagingStore,
} from '../../application/ports/staging.js';
import type { Side } from '../../domain/model.js';
import type { Outcome } from '../../domain/run.js';
import { cutText } from '../../domain/text-form.js';
import { putBriefRows, readBriefRows } from './brief-rows.js';
import { getRows, putRows, removeAllRows } from './bulk.js';
import { checkVersion, fittingColumns, fromJsonColumns, jsonColumns, textColumn } from './json-columns.js';
import { decodeKey, encodeKey, hashOf, joinKey } from './keys.js';
import { packSeen, unpackSeen } from './seen-rows.js';
import { groupRows, scanGroups } from './staging-groups.js';
import type { Row, RowKeys, Tables } from './table.js';
import { readRemoval, readRetry, storedTodo } from './todo-rows.js';

const SET_CODES: Record<StagingSet, string> = { authScape: 'A', dynamics: 'D', dynamicsLinked: 'L' };
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
      const rows = await getRows(
        table,
        [...new Set(keys)].map((key) => recordKeys(scope, stagingSet, key)),
      );
      const found = rows.filter((row) => row !== undefined);
      return new Map(found.map((row) => [decodeKey(row.rowKey), read<StagedRecord>(row)]));
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
    putKeys: (scope, part, keys) => putRows(table, groupRows(`${partition(scope, 'K')}|0`, part, keys)),
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

/** In the same order as links, where the key is an A id. */
function recordKeys(scope: StagingScope, stagingSet: StagingSet, key: string): RowKeys {
  return { partitionKey: `${partition(scope, SET_CODES[stagingSet])}|0`, rowKey: encodeKey(key) };
}

function todoKeys(scope: StagingScope, todo: StagedTodo): RowKeys {
  return {
    partitionKey: `${todoPrefix(scope, todo.kind)}0`,
    rowKey: joinKey(todo.authScapeId, todo.crmId, todo.category ?? ''),
  };
}

function plannedKeys(scope: StagingScope, side: Side, id: string): RowKeys {
  return {
    partitionKey: `${partition(scope, 'P')}|0`,
    rowKey: `${sideLetter(side)}|${encodeKey(id.toLowerCase())}`,
  };
}

/** Pair keys can be longer than a row key: the hash stands for them. */
function outcomeKeys(runId: string, key: string): RowKeys {
  return { partitionKey: `${encodeKey(runId)}|!outcomes|0`, rowKey: hashOf(key) };
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
