/**
 * What outlives a run, JSON in `data`:
 *   `{connectionId}|R|{mappingId}` / `{A id}|{D id}`   a mark to try a pair again (an unknown id is empty)
 *   `{connectionId}|H|{mappingId}` / `{A id}|{category}`  a change that is held back until a person decides
 */
import type { BacklogStore, HeldChange, HeldKey, RetryMark } from '../../application/ports/staging.js';
import { getRows, putRows, removeRows } from './bulk.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import { encodeKey, joinKey } from './keys.js';
import type { Row, RowKeys, Tables } from './table.js';

export function createBacklogStore(tables: Tables): BacklogStore {
  const table = tables.table('Backlog');
  return {
    putMarks: (connectionId, marks) =>
      putRows(
        table,
        marks.map((mark) => toRow(markKeys(connectionId, mark), mark)),
      ),
    removeMarks: (connectionId, marks) =>
      removeRows(
        table,
        marks.map((mark) => markKeys(connectionId, mark)),
      ),
    async scanMarks(connectionId, mappingId, limit, cursor) {
      const page = await table.query({ partition: markPartition(connectionId, mappingId) }, limit, cursor);
      return { items: page.rows.map((row) => read<RetryMark>(row)), nextCursor: page.next };
    },
    putHeld: (connectionId, held) =>
      putRows(
        table,
        held.map((each) => toRow(heldKeys(connectionId, each.mappingId, each), each)),
      ),
    removeHeld: (connectionId, held) =>
      removeRows(
        table,
        held.map((each) => heldKeys(connectionId, each.mappingId, each)),
      ),
    async getHeld(connectionId, mappingId, asked) {
      const keys = new Map(
        asked.map((each) => heldKeys(connectionId, mappingId, each)).map((key) => [key.rowKey, key]),
      );
      const rows = await getRows(table, [...keys.values()]);
      return rows.flatMap((row) => (row === undefined ? [] : [read<HeldChange>(row)]));
    },
    async scanHeld(connectionId, limit, cursor) {
      const page = await table.query({ partitionPrefix: `${encodeKey(connectionId)}|H|` }, limit, cursor);
      return { items: page.rows.map((row) => read<HeldChange>(row)), nextCursor: page.next };
    },
  };
}

function markPartition(connectionId: string, mappingId: string): string {
  return `${encodeKey(connectionId)}|R|${encodeKey(mappingId)}`;
}

function markKeys(connectionId: string, mark: RetryMark): RowKeys {
  return {
    partitionKey: markPartition(connectionId, mark.mappingId),
    rowKey: joinKey(mark.authScapeId ?? '', mark.crmId?.toLowerCase() ?? ''),
  };
}

function heldKeys(connectionId: string, mappingId: string, { authScapeId, category }: HeldKey): RowKeys {
  return {
    partitionKey: `${encodeKey(connectionId)}|H|${encodeKey(mappingId)}`,
    rowKey: joinKey(authScapeId, category),
  };
}

function toRow(keys: RowKeys, value: RetryMark | HeldChange): Row {
  return { ...keys, v: 1, ...jsonColumns('data', value) };
}

function read<T>(row: Row): T {
  checkVersion(row);
  return fromJsonColumns<T>(row, 'data');
}
