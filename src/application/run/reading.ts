import { createHash } from 'node:crypto';
import { BridgeError } from '../../domain/errors.js';
import type { ResolvedMapping } from '../../domain/fields.js';
import { evaluate } from '../../domain/filter.js';
import type { ARecord, DRow } from '../../domain/records.js';
import type { StagedRecord } from '../ports/staging.js';
import type { ChangePage } from '../ports/systems.js';
import { isOwnUser } from '../sync/own-user.js';
import { readPosition, type UnitInput, type UnitResult } from './step-state.js';

interface ScanPosition {
  /** Position of the adapter; null at the start of an attempt. */
  readonly next: string | null;
  readonly attempt: number;
  readonly total: number;
  /** Records that A counts and cannot list. */
  readonly skipped: number;
  readonly startedAt: number;
  readonly counting: boolean;
}

/** The share of records that an incremental run reads in detail where lists do not carry all fields. */
const DETAIL_SHARE = 16;
const SCAN_ATTEMPTS = 2;

/**
 * One page of the scan of A. After the last page the rows are counted: a scan is complete when all that A counts was
 * seen; otherwise it is repeated once, since rows move between unordered pages.
 */
export async function readAuthScapeUnit(input: UnitInput): Promise<UnitResult> {
  const { context, resolved, deps, scope } = input;
  const start: ScanPosition = {
    next: null,
    attempt: 1,
    total: 0,
    skipped: 0,
    startedAt: deps.clock.now(),
    counting: false,
  };
  const at = readPosition(input.position, start);
  if (at.counting) return endScan(input, at);
  const full = input.run.mode === 'full';
  const page = await context.authScape.scan(
    resolved.mapping.authScapeEntity,
    {
      keys: resolved.keys,
      detail: resolved.listsSuffice ? false : full || ((id: string) => inRollingShare(id, input.run.id)),
    },
    at.next,
  );
  const others = page.records.filter((record) => !isOwnUser(context, resolved, record.id));
  await deps.staging.putRecords(scope, 'authScape', others.map(stageRecord));
  if (at.attempt === 1) input.tally.read(others.length);
  const total = page.total ?? at.total;
  const next: ScanPosition = {
    ...at,
    next: page.next,
    total,
    skipped: at.skipped + (page.skipped ?? 0),
    counting: page.next === null,
  };
  return { position: JSON.stringify(next) };
}

async function endScan(input: UnitInput, at: ScanPosition): Promise<UnitResult> {
  const { scope, resolved, context } = input;
  const seen = await countStaged(input);
  const { id: mappingId, authScapeEntity } = resolved.mapping;
  if (seen === 0 && (await context.links.count(scope.connectionId, mappingId)) > 0) {
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
  if (!complete && at.attempt < SCAN_ATTEMPTS) {
    const again: ScanPosition = {
      ...at,
      next: null,
      attempt: at.attempt + 1,
      total: 0,
      skipped: 0,
      counting: false,
    };
    return { position: JSON.stringify(again) };
  }
  return {
    position: null,
    facts: {
      [`scanComplete.${mappingId}`]: String(complete),
      [`scannedFrom.${mappingId}`]: String(at.startedAt),
    },
    messages: complete
      ? []
      : [
          `The scan of ${authScapeEntity} saw ${seen} of ${at.total} records: rows were changed meanwhile. Nothing is taken for deleted.`,
        ],
  };
}

async function countStaged(input: UnitInput): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await input.deps.staging.scanRecords(input.scope, 'authScape', 1000, cursor);
    count += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return count;
}

/** A share of the records by id and run, so that every record has its turn within a few hours. */
function inRollingShare(id: string, runId: string): boolean {
  const hash = createHash('sha256').update(`${id}|${runId}`).digest();
  return (hash[0] ?? 0) % DETAIL_SHARE === 0;
}

