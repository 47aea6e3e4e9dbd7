import type { Change } from '../../../domain/change.js';
import { ConflictError } from '../../../domain/errors.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import { evaluate } from '../../../domain/filter.js';
import { goneSide, type Link } from '../../../domain/link.js';
import { authScapeCriteria, isOwnUser, matchKey } from '../../../domain/match.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import { dueAgain } from '../../../domain/waits.js';
import type { RowRefusal } from '../../ports/links.js';
import type { Stored } from '../../ports/stores.js';
import {
  changeOf,
  forMapping,
  logChanges,
  type MappingContext,
  NOTHING,
  type PairResult,
  pairRef,
  type SyncContext,
} from '../context/sync-context.js';
import { logAbandonedPlan } from '../links/abandoned-plan.js';
import { endTombstones } from '../links/insert-link.js';
import { LONGEST_CHAIN } from '../links/merged-away.js';
import { ownersOf } from '../links/row-owners.js';
import { saved } from '../links/save-link.js';
import { endPendingCreationOf } from './end-pending-creation.js';
import { AGAIN, type Attempted, done } from './pair-work.js';
import { matchFieldsFor } from './resolve-lookups.js';

/**
 * The row was merged away in Dynamics: that is no deactivation. The link that the row had then follows to the surviving
 * row and keeps its base, unless that one has, or may get by its key, a partner of its own: then a tombstone stays and a
 * person is told.
 */
export async function followMerge(
  context: MappingContext,
  stored: Stored<Link>,
  masterId: string,
): Promise<Attempted> {
  const link = stored.value;
  await context.confirmMapping(context.resolved);
  // Nothing was ever agreed on with the row: it may have been merged away before the link was made.
  if (Object.keys(link.base).length === 0) return done(await forget(context, stored));
  const way = await wayAlong(context, link, masterId);
  if (way.kind === 'gone') return done({ ...NOTHING, gone: 'dynamics' });
  if (way.kind === 'closed') return staysBehind(context, stored, masterId, way);
  if (way.kind === 'endless') return done(NOTHING);
  if (way.holder?.state === 'tombstone') await endTombstones(context, null, masterId);
  const next = leaving(link);
  const now = context.clock.now();
  await logAbandonedPlan(context, link);
  const moved = await moveTo(context, { value: { ...next, changedAt: now }, etag: stored.etag }, masterId);
  if (moved.kind === 'moved') return AGAIN;
  // Half a pair: it is linked, or free, before long.
  const until =
    moved.kind === 'taken' ? now : await endPendingCreationOf(context, link.table, masterId, moved.creation);
  if (until === null || !(await saved(context, next, stored.etag))) return AGAIN;
  return done({ ...NOTHING, busyUntil: Math.max(until, now + context.claimMs) });
}

/** The record is without a link again and is matched anew. */
async function forget(context: MappingContext, { value: link, etag }: Stored<Link>): Promise<PairResult> {
  await logAbandonedPlan(context, link);
  await context.links.remove(link, etag);
  return { ...NOTHING, waiting: true };
}

type Way =
  | { readonly kind: 'open'; readonly holder: Link | undefined; readonly row: DynamicsRow }
  | { readonly kind: 'closed'; readonly at: string; readonly why: string }
  /** It was removed: a link that waited there would be another record's when it is restored. */
  | { readonly kind: 'gone' };

/**
 * May the link go on to the row that its own one was merged into, and to all that this one was merged into? Where it ends is
 * looked at before the first step: the partner of a row on the way may have gone on to the end before us. Open: with the
 * holder of the first row, and the last row.
 */
async function wayAlong(
  context: MappingContext,
  link: Link,
  masterId: string,
): Promise<Way | { readonly kind: 'endless' }> {
  let holder: Link | undefined;
  let next = masterId;
  for (let count = 0; count < LONGEST_CHAIN; count += 1) {
    const way = await wayTo(context, link, next);
    if (way.kind !== 'open') return way;
    if (count === 0) holder = way.holder;
    if (way.row.mergedInto === null) return { ...way, holder };
    next = way.row.mergedInto;
  }
  return { kind: 'endless' };
}

/** May the link go on to the row that its own one was merged into? */
async function wayTo(context: MappingContext, link: Link, masterId: string): Promise<Way> {
  const holder = (await ownersOf(context, link.table, [masterId])).get(masterId);
  const master = await context.dynamics.get(link.table, masterId, context.resolved.columns);
  if (master === undefined || master.mergedInto === master.id) return { kind: 'gone' };
  if (holder !== undefined && isTaken(holder, link, masterId, master)) {
    return { kind: 'closed', at: masterId, why: 'which has a partner of its own' };
  }
  // On the way to a further row, too: a person may activate this one again.
  if (await hasRival(context, link, master)) {
    return { kind: 'closed', at: masterId, why: 'whose key another record has' };
  }
  return { kind: 'open', holder, row: master };
}

