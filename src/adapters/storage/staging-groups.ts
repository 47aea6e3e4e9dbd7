/**
 * Match groups of a run, many keys in a row: partition `{runId}|{mappingId}|K|0`, row `{start of hash}|{part}|{number}`; in
 * `keys`, `keys1`, … the deflated text of keys with their records, `{hash} {JSON}` a line, as base64. All keys of a unit
 * whose hashes start alike are in one row, or in several where they are many. Of a key that was staged twice the later part counts.
 *
 * Earlier versions had a row `{hash}|{A or D}|{id}` for each key, with its JSON in `data`; the first of them in partitions
 * `0` to `3`. Rows of the same partition are read together, of the others after them.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { GroupShare, StagedKey } from '../../application/ports/staging.js';
import { BridgeError } from '../../domain/errors.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import { encodeKey } from './keys.js';
import type { Row, StoredRow, Table } from './table.js';

/** Hexadecimal digits by which keys come together: 256 rows take what a unit stages, and each has a share that memory holds. */
const START = 2;
/** Bytes of a row before they are packed; even where nothing can be packed they fit. */
const ROW_BYTES = 300_000;
const ROWS_AT_A_TIME = 250;

interface GroupPage {
  readonly groups: readonly (readonly StagedKey[])[];
  readonly nextCursor?: string | undefined;
}

/** The rows that hold the keys of one part. */
export function groupRows(partitionKey: string, part: string, keys: readonly StagedKey[]): Row[] {
  const lines = new Map<string, string[]>();
  for (const key of keys) {
    const start = key.keyHash.slice(0, START);
    const line = `${key.keyHash} ${JSON.stringify(key)}`;
    const others = lines.get(start);
    if (others === undefined) lines.set(start, [line]);
    else others.push(line);
  }
  return [...lines].flatMap(([start, all]) =>
    inRows(all).map((packed, index) => ({
      ...{ partitionKey, rowKey: `${start}|${encodeKey(part)}|${String(index).padStart(6, '0')}`, v: 1 },
      ...jsonColumns('keys', packed),
    })),
  );
}

/** Lines packed, as few texts as rows take. */
function inRows(lines: readonly string[]): string[] {
  const packed: string[] = [];
  let open: string[] = [];
  let bytes = 0;
  const close = () => packed.push(deflateRawSync(Buffer.from(open.join('\n'), 'utf8')).toString('base64'));
  for (const line of lines) {
    const more = Buffer.byteLength(line) + 1;
    if (open.length > 0 && bytes + more > ROW_BYTES) {
      close();
      open = [];
      bytes = 0;
    }
    open.push(line);
    bytes += more;
  }
  if (open.length > 0) close();
  return packed;
}

/**
 * Whole match groups in the order of their hash: about `limit` keys, at least one group. A group that the limit cuts is left
 * to the next answer.
 */
export async function scanGroups(
  table: Table,
  partition: string,
  limit: number,
  { cursor, share }: { readonly cursor: string | undefined; readonly share: GroupShare | undefined },
): Promise<GroupPage> {
  const position = cursor === undefined ? undefined : parsed(cursor);
  const groups: StagedKey[][] = [];
  let taken = 0;
  for await (const { from, rows, shard, start } of rowsByStart(table, partition, boundsOf(share), position)) {
    // What comes next begins after all of this one.
    if (taken >= limit) return { groups, nextCursor: JSON.stringify([shard, start] satisfies Position) };
    for (const group of groupsOf(rows, from)) {
      const hash = group[0]?.keyHash ?? '';
      if (groups.length > 0 && taken + group.length > limit)
        return { groups, nextCursor: JSON.stringify([shard, hash] satisfies Position) };
      groups.push(group);
      taken += group.length;
    }
  }
  return { groups };
}

/** Where the next answer starts: the partition, and the hash from which on groups are to come. */
type Position = readonly [shard: number, from: string];

/** Only runs that began under an earlier version have groups in others than the first. */
const SHARDS = 4;

