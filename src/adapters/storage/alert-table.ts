/** Alerts of connections: `{connectionId}` / `alerts`, JSON in `data`. */
import type { AlertStore, AlertWatch } from '../../application/ports/alerts.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import { encodeKey } from './keys.js';
import { putKnown, removeKnown } from './known-rows.js';
import type { Row, RowKeys, Tables } from './table.js';

export function createAlertStore(tables: Tables): AlertStore {
  const table = tables.table('Alerts');
  const get: AlertStore['get'] = async (connectionId) => {
    const { partitionKey, rowKey } = keysOf(connectionId);
    const row = await table.get(partitionKey, rowKey);
    if (row === undefined) return undefined;
    checkVersion(row);
    return { value: fromJsonColumns<AlertWatch>(row, 'data'), etag: row.etag };
  };
  return {
    get,
    put: (watch) => putKnown(table, rowOf(watch)),
    async replace(watch, etag) {
      return { value: watch, etag: await table.replace(rowOf(watch), etag) };
    },
    remove: (connectionId) => removeKnown(table, keysOf(connectionId)),
  };
}

function keysOf(connectionId: string): RowKeys {
  return { partitionKey: encodeKey(connectionId), rowKey: 'alerts' };
}

function rowOf(watch: AlertWatch): Row {
  return { ...keysOf(watch.connectionId), v: 1, ...jsonColumns('data', watch) };
}