/** Is there another record that the surviving row may be matched with, under any mapping of its table? */
async function hasRival(context: SyncContext, link: Link, master: DynamicsRow): Promise<boolean> {
  for (const resolved of context.mappings) {
    if (resolved.mapping.crmEntity !== link.table) continue;
    const found = await recordsWithKeyOf(forMapping(context, resolved), link, master);
    const isOwn = resolved.mapping.id === link.mappingId;
    const isRival = (id: string) => !(isOwn && id === link.authScapeId) && !isOwnUser(context, resolved, id);
    if (found.some(({ id }) => isRival(id))) return true;
  }
  return false;
}

async function recordsWithKeyOf(
  context: MappingContext,
  link: Link,
  master: DynamicsRow,
): Promise<readonly AuthScapeRecord[]> {
  const { resolved } = context;
  const { authScapeEntity, crmEntity, id } = resolved.mapping;
  const isOwn = id === link.mappingId;
  const row = isOwn ? master : await context.dynamics.get(crmEntity, master.id, resolved.columns);
  if (row === undefined) return [];
  if (!isOwn && resolved.filter !== null && !evaluate(resolved.filter, row.values)) return [];
  const fields = await matchFieldsFor(context, [], [row]);
  const criteria = authScapeCriteria(fields, row.values);
  const key = matchKey(fields, { side: 'dynamics', values: row.values });
  if (criteria === null || key === null) return [];
  return context.authScape.findBy(authScapeEntity, criteria, resolved.keys);
}

/** The same in a dry run: the link as it would be at the end of the way, and its row there. */
export async function previewMerge(
  context: MappingContext,
  link: Link,
  masterId: string,
): Promise<
  | { readonly kind: 'open'; readonly link: Link; readonly d: DynamicsRow }
  | { readonly kind: 'rests'; readonly result: PairResult }
> {
  if (Object.keys(link.base).length === 0) return { kind: 'rests', result: { ...NOTHING, waiting: true } };
  const way = await wayAlong(context, link, masterId);
  if (way.kind === 'endless') return { kind: 'rests', result: NOTHING };
  if (way.kind === 'gone') return { kind: 'rests', result: { ...NOTHING, gone: 'dynamics' } };
  if (way.kind === 'open') return { kind: 'open', link: leaving({ ...link, crmId: way.row.id }), d: way.row };
  const change = leftBehind(context.resolved, link, way);
  await logChanges(context, [change]);
  return { kind: 'rests', result: { ...NOTHING, outcome: 'skipped', changes: [change] } };
}

/** What is known of the row that is left does not hold for the next one. */
function leaving(link: Link): Link {
  return { ...dueAgain(link), dVersion: null, aHash: null, fullHash: null, plan: null, claim: null };
}

/** `moved` also where the link was changed meanwhile: the next look at it sees whether it has to move still. */
async function moveTo(
  context: SyncContext,
  { value, etag }: Stored<Link>,
  masterId: string,
): Promise<{ readonly kind: 'moved' } | RowRefusal> {
  try {
    return await context.links.move(value, etag, masterId);
  } catch (error) {
    if (error instanceof ConflictError) return { kind: 'moved' };
    throw error;
  }
}

/**
 * Does the link that claims the row keep others from it? A tombstone of a partner that is gone gives way, unless the row
 * shared that end.
 */
function isTaken(
  holder: Link,
  { mappingId, authScapeId }: Link,
  rowId: string,
  row: DynamicsRow | undefined,
): boolean {
  // Half a move of our own, or of a pair that has left the row.
  const isOwn = holder.mappingId === mappingId && holder.authScapeId === authScapeId;
  if (isOwn || holder.crmId.toLowerCase() !== rowId.toLowerCase()) return false;
  const { tombstone } = holder;
  return tombstone === null || goneSide(tombstone) !== 'authScape' || row?.active === false;
}

function leftBehind(
  resolved: ResolvedMapping,
  link: Link,
  { at, why }: Extract<Way, { readonly kind: 'closed' }>,
): Change {
  return changeOf(resolved, pairRef(link), {
    side: 'dynamics',
    action: 'unlink',
    outcome: 'skipped',
    error: {
      code: 'merged_into_linked',
      message: `The row was merged in Dynamics into ${at}, ${why}.`,
    },
  });
}

async function staysBehind(
  context: MappingContext,
  { value: link, etag }: Stored<Link>,
  masterId: string,
  way: Extract<Way, { readonly kind: 'closed' }>,
): Promise<Attempted> {
  const now = context.clock.now();
  const change = leftBehind(context.resolved, link, way);
  await logAbandonedPlan(context, link);
  await logChanges(context, [change]);
  const tombstone: Link = {
    ...link,
    state: 'tombstone',
    tombstone: {
      reason: 'merged',
      act: 'none',
      at: new Date(now).toISOString(),
      runId: context.runId,
      masterId,
    },
    clean: false,
    plan: null,
    claim: null,
    changedAt: now,
  };
  if (!(await saved(context, tombstone, etag))) return AGAIN;
  return done({ ...NOTHING, outcome: 'skipped', changes: [change] });
}
