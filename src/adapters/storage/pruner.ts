import type { Pruner } from '../../application/ports/retention.js';
import type { Clock } from '../../application/ports/runtime.js';
import { hasEnded, type RunStatus } from '../../domain/run.js';
import { allRows, removeAllRows, removeRows } from './bulk.js';
import { isOver } from './idempotency-table.js';
import { checkVersion, fromJsonColumns, textColumn } from './json-columns.js';
import { decodeKey, encodeKey, prefixEnd } from './keys.js';
import { runQueries } from './log-keys.js';
import { removeOldEntries } from './log-table.js';
import { indexKeys } from './run-table.js';
import type { StoredRow, Table, Tables } from './table.js';

const RUNS_AT_A_TIME = 20;
/** Idempotency keys lie in 256 partitions; so many are looked at in one step. */
const PARTITIONS = 256;
const PARTITIONS_AT_A_TIME = 16;

/** See `ports/retention.ts`. */
export function createPruner(tables: Tables, clock: Clock): Pruner {
  const until = (deadline: number) => ({ deadline, now: () => clock.now() });
  return {
    logs: async (connectionId, before, deadline) =>
      (await removeOldEntries(tables.table('Logs'), connectionId, before, until(deadline))).isDone,
    runs: (connectionId, fromId, deadline) => pruneRuns(tables, connectionId, fromId, until(deadline)),
    async failures(connectionId, before) {
      const table = tables.table('DeadLetters');
      const range = { partition: encodeKey(connectionId), from: 'F|', below: prefixEnd('F|') };
      const rows = await allRows(table, range);
      rows.forEach(checkVersion);
      const lastOf = (row: (typeof rows)[number]) =>
        Date.parse(fromJsonColumns<{ lastFailedAt: string }>(row, 'data').lastFailedAt);
      await removeRows(
        table,
        rows.filter((row) => lastOf(row) < before),
      );
    },
    async answers(part) {
      const table = tables.table('Idempotency');
      const steps = PARTITIONS / PARTITIONS_AT_A_TIME;
      for (let at = part % steps; at < PARTITIONS; at += steps) await pruneAnswers(table, at, clock.now());
    },
  };
}

async function pruneAnswers(table: Table, at: number, now: number): Promise<void> {
  const rows = await allRows(table, { partition: at.toString(16).padStart(2, '0') });
  rows.forEach(checkVersion);
  await removeRows(
    table,
    rows.filter((row) => isOver(row, now)),
  );
}

async function pruneRuns(
  tables: Tables,
  connectionId: string,
  fromId: string,
  until: { deadline: number; now: () => number },
): Promise<boolean> {
  const runs = tables.table('Runs');
  const query = { partition: encodeKey(connectionId), from: encodeKey(fromId) };
  let token: string | undefined;
  do {
    const page = await runs.query(query, RUNS_AT_A_TIME, token);
    page.rows.forEach(checkVersion);
    for (const row of page.rows) {
      if (!hasEnded(textColumn(row, 'status') as RunStatus)) continue;
      if (!(await pruneRun(tables, connectionId, row, until))) return false;
    }
    token = page.next;
  } while (token !== undefined && until.now() < until.deadline);
  return token === undefined;
}

async function pruneRun(
  tables: Tables,
  connectionId: string,
  row: StoredRow,
  until: { deadline: number; now: () => number },
): Promise<boolean> {
  const runId = decodeKey(row.rowKey);
  const scratch = { partitionPrefix: `${row.rowKey}|` };
  if (!(await removeAllRows(tables.table('Staging'), scratch, until))) return false;
  const { earlier, own } = runQueries({ connectionId, id: runId });
  for (const changes of [earlier, own]) {
    if (!(await removeAllRows(tables.table('Logs'), changes, until))) return false;
  }
  // The run's own row goes last: until then it leads here again.
  const runs = tables.table('Runs');
  await removeRows(runs, [indexKeys(runId)]);
  await removeRows(runs, [row]);
  return true;
}
