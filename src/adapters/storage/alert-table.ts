/** Alerts of connections: `{connectionId}` / `alerts`, JSON in `data`. */
import type { AlertStore, AlertWatch } from '../../application/ports/alerts.js';
import type { Stored } from '../../application/ports/stores.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import { encodeKey } from './keys.js';
import { putKnown, removeKnown } from './known-rows.js';
import type { Row, RowKeys, StoredRow, Tables } from './table.js';

export function createAlertStore(tables: Tables): AlertStore {
  const table = tables.table('Alerts');
  const get: AlertStore['get'] = async (connectionId) => {
    const { partitionKey, rowKey } = keysOf(connectionId);
    const row = await table.get(partitionKey, rowKey);
    return row && fromRow(row);
  };
  return {
    get,
    async list(limit, cursor) {
      const page = await table.query({ partitionPrefix: CONNECTIONS }, limit, cursor);
      return { items: page.rows.map(fromRow), nextCursor: page.next };
    },
    put: (watch) => putKnown(table, rowOf(watch)),
    async replace(watch, etag) {
      return { value: watch, etag: await table.replace(rowOf(watch), etag) };
    },
    remove: (connectionId) => removeKnown(table, keysOf(connectionId)),
  };
}

/** What ids of connections begin with. */
const CONNECTIONS = 'c_';

function fromRow(row: StoredRow): Stored<AlertWatch> {
  checkVersion(row);
  return { value: fromJsonColumns<AlertWatch>(row, 'data'), etag: row.etag };
}

function keysOf(connectionId: string): RowKeys {
  return { partitionKey: encodeKey(connectionId), rowKey: 'alerts' };
}

function rowOf(watch: AlertWatch): Row {
  return { ...keysOf(watch.connectionId), v: 1, ...jsonColumns('data', watch) };
}
