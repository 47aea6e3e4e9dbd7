import { mapConcurrent } from '../../lib/map-concurrent.js';
import { PAGE_ROWS } from './bulk.js';
import type { Query, RowPage, Table } from './table.js';

/** Ids of A are mostly numbers: their first digits cut a partition into ranges that can be counted side by side. */
const RANGES = ['', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A'].map((from, index, starts) => ({
  from,
  below: starts[index + 1],
}));
const RANGES_AT_A_TIME = 6;
/** Up to so many pages one after the other take fewer requests. */
const FEW_PAGES = 4;

/** How many links of a partition are in state `linked`. */
export async function countLinked(links: Table, partition: string): Promise<number> {
  let counted = 0;
  let token: string | undefined;
  let last = '';
  for (let pages = 0; pages < FEW_PAGES; pages += 1) {
    const page = await linkedPage(links, { partition }, token);
    counted += page.rows.length;
    if (page.next === undefined) return counted;
    token = page.next;
    last = page.rows.at(-1)?.rowKey ?? last;
  }
  const counts = await mapConcurrent(rangesAfter(last), RANGES_AT_A_TIME, (range) =>
    countRange(links, { partition, ...range }),
  );
  return counts.reduce((sum, count) => sum + count, counted);
}

function rangesAfter(key: string): readonly { readonly from: string; readonly below: string | undefined }[] {
  // `!` sorts before all that a key can go on with.
  const next = `${key}!`;
  return RANGES.filter(({ below }) => below === undefined || below > next).map(({ from, below }) => ({
    from: from > next ? from : next,
    below,
  }));
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
