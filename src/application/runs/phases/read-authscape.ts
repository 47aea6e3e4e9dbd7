import { createHash } from 'node:crypto';
import { BridgeError } from '../../../domain/errors.js';
import { isOwnUser } from '../../../domain/match.js';
import type { AuthScapeRecord } from '../../../domain/records.js';
import type { SeenRecord, StagedRecord } from '../../ports/staging.js';
import type { ScanPage } from '../../ports/systems.js';
import { pagesOf } from '../../shared/pages.js';
import { isRecordUnchanged } from '../../sync/context/unchanged-proof.js';
import { keptIndex } from '../unit/link-index.js';
import { canLeaveOut, seenRecord } from '../unit/unchanged.js';
import { factsOf, readPosition, type UnitInput, type UnitResult, unitPart } from '../unit/unit.js';

interface ScanPosition {
  /** Position of the adapter; null at the start of an attempt. */
  readonly next: string | null;
  readonly attempt: number;
  readonly total: number;
  /** Records that A counts and cannot list. */
  readonly skipped: number;
  /** A page could not be listed. */
  readonly hides?: boolean | undefined;
  /** Where they stand, as far as this scan has come; as the scan before left it. Absent in positions of earlier versions. */
  readonly skippedAt?: readonly string[] | undefined;
  readonly unlisted?: readonly string[] | undefined;
  readonly startedAt: number;
  readonly counting: boolean;
}

/** The share of records that an incremental run reads in detail where lists do not carry all fields. */
const DETAIL_SHARE = 16;
const SCAN_ATTEMPTS = 2;

/** What a unit has read, and where it stood before and stands then. */
interface Scanned {
  readonly records: readonly AuthScapeRecord[];
  readonly at: ScanPosition;
  readonly next: ScanPosition;
}

/** Pages of the scan of A, after all of Dynamics was read. */
export async function readAuthScapeUnit(input: UnitInput): Promise<UnitResult> {
  return keepScanned(input, await scanPages(input));
}

/** Reads some pages of the scan of A. */
export async function scanPages(input: UnitInput): Promise<Scanned> {
  const { context, resolved, deps } = input;
  const start: ScanPosition = {
    next: null,
    attempt: 1,
    total: 0,
    skipped: 0,
    startedAt: deps.clock.now(),
    counting: false,
  };
  const at = input.position === null ? await withPlaces(input, start) : readPosition(input.position, start);
  const full = input.run.mode === 'full';
  const detail = resolved.listsSuffice ? false : full || ((id: string) => inRollingShare(id, input.run.id));
  const records: AuthScapeRecord[] = [];
  let next = at;
  // Positions of earlier versions may have nothing left but to be counted.
  for (let pages = detail === true ? 1 : LIST_PAGES; pages > 0 && !next.counting; pages -= 1) {
    const page = await context.authScape.scan(
      resolved.mapping.authScapeEntity,
      { keys: resolved.keys, detail, unlisted: at.unlisted },
      next.next,
    );
    records.push(...page.records.filter(({ id }) => !isOwnUser(context, resolved, id)));
    next = withPage(next, page);
  }
  return { records, at, next };
}

/**
 * Stages what a unit has read. After the last page the records are counted: a scan is complete when all that A counts was
 * seen; otherwise it is repeated once, since records move between unordered pages.
 */
export async function keepScanned(input: UnitInput, { records, at, next }: Scanned): Promise<UnitResult> {
  const changed = { [input.scope.mappingId]: await stageRecords(input, records) };
  if (at.attempt === 1) input.tally.read(records.length);
  if (!next.counting) return { position: JSON.stringify(next), changed };
  return { ...(await endScan(input, next)), changed };
}

function withPage(at: ScanPosition, page: ScanPage): ScanPosition {
  const skipped = page.skipped ?? 0;
  return {
    ...at,
    next: page.next,
    total: page.total ?? at.total,
    skipped: at.skipped + skipped,
    hides: at.hides === true || page.hides === true || skipped > 0,
    skippedAt: [...(at.skippedAt ?? []), ...(page.skippedAt ?? [])].slice(-MOST_PLACES),
    counting: page.next === null,
  };
}

/** Of so many records that cannot be listed the places are kept; what is beyond is searched for each time. */
const MOST_PLACES = 100;

/** Where the scan before met records that A cannot list: most likely they stand there still. */
async function withPlaces({ deps, scope }: UnitInput, start: ScanPosition): Promise<ScanPosition> {
  const feed = await deps.feeds.get(scope.connectionId, scope.mappingId);
  const unlisted = feed?.unlisted ?? [];
  return { ...start, unlisted, hides: unlisted.length > 0 };
}

/**
 * Pages of lists that one unit reads: what is unchanged takes no room, and each unit costs two requests to storage. A page
 * of which all records are read in detail is a unit of its own.
 */
const LIST_PAGES = 10;

