/**
 * Work that fails, by connection, JSON in `data`; the id is a hash of what the job is about:
 *   `{connectionId}` / `D|{id}`   a dead letter
 *   `{connectionId}` / `F|{id}`   failed attempts at a job that is still tried
 */
import type { Cause, DeadLetter, DeadLetterStore } from '../../application/ports/dead-letters.js';
import { ConflictError } from '../../domain/errors.js';
import { jobKey, type KeptJob } from '../../domain/job.js';
import { succeeds } from './faults.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import { encodeKey, hashOf, prefixEnd } from './keys.js';
import type { Row, RowKeys, StoredRow, Table, Tables } from './table.js';

interface Failures {
  readonly cause: Cause;
  readonly count: number;
  readonly firstFailedAt: string;
  readonly lastFailedAt: string;
}

const LETTERS = 'D|';
const FAILURES = 'F|';
const ID_LENGTH = 24;
const ATTEMPTS = 5;

export function createDeadLetterStore(tables: Tables): DeadLetterStore {
  const table = tables.table('DeadLetters');
  return {
    noteFailure: async (job, cause, at) => {
      await upsert<Failures>(table, keysOf(FAILURES, job), (before) => ({
        cause,
        count: (before?.count ?? 0) + 1,
        firstFailedAt: before?.firstFailedAt ?? at,
        lastFailedAt: at,
      }));
    },
    forgetFailures: (job) => removeRow(table, keysOf(FAILURES, job)),
    async bury(job, cause, at) {
      const noted = await find<Failures>(table, keysOf(FAILURES, job));
      const letter = await upsert<DeadLetter>(table, keysOf(LETTERS, job), (before) => ({
        id: idOf(job),
        connectionId: job.connectionId,
        job,
        cause: noted?.cause ?? cause,
        count: (before?.count ?? 0) + (noted?.count ?? 1),
        firstFailedAt: before?.firstFailedAt ?? noted?.firstFailedAt ?? at,
        lastFailedAt: noted?.lastFailedAt ?? at,
      }));
      await removeRow(table, keysOf(FAILURES, job));
      return letter;
    },
    get: (connectionId, id) => find<DeadLetter>(table, letterKeys(connectionId, id)),
    async list(connectionId, limit, cursor) {
      const range = { partition: encodeKey(connectionId), from: LETTERS, below: prefixEnd(LETTERS) };
      const page = await table.query(range, limit, cursor);
      return { items: page.rows.map((row) => read<DeadLetter>(row)), nextCursor: page.next };
    },
    async remove({ connectionId, id, count, lastFailedAt }) {
      const { partitionKey, rowKey } = letterKeys(connectionId, id);
      const row = await table.get(partitionKey, rowKey);
      const present = row && read<DeadLetter>(row);
      if (row === undefined || present?.count !== count || present.lastFailedAt !== lastFailedAt) return;
      // Lost when the job was given up once more just now: that is news.
      await succeeds(table.remove(partitionKey, rowKey, row.etag));
    },
  };
}

/** The rows that a job can have here. */
export function rowsOf(job: KeptJob): readonly RowKeys[] {
  return [keysOf(LETTERS, job), keysOf(FAILURES, job)];
}

function idOf(job: KeptJob): string {
  return hashOf(jobKey(job)).slice(0, ID_LENGTH);
}

function keysOf(prefix: string, job: KeptJob): RowKeys {
  return { partitionKey: encodeKey(job.connectionId), rowKey: prefix + idOf(job) };
}

function letterKeys(connectionId: string, id: string): RowKeys {
  return { partitionKey: encodeKey(connectionId), rowKey: LETTERS + encodeKey(id) };
}

function removeRow(table: Table, { partitionKey, rowKey }: RowKeys): Promise<void> {
  return table.remove(partitionKey, rowKey);
}

async function find<T>(table: Table, { partitionKey, rowKey }: RowKeys): Promise<T | undefined> {
  const row = await table.get(partitionKey, rowKey);
  return row && read<T>(row);
}

function read<T>(row: StoredRow): T {
  checkVersion(row);
  return fromJsonColumns<T>(row, 'data');
}

/** Inserts or replaces by what `next` makes of what is there; answers what is stored in the end. */
async function upsert<T>(table: Table, keys: RowKeys, next: (before: T | undefined) => T): Promise<T> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const present = await table.get(keys.partitionKey, keys.rowKey);
    const value = next(present && read<T>(present));
    const row: Row = { ...keys, v: 1, ...jsonColumns('data', value) };
    const written =
      present === undefined
        ? (await table.insert(row)) !== undefined
        : await succeeds(table.replace(row, present.etag));
    if (written) return value;
  }
  throw new ConflictError('The dead letter was changed by another writer.');
}
