/**
 * When the timer looks at which connection. One partition `all`, so that the two rows of a connection move in one
 * transaction: they are both there, and agree, or neither is.
 *   `t|{at}|{connectionId}`  one for each connection, in the order of time; `at` in milliseconds, 13 digits
 *   `c|{connectionId}`       `at` of that row, as text
 *   `sweep`                  `cursor` of the sweep that finds connections without rows; empty: it begins anew
 * What is due is a range of the first kind: its cost grows with what is due, not with the number of connections. A
 * move takes away the row that its caller has seen, so of two movers one fails. All rows but `sweep` can be lost:
 * the sweep writes them anew.
 */
import type { DueIndex, Look } from '../../application/ports/due-index.js';
import { ConflictError } from '../../domain/errors.js';
import { succeeds } from './faults.js';
import { checkVersion, textColumn } from './json-columns.js';
import { decodeKey, encodeKey, joinKey } from './keys.js';
import { putKnown } from './known-rows.js';
import type { Operation, Row, RowKeys, Tables } from './table.js';

const PARTITION = 'all';
const ATTEMPTS = 20;
/** A page of connections. */
const MOST_ROWS = 1_000;

export function createDueIndex(tables: Tables): DueIndex {
  const table = tables.table('Due');
  const atOf = async (connectionId: string): Promise<number | undefined> => {
    const row = await table.get(PARTITION, connectionKey(connectionId));
    if (row === undefined) return undefined;
    checkVersion(row);
    return Number(textColumn(row, 'at'));
  };
  return {
    async due(until, limit) {
      const range = { partition: PARTITION, from: 't|', below: timeKey(until + 1) };
      const { rows } = await table.query(range, limit);
      return rows.map((row) => {
        checkVersion(row);
        const [, at = '', id = ''] = row.rowKey.split('|');
        return { connectionId: decodeKey(id), at: Number(at) };
      });
    },
    move: (look, at) =>
      at === look.at ? Promise.resolve(true) : succeeds(table.transact([remove(look), ...rowsAt(look, at)])),
    async forget(connectionId) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const present = await atOf(connectionId);
        if (present === undefined) return;
        const keys = { partitionKey: PARTITION, rowKey: connectionKey(connectionId) };
        const removals: Operation[] = [remove({ connectionId, at: present }), { kind: 'remove', ...keys }];
        if (await succeeds(table.transact(removals))) return;
      }
      throw keepsChanging();
    },
    async bringForward(connectionId, at) {
      let written: number | undefined;
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const present = await atOf(connectionId);
        // A request whose answer was lost is repeated and then meets what it has written itself.
        if (written !== undefined && present === written) return;
        // Another row in any case: a timer that is looking now must not put the next look off.
        written = present === undefined ? at : Math.min(at, present - 1);
        const former = present === undefined ? [] : [remove({ connectionId, at: present })];
        const writes = [...former, ...rowsAt({ connectionId }, written)];
        if (await succeeds(table.transact(writes))) return;
      }
      throw keepsChanging();
    },
    async missing(connectionIds) {
      const keys = connectionIds.map(connectionKey).sort();
      const [from, last] = [keys[0], keys.at(-1)];
      if (from === undefined || last === undefined) return [];
      // `!` sorts before all that a key can go on with.
      const range = { partition: PARTITION, from, below: `${last}!`, keysOnly: true };
      const { rows } = await table.query(range, MOST_ROWS);
      const present = new Set(rows.map(({ rowKey }) => rowKey));
      return connectionIds.filter((id) => !present.has(connectionKey(id)));
    },
    async sweepFrom() {
      const row = await table.get(PARTITION, SWEEP.rowKey);
      if (row === undefined) return undefined;
      checkVersion(row);
      return textColumn(row, 'cursor') || null;
    },
    setSweep: (cursor) => putKnown(table, { ...SWEEP, v: 1, cursor: cursor ?? '' }),
  };
}

function keepsChanging(): ConflictError {
  return new ConflictError('The next look at the connection keeps changing.');
}

const SWEEP: RowKeys = { partitionKey: PARTITION, rowKey: 'sweep' };

function connectionKey(connectionId: string): string {
  return joinKey('c', connectionId);
}

/** Begins the row keys of that time. */
function timeKey(at: number): string {
  return `t|${String(at).padStart(13, '0')}|`;
}

function remove({ at, connectionId }: Look): Operation {
  return { kind: 'remove', partitionKey: PARTITION, rowKey: `${timeKey(at)}${encodeKey(connectionId)}` };
}

function rowsAt({ connectionId }: Pick<Look, 'connectionId'>, at: number): readonly Operation[] {
  const common = { partitionKey: PARTITION, v: 1 };
  const byTime: Row = { ...common, rowKey: `${timeKey(at)}${encodeKey(connectionId)}` };
  const byConnection: Row = { ...common, rowKey: connectionKey(connectionId), at: String(at) };
  return [
    { kind: 'insert', row: byTime },
    { kind: 'put', row: byConnection },
  ];
}
