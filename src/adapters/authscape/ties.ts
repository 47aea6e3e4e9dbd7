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

/** The records that share their name with the last row of a page, as far as AuthScape can list them. */
export async function groupAt(
  lists: Lists,
  entity: PagedEntity,
  boundary: Boundary,
  keys: readonly string[],
): Promise<readonly AuthScapeRecord[]> {
  const { end, isActive, last } = boundary;
  const name = nameOf(entity, last);
  const found =
    name.trim() === ''
      ? await nameless(lists, entity, boundary, keys)
      : (await lists.whole(entity, { isActive, search: name }, end, keys))?.records;
  return (found ?? []).filter((record) => isSameName(nameOf(entity, record), name));
}

/** Nothing can be searched for, but these are the first of the list. */
async function nameless(
  lists: Lists,
  entity: PagedEntity,
  { end, isActive }: Boundary,
  keys: readonly string[],
): Promise<readonly AuthScapeRecord[]> {
  for (let length = end * 2; ; length *= 2) {
    const first = await lists.page(entity, { isActive, page: 0, length }, keys);
    const last = first?.records.at(-1);
    if (first === undefined || last === undefined) return [];
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
