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

/**
 * The rows of one page of an ordered list. `offset` counts pages, not rows. Tied rows come in another order at
 * every call, as from a database without a unique last sort column: across pages they repeat or go missing.
 */
export function pageOf<T>(
  rows: readonly T[],
  tied: (a: T, b: T) => boolean,
  offset: number,
  length: number,
): T[] {
  if (length === 0) {
    throw new ServerError('Attempted to divide by zero.');
  }
  if (length < 0 || offset < 0) {
    throw new ServerError('The offset specified in a OFFSET clause may not be negative.');
  }
  const start = offset * length;
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
    const mixed = group.length > 1 ? shuffle(group) : group;
    for (const row of mixed.slice(Math.max(start - first, 0), end - first)) {
      page.push(row);
    }
    first = next;
  }
  return page;
}

/** The envelope of the POST lists. */
export function envelope(total: number, data: unknown[]) {
  return { draw: 0, recordsTotal: total, recordsFiltered: total, data };
}

/** Whether a search text is there at all: blank ones do not filter. */
export function searchText(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.toLowerCase();
}
