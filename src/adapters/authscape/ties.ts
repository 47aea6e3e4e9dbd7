import type { Clock } from '../../application/ports/runtime.js';
import type { AuthScapeRecord } from '../../domain/records.js';
import type { Lists, PagedEntity } from './lists.js';

/**
 * Lists are ordered by name alone, and records of one name come in another order at each request: where such a group
 * lies across the end of a page, some of it may be on neither of the two pages. So the group of the last row is read
 * once more, in one piece.
 */
interface Boundary {
  readonly isActive: boolean;
  readonly last: AuthScapeRecord;
  /** Rows of the pass up to the boundary. */
  readonly end: number;
}

type Ties = (
  entity: PagedEntity,
  boundary: Boundary,
  keys: readonly string[],
) => Promise<readonly AuthScapeRecord[]>;

/** A group that was read in parts serves the pages around a record that cannot be listed. */
const SERVES_MS = 60_000;

/** Answers the records that share their name with the last row of a page, as far as AuthScape can list them. */
export function createTies({ clock, lists }: { readonly clock: Clock; readonly lists: Lists }): Ties {
  let latest: { key: string; at: number; records: readonly AuthScapeRecord[] } | undefined;

  async function partsOf(
    entity: PagedEntity,
    { end, isActive }: Boundary,
    search: string | undefined,
    keys: readonly string[],
  ): Promise<readonly AuthScapeRecord[]> {
    const key = JSON.stringify([entity, isActive, search?.toLowerCase(), keys]);
    if (latest?.key === key && clock.now() - latest.at <= SERVES_MS) return latest.records;
    const query = { isActive, search };
    const all = await lists.count(entity, query);
    // Those without a name stand at the beginning.
    const rows = search === undefined ? Math.min(all, end * 2) : all;
    const records = await inParts(lists, entity, { query, rows }, keys);
    latest = { key, at: clock.now(), records };
    return records;
  }

  return async (entity, boundary, keys) => {
    const { end, isActive, last } = boundary;
    const name = nameOf(entity, last);
    const search = name.trim() === '' ? undefined : name;
    const found =
      search === undefined
        ? await nameless(lists, entity, boundary, keys)
        : (await lists.whole(entity, { isActive, search }, end, keys))?.records;
    const group = found ?? (await partsOf(entity, boundary, search, keys));
    return group.filter((record) => isSameName(nameOf(entity, record), name));
  };
}

/** Each brings most of those that are left: the last ones are for orders that change at each request. */
const PASSES = 14;

/**
 * One of the group cannot be listed, nor any page with it. Pages of another length come in another order: what one
 * reading lost with that page the next one brings, most likely.
 */
async function inParts(
  lists: Lists,
  entity: PagedEntity,
  {
    query,
    rows,
  }: {
    readonly query: { readonly isActive: boolean; readonly search: string | undefined };
    readonly rows: number;
  },
  keys: readonly string[],
): Promise<readonly AuthScapeRecord[]> {
  // Longer pages are fewer, and lose more.
  const longest = Math.max(2, Math.round(rows ** (2 / 3)));
  const found = new Map<string, AuthScapeRecord>();
  let idle = 0;
  for (let pass = 0; pass < PASSES && found.size < rows - 1 && idle < 2; pass += 1) {
    const before = found.size;
    const length = Math.max(1, longest - pass);
    for (let page = 0; page * length < rows; page += 1) {
      const part = await lists.page(entity, { ...query, page, length }, keys);
      for (const record of part?.records ?? []) found.set(record.id, record);
    }
    idle = found.size > before ? 0 : idle + 1;
  }
  return [...found.values()];
}

/** Nothing can be searched for, but these are the first of the list. Undefined where one of these cannot be listed. */
async function nameless(
  lists: Lists,
  entity: PagedEntity,
  { end, isActive }: Boundary,
  keys: readonly string[],
): Promise<readonly AuthScapeRecord[] | undefined> {
  for (let length = end * 2; ; length *= 2) {
    const first = await lists.page(entity, { isActive, page: 0, length }, keys);
    const last = first?.records.at(-1);
    if (first === undefined) return undefined;
    if (last === undefined) return [];
    if (first.total <= length || nameOf(entity, last).trim() !== '') return first.records;
  }
}

function nameOf(entity: PagedEntity, { values }: AuthScapeRecord): string {
  return entity === 'Company'
    ? String(values.title ?? '')
    : `${values.firstName ?? ''} ${values.lastName ?? ''}`;
}

/** As the database orders names: its usual collation does not see case. */
function isSameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
