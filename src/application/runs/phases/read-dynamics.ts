import { BridgeError } from '../../../domain/errors.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import { evaluate } from '../../../domain/filter.js';
import { type LinkWatch, watchLink } from '../../../domain/link-circle.js';
import type { DynamicsRow } from '../../../domain/records.js';
import { both } from '../../../lib/both.js';
import type { SeenRecord, StagedRecord } from '../../ports/staging.js';
import type { ChangePage, DynamicsSystem } from '../../ports/systems.js';
import { pagesOf } from '../../shared/pages.js';
import { isRowUnchanged } from '../../sync/context/unchanged-proof.js';
import { refuseRestored } from '../../sync/pair/detect-restore.js';
import { keptIndex } from '../unit/link-index.js';
import { canLeaveOut, seenRecord } from '../unit/unchanged.js';
import { readPosition, type UnitInput, type UnitResult, unitPart } from '../unit/unit.js';

interface FeedPosition {
  readonly kind: 'start' | 'since' | 'page' | 'delta';
  /** For `since` the time from which on modified rows are read. */
  readonly link: string | null;
  readonly full: boolean;
  readonly startedAt: number;
  readonly watch?: LinkWatch | undefined;
}

/**
 * How far a read by time of modification reaches back behind the start of the one before: for rows that were committed
 * late, and for clocks that differ.
 */
const OVERLAP_MS = 5 * 60_000;

/**
 * One page of Dynamics, of those of a unit the `nth`: a full tracked read, or what the delta link brings. An expired link or
 * new columns mean a full read. Of a table without change tracking an incremental run reads what was modified since; it
 * cannot see deletes. Retry marks of rows without a link join an incremental read.
 */
export async function readRows(input: UnitInput, nth: number): Promise<UnitResult> {
  const { context, resolved } = input;
  const { mapping, schema } = resolved;
  const { at, messages } = await feedPosition(input);
  const from = readFrom(at, schema.changeTracking);
  const [page] = await both(
    orExpired(context.dynamics.changes(mapping.crmEntity, resolved.columns, from)),
    input.index.byCrmId(mapping.crmEntity, keptIndex(input)),
  );
  if (page === 'expired') {
    const restart: FeedPosition = { ...at, kind: 'start', link: null, full: true, watch: undefined };
    return {
      position: JSON.stringify(restart),
      messages: [`The delta link of ${mapping.crmEntity} is no longer valid: the table is read in full.`],
    };
  }
  if (at.kind === 'delta' || at.kind === 'since') await stageMarked(input, nth);
  const changed = { [mapping.id]: await stageRows(input, page.rows, `${nth}-page`) };
  await stageDeleted(input, page.deletedIds, `${nth}-deleted`);
  input.tally.read(page.rows.length + page.deletedIds.length);
  if (page.next !== null) {
    const watch = watchLink(at.watch, page.next);
    const next: FeedPosition = { ...at, kind: 'page', link: page.next, watch };
    return { position: JSON.stringify(next), messages, changed };
  }
  return {
    position: null,
    messages,
    changed,
    facts: {
      ofMapping: {
        [mapping.id]: {
          fullRead: at.full,
          delta: { deltaLink: page.deltaLink, columns: resolved.columns, readFrom: at.startedAt },
        },
      },
    },
  };
}

async function orExpired(reading: Promise<ChangePage>): Promise<ChangePage | 'expired'> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'delta_link_expired') return 'expired';
    throw error;
  }
}

function readFrom(at: FeedPosition, tracked: boolean): Parameters<DynamicsSystem['changes']>[2] {
  if (at.kind === 'start' || at.link === null) return { kind: 'start', tracked };
  return at.kind === 'since' ? { kind: 'since', time: at.link } : { kind: at.kind, link: at.link };
}

