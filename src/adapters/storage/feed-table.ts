/** What scans carry from run to run: `{connectionId}` / `{mappingId}`, JSON in `data`. */
import type { FeedState, FeedStore } from '../../application/ports/stores.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import { encodeKey } from './keys.js';
import { putKnown } from './known-rows.js';
import type { Tables } from './table.js';

export function createFeedStore(tables: Tables): FeedStore {
  const table = tables.table('Feeds');
  return {
    async get(connectionId, mappingId) {
      const row = await table.get(encodeKey(connectionId), encodeKey(mappingId));
      if (row === undefined) return undefined;
      checkVersion(row);
      return fromJsonColumns<FeedState>(row, 'data');
    },
    async put(connectionId, mappingId, state) {
      await putKnown(table, {
        partitionKey: encodeKey(connectionId),
        rowKey: encodeKey(mappingId),
        v: 1,
        ...jsonColumns('data', state),
      });
    },
  };
}
