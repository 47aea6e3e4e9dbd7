import { createMeter } from '../../src/adapters/meter.js';
import { createAzureTables } from '../../src/adapters/storage/azure-tables.js';
import { BRIEF_COLUMNS } from '../../src/adapters/storage/link-rows.js';
import type { Row, Table, TableName } from '../../src/adapters/storage/table.js';
import { mapConcurrent } from '../../src/lib/map-concurrent.js';
import { connectionString } from '../journeys/support/storage-scan.js';
import type { StackInfo } from '../stack/launch/stack-file.js';
import type { MeasuredRun } from './scene.js';
import type { Asked } from './table-server/asked.js';

/** A table of the benchmark's own, which the product's adapter takes as any other. */
const BENCH_TABLE = 'BenchRows';
const AT_A_TIME = 16;
const LINKS_PER_PAGE = 1_000;
/** Characters beside the keys, as found in the tables after a first run; of the other tables less than of these. */
const ROW_LENGTHS: Readonly<Record<string, number>> = { Logs: 700, Links: 1_300 };
const OTHER_LENGTH = 400;
const KNOWN = { partitionKey: 'known', rowKey: 'row' };

/** Writes of one table, and the rows that they write. */
type Writes = Pick<Asked, 'table' | 'writes' | 'writtenRows'>;

/** What a run asked of storage. */
export interface StorageWork {
  readonly writes: readonly Writes[];
  /** Of whole tables and of single rows alike. */
  readonly reads: number;
}

/**
 * The writes as the tables saw them, and as many reads as make up the requests that the run counted: who polls the run
 * reads tables, too, which is not the run's doing. Nor is what clears Staging: that begins when a run has ended, and goes on
 * into the next one.
 */
export function storageWork({ result, tables }: MeasuredRun): StorageWork {
  const writes = tables.map(({ removals, removedRows, table, writes: requests, writtenRows }): Writes => {
    const ofRun = table === 'Staging' ? { removals: 0, removedRows: 0 } : { removals, removedRows };
    return { table, writes: requests + ofRun.removals, writtenRows: writtenRows + ofRun.removedRows };
  });
  const written = writes.reduce((sum, table) => sum + table.writes, 0);
  const counted = result.requests?.storage;
  if (counted === undefined) throw new Error('The run does not tell its requests of storage.');
  return { writes, reads: Math.max(0, counted - written) };
}

export interface BareRows {
  /** Sends as many writes with as many rows, and as many reads of one row. */
  work(asked: StorageWork): Promise<void>;
  /** Reads what a run reads of each link; answers how many requests that took. */
  readLinks(connectionId: string): Promise<number>;
  /** Requests of the work, repeats included. */
  requestsOf(work: () => Promise<void>): Promise<number>;
}

/** Goes through the product's own adapter, so that SDK and options are the same. */
export async function openRows(info: StackInfo): Promise<BareRows> {
  const meter = createMeter();
  const tables = createAzureTables({ connectionString: connectionString(info), meter });
  const table = tables.table(BENCH_TABLE as string as TableName);
  const links = tables.table('Links');
  // Both are created now, which is not part of any work.
  await table.put({ ...KNOWN, data: textOf('') });
  await links.get(KNOWN.partitionKey, KNOWN.rowKey);
  let made = 0;
  const rowOf = (name: string): Row => {
    made += 1;
    return { partitionKey: name, rowKey: String(made).padStart(12, '0'), data: textOf(name) };
  };
  return {
    work: async ({ reads, writes }) => {
      const jobs = [
        ...writes.flatMap((asked) =>
          rowsOfEach(asked).map((count) => () => {
            return write(
              table,
              Array.from({ length: count }, () => rowOf(asked.table)),
            );
          }),
        ),
        ...Array.from({ length: reads }, () => () => table.get(KNOWN.partitionKey, KNOWN.rowKey)),
      ];
      await mapConcurrent<() => Promise<unknown>, unknown>(jobs, AT_A_TIME, (job) => job());
    },
    readLinks: (connectionId) => countPages(links, connectionId),
    requestsOf: async (work) => (await meter.measure(work)).requests().storage,
  };
}

async function write(table: Table, rows: readonly Row[]): Promise<void> {
  const [row] = rows;
  if (row !== undefined && rows.length === 1) await table.put(row);
  else await table.transact(rows.map((each) => ({ kind: 'insert', row: each })));
}

async function countPages(links: Table, partitionPrefix: string): Promise<number> {
  let pages = 0;
  let token: string | undefined;
  do {
    const query = { partitionPrefix, columns: BRIEF_COLUMNS };
    const page = await links.query(query, LINKS_PER_PAGE, token);
    token = page.next;
    pages += 1;
  } while (token !== undefined);
  return pages;
}

const textOf = (table: string) => 'x'.repeat(ROW_LENGTHS[table] ?? OTHER_LENGTH);

/** The rows in whole numbers, by write. */
function rowsOfEach({ writes, writtenRows }: Writes): readonly number[] {
  const before = (write: number) => Math.floor((write * writtenRows) / writes);
  return Array.from({ length: writes }, (_, at) => before(at + 1) - before(at));
}
