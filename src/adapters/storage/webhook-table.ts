/** What is registered in Dynamics: `{connectionId}` / `webhook`, JSON in `data`. */
import type { WebhookRegistration, WebhookStore } from '../../application/ports/webhooks.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import { encodeKey } from './keys.js';
import { putKnown, removeKnown } from './known-rows.js';
import type { Tables } from './table.js';

const ROW_KEY = 'webhook';

export function createWebhookStore(tables: Tables): WebhookStore {
  const table = tables.table('Webhooks');
  return {
    async get(connectionId) {
      const row = await table.get(encodeKey(connectionId), ROW_KEY);
      if (row === undefined) return undefined;
      checkVersion(row);
      return fromJsonColumns<WebhookRegistration>(row, 'data');
    },
    async put(registration) {
      await putKnown(table, {
        partitionKey: encodeKey(registration.connectionId),
        rowKey: ROW_KEY,
        v: 1,
        ...jsonColumns('data', registration),
      });
    },
    remove: (connectionId) => removeKnown(table, { partitionKey: encodeKey(connectionId), rowKey: ROW_KEY }),
  };
}
