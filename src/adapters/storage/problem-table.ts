/**
 * Records that syncs left undone, JSON in `data`:
 *   `{connectionId}` / `{mappingId}|A|{A id}` or `{mappingId}|D|{D id}` where no A id is known
 */
import type { ProblemKey, ProblemStore } from '../../application/ports/problems.js';
import { type NotedProblem, type RecordProblem, withHistory } from '../../domain/problem.js';
import { getNearRows, putRows, removeRows } from './bulk.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import { crmKey, encodeKey } from './keys.js';
import type { RowKeys, StoredRow, Tables } from './table.js';

/** A run that leaves many records undone notes all of them, page by page, in an order that is not that of their keys. */
const ROWS_PER_PROBLEM = 200;

export function createProblemStore(tables: Tables): ProblemStore {
  const table = tables.table('Problems');
  const find = async (connectionId: string, keys: readonly ProblemKey[]) => {
    const rows = await getNearRows(
      table,
      encodeKey(connectionId),
      keys.map((key) => keysOf(connectionId, key).rowKey),
      ROWS_PER_PROBLEM,
    );
    return new Map(rows.map((row) => [row.rowKey, read(row)]));
  };
  return {
    async note(connectionId, problems) {
      const newest = new Map(problems.map((problem) => [keysOf(connectionId, problem).rowKey, problem]));
      const known = await find(connectionId, [...newest.values()]);
      const rows = [...newest].map(([rowKey, problem]: [string, NotedProblem]) => ({
        partitionKey: encodeKey(connectionId),
        rowKey,
        v: 1,
        ...jsonColumns('data', withHistory(problem, known.get(rowKey))),
      }));
      await putRows(table, rows);
    },
    get: async (connectionId, keys) => [...(await find(connectionId, keys)).values()],
    async scan(connectionId, limit, cursor) {
      const page = await table.query({ partition: encodeKey(connectionId) }, limit, cursor);
      return { items: page.rows.map(read), nextCursor: page.next };
    },
    remove: (connectionId, keys) =>
      removeRows(
        table,
        keys.map((key) => keysOf(connectionId, key)),
      ),
  };
}

function keysOf(connectionId: string, { mappingId, authScapeId, crmId }: ProblemKey): RowKeys {
  const record = authScapeId === null ? `D|${crmKey(crmId ?? '')}` : `A|${encodeKey(authScapeId)}`;
  return { partitionKey: encodeKey(connectionId), rowKey: `${encodeKey(mappingId)}|${record}` };
}

function read(row: StoredRow): RecordProblem {
  checkVersion(row);
  return fromJsonColumns<RecordProblem>(row, 'data');
}
