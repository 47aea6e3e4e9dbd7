/** Writes that leave rows of a later layout alone: another worker may be newer than this one. */
import { ConflictError } from '../../domain/errors.js';
import { getRows } from './bulk.js';
import { succeeds } from './faults.js';
import { checkVersion } from './json-columns.js';
import type { Row, RowKeys, Table } from './table.js';

const ATTEMPTS = 5;

/** Inserts or replaces; throws when the row that is there has a layout that this version does not know. */
export async function putKnown(table: Table, row: Row): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const present = await table.get(row.partitionKey, row.rowKey);
    if (present === undefined) {
      if ((await table.insert(row)) !== undefined) return;
      continue;
    }
    checkVersion(present);
    if (await succeeds(table.replace(row, present.etag))) return;
  }
  throw new ConflictError('The row keeps changing.');
}

/** Removes the row if it is there; throws when it has a layout that this version does not know. */
export async function removeKnown(table: Table, { partitionKey, rowKey }: RowKeys): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const present = await table.get(partitionKey, rowKey);
    if (present === undefined) return;
    checkVersion(present);
    if (await succeeds(table.remove(partitionKey, rowKey, present.etag))) return;
  }
  throw new ConflictError('The row keeps changing.');
}

/** Throws when one of the rows is there in a layout that this version does not know. */
export async function demandKnown(table: Table, keys: readonly RowKeys[]): Promise<void> {
  for (const row of await getRows(table, keys)) if (row !== undefined) checkVersion(row);
}
