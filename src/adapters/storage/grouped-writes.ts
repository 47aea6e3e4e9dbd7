/**
 * Group commit. Writes to one partition that are under way at the same time go out as one transaction: a sync of many
 * records makes many small writes to few partitions, and each request costs as much as some fifteen more rows in it.
 *
 * A write to a partition at rest goes out after one turn of the event loop, alone if no other write joined it. A partition that
 * has just sent rests for a moment, in which the next group gathers. A write of a lane waits for the other lanes, or for any
 * write that does not wait. A write is settled when it is durable, with its own
 * ETag. What a caller writes as a transaction stays whole, and a row occurs once per group. When a group is refused
 * because of one of its writes, all are repeated one by one, so that each caller gets exactly its own answer; a failure
 * of unknown fate goes to every caller.
 */
import type { Clock } from '../../application/ports/runtime.js';
import { BridgeError, ConflictError } from '../../domain/errors.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import { contextOfCaller } from '../caller-context.js';
import { type Arrival, arrive } from '../lanes.js';
import { keysOf, type Operation, type Table, type TableName, type Tables } from './table.js';
import { OPERATIONS, sizeOf, TRANSACTION_BYTES } from './transactions.js';

/** Where many records are written side by side. */
const GROUPED: readonly TableName[] = ['Links', 'LinkClaims', 'KeyClaims', 'Logs', 'Problems'];
/** Short beside the requests to the outside systems that a record takes, long enough for several records to meet. */
const GATHER_MS = 25;
/** Larger transactions fill a request well enough by themselves. */
const SMALL = 40;
const REPEATS_AT_A_TIME = 8;

type ETags = readonly (string | undefined)[];

interface Write {
  readonly operations: readonly Operation[];
  readonly bytes: number;
  /** Where the write is a lane's, which waits for the others. */
  readonly arrival: Arrival | undefined;
  /** It waits no longer. */
  isDue: boolean;
  /** Sends this write by itself and settles it. */
  readonly alone: () => Promise<void>;
  /** Sends any work in the name of this write's caller, whose measurement counts it. */
  readonly inContext: <T>(work: () => Promise<T>) => Promise<T>;
  readonly done: (etags: ETags) => void;
  readonly failed: (error: unknown) => void;
}

/** The same tables, with the small writes of those that many records share grouped. */
export function groupWrites(tables: Tables, clock: Clock): Tables {
  const known = new Map<TableName, Table>();
  return {
    table(name) {
      const table =
        known.get(name) ?? (GROUPED.includes(name) ? grouped(tables.table(name), clock) : tables.table(name));
      known.set(name, table);
      return table;
    },
  };
}

/** Writes that wait for one partition. */
interface Waiting {
  readonly writes: Write[];
  isDraining: boolean;
}