/** Rows of a partition whose keys start alike. */
interface RowsOfStart {
  readonly shard: number;
  readonly start: string;
  readonly rows: StoredRow[];
  /** Hashes before it are not asked for. */
  readonly from: string;
}

async function* rowsByStart(
  table: Table,
  partition: string,
  bounds: Bounds,
  position: Position | undefined,
): AsyncGenerator<RowsOfStart> {
  let open: RowsOfStart | undefined;
  for await (const { from, rows, shard } of pages(table, partition, bounds, position)) {
    for (const row of rows) {
      const start = row.rowKey.slice(0, START);
      if (open !== undefined && (open.shard !== shard || open.start !== start)) {
        yield open;
        open = undefined;
      }
      open ??= { shard, start, rows: [], from };
      open.rows.push(row);
    }
  }
  if (open !== undefined) yield open;
}

async function* pages(
  table: Table,
  partition: string,
  bounds: Bounds,
  position: Position | undefined,
): AsyncGenerator<{ readonly shard: number; readonly from: string; readonly rows: readonly StoredRow[] }> {
  if (position === undefined) {
    // What most runs put into groups comes with one answer.
    const all = await table.query({ partitionPrefix: `${partition}|`, ...bounds }, ROWS_AT_A_TIME);
    const shardOf = ({ partitionKey }: StoredRow) => Number(partitionKey.slice(partition.length + 1));
    if (all.next === undefined) {
      for (const row of all.rows) yield { shard: shardOf(row), from: bounds.from, rows: [row] };
      return;
    }
  }
  const [first, hash] = position ?? [0, bounds.from];
  for (let shard = first; shard < SHARDS; shard += 1) {
    const from = shard === first ? hash : bounds.from;
    const range = { partition: `${partition}|${shard}`, from: from.slice(0, START), below: bounds.below };
    let token: string | undefined;
    do {
      const page = await table.query(range, ROWS_AT_A_TIME, token);
      yield { shard, from, rows: page.rows };
      token = page.next;
    } while (token !== undefined);
  }
}

/** Groups of the hashes from `from` on, in the order of these. */
function groupsOf(rows: readonly StoredRow[], from: string): StagedKey[][] {
  const groups = new Map<string, Map<string, StagedKey>>();
  for (const key of rows.flatMap((row) => keysIn(row, from))) {
    const group = groups.get(key.keyHash) ?? new Map<string, StagedKey>();
    groups.set(key.keyHash, group.set(`${key.side}|${key.id}`, key));
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => [...group.values()]);
}

function keysIn(row: StoredRow, from: string): readonly StagedKey[] {
  checkVersion(row);
  if (row.keys === undefined) {
    const key = fromJsonColumns<StagedKey>(row, 'data');
    return key.keyHash < from ? [] : [key];
  }
  const packed = Buffer.from(fromJsonColumns<string>(row, 'keys'), 'base64');
  return inflateRawSync(packed)
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const end = line.indexOf(' ');
      return line.slice(0, end) < from ? [] : (JSON.parse(line.slice(end + 1)) as StagedKey);
    });
}

const DIGITS = 16;

interface Bounds {
  readonly from: string;
  readonly below: string | undefined;
}

/** By the first digit of the hash; keys that are no hash come first or last. */
function boundsOf(share: GroupShare | undefined): Bounds {
  if (share === undefined) return { from: '', below: undefined };
  const digit = (index: number) => ((index * DIGITS) / share.of).toString(DIGITS);
  return {
    from: share.index === 0 ? '' : digit(share.index),
    below: share.index + 1 === share.of ? undefined : digit(share.index + 1),
  };
}

function parsed(cursor: string): Position {
  try {
    const position: unknown = JSON.parse(cursor);
    if (Array.isArray(position)) {
      const [shard, from]: unknown[] = position;
      // Cursors of earlier versions name the first row of a group.
      if (typeof shard === 'number' && typeof from === 'string') return [shard, from.replace(/\|$/, '')];
    }
  } catch {
    // falls through to the refusal
  }
  throw new BridgeError('invalid_request', 'The cursor is not one that this scan gave out.');
}
