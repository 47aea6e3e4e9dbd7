import { createHash } from 'node:crypto';
import { BridgeError } from '../../../domain/errors.js';
import { isOwnUser } from '../../../domain/match.js';
import type { AuthScapeRecord } from '../../../domain/records.js';
import type { StagedRecord } from '../../ports/staging.js';
import { readPosition, type UnitInput, type UnitResult } from '../unit/unit.js';

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
