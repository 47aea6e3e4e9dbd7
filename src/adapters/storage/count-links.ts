import { mapConcurrent } from '../../lib/map-concurrent.js';
import { PAGE_ROWS } from './bulk.js';
import type { Query, RowPage, Table } from './table.js';

/** Ids of A are mostly numbers: their first digits cut a partition into ranges that can be counted side by side. */
const RANGES = ['', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A'].map((from, index, starts) => ({
  from,
  below: starts[index + 1],
}));
const RANGES_AT_A_TIME = 6;

/** How many links of a partition are in state `linked`: few are counted by one request. */
export async function countLinked(links: Table, partition: string): Promise<number> {
  const first = await linkedPage(links, { partition });
  if (first.next === undefined) return first.rows.length;
  const counts = await mapConcurrent(RANGES, RANGES_AT_A_TIME, (range) =>
    countRange(links, { partition, ...range }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function countRange(links: Table, range: Query): Promise<number> {
  let count = 0;
  let token: string | undefined;
  do {
    const page = await linkedPage(links, range, token);
    count += page.rows.length;
    token = page.next;
  } while (token !== undefined);
  return count;
}

function linkedPage(links: Table, query: Query, token?: string): Promise<RowPage> {
  return links.query({ ...query, where: { state: 'linked' }, keysOnly: true }, PAGE_ROWS, token);
}
