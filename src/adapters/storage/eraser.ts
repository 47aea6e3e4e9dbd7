import type { Clock } from '../../application/ports/runtime.js';
import type { ConnectionEraser } from '../../application/ports/stores.js';
import { allRows, removeAllRows, removeRows } from './bulk.js';
import { checkVersion } from './json-columns.js';
import { decodeKey, encodeKey } from './keys.js';
import { runQueries } from './log-keys.js';
import { RESERVATIONS } from './mapping-table.js';
import { indexKeys, runsOf, slotKeys } from './run-table.js';
import type { Query, TableName, Tables } from './table.js';

const RUNS_AT_A_TIME = 20;

/**
 * Clears what a deleted connection has left, in steps that can be repeated: its data first, then the runs, whose rows
 * lead to what is stored under their ids, at last the reservations that others wait for. At a row of a later layout a step
 * fails, and its message goes round until a worker that knows the layout takes it.
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
        ['Problems', { partition: id }],
        ['Stats', { partition: id }],
        ['Alerts', { partition: id }],
        ['Processes', { partition: id }],
        ['Mappings', { partition: id }],
        ['Logs', { partition: id }],
      ];
      for (const [name, query] of parts) {
        if (!(await removeAllRows(tables.table(name), query, until))) return false;
      }
      if (!(await eraseRuns(tables, connectionId, until))) return false;
      const mappings = tables.table('Mappings');
      return await removeAllRows(mappings, { partitionPrefix: RESERVATIONS, where: { connectionId } }, until);
    },
  };
}

async function eraseRuns(
  tables: Tables,
  connectionId: string,
  until: { deadline: number; now: () => number },
): Promise<boolean> {
  const runs = tables.table('Runs');
  for (;;) {
    const { rows, next } = await runs.query({ ...runsOf(connectionId), keysOnly: true }, RUNS_AT_A_TIME);
    rows.forEach(checkVersion);
    for (const row of rows) {
      const runId = decodeKey(row.rowKey);
      const scratch = { partitionPrefix: `${row.rowKey}|` };
      if (!(await removeAllRows(tables.table('Staging'), scratch, until))) return false;
      const { earlier } = runQueries({ connectionId, id: runId });
      if (!(await removeAllRows(tables.table('Logs'), earlier, until))) return false;
      // The run's own row goes last: until then it leads here again.
      await removeRows(runs, [indexKeys(runId)]);
      await removeRows(runs, [row]);
    }
    if (next === undefined) break;
    if (until.now() >= until.deadline) return false;
  }
  const slots = await allRows(runs, { partition: slotKeys(connectionId).partitionKey, keysOnly: true });
  slots.forEach(checkVersion);
  await removeRows(runs, slots);
  return true;
}
