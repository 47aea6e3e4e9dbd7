import type { Clock } from '../../application/ports/runtime.js';
import type { AuthScapeSystem, ScanPage } from '../../application/ports/systems.js';
import { BridgeError, RecordRejectedError } from '../../domain/errors.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { AuthScapeRecord } from '../../domain/records.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import type { Details } from './details.js';
import { listCarries } from './fields.js';
import { distinct, type ListPage, type Lists, type PagedEntity } from './lists.js';
import { createTies } from './ties.js';

type ScanOptions = Parameters<AuthScapeSystem['scan']>[1];

/**
 * Where a scan stands, numbers only. Pass 0 reads the active records, pass 1 the others. `start` and `length` are rows
 * of the pass; `length` is less than `full` only near a page that AuthScape cannot list. `behind`: the row after the last
 * one that was stepped over. `due`: the first row that was not read yet; a page may begin before it. `suspect`: the end of the shortest page that failed and holds `due`, 0 where there is none.
 */
interface Position {
  readonly pass: 0 | 1;
  readonly start: number;
  readonly length: number;
  readonly full: number;
  /** What AuthScape counted in pass 0. */
  readonly activeTotal: number;
  readonly behind: number;
  readonly suspect: number;
  readonly due: number;
}

const AT_THE_START = { start: 0, due: 0, behind: 0, suspect: 0 } as const;

interface ScanSettings {
  readonly clock: Clock;
  readonly lists: Lists;
  readonly details: Details;
  readonly pageSize: number;
  /** Records read in detail at the same time. */
  readonly detailConcurrency: number;
}

/** Reads all records of an entity page by page; see `AuthScapeSystem.scan`. */
export function createScan(settings: ScanSettings): AuthScapeSystem['scan'] {
  const { details, lists, pageSize } = settings;
  const tiesAt = createTies(settings);

  async function scanPaged(entity: PagedEntity, options: ScanOptions, position: Position): Promise<ScanPage> {
    const { length, pass, start } = position;
    const query = { isActive: pass === 0, page: start / length, length };
    const found = await lists.page(entity, query, options.keys);
    if (found === undefined) return aroundFailure(entity, position, options);
    const records = await closed(entity, position, found, options.keys);
    return {
      records: await withDetails(entity, records, options),
      next: afterPage(position, found, options),
      total: totalOf(position, found.total),
    };
  }

  /** The page's records, and those that the page after it might lack. */
  async function closed(
    entity: PagedEntity,
    { length, pass, start }: Position,
    found: ListPage,
    keys: readonly string[],
  ): Promise<readonly AuthScapeRecord[]> {
    const end = start + length;
    const last = found.records.at(-1);
    if (last === undefined || end >= found.total) return found.records;
    const group = await tiesAt(entity, { isActive: pass === 0, last, end }, keys);
    return distinct([...found.records, ...group]);
  }

  /**
   * The page cannot be listed. When the list as such works, one of its users is stored wrongly: the page is cut into
   * smaller ones until that user stands alone and can be stepped over.
   */
  async function aroundFailure(
    entity: PagedEntity,
    position: Position,
    options: ScanOptions,
  ): Promise<ScanPage> {
    const count = await lists.count(entity, { isActive: position.pass === 0 });
    const total = totalOf(position, count);
    const { length, pass, start } = position;
    if (length > 1) {
      const near = pieceAt({ ...position, suspect: start + length }, rowsOf(options, pass));
      return { records: [], next: encode(near), total, hides: true };
    }
    const next = step({ ...position, behind: start + 1, suspect: 0 }, start + 1, count, options);
    return { records: [], next, total, skipped: 1, skippedAt: [`${pass}.${start}`] };
  }

  async function scanLocations(options: ScanOptions, after: number): Promise<ScanPage> {
    const all = await lists.locations(options.keys);
    if (listCarries('Location', options.keys) || options.detail === false) {
      return { records: all, next: null, total: all.length };
    }
    // Read in detail these take a call each, so that one page of all of them would have no bounds.
    const rest = all.filter((record) => Number(record.id) > after);
    const part = rest.slice(0, pageSize);
    const last = part.at(-1);
    const next = rest.length > part.length && last !== undefined ? last.id : null;
    return { records: await withDetails('Location', part, options), next, total: all.length };
  }

  async function withDetails(
    entity: AuthScapeEntity,
    listed: readonly AuthScapeRecord[],
    options: ScanOptions,
  ): Promise<readonly AuthScapeRecord[]> {
    const { detail, keys } = options;
    if (detail === false || listCarries(entity, keys)) return listed;
    const isWanted = (id: string) => detail === true || detail(id);
    return mapConcurrent(listed, settings.detailConcurrency, async (record) =>
      isWanted(record.id) ? inDetail(entity, record) : record,
    );
  }

  /** What cannot be read in detail is as the list shows it. */
  async function inDetail(entity: AuthScapeEntity, listed: AuthScapeRecord): Promise<AuthScapeRecord> {
    try {
      return (await details.read(entity, listed.id))?.record ?? listed;
    } catch (error) {
      if (error instanceof RecordRejectedError) return listed;
      throw error;
    }
  }

  return async (entity, options, position) => {
    if (entity === 'Location') return scanLocations(options, position === null ? 0 : Number(position));
    const first = { ...AT_THE_START, pass: 0, full: pageSize, length: pageSize, activeTotal: 0 } as const;
    const at = position === null ? pieceAt(first, rowsOf(options, 0)) : decode(position);
    return scanPaged(entity, options, at);
  };
}

