import type { TableClient, TableEntityResult, TransactionAction } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { z } from 'zod';
import { BridgeError, ConflictError } from '../../domain/errors.js';
import { onceUntilItFails } from '../../lib/once-until-it-fails.js';
import type { TimeLimits } from '../http/sdk-time-limit.js';
import type { CountingMeter } from '../meter.js';
import { isConflict, statusOf, storageFault } from './faults.js';
import { prefixEnd } from './keys.js';
import type { Cell, Operation, Query, Row, RowPage, StoredRow, Table, TableName, Tables } from './table.js';

export interface AzureTablesOptions {
  /** Either a connection string, or URL and credential. */
  readonly connectionString?: string | undefined;
  readonly tablesUrl?: string | undefined;
  readonly credential?: TokenCredential | undefined;
  readonly meter: CountingMeter;
  /** Delay before the first of three repeats. */
  readonly retryDelayMs?: number | undefined;
  readonly timeLimits?: TimeLimits | undefined;
}

const MAX_PAGE = 1_000;

/**
 * Tables of one storage account. A table is created at its first use in the process; a failed creation is tried again
 * at the next use.
 */
export function createAzureTables(options: AzureTablesOptions): Tables {
  const tables = new Map<TableName, Table>();
  return {
    table(name) {
      const known = tables.get(name);
      if (known !== undefined) return known;
      const table = azureTable(() => openClient(name, options), name);
      tables.set(name, table);
      return table;
    },
  };
}

/** The SDK is loaded with the first table that is used. */
async function openClient(name: TableName, options: AzureTablesOptions): Promise<TableClient> {
  const { createTableClient } = await import('./table-client.js');
  return createTableClient(name, options);
}

function azureTable(open: () => Promise<TableClient>, name: TableName): Table {
  const ready = onceUntilItFails(async () => {
    const client = await open();
    await client.createTable();
    return client;
  });
  const run = async <T>(work: (client: TableClient) => Promise<T>): Promise<T> => {
    try {
      return await work(await ready());
    } catch (error) {
      throw storageFault(error, `table ${name}`);
    }
  };
  const conditional = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (isConflict(error)) throw new ConflictError(`A row of table ${name} was changed by another writer.`);
      throw error;
    }
  };
  return {
    get: (partitionKey, rowKey) =>
      run((client) =>
        unless(404, async () =>
          toStored(await client.getEntity<Record<string, unknown>>(partitionKey, rowKey)),
        ),
      ),
    insert: (row) =>
      run((client) => unless(409, async () => etagOf((await client.createEntity(toEntity(row))).etag))),
    put: (row) => run(async (client) => etagOf((await client.upsertEntity(toEntity(row), 'Replace')).etag)),
    replace: (row, etag) =>
      run((client) =>
        conditional(async () => etagOf((await client.updateEntity(toEntity(row), 'Replace', { etag })).etag)),
      ),
    remove: (partitionKey, rowKey, etag) =>
      run(async (client) => {
        if (etag === undefined) await unless(404, () => client.deleteEntity(partitionKey, rowKey));
        else await conditional(() => client.deleteEntity(partitionKey, rowKey, { etag }));
      }),
    transact: (operations) =>
      run((client) =>
        conditional(async () => {
          const { subResponses } = await client.submitTransaction(operations.map(toAction));
          return operations.map((operation, index) =>
            operation.kind === 'remove' ? undefined : etagOf(subResponses[index]?.etag),
          );
        }),
      ),
    query: (query, limit, token) => run((client) => readPages(client, query, limit, token)),
  };
}