async function feedPosition(input: UnitInput): Promise<{ at: FeedPosition; messages: readonly string[] }> {
  const { deps, resolved, run } = input;
  const start: FeedPosition = { kind: 'start', link: null, full: true, startedAt: deps.clock.now() };
  if (input.position !== null) return { at: readPosition(input.position, start), messages: [] };
  const messages = untrackedMessages(resolved);
  if (run.mode === 'full') return { at: start, messages };
  const feed = await deps.feeds.get(run.connectionId, resolved.mapping.id);
  const covered = resolved.columns.every((column) => feed?.columns.includes(column));
  if (feed === undefined || !covered) return { at: start, messages };
  if (resolved.schema.changeTracking) {
    if (feed.deltaLink === null) return { at: start, messages };
    return { at: { ...start, kind: 'delta', link: feed.deltaLink, full: false }, messages };
  }
  const before = feed.readFrom ?? null;
  if (before === null || !hasTimes(resolved)) return { at: start, messages };
  const since = new Date(before - input.context.dynamics.clockOffset() - OVERLAP_MS).toISOString();
  return { at: { ...start, kind: 'since', link: since, full: false }, messages };
}

function hasTimes({ schema }: ResolvedMapping): boolean {
  return schema.columns.some(({ name }) => name === 'modifiedon');
}

function untrackedMessages(resolved: ResolvedMapping): readonly string[] {
  if (resolved.schema.changeTracking) return [];
  const instead = hasTimes(resolved)
    ? 'incremental runs read its rows by their time of modification and do not see deletes.'
    : 'every run reads it in full.';
  return [`Change tracking is off for ${resolved.mapping.crmEntity}: ${instead}`];
}

/** Answers how many of linked records may have changed. */
async function stageRows(input: UnitInput, rows: readonly DynamicsRow[], part: string): Promise<number> {
  const { deps, resolved, scope, index } = input;
  const known = await index.byCrmId(resolved.mapping.crmEntity, keptIndex(input));
  const leaveOut = canLeaveOut(resolved);
  const seen: SeenRecord[] = [];
  const linked: StagedRecord[] = [];
  const others: StagedRecord[] = [];
  for (const row of rows) {
    const owner = known.get(row.id);
    // All of Dynamics is read before the first pair is written.
    if (owner?.link.state === 'linked') refuseRestored(owner.link, row);
    if (owner?.mappingId === resolved.mapping.id) {
      const { authScapeId } = owner;
      if (leaveOut && isRowUnchanged(resolved, owner.proof, row)) {
        seen.push(seenRecord(resolved, 'dynamics', authScapeId, row));
      } else {
        linked.push(stageRow(resolved, row, authScapeId));
      }
    } else others.push(stageRow(resolved, row, row.id));
  }
  await input.seen.add(scope, 'dynamics', unitPart(input, part), {
    unchanged: seen,
    changed: linked.map(({ key }) => key),
  });
  await deps.staging.putRecords(scope, 'dynamicsLinked', linked);
  await deps.staging.putRecords(scope, 'dynamics', others);
  return linked.length;
}

export function stageRow(resolved: ResolvedMapping, row: DynamicsRow, key: string): StagedRecord {
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
async function stageDeleted(input: UnitInput, ids: readonly string[], part: string): Promise<void> {
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
  const changed = gone.map(({ key }) => key);
  await input.seen.add(scope, 'dynamics', unitPart(input, part), { unchanged: [], changed });
  await deps.staging.putRecords(scope, 'dynamicsLinked', gone);
}

/** Rows without a link that an earlier run could not finish: the feed will not bring them again by itself. */
async function stageMarked(input: UnitInput, nth: number): Promise<void> {
  const { deps, context, resolved, scope } = input;
  for await (const page of pagesOf((cursor) =>
    deps.backlog.scanMarks(scope.connectionId, resolved.mapping.id, 200, cursor),
  )) {
    const due = page.items.filter((mark) => mark.crmId !== null && mark.notBefore <= deps.clock.now());
    const ids = due.flatMap((mark) => (mark.crmId === null ? [] : [mark.crmId]));
    const rows = await context.dynamics.getMany(resolved.mapping.crmEntity, ids, resolved.columns);
    await stageRows(input, [...rows.values()], `${nth}-marks-${ids[0]}`);
  }
}
