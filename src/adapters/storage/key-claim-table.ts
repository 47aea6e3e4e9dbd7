/** Short reservations of match keys: `{connectionId}|{shard}` / `{hash of key}`, with `owner` and `until` (ms). */
import type { KeyClaims } from '../../application/ports/links.js';
import type { Clock } from '../../application/ports/runtime.js';
import { succeeds } from './faults.js';
import { textColumn } from './json-columns.js';
import { encodeKey, hashOf } from './keys.js';
import type { Row, RowKeys, Tables } from './table.js';

export function createKeyClaims(tables: Tables, clock: Clock): KeyClaims {
  const table = tables.table('KeyClaims');
  return {
    async take(connectionId, key, owner, until) {
      const row: Row = { ...keysOf(connectionId, key), v: 1, owner, until: String(until) };
      if ((await table.insert(row)) !== undefined) return true;
      const stored = await table.get(row.partitionKey, row.rowKey);
      if (stored === undefined) return (await table.insert(row)) !== undefined;
      const isFree = Number(textColumn(stored, 'until')) <= clock.now();
      if (!isFree && textColumn(stored, 'owner') !== owner) return false;
      return await succeeds(table.replace(row, stored.etag));
    },
    async release(connectionId, key, owner) {
      const { partitionKey, rowKey } = keysOf(connectionId, key);
      const stored = await table.get(partitionKey, rowKey);
      if (stored === undefined || textColumn(stored, 'owner') !== owner) return;
      // Lost when it ran out and another one has it now.
      await succeeds(table.remove(partitionKey, rowKey, stored.etag));
    },
  };
}

function keysOf(connectionId: string, key: string): RowKeys {
  const hash = hashOf(key);
  return { partitionKey: `${encodeKey(connectionId)}|${hash.slice(0, 1)}`, rowKey: hash };
}