/**
 * Of unchanged pairs only that they were seen; where the row changed, the pair needs the record as well. Answers how many of
 * linked records may have changed.
 */
async function stageRecords(input: UnitInput, records: readonly AuthScapeRecord[]): Promise<number> {
  const { deps, resolved, scope, index } = input;
  const links = await index.byAuthScapeId(scope.mappingId, keptIndex(input));
  const isRowAtRest = links.size === 0 ? () => false : await rowsAtRest(input);
  const unchanged: SeenRecord[] = [];
  const others: AuthScapeRecord[] = [];
  for (const record of records) {
    if (isRowAtRest(record.id) && isRecordUnchanged(resolved, links.proofOf(record.id), record)) {
      unchanged.push(seenRecord(resolved, 'authScape', record.id, record));
    } else {
      others.push(record);
    }
  }
  const changed = others.map(({ id }) => id).filter((id) => links.has(id));
  await input.seen.add(scope, 'authScape', unitPart(input, records[0]?.id ?? ''), { unchanged, changed });
  await deps.staging.putRecords(scope, 'authScape', others.map(stageRecord));
  return changed.length;
}

/**
 * Which records have a row that this run does not have to look at: full reads have seen it, the feed did not bring it. As
 * long as rows are read beside the records, those that are still to come count as such: of one that has changed the record
 * is read by id.
 */
async function rowsAtRest({
  resolved,
  run,
  scope,
  seen,
}: UnitInput): Promise<(authScapeId: string) => boolean> {
  if (!canLeaveOut(resolved)) return () => false;
  if (factsOf(run, scope.mappingId).fullRead === true) {
    const rows = await seen.of(scope, 'dynamics');
    return (id) => rows.has(id);
  }
  const isBrought = await seen.broughtRows(scope);
  return (id) => !isBrought(id);
}

async function endScan(input: UnitInput, at: ScanPosition): Promise<UnitResult> {
  const { scope, resolved, context, deps } = input;
  const seen = await countStaged(input);
  const { id: mappingId, authScapeEntity } = resolved.mapping;
  if (seen === 0 && at.skipped === 0 && (await context.links.count(scope.connectionId, mappingId)) > 0) {
    throw new BridgeError(
      'authscape_empty',
      `AuthScape lists no ${authScapeEntity} at all, though links exist.`,
      {
        hint: 'Nothing was written. Does the service point at the right AuthScape, and may its user read the records?',
      },
    );
  }
  // Our own user is counted by A and not staged by us.
  const own = authScapeEntity === 'User' && context.ownUserId !== null ? 1 : 0;
  const complete = seen + own + at.skipped >= at.total;
  const skippedAt = at.skippedAt ?? [];
  // In an order that is another one at each request no page may happen to fail: the record is there still.
  const unlisted = complete || skippedAt.length > 0 ? skippedAt : (at.unlisted ?? []);
  if (!complete && at.attempt < SCAN_ATTEMPTS) {
    const again: ScanPosition = {
      ...at,
      next: null,
      attempt: at.attempt + 1,
      total: 0,
      skipped: 0,
      skippedAt: [],
      unlisted,
      counting: false,
    };
    return { position: JSON.stringify(again) };
  }
  if (!complete) {
    deps.logger.info('The scan of AuthScape is not complete.', { mappingId, seen, total: at.total });
  }
  return {
    position: null,
    facts: {
      ofMapping: {
        [mappingId]: { scanComplete: complete, scannedFrom: at.startedAt, unlisted },
      },
    },
    messages: complete
      ? []
      : [`The scan of ${authScapeEntity} is not complete: ${causeOf(at)}. Nothing is taken for deleted.`],
  };
}

function causeOf({ hides }: ScanPosition): string {
  return hides === true
    ? 'AuthScape cannot list a record whose permissions are stored wrongly, and it may hide others of the same name'
    : 'rows were changed meanwhile';
}

async function countStaged(input: UnitInput): Promise<number> {
  let count = (await input.seen.of(input.scope, 'authScape')).size;
  for await (const page of pagesOf((cursor) =>
    input.deps.staging.scanRecords(input.scope, 'authScape', 1000, cursor),
  )) {
    count += page.items.length;
  }
  return count;
}

/** A share of the records by id and run, so that every record has its turn within a few hours. */
function inRollingShare(id: string, runId: string): boolean {
  const hash = createHash('sha256').update(`${id}|${runId}`).digest();
  return (hash[0] ?? 0) % DETAIL_SHARE === 0;
}

export function stageRecord(record: AuthScapeRecord): StagedRecord {
  return {
    key: record.id,
    id: record.id,
    values: record.values,
    active: record.active,
    complete: record.complete,
    etag: null,
    modifiedOn: null,
    mergedInto: null,
    roles: record.roles ?? null,
    readAt: record.readAt,
    deleted: false,
    inFilter: true,
  };
}
