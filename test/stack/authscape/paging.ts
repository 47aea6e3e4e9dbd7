import { ServerError } from './replies.js';

/** Fisher and Yates; in place. */
export function shuffle<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    const kept = items[last] as T;
    items[last] = items[other] as T;
    items[other] = kept;
  }
  return items;
}

/** How rows come that the order does not tell apart: the same way for each page length, or anew at every request. */
export type Ties = 'byLength' | 'shuffled';

export interface PageRequest {
  /** Counts pages, not rows. */
  offset: number;
  length: number;
  ties: Ties;
}

/**
 * The rows of one page of an ordered list, as from a database without a unique last sort column: pages of one length
 * add up as long as nothing changes, pages of different lengths repeat rows or leave some out.
 */
export function pageOf<T extends { id: number }>(
  rows: readonly T[],
  tied: (a: T, b: T) => boolean,
  { offset, length, ties }: PageRequest,
): T[] {
  if (length === 0) {
    throw new ServerError('Attempted to divide by zero.');
  }
  // The product of two 32-bit numbers, which may overflow.
  const start = Math.imul(offset, length);
  if (length < 0 || start < 0) {
    throw new ServerError('The offset specified in a OFFSET clause may not be negative.');
  }
  const end = Math.min(start + length, rows.length);
  if (start >= end) {
    return [];
  }
  const isTied = (index: number) => tied(rows[index - 1] as T, rows[index] as T);
  let from = start;
  while (from > 0 && isTied(from)) {
    from -= 1;
  }
  const page: T[] = [];
  for (let first = from; first < end; ) {
    let next = first + 1;
    while (next < rows.length && isTied(next)) {
      next += 1;
    }
    const group = rows.slice(first, next);
    const mixed = group.length > 1 ? mix(group, length, ties) : group;
    for (const row of mixed.slice(Math.max(start - first, 0), end - first)) {
      page.push(row);
    }
    first = next;
  }
  return page;
}

function mix<T extends { id: number }>(group: T[], length: number, ties: Ties): T[] {
  if (ties === 'shuffled') {
    return shuffle(group);
  }
  const rank = ({ id }: T) =>
    Math.imul(Math.imul(id, 0x9e3779b1) ^ Math.imul(length, 0x85ebca6b), 0xc2b2ae35) >>> 0;
  return group.sort((a, b) => rank(a) - rank(b) || a.id - b.id);
}

/** The envelope of the POST lists. */
export function envelope(total: number, data: unknown[]) {
  return { draw: 0, recordsTotal: total, recordsFiltered: total, data };
}

/** Whether a search text is there at all: blank ones do not filter. */
export function searchText(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.toLowerCase();
}
