import type { GroupShare, StagedKey } from '../../application/ports/staging.js';
import { BridgeError } from '../../domain/errors.js';
import { PAGE_ROWS } from './bulk.js';
import { checkVersion, fromJsonColumns } from './json-columns.js';
import type { StoredRow, Table } from './table.js';

/** Only runs that began under an earlier version have groups in others than the first. */
const SHARDS = ['0', '1', '2', '3'] as const;

/** Where the next answer starts: the shard and the first row key of the next group. */
interface Position {
  readonly shard: number;
  readonly from: string;
}

interface GroupPage {
  readonly groups: readonly (readonly StagedKey[])[];
  readonly nextCursor?: string | undefined;
}

/**
 * Whole match groups in the order of their hash: about `limit` rows, at least one group. A group
 * that the limit cuts is left to the next answer, and read to its end when it is the only one.
 */
export async function scanGroups(
  table: Table,
  partition: string,
  limit: number,
  { cursor, share }: { readonly cursor: string | undefined; readonly share: GroupShare | undefined },
): Promise<GroupPage> {
  const bounds = boundsOf(share);
  if (cursor === undefined) {
    // What most runs put into groups comes with one answer.
    const { next, rows } = await table.query({ partitionPrefix: `${partition}|`, ...bounds }, limit);
    if (next === undefined) return { groups: [...byHash(rows).values()].map((group) => group.map(read)) };
  }
  const groups: StagedKey[][] = [];
  let position = cursor === undefined ? { shard: 0, from: bounds.from } : parsed(cursor);
  let rows = 0;
  while (position.shard < SHARDS.length) {
    if (rows >= limit) return { groups, nextCursor: JSON.stringify([position.shard, position.from]) };
    const shard = `${partition}|${SHARDS[position.shard]}`;
    const range = { partition: shard, from: position.from, below: bounds.below };
    const read = await readGroups(table, range, limit - rows);
    groups.push(...read.groups);
    rows += read.groups.reduce((sum, group) => sum + group.length, 0);
    if (read.next === undefined) {
      position = { shard: position.shard + 1, from: bounds.from };
    } else {
      position = { shard: position.shard, from: read.next };
      // A group did not fit any more: it comes first in the next answer.
      if (groups.length > 0) return { groups, nextCursor: JSON.stringify([position.shard, position.from]) };
    }
  }
  return { groups };
}

const DIGITS = 16;

/** By the first digit of the hash; keys that are no hash come first or last. */
function boundsOf(share: GroupShare | undefined): {
  readonly from: string;
  readonly below: string | undefined;
} {
  if (share === undefined) return { from: '', below: undefined };
  const digit = (index: number) => ((index * DIGITS) / share.of).toString(DIGITS);
  return {
    from: share.index === 0 ? '' : digit(share.index),
    below: share.index + 1 === share.of ? undefined : digit(share.index + 1),
  };
}

/** Groups of a range of one shard; `next` is where the first group begins that was not read in full. */
async function readGroups(
  table: Table,
  range: { readonly partition: string; readonly from: string; readonly below: string | undefined },
  limit: number,
): Promise<{ groups: StagedKey[][]; next?: string }> {
  const rows: StoredRow[] = [];
  let token: string | undefined;
  let size = Math.min(limit, PAGE_ROWS);
  do {
    const page = await table.query(range, size, token);
    // What the limit cut is one large group so far: its end may be far away.
    size = PAGE_ROWS;
    rows.push(...page.rows);
    token = page.next;
  } while (token !== undefined && rows.length > 0 && hashPart(rows[0]) === hashPart(rows.at(-1)));
  const groups = byHash(rows);
  // The last group may go on after the rows that were read.
  let next = token === undefined ? undefined : hashPart(rows.at(-1));
  if (next !== undefined) groups.delete(next);
  const whole: StagedKey[][] = [];
  let taken = 0;
  for (const [hash, group] of groups) {
    if (whole.length > 0 && taken + group.length > limit) {
      next = hash;
      break;
    }
    whole.push(group.map(read));
    taken += group.length;
  }
  return { groups: whole, ...(next === undefined ? {} : { next: `${next}|` }) };
}

function byHash(rows: readonly StoredRow[]): Map<string, StoredRow[]> {
  const groups = new Map<string, StoredRow[]>();
  for (const row of rows) {
    const group = groups.get(hashPart(row));
    if (group === undefined) groups.set(hashPart(row), [row]);
    else group.push(row);
  }
  return groups;
}

function hashPart(row: StoredRow | undefined): string {
  return row?.rowKey.split('|', 1)[0] ?? '';
}

function read(row: StoredRow): StagedKey {
  checkVersion(row);
  return fromJsonColumns<StagedKey>(row, 'data');
}

function parsed(cursor: string): Position {
  try {
    const position: unknown = JSON.parse(cursor);
    if (Array.isArray(position)) {
      const [shard, from]: unknown[] = position;
      if (typeof shard === 'number' && typeof from === 'string') return { shard, from };
    }
  } catch {
    // falls through to the refusal
  }
  throw new BridgeError('invalid_request', 'The cursor is not one that this scan gave out.');
}
