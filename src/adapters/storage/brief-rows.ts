/**
 * What an index of links keeps, thousands in a row: partition `{runId}|{mappingId}|I`, row `{number}`; JSON in `briefs`, a
 * list of cells for each link. All rows count from 0, and the last one says `isLast`: whatever lacks one is not whole.
 */
import type { LinkBrief } from '../../application/ports/links.js';
import { putRows } from './bulk.js';
import { checkVersion, fromJsonColumns, jsonColumns } from './json-columns.js';
import type { Row, Table } from './table.js';

/** Of a row that takes a megabyte; packed a link has about 50 characters, of two bytes each. */
const LINKS_PER_ROW = 6_000;
const ROWS_AT_A_TIME = 8;

type Cells = readonly [
  ...ids: [authScapeId: string, crmId: string],
  ...proof: [aHash: string | null, fullHash: string | null, dVersion: string | null, mappingVersion: number],
  changedAt: number,
  flags: number,
  tombstone?: LinkBrief['tombstone'],
];

export async function putBriefRows(
  table: Table,
  partitionKey: string,
  briefs: Iterable<LinkBrief>,
): Promise<void> {
  let rows: Row[] = [];
  let cells: Cells[] = [];
  let number = 0;
  const end = async (isLast: boolean) => {
    rows.push({ partitionKey, rowKey: rowKeyOf(number), v: 1, isLast, ...jsonColumns('briefs', cells) });
    number += 1;
    cells = [];
    if (!isLast && rows.length < ROWS_AT_A_TIME) return;
    await putRows(table, rows);
    rows = [];
  };
  for (const brief of briefs) {
    cells.push(cellsOf(brief));
    if (cells.length === LINKS_PER_ROW) await end(false);
  }
  await end(true);
}

/** Undefined instead of the next ones where a row is missing. */
export async function* readBriefRows(
  table: Table,
  partition: string,
): AsyncGenerator<readonly LinkBrief[] | undefined, void> {
  let number = 0;
  let token: string | undefined;
  do {
    const page = await table.query({ partition }, ROWS_AT_A_TIME, token);
    for (const row of page.rows) {
      checkVersion(row);
      if (row.rowKey !== rowKeyOf(number)) {
        yield undefined;
        return;
      }
      yield fromJsonColumns<readonly Cells[]>(row, 'briefs').map(briefOf);
      if (row.isLast === true) return;
      number += 1;
    }
    token = page.next;
  } while (token !== undefined);
  yield undefined;
}

function rowKeyOf(number: number): string {
  return String(number).padStart(8, '0');
}

const LINKED = 1;
const CLEAN = 2;
const SETTLED = 4;

function cellsOf(link: LinkBrief): Cells {
  const { aHash, authScapeId, changedAt, crmId, dVersion, fullHash = null, mappingVersion, tombstone } = link;
  const flags =
    (link.state === 'linked' ? LINKED : 0) | (link.clean ? CLEAN : 0) | (link.settled ? SETTLED : 0);
  const cells = [authScapeId, crmId, aHash, fullHash, dVersion, mappingVersion, changedAt, flags] as const;
  return tombstone === null ? cells : [...cells, tombstone];
}

function briefOf([authScapeId, crmId, aHash, fullHash, ...others]: Cells): LinkBrief {
  const [dVersion, mappingVersion, changedAt, flags, tombstone = null] = others;
  return {
    ...{ authScapeId, crmId, aHash, fullHash, dVersion, mappingVersion, changedAt, tombstone },
    state: (flags & LINKED) === 0 ? 'tombstone' : 'linked',
    clean: (flags & CLEAN) !== 0,
    settled: (flags & SETTLED) !== 0,
  };
}
