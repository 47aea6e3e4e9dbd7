import type { AuthScapeSystem, ScanPage } from '../../application/ports/systems.js';
import { BridgeError, RecordRejectedError } from '../../domain/errors.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { AuthScapeRecord } from '../../domain/records.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import type { Details } from './details.js';
import { listCarries } from './fields.js';
import { distinct, type ListPage, type Lists, type PagedEntity } from './lists.js';
import { groupAt } from './ties.js';

type ScanOptions = Parameters<AuthScapeSystem['scan']>[1];

/**
 * Where a scan stands, numbers only. Pass 0 reads the active records, pass 1 the others. `start` and `length` are rows
 * of the pass; `length` is less than `full` only near a page that AuthScape cannot list.
 */
interface Position {
  readonly pass: 0 | 1;
  readonly start: number;
  readonly length: number;
  readonly full: number;
  /** What AuthScape counted in pass 0. */
  readonly activeTotal: number;
}

interface ScanSettings {
  readonly lists: Lists;
  readonly details: Details;
  readonly pageSize: number;
  /** Records read in detail at the same time. */
  readonly detailConcurrency: number;
}

/** Reads all records of an entity page by page; see `AuthScapeSystem.scan`. */
export function createScan(settings: ScanSettings): AuthScapeSystem['scan'] {
  const { details, lists, pageSize } = settings;

  async function scanPaged(entity: PagedEntity, options: ScanOptions, position: Position): Promise<ScanPage> {
    const { length, pass, start } = position;
    const query = { isActive: pass === 0, page: start / length, length };
    const found = await lists.page(entity, query, options.keys);
    if (found === undefined) return aroundFailure(entity, position);
    const records = await closed(entity, position, found, options.keys);
    return {
      records: await withDetails(entity, records, options),
      next: afterPage(position, found),
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
    const group = await groupAt(lists, entity, { isActive: pass === 0, last, end }, keys);
    return distinct([...found.records, ...group]);
  }

  /**
   * The page cannot be listed. When the list as such works, one of its users is stored wrongly: the page is cut into
   * smaller ones until that user stands alone and can be stepped over.
   */
  async function aroundFailure(entity: PagedEntity, position: Position): Promise<ScanPage> {
    const count = await lists.count(entity, { isActive: position.pass === 0 });
    const total = totalOf(position, count);
    const { length, start } = position;
    if (length > 1) {
      const next = encode({ ...position, length: length / smallestFactor(length) });
      return { records: [], next, total };
    }
    return { records: [], next: step(position, start + 1, count), total, skipped: 1 };
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
    const first = { pass: 0, start: 0, length: pageSize, full: pageSize, activeTotal: 0 } as const;
    return scanPaged(entity, options, position === null ? first : decode(position));
  };
}

function afterPage(position: Position, found: ListPage): string | null {
  const end = found.rows === 0 ? Number.POSITIVE_INFINITY : position.start + position.length;
  return step(position, end, found.total);
}

/** The position of row `start` of this pass, or of the next pass when this one has no such row. */
function step(position: Position, start: number, total: number): string | null {
  const { full, pass } = position;
  if (start < total) return encode({ ...position, start, length: longestAt(start, full) });
  return pass === 0 ? encode({ pass: 1, start: 0, length: full, full, activeTotal: total }) : null;
}

/** Pages can only begin at multiples of their length: the longest of full, full cut once, cut twice, … that fits. */
function longestAt(start: number, full: number): number {
  let length = full;
  while (start % length !== 0) length /= smallestFactor(length);
  return length;
}

function smallestFactor(number: number): number {
  for (let factor = 2; factor * factor <= number; factor += 1) {
    if (number % factor === 0) return factor;
  }
  return number;
}

function totalOf(position: Position, total: number): number {
  return position.pass === 0 ? total : position.activeTotal + total;
}

function encode({ pass, start, length, full, activeTotal }: Position): string {
  return [pass, start, length, full, activeTotal].join('.');
}

function decode(text: string): Position {
  const [pass, start, length, full, activeTotal, ...rest] = text.split('.').map(Number);
  const isWhole = [start, length, full, activeTotal].every((number) => Number.isSafeInteger(number));
  if ((pass === 0 || pass === 1) && isWhole && length && full && rest.length === 0) {
    return { pass, start: start ?? 0, length, full, activeTotal: activeTotal ?? 0 };
  }
  throw new BridgeError('internal_error', 'The position of an AuthScape scan is damaged.');
}
