/**
 * Runs and each connection's slot for one of them:
 *   `{connectionId}` / `{runId}`                        the run, JSON in `data`, its facts as `run-facts.ts` says; ids
 *                                                       sort newest first
 *   `{connectionId}` / `!slot`                          `runId` of the run that has the slot
 *   `!index|{last two characters of runId}` / `{runId}` `connectionId`, to find a run by its id alone
 * The slot is never given back: a run that has ended, or waits for approval, no longer holds it. A run gets the slot
 * by a compare-and-set after its row is stored, so a reader of the slot finds the holder's state.
 */
import type { RunStore, Stored } from '../../application/ports/stores.js';
import { ConflictError } from '../../domain/errors.js';
import { blocksConnection, type Run, type RunCursor } from '../../domain/run.js';
import { succeeds } from './faults.js';
import { checkVersion, fromJsonColumns, jsonColumns, textColumn } from './json-columns.js';
import { encodeKey } from './keys.js';
import { type FactTexts, factTexts, readFacts } from './run-facts.js';
import type { Row, RowKeys, StoredRow, Table, Tables } from './table.js';

const SLOT = '!slot';
const ATTEMPTS = 50;

export function createRunStore(tables: Tables): RunStore {
  const table = tables.table('Runs');
  return {
    async open(run) {
      const holder = await blockingRun(table, run.connectionId);
      if (holder !== undefined && holder.id !== run.id) return { blockedBy: holder };
      const etag = await insertRun(table, run);
      const blockedBy = await takeSlot(table, run);
      if (blockedBy === undefined) return { opened: { value: run, etag } };
      await table.remove(encodeKey(run.connectionId), encodeKey(run.id));
      await removeIndex(table, run.id);
      return { blockedBy };
    },
    async reopen({ value: run, etag }) {
      const holder = await blockingRun(table, run.connectionId);
      if (holder !== undefined && holder.id !== run.id) return { blockedBy: holder };
      const before = await getRun(table, run.connectionId, run.id);
      const stored = await table.replace(toRow(run), etag);
      const blockedBy = await takeSlot(table, run);
      if (blockedBy === undefined) return { opened: { value: run, etag: stored } };
      if (before !== undefined) await table.replace(toRow(before.value), stored);
      return { blockedBy };
    },
    async get(runId) {
      const keys = indexKeys(runId);
      const row = await table.get(keys.partitionKey, keys.rowKey);
      if (row === undefined) return undefined;
      checkVersion(row);
      return await getRun(table, textColumn(row, 'connectionId'), runId);
    },
    async replace(run, etag) {
      return { value: run, etag: await table.replace(toRow(run), etag) };
    },
    async list(connectionId, limit, cursor) {
      const page = await table.query(runsOf(connectionId), limit, cursor);
      return { items: page.rows.map((row) => fromRow(row).value), nextCursor: page.next };
    },
    blocking: (connectionId) => blockingRun(table, connectionId),
  };
}

/** All runs of a connection, without its slot. */
export function runsOf(connectionId: string): { partition: string; from: string } {
  return { partition: encodeKey(connectionId), from: '"' };
}

export function slotKeys(connectionId: string): RowKeys {
  return { partitionKey: encodeKey(connectionId), rowKey: SLOT };
}

export function indexKeys(runId: string): RowKeys {
  return { partitionKey: `!index|${encodeKey(runId.slice(-2))}`, rowKey: encodeKey(runId) };
}

async function insertRun(table: Table, run: Run): Promise<string> {
  // The index first: a run that is seen in a list can then be read by its id.
  await table.put({ ...indexKeys(run.id), v: 1, connectionId: run.connectionId });
  const etag = await table.insert(toRow(run));
  if (etag !== undefined) return etag;
  const existing = await getRun(table, run.connectionId, run.id);
  // The same run from a request whose answer was lost; any other one is a clash of ids.
  if (existing !== undefined && JSON.stringify(existing.value) === JSON.stringify(run)) return existing.etag;
  throw new ConflictError('A run with this id exists.');
}

/** Points the slot to the run; answers the run that blocks it instead. */
async function takeSlot(table: Table, run: Run): Promise<Run | undefined> {
  const slot: Row = { ...slotKeys(run.connectionId), v: 1, runId: run.id };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const row = await table.get(slot.partitionKey, slot.rowKey);
    if (row === undefined) {
      if ((await table.insert(slot)) !== undefined) return undefined;
      continue;
    }
    checkVersion(row);
    const holderId = textColumn(row, 'runId');
    const holder = holderId === run.id ? undefined : await getRun(table, run.connectionId, holderId);
    if (holder !== undefined && blocksConnection(holder.value.status)) return holder.value;
    // Also when it is ours already: a worker that has just seen this run wait must fail to take the slot from it.
    if (await succeeds(table.replace(slot, row.etag))) return undefined;
  }
  throw new ConflictError('The slot of the connection keeps changing.');
}

async function blockingRun(table: Table, connectionId: string): Promise<Run | undefined> {
  const { partitionKey, rowKey } = slotKeys(connectionId);
  const slot = await table.get(partitionKey, rowKey);
  if (slot === undefined) return undefined;
  checkVersion(slot);
  const run = await getRun(table, connectionId, textColumn(slot, 'runId'));
  return run !== undefined && blocksConnection(run.value.status) ? run.value : undefined;
}

async function getRun(table: Table, connectionId: string, runId: string): Promise<Stored<Run> | undefined> {
  const row = await table.get(encodeKey(connectionId), encodeKey(runId));
  return row && fromRow(row);
}

async function removeIndex(table: Table, runId: string): Promise<void> {
  const { partitionKey, rowKey } = indexKeys(runId);
  await table.remove(partitionKey, rowKey);
}

type StoredForm = Omit<Run, 'cursor'> & {
  readonly cursor: Omit<RunCursor, 'facts'> & { readonly facts: FactTexts };
};

function toRow(run: Run): Row {
  const stored: StoredForm = { ...run, cursor: { ...run.cursor, facts: factTexts(run.cursor.facts) } };
  return {
    partitionKey: encodeKey(run.connectionId),
    rowKey: encodeKey(run.id),
    v: 1,
    status: run.status,
    ...jsonColumns('data', stored),
  };
}

function fromRow(row: StoredRow): Stored<Run> {
  checkVersion(row);
  const stored = fromJsonColumns<StoredForm>(row, 'data');
  const cursor = { ...stored.cursor, facts: readFacts(stored.cursor.facts) };
  return { value: { ...stored, cursor }, etag: row.etag };
}
