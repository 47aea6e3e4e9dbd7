import type { Clock } from '../../application/ports/runtime.js';
import type { ConnectionEraser } from '../../application/ports/stores.js';
import { allRows, removeAllRows, removeRows } from './bulk.js';
import { decodeKey, encodeKey } from './keys.js';
import { demandAllKnown } from './known-rows.js';
import { runPartition } from './log-table.js';
import { RESERVATIONS } from './mapping-table.js';
import { indexKeys, runsOf, slotKeys } from './run-table.js';
import type { Query, TableName, Tables } from './table.js';

const RUNS_AT_A_TIME = 20;

/**
 * Clears what a deleted connection has left, in steps that can be repeated: its data first, then the runs, whose rows
 * lead to what is stored under their ids, at last the reservations that others wait for.
 */
export function createConnectionEraser(tables: Tables, clock: Clock): ConnectionEraser {
  return {
    async erase(connectionId, deadline) {
      const until = { deadline, now: () => clock.now() };
      const id = encodeKey(connectionId);
      const parts: readonly (readonly [TableName, Query])[] = [
        ['Links', { partitionPrefix: `${id}|` }],
        ['LinkClaims', { partitionPrefix: `${id}|` }],
        ['KeyClaims', { partition: id }],
        ['Backlog', { partitionPrefix: `${id}|` }],
        ['Feeds', { partition: id }],
        ['Webhooks', { partition: id }],
        ['DeadLetters', { partition: id }],
        ['Mappings', { partition: id }],
        ['Logs', { partition: id }],
      ];
      // All or nothing: a newer worker may keep something under keys that this one does not know.
      for (const [name, query] of [...parts, ...ownRows(connectionId)]) {
        await demandAllKnown(tables.table(name), query);
      }
      for (const [name, query] of parts) {
        if (!(await removeAllRows(tables.table(name), query, until))) return false;
      }
      if (!(await eraseRuns(tables, connectionId, until))) return false;
      return await removeAllRows(tables.table('Mappings'), reservationsOf(connectionId), until);
    },
  };
}

/** What is erased otherwise than by one query. */
function ownRows(connectionId: string): readonly (readonly [TableName, Query])[] {
  return [
    ['Runs', { partition: encodeKey(connectionId) }],
    ['Mappings', reservationsOf(connectionId)],
  ];
}

function reservationsOf(connectionId: string): Query {
  return { partitionPrefix: RESERVATIONS, where: { connectionId } };
}

async function eraseRuns(
  tables: Tables,
  connectionId: string,
  until: { deadline: number; now: () => number },
): Promise<boolean> {
  const runs = tables.table('Runs');
  for (;;) {
    const { rows, next } = await runs.query({ ...runsOf(connectionId), keysOnly: true }, RUNS_AT_A_TIME);
    for (const row of rows) {
      const runId = decodeKey(row.rowKey);
      const scratch = { partitionPrefix: `${row.rowKey}|` };
      if (!(await removeAllRows(tables.table('Staging'), scratch, until))) return false;
      if (!(await removeAllRows(tables.table('Logs'), { partition: runPartition(runId) }, until)))
        return false;
      // The run's own row goes last: until then it leads here again.
      await removeRows(runs, [indexKeys(runId)]);
      await removeRows(runs, [row]);
    }
    if (next === undefined) break;
    if (until.now() >= until.deadline) return false;
  }
  await removeRows(
    runs,
    await allRows(runs, { partition: slotKeys(connectionId).partitionKey, keysOnly: true }),
  );
  return true;
}