function afterPage(position: Position, found: ListPage, options: ScanOptions): string | null {
  const end = found.rows === 0 ? Number.POSITIVE_INFINITY : position.start + position.length;
  return step(position, end, found.total, options);
}

/** The position of row `start` of this pass, or of the next pass when this one has no such row. */
function step(position: Position, start: number, total: number, options: ScanOptions): string | null {
  const { full, pass } = position;
  const suspect = position.suspect > start ? position.suspect : 0;
  if (start < total) return encode(pieceAt({ ...position, due: start, suspect }, rowsOf(options, pass)));
  if (pass === 1) return null;
  const others = { ...AT_THE_START, pass: 1, length: full, full, activeTotal: total } as const;
  return encode(pieceAt(others, rowsOf(options, 1)));
}

/**
 * The longest page with row `due` that brings none of the rows that AuthScape could not list: neither those that were
 * stepped over nor those `known` from an earlier scan, which stand alone; and no more than half of a page that failed.
 * Pages can only begin at multiples of their length, so that one may begin before `due`.
 */
function pieceAt(position: Position, known: readonly number[]): Position {
  const { behind, due, full, suspect } = position;
  const alone = { ...position, start: due, length: 1 };
  if (known.includes(due) || suspect === due + 1) return alone;
  const from = Math.max(behind, ...known.filter((row) => row < due).map((row) => row + 1));
  const most = suspect > due ? Math.floor((suspect - due) / 2) : full;
  const to = Math.min(due + most, ...known.filter((row) => row > due));
  for (let length = full; length > 1; length -= 1) {
    const start = due - (due % length);
    if (start >= from && start + length <= to) return { ...position, start, length };
  }
  return alone;
}

/** The rows of a pass that an earlier scan stepped over. */
function rowsOf({ unlisted = [] }: ScanOptions, pass: Position['pass']): readonly number[] {
  return unlisted
    .map((place) => place.split('.').map(Number))
    .flatMap(([at, row]) => (at === pass && row !== undefined && Number.isSafeInteger(row) ? row : []));
}

function totalOf(position: Position, total: number): number {
  return position.pass === 0 ? total : position.activeTotal + total;
}

function encode({ pass, start, length, full, activeTotal, behind, suspect, due }: Position): string {
  return [pass, start, length, full, activeTotal, behind, suspect, due].join('.');
}

function decode(text: string): Position {
  const [pass, ...numbers] = text.split('.').map(Number);
  const [start = 0, length, full, activeTotal = 0, behind = 0, suspect = 0, due = start, ...rest] = numbers;
  const isWhole = numbers.every((number) => Number.isSafeInteger(number));
  if ((pass === 0 || pass === 1) && isWhole && length && full && rest.length === 0) {
    return { pass, start, length, full, activeTotal, behind, suspect, due };
  }
  throw new BridgeError('internal_error', 'The position of an AuthScape scan is damaged.');
}
