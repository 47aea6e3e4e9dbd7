/** Short reservations of match keys: `{connectionId}` / `{hash of key}`, with `owner`, `until` (ms) and `crmId`. */
import type { KeyReservations } from '../../application/ports/links.js';
import type { Clock } from '../../application/ports/runtime.js';
import { allRows } from './bulk.js';
import { succeeds, unlessConflict } from './faults.js';
import { checkVersion, textColumn } from './json-columns.js';
import { encodeKey, hashOf } from './keys.js';
import type { Row, RowKeys, Table, Tables } from './table.js';

/** By how much the clocks of two workers may differ, and how long the removal may be under way. */
const CLOCK_MARGIN_MS = 30_000;

export function createKeyClaims(tables: Tables, clock: Clock): KeyReservations {
  const table = tables.table('KeyClaims');
  /** Reservations that this process has taken, by owner: those can be released without a look. */
  const taken = new Map<string, { readonly etag: string; readonly until: number }>();
  return {
    async take(connectionId, key, owner, until, crmId) {
      const row: Row = { ...keysOf(connectionId, key), v: 1, owner, until: String(until), crmId };
      const etag = (await table.insert(row)) ?? (await takeOver(table, clock, row, owner));
      if (etag === undefined) return false;
      taken.set(holderOf(row, owner), { etag, until });
      return true;
    },
    async holder(connectionId, key) {
      const { partitionKey, rowKey } = keysOf(connectionId, key);
      const row = await table.get(partitionKey, rowKey);
      if (row === undefined) return undefined;
      checkVersion(row);
      // Rows of earlier versions do not say for which row they were taken.
      const crmId = typeof row.crmId === 'string' ? row.crmId : '';
      return crmId === '' ? undefined : { crmId, until: Number(textColumn(row, 'until')) };
    },
    async left(connectionId) {
      const rows = await allRows(table, { partition: encodeKey(connectionId), keysOnly: true });
      const hashes = new Set(rows.map(({ rowKey }) => rowKey));
      return (key) => hashes.has(hashOf(key));
    },
    async abandoned(connectionId, before) {
      const rows = await allRows(table, { partition: encodeKey(connectionId) });
      return rows.flatMap((row) => {
        checkVersion(row);
        if (Number(textColumn(row, 'until')) >= before) return [];
        const crmId = typeof row.crmId === 'string' && row.crmId !== '' ? row.crmId : null;
        return [{ id: row.rowKey, etag: row.etag, crmId }];
      });
    },
    async drop(connectionId, { id, etag }) {
      await succeeds(table.remove(encodeKey(connectionId), id, etag));
    },
    async release(connectionId, key, owner) {
      const { partitionKey, rowKey } = keysOf(connectionId, key);
      const holder = holderOf({ partitionKey, rowKey }, owner);
      const known = taken.get(holder);
      taken.delete(holder);
      // No other worker takes the reservation before it runs out: its removal needs no condition, and is grouped.
      if (known !== undefined && known.until - clock.now() > CLOCK_MARGIN_MS) {
        await table.remove(partitionKey, rowKey);
        return;
      }
      const etag = known?.etag ?? (await heldBy(table, { partitionKey, rowKey }, owner));
      // Lost when it ran out and another one has it now.
      if (etag !== undefined) await succeeds(table.remove(partitionKey, rowKey, etag));
    },
  };
}

/** The new ETag, when the reservation has run out or is the owner's; else undefined. */
async function takeOver(table: Table, clock: Clock, row: Row, owner: string): Promise<string | undefined> {
  const stored = await table.get(row.partitionKey, row.rowKey);
  if (stored === undefined) return await table.insert(row);
  checkVersion(stored);
  const isFree = Number(textColumn(stored, 'until')) <= clock.now();
  if (!isFree && textColumn(stored, 'owner') !== owner) return undefined;
  return await unlessConflict(table.replace(row, stored.etag));
}

async function heldBy(table: Table, keys: RowKeys, owner: string): Promise<string | undefined> {
  const stored = await table.get(keys.partitionKey, keys.rowKey);
  return stored !== undefined && textColumn(stored, 'owner') === owner ? stored.etag : undefined;
}

function holderOf({ partitionKey, rowKey }: RowKeys, owner: string): string {
  return `${partitionKey}\n${rowKey}\n${owner}`;
}

function keysOf(connectionId: string, key: string): RowKeys {
  return { partitionKey: encodeKey(connectionId), rowKey: hashOf(key) };
}
