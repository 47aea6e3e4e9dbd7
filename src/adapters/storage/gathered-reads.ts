/**
 * Reads that lanes ask for at the same time. Single rows of one partition are read together, as a range where their keys
 * lie close together, and what several ask for is read once. Reads outside of lanes go out as they
 * are. A request goes out after all of its callers have asked: none of them gets an older state of a row.
 */
import { contextOfCaller } from '../caller-context.js';
import { arrive } from '../lanes.js';
import { getNearRows } from './bulk.js';
import type { StoredRow, Table, TableName, Tables } from './table.js';

/** What each pair is asked about by itself. */
const GATHERED: readonly TableName[] = ['Links', 'LinkClaims', 'KeyClaims', 'Backlog', 'Staging', 'Problems'];

interface Asker {
  readonly rowKey: string;
  readonly leave: () => void;
  readonly resolve: (row: StoredRow | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export function gatherReads(tables: Tables): Tables {
  const known = new Map<TableName, Table>();
  return {
    table(name) {
      const table =
        known.get(name) ?? (GATHERED.includes(name) ? gathering(tables.table(name)) : tables.table(name));
      known.set(name, table);
      return table;
    },
  };
}

function gathering(table: Table): Table {
  const partitions = new Map<string, Asker[]>();

  const readAll = async (partitionKey: string): Promise<void> => {
    const askers = partitions.get(partitionKey);
    // Another one's turn came first.
    if (askers === undefined) return;
    partitions.delete(partitionKey);
    for (const { leave } of askers) leave();
    try {
      const rows = await read(table, partitionKey, [...new Set(askers.map(({ rowKey }) => rowKey))]);
      const byKey = new Map(rows.map((row) => [row.rowKey, row]));
      for (const { resolve, rowKey } of askers) resolve(byKey.get(rowKey));
    } catch (error) {
      for (const { reject } of askers) reject(error);
    }
  };

  return {
    ...table,
    get(partitionKey, rowKey) {
      const arrival = arrive();
      if (arrival === undefined) return table.get(partitionKey, rowKey);
      return new Promise((resolve, reject) => {
        const askers = partitions.get(partitionKey) ?? [];
        partitions.set(partitionKey, askers);
        askers.push({ rowKey, leave: arrival.leave, resolve, reject });
        // The request counts for one of its callers.
        const inContext = contextOfCaller();
        void arrival.ready.then(() => inContext(() => readAll(partitionKey)));
      });
    },
  };
}

async function read(
  table: Table,
  partitionKey: string,
  rowKeys: readonly string[],
): Promise<readonly StoredRow[]> {
  const [only, ...others] = rowKeys;
  if (only === undefined || others.length > 0) return getNearRows(table, partitionKey, rowKeys);
  const row = await table.get(partitionKey, only);
  return row === undefined ? [] : [row];
}
