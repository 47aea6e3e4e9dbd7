/**
 * What outlives a run, JSON in `data`:
 *   `{connectionId}|R|{mappingId}` / `{A id}|{D id}`   a mark to try a pair again (an unknown id is empty)
 *   `{connectionId}|H|{mappingId}` / `{A id}|{category}`  a change that is held back until a person decides; earlier
 *                                                      versions held one for each record, under `{A id}` alone
 */
import type { BacklogStore, HeldChange, HeldKey, RetryMark } from '../../application/ports/staging.js';
import { allRows, getRows, putRows, removeRows } from './bulk.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import { encodeKey, joinKey, prefixEnd } from './keys.js';
import { demandKnown } from './known-rows.js';
import type { Row, RowKeys, StoredRow, Table, Tables } from './table.js';
import { readHeld, storedHeld } from './todo-rows.js';

export function createBacklogStore(tables: Tables): BacklogStore {
  const table = tables.table('Backlog');
  return {
    putMarks: (connectionId, marks) =>
      put(
        table,
        marks.map((mark) => toRow(markKeys(connectionId, mark), mark)),
      ),
    removeMarks: (connectionId, marks) =>
      removeRows(
        table,
        marks.map((mark) => markKeys(connectionId, mark)),
      ),
    async getMarks(connectionId, mappingId, side, asked) {
      const ids = [...new Set(asked)];
      const idsOf = (id: string) =>
        side === 'dynamics' ? { authScapeId: null, crmId: id } : { authScapeId: id, crmId: null };
      const keys = ids.map((id) => markKeys(connectionId, { mappingId, ...idsOf(id) }));
      const rows = await getRows(table, keys);
      return new Map(
        ids.flatMap((id, index) => {
          const row = rows[index];
          return row === undefined ? [] : [[id, read<RetryMark>(row)] as const];
        }),
      );
    },
    async scanMarks(connectionId, mappingId, limit, cursor) {
      const page = await table.query({ partition: markPartition(connectionId, mappingId) }, limit, cursor);
      return { items: page.rows.map((row) => read<RetryMark>(row)), nextCursor: page.next };
    },
    putHeld: (connectionId, held) =>
      put(
        table,
        held.map((each) => toRow(heldKeys(connectionId, each.mappingId, each), storedHeld(each))),
      ),
    async removeHeld(connectionId, held) {
      const keys = held.map((each) => heldKeys(connectionId, each.mappingId, each));
      await demandKnown(table, keys);
      const former = await getFormer(table, connectionId, held);
      await removeRows(table, [...keys, ...former]);
    },
    async getHeld(connectionId, mappingId, asked) {
      const keys = new Map(
        asked.map((each) => heldKeys(connectionId, mappingId, each)).map((key) => [key.rowKey, key]),
      );
      const rows = await getRows(table, [...keys.values()]);
      const held = rows.flatMap((row) => (row === undefined ? [] : [heldFrom(row)]));
      const known = new Set(rows.map((row) => row?.rowKey));
      const left = asked.filter((each) => !known.has(heldKeys(connectionId, mappingId, each).rowKey));
      const former = await getFormer(
        table,
        connectionId,
        left.map((each) => ({ ...each, mappingId })),
      );
      return [...held, ...former.map((row) => heldFrom(row))];
    },
    async heldOf(connectionId, mappingId, authScapeId) {
      const partition = heldPartition(connectionId, mappingId);
      const id = encodeKey(authScapeId);
      const former = await table.get(partition, id);
      const rows = await allRows(table, { partition, from: `${id}|`, below: prefixEnd(`${id}|`) });
      return [...(former === undefined ? [] : [former]), ...rows].map((row) => heldFrom(row));
    },
    async scanHeld(connectionId, limit, cursor) {
      const page = await table.query({ partitionPrefix: `${encodeKey(connectionId)}|H|` }, limit, cursor);
      return { items: page.rows.map((row) => heldFrom(row)), nextCursor: page.next };
    },
  };
}

function markPartition(connectionId: string, mappingId: string): string {
  return `${encodeKey(connectionId)}|R|${encodeKey(mappingId)}`;
}

function markKeys(
  connectionId: string,
  mark: Pick<RetryMark, 'mappingId' | 'authScapeId' | 'crmId'>,
): RowKeys {
  return {
    partitionKey: markPartition(connectionId, mark.mappingId),
    rowKey: joinKey(mark.authScapeId ?? '', mark.crmId?.toLowerCase() ?? ''),
  };
}

function heldPartition(connectionId: string, mappingId: string): string {
  return `${encodeKey(connectionId)}|H|${encodeKey(mappingId)}`;
}

function heldKeys(connectionId: string, mappingId: string, { authScapeId, category }: HeldKey): RowKeys {
  return {
    partitionKey: heldPartition(connectionId, mappingId),
    rowKey: joinKey(authScapeId, category),
  };
}

/** Rows of earlier versions that hold one of the named changes. */
async function getFormer(
  table: Table,
  connectionId: string,
  named: readonly (HeldKey & Pick<HeldChange, 'mappingId'>)[],
): Promise<StoredRow[]> {
  const keys = new Map(named.map((each) => [`${each.mappingId}|${each.authScapeId}`, each]));
  const rows = await getRows(
    table,
    [...keys.values()].map(({ mappingId, authScapeId }) => ({
      partitionKey: heldPartition(connectionId, mappingId),
      rowKey: encodeKey(authScapeId),
    })),
  );
  const names = new Set(named.map(nameOf));
  return rows.filter((row) => row !== undefined).filter((row) => names.has(nameOf(heldFrom(row))));
}

function nameOf({ mappingId, authScapeId, category }: HeldKey & Pick<HeldChange, 'mappingId'>): string {
  return joinKey(mappingId, authScapeId, category);
}

async function put(table: Table, rows: readonly Row[]): Promise<void> {
  await demandKnown(table, rows);
  await putRows(table, rows);
}

function toRow(keys: RowKeys, value: object): Row {
  return { ...keys, v: 1, ...jsonColumns('data', value) };
}

function heldFrom(row: Row): HeldChange {
  return readHeld(read(row));
}

function read<T>(row: Row): T {
  checkVersion(row);
  return fromJsonColumns<T>(row, 'data');
}
