/**
 * Which processes use a connection. In the partition `{connectionId}`:
 *   `{processId}`  `activeUntil` and `pausedUntil` in milliseconds, as text
 * A row is its process' own and good until a time; the next process that reads it after that removes it. All rows can be lost.
 */
import type { ActiveProcess, ActiveProcesses } from '../http/shares.js';
import { allRows } from './bulk.js';
import { succeeds } from './faults.js';
import { checkVersion, textColumn } from './json-columns.js';
import { decodeKey, encodeKey } from './keys.js';
import type { StoredRow, Tables } from './table.js';

export function createProcessStore(tables: Tables): ActiveProcesses {
  const table = tables.table('Processes');
  return {
    async put(connectionId, { activeUntil, pausedUntil, processId }) {
      await table.put({
        partitionKey: encodeKey(connectionId),
        rowKey: encodeKey(processId),
        v: 1,
        activeUntil: String(activeUntil),
        pausedUntil: String(pausedUntil),
      });
    },
    async list(connectionId, now) {
      const active: ActiveProcess[] = [];
      for (const row of await allRows(table, { partition: encodeKey(connectionId) })) {
        const process = processOf(row);
        if (process.activeUntil > now) active.push(process);
        // Unless it is active again by now.
        else await succeeds(table.remove(row.partitionKey, row.rowKey, row.etag));
      }
      return active;
    },
  };
}

function processOf(row: StoredRow): ActiveProcess {
  checkVersion(row);
  return {
    processId: decodeKey(row.rowKey),
    activeUntil: Number(textColumn(row, 'activeUntil')),
    pausedUntil: Number(textColumn(row, 'pausedUntil')),
  };
}