function grouped(table: Table, clock: Clock): Table {
  const partitions = new Map<string, Waiting>();

  const waitingFor = (partition: string): Waiting => {
    const waiting = partitions.get(partition) ?? { writes: [], isDraining: false };
    partitions.set(partition, waiting);
    return waiting;
  };

  /** Sends group after group, until nothing that waits is due. Never fails. */
  const drain = async (partition: string, waiting: Waiting): Promise<void> => {
    if (waiting.isDraining) return;
    waiting.isDraining = true;
    await new Promise((resolve) => setImmediate(resolve));
    while (isDue(waiting)) await sendGroup(table, clock, waiting);
    waiting.isDraining = false;
    if (waiting.writes.length === 0) partitions.delete(partition);
  };

  const enqueue = <T>(
    operations: readonly Operation[],
    alone: () => Promise<T>,
    read: (etags: ETags) => T,
  ): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const inContext = contextOfCaller();
      const arrival = arrive();
      const write: Write = {
        operations,
        bytes: operations.reduce((sum, operation) => sum + sizeOf(operation), 0),
        arrival,
        isDue: arrival === undefined,
        inContext,
        alone: () => inContext(alone).then(resolve, reject),
        done: (etags) => resolve(read(etags)),
        failed: reject,
      };
      const partition = operations[0] === undefined ? '' : keysOf(operations[0]).partitionKey;
      const waiting = waitingFor(partition);
      waiting.writes.push(write);
      if (isDue(waiting)) void drain(partition, waiting);
      void arrival?.ready.then(() => {
        write.isDue = true;
        // Where it has gone out before, nothing may be left.
        return isDue(waiting) ? drain(partition, waiting) : undefined;
      });
    });

  return {
    ...table,
    insert: (row) =>
      enqueue(
        [{ kind: 'insert', row }],
        () => table.insert(row),
        ([etag]) => etag,
      ),
    put: (row) => enqueue([{ kind: 'put', row }], () => table.put(row), firstETag),
    replace: (row, etag) =>
      enqueue([{ kind: 'replace', row, etag }], () => table.replace(row, etag), firstETag),
    // A transaction of the SDK removes without conditions only.
    remove: (partitionKey, rowKey, etag) =>
      etag === undefined
        ? enqueue(
            [{ kind: 'remove', partitionKey, rowKey }],
            () => table.remove(partitionKey, rowKey),
            () => undefined,
          )
        : table.remove(partitionKey, rowKey, etag),
    transact: (operations) =>
      operations.length > SMALL
        ? table.transact(operations)
        : enqueue(
            operations,
            () => table.transact(operations),
            (etags) => etags,
          ),
  };
}

/** One write that waits no longer takes all others along; so does a whole transaction, which gains nothing by more. */
function isDue({ writes }: Waiting): boolean {
  return writes.length >= OPERATIONS || writes.some((write) => write.isDue);
}

/** One group, and the rest in which the next one gathers. */
async function sendGroup(table: Table, clock: Clock, waiting: Waiting): Promise<void> {
  const closedAt = clock.now();
  const group = takeGroup(waiting.writes);
  // What does not fit has gathered already.
  const isGathered = isDue(waiting);
  await send(table, group);
  const rest = closedAt + GATHER_MS - clock.now();
  if (!isGathered && rest > 0) await clock.sleep(rest);
}

/** Takes writes in their order; one that touches a row of the group, or of an earlier one that waits, stays. */
function takeGroup(waiting: Write[]): Write[] {
  const group: Write[] = [];
  const left: Write[] = [];
  const rows = new Set<string>();
  let operations = 0;
  let bytes = 0;
  for (const write of waiting) {
    const keys = write.operations.map((operation) => keysOf(operation).rowKey);
    const isFirst = group.length === 0;
    const fits =
      isFirst || (operations + keys.length <= OPERATIONS && bytes + write.bytes <= TRANSACTION_BYTES);
    if (fits && !keys.some((key) => rows.has(key))) {
      group.push(write);
      operations += keys.length;
      bytes += write.bytes;
    } else {
      left.push(write);
    }
    for (const key of keys) rows.add(key);
  }
  waiting.splice(0, waiting.length, ...left);
  for (const { arrival } of group) arrival?.leave();
  return group;
}

async function send(table: Table, group: readonly Write[]): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  if (group.length === 1) {
    await first.alone();
    return;
  }
  const operations = group.flatMap((write) => write.operations);
  try {
    const etags = await first.inContext(() => table.transact(operations));
    let at = 0;
    for (const write of group) {
      write.done(etags.slice(at, at + write.operations.length));
      at += write.operations.length;
    }
  } catch (error) {
    if (isRefusal(error)) await mapConcurrent(group, REPEATS_AT_A_TIME, (write) => write.alone());
    else for (const write of group) write.failed(error);
  }
}

/** Nothing of the group was written, because of one of its writes. */
function isRefusal(error: unknown): boolean {
  return error instanceof ConflictError || (error instanceof BridgeError && error.code === 'internal_error');
}

function firstETag([etag]: ETags): string {
  if (etag !== undefined) return etag;
  throw new BridgeError('internal_error', 'Storage answered a write without an ETag.');
}
