/**
 * Answers to requests that came with an idempotency key: `{2 hex digits}` / `{hash of key}` with `state`,
 * `fingerprint`, `begunAt` (ms), `request` (random: who has begun) and, when done, the answer as JSON in `answer`. Rows
 * count for 24 hours; a request that is under way for five minutes has died with its process.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../application/ports/runtime.js';
import type { IdempotencyStore, StoredAnswer } from '../../application/ports/stores.js';
import { succeeds } from './faults.js';
import { checkVersion, fromJsonColumns, jsonColumns, textColumn } from './json-columns.js';
import { hashOf } from './keys.js';
import { removeKnown } from './known-rows.js';
import type { Row, RowKeys, StoredRow, Tables } from './table.js';

const KEPT_MS = 24 * 60 * 60_000;
const DEAD_AFTER_MS = 5 * 60_000;
const ATTEMPTS = 5;

export function createIdempotencyStore(tables: Tables, clock: Clock): IdempotencyStore {
  const table = tables.table('Idempotency');
  return {
    async begin(key, fingerprint) {
      const row: Row = {
        ...keysOf(key),
        v: 1,
        state: 'pending',
        fingerprint,
        begunAt: String(clock.now()),
        request: randomUUID(),
      };
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        if ((await table.insert(row)) !== undefined) return { kind: 'fresh' };
        const stored = await table.get(row.partitionKey, row.rowKey);
        if (stored === undefined) continue;
        checkVersion(stored);
        const state = stateFor(row, stored, clock.now());
        if (state !== undefined) return state;
        if (await succeeds(table.replace(row, stored.etag))) return { kind: 'fresh' };
      }
      return { kind: 'pending' };
    },
    async complete(key, answer) {
      const { partitionKey, rowKey } = keysOf(key);
      const stored = await table.get(partitionKey, rowKey);
      if (stored === undefined) return;
      checkVersion(stored);
      const done: Row = {
        partitionKey,
        rowKey,
        v: 1,
        state: 'done',
        fingerprint: textColumn(stored, 'fingerprint'),
        begunAt: textColumn(stored, 'begunAt'),
        ...jsonColumns('answer', answer),
      };
      // Lost when another request has begun anew because this one took too long: its answer counts.
      await succeeds(table.replace(done, stored.etag));
    },
    release: (key) => removeKnown(table, keysOf(key)),
  };
}

type Begun = Awaited<ReturnType<IdempotencyStore['begin']>>;

/** What a stored row means to the request that wants to store `row`; undefined when it does not count any more. */
function stateFor(row: Row, stored: StoredRow, now: number): Begun | undefined {
  // A write whose answer was lost is repeated and then meets its own row.
  if (stored.request === row.request) return { kind: 'fresh' };
  if (isOver(stored, now)) return undefined;
  if (textColumn(stored, 'fingerprint') !== row.fingerprint) return { kind: 'mismatch' };
  if (textColumn(stored, 'state') !== 'done') return { kind: 'pending' };
  return { kind: 'done', answer: fromJsonColumns<StoredAnswer>(stored, 'answer') };
}

/** Does the row not count any more? */
export function isOver(row: StoredRow, now: number): boolean {
  const age = now - Number(textColumn(row, 'begunAt'));
  return age >= (row.state === 'done' ? KEPT_MS : DEAD_AFTER_MS);
}

function keysOf(key: string): RowKeys {
  const hash = hashOf(key);
  return { partitionKey: hash.slice(0, 2), rowKey: hash };
}