async function readPages(
  client: TableClient,
  query: Query,
  limit: number,
  token: string | undefined,
): Promise<RowPage> {
  const rows: StoredRow[] = [];
  const columns = query.keysOnly ? [] : query.columns;
  const select = columns === undefined ? {} : { select: ['PartitionKey', 'RowKey', 'v', ...columns] };
  const list = client.listEntities<Record<string, unknown>>({
    queryOptions: { filter: filterOf(query), ...select },
  });
  let next = token === undefined ? undefined : checkedToken(token);
  // A page may hold fewer rows than asked for, even none, and still have a successor.
  do {
    const maxPageSize = Math.min(limit - rows.length, MAX_PAGE);
    const pages = list.byPage({ maxPageSize, ...(next === undefined ? {} : { continuationToken: next }) });
    const { value: page, done } = await pages.next().catch((error: unknown) => {
      // Of what goes into this request only the position comes from outside.
      throw next === token && token !== undefined && statusOf(error) === 400 ? foreignCursor() : error;
    });
    if (done) return { rows };
    rows.push(...page.map(toStored));
    next = page.continuationToken;
  } while (next !== undefined && rows.length < limit);
  return next === undefined ? { rows } : { rows, next };
}

/** Tokens come back from callers: one that is not ours is their fault, not the storage's. */
function checkedToken(token: string): string {
  try {
    const keys: unknown = JSON.parse(Buffer.from(token, 'base64').toString('latin1'));
    if (continuation.safeParse(keys).success) return token;
  } catch {
    // falls through to the refusal
  }
  throw foreignCursor();
}

/** What the service gives out: keys in a form of its own, which fits into a header. */
const nextKey = z.string().regex(/^[\x20-\x7e]{1,2048}$/);
const continuation = z.strictObject({
  nextPartitionKey: nextKey,
  nextRowKey: nextKey.or(z.literal('')).optional(),
});

function foreignCursor(): BridgeError {
  return new BridgeError('invalid_request', 'The query is not valid.', {
    errors: [{ path: 'cursor', message: 'Must come from the answer before.' }],
  });
}

function filterOf(query: Query): string {
  const conditions: string[] = [];
  if ('partition' in query) {
    conditions.push(`PartitionKey eq ${quoted(query.partition)}`);
  } else {
    conditions.push(`PartitionKey ge ${quoted(query.partitionPrefix)}`);
    conditions.push(`PartitionKey lt ${quoted(prefixEnd(query.partitionPrefix))}`);
  }
  if (query.from !== undefined) conditions.push(`RowKey ge ${quoted(query.from)}`);
  if (query.below !== undefined) conditions.push(`RowKey lt ${quoted(query.below)}`);
  for (const [column, value] of Object.entries(query.where ?? {})) {
    if (value !== undefined) {
      conditions.push(`${column} eq ${typeof value === 'string' ? quoted(value) : value}`);
    }
  }
  return conditions.join(' and ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function toAction(operation: Operation): TransactionAction {
  switch (operation.kind) {
    case 'insert':
      return ['create', toEntity(operation.row)];
    case 'put':
      return ['upsert', toEntity(operation.row), 'Replace'];
    case 'replace':
      return ['update', toEntity(operation.row), 'Replace', { etag: operation.etag }];
    case 'remove':
      return ['delete', { partitionKey: operation.partitionKey, rowKey: operation.rowKey }];
  }
}

function toEntity(row: Row): { partitionKey: string; rowKey: string } {
  const { etag: _etag, ...columns } = row;
  return columns as Row;
}

function toStored(entity: TableEntityResult<Record<string, unknown>>): StoredRow {
  const row: Record<string, Cell> = {};
  for (const [column, value] of Object.entries(entity)) {
    if (column === 'timestamp' || column.includes('.')) continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      row[column] = value;
    }
  }
  const { partitionKey = '', rowKey = '' } = entity;
  // A list of keys alone may come without.
  return { ...row, partitionKey, rowKey, etag: entity.etag ?? '' };
}

function etagOf(etag: string | undefined): string {
  if (etag !== undefined) return etag;
  throw new BridgeError('internal_error', 'Storage answered a write without an ETag.');
}

/** Answers undefined when the service answers with that status. */
async function unless<T>(status: number, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (statusOf(error) === status) return undefined;
    throw error;
  }
}