function stageRecord(record: ARecord): StagedRecord {
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

interface FeedPosition {
  readonly kind: 'start' | 'page' | 'delta';
  readonly link: string | null;
  readonly full: boolean;
}

/**
 * One page of Dynamics: a full tracked read, or what the delta link brings. An expired link, new columns or a table
 * without change tracking mean a full read. Retry marks of rows without a link join an incremental read.
 */
export async function readDynamicsUnit(input: UnitInput): Promise<UnitResult> {
  const { context, resolved } = input;
  const { mapping, schema } = resolved;
  const { at, messages } = await feedPosition(input);
  const from =
    at.kind === 'start' || at.link === null
      ? ({ kind: 'start', tracked: schema.changeTracking } as const)
      : ({ kind: at.kind, link: at.link } as const);
  let page: ChangePage;
  try {
    page = await context.dynamics.changes(mapping.crmEntity, resolved.columns, from);
  } catch (error) {
    if (!(error instanceof BridgeError) || error.code !== 'delta_link_expired') throw error;
    const restart: FeedPosition = { kind: 'start', link: null, full: true };
    return {
      position: JSON.stringify(restart),
      messages: [`The delta link of ${mapping.crmEntity} is no longer valid: the table is read in full.`],
    };
  }
  if (at.kind === 'delta') await stageMarked(input);
  await stageRows(input, page.rows);
  await stageDeleted(input, page.deletedIds);
  input.tally.read(page.rows.length + page.deletedIds.length);
  if (page.next !== null) {
    const next: FeedPosition = { ...at, kind: 'page', link: page.next };
    return { position: JSON.stringify(next), messages };
  }
  return {
    position: null,
    messages,
    facts: {
      [`fullRead.${mapping.id}`]: String(at.full),
      [`delta.${mapping.id}`]: JSON.stringify({ deltaLink: page.deltaLink, columns: resolved.columns }),
    },
  };
}

async function feedPosition(input: UnitInput): Promise<{ at: FeedPosition; messages: readonly string[] }> {
  const { deps, resolved, run } = input;
  const start: FeedPosition = { kind: 'start', link: null, full: true };
  if (input.position !== null) return { at: readPosition(input.position, start), messages: [] };
  const messages = resolved.schema.changeTracking
    ? []
    : [`Change tracking is off for ${resolved.mapping.crmEntity}: the table is read in full each time.`];
  if (run.mode === 'full') return { at: start, messages };
  const feed = await deps.feeds.get(run.connectionId, resolved.mapping.id);
  const covered = resolved.columns.every((column) => feed?.columns.includes(column));
  if (feed?.deltaLink === null || feed === undefined || !covered) return { at: start, messages };
  return { at: { kind: 'delta', link: feed.deltaLink, full: false }, messages };
}

async function stageRows(input: UnitInput, rows: readonly DRow[]): Promise<void> {
  const { deps, resolved, scope, index } = input;
  const known = await index.byCrmId(resolved.mapping.crmEntity);
  const linked: StagedRecord[] = [];
  const others: StagedRecord[] = [];
  for (const row of rows) {
    const owner = known.get(row.id);
    if (owner?.mappingId === resolved.mapping.id) linked.push(stageRow(resolved, row, owner.authScapeId));
    else others.push(stageRow(resolved, row, row.id));
  }
  await deps.staging.putRecords(scope, 'dynamicsLinked', linked);
  await deps.staging.putRecords(scope, 'dynamics', others);
}

function stageRow(resolved: ResolvedMapping, row: DRow, key: string): StagedRecord {
  return {
    key,
    id: row.id,
    values: row.values,
    active: row.active,
    complete: true,
    etag: row.etag,
    modifiedOn: row.modifiedOn,
    mergedInto: row.mergedInto,
    roles: null,
    readAt: row.readAt,
    deleted: false,
    inFilter: resolved.filter === null || evaluate(resolved.filter, row.values),
  };
}

/** What the feed calls deleted is a hint: it is asked by id before anything follows from it. */
async function stageDeleted(input: UnitInput, ids: readonly string[]): Promise<void> {
  const { deps, resolved, scope, index } = input;
  const known = await index.byCrmId(resolved.mapping.crmEntity);
  const gone: StagedRecord[] = [];
  for (const id of ids) {
    const owner = known.get(id);
    if (owner?.mappingId !== resolved.mapping.id) continue;
    gone.push({
      key: owner.authScapeId,
      id,
      values: {},
      active: false,
      complete: false,
      etag: null,
      modifiedOn: null,
      mergedInto: null,
      roles: null,
      readAt: deps.clock.now(),
      deleted: true,
      inFilter: false,
    });
  }
  await deps.staging.putRecords(scope, 'dynamicsLinked', gone);
}

/** Rows without a link that an earlier run could not finish: the feed will not bring them again by itself. */
async function stageMarked(input: UnitInput): Promise<void> {
  const { deps, context, resolved, scope } = input;
  let cursor: string | undefined;
  do {
    const page = await deps.backlog.scanMarks(scope.connectionId, resolved.mapping.id, 200, cursor);
    const due = page.items.filter((mark) => mark.crmId !== null && mark.notBefore <= deps.clock.now());
    const ids = due.flatMap((mark) => (mark.crmId === null ? [] : [mark.crmId]));
    const rows = await context.dynamics.getMany(resolved.mapping.crmEntity, ids, resolved.columns);
    await stageRows(input, [...rows.values()]);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
