import type { LinkBrief } from '../../application/ports/links.js';
import { PAGE_ROWS } from './bulk.js';
import { BRIEF_COLUMNS, briefFromRow, hasBrief } from './link-rows.js';
import type { Table } from './table.js';

/**
 * What an index keeps of the links of a partition, page by page; the next page is on its way while one is worked on. Once a
 * page has rows of an earlier version, that page and the ones after it are read with all columns.
 */
export async function* briefPages(
  links: Table,
  partition: string,
): AsyncGenerator<readonly LinkBrief[], void> {
  let columns: readonly string[] | undefined = BRIEF_COLUMNS;
  const read = (from: string | undefined) => links.query({ partition, columns }, PAGE_ROWS, from);
  let token: string | undefined;
  let reading = read(token);
  do {
    let page = await reading;
    if (columns !== undefined && !page.rows.every(hasBrief)) {
      columns = undefined;
      page = await read(token);
    }
    token = page.next;
    if (token !== undefined) {
      reading = read(token);
      // Whoever asks for the next page hears of its failure.
      reading.catch(() => undefined);
    }
    yield page.rows.map(briefFromRow);
  } while (token !== undefined);
}
