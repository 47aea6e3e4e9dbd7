import type { Change } from '../../../domain/change.js';
import { ConflictError } from '../../../domain/errors.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import { goneSide, type Link, type PendingCreation } from '../../../domain/link.js';
import { isOwnUser } from '../../../domain/match.js';
import type { DynamicsRow } from '../../../domain/records.js';
import type { Stored } from '../../ports/stores.js';
import { isolateFailure } from '../context/record-results.js';
import {
  changeOf,
  logChanges,
  NOTHING,
  type PairResult,
  pairRef,
  type SyncContext,
} from '../context/sync-context.js';
import { endTombstones, insertLink } from '../links/insert-link.js';
import { linkOfPendingCreation, pendingCreationRowOf } from '../links/pending-creation-link.js';
import { saved } from '../links/save-link.js';
import { logAbandonedPlan } from './pair-work.js';

/**
 * The row was merged away in Dynamics: that is no deactivation. The link follows to the surviving row and keeps its
 * base; where the survivor has a link of its own, a tombstone stays and a person is told.
 */
export async function followMerge(
  context: SyncContext,
  resolved: ResolvedMapping,
  stored: Stored<Link>,
  masterId: string,
): Promise<PairResult | 'again'> {
  const link = stored.value;
  const holder = await holderOf(context, link.table, masterId);
  if (holder !== undefined && isTaken(holder, link, masterId)) {
    return staysBehind(context, resolved, stored, masterId);
  }
  if (holder?.state === 'tombstone') await endTombstones(context, resolved, null, masterId);
  const next = leaving(link);
  const now = context.clock.now();
  await logAbandonedPlan(context, resolved, link);
  const moved = await moveTo(context, { value: { ...next, changedAt: now }, etag: stored.etag }, masterId);
  if (moved === true) return 'again';
  // Half a pair: it is linked, or free, before long.
  const until = moved === false ? now : await endPendingCreationOf(context, link.table, masterId, moved);
  if (until === 'again' || !(await saved(context, next, stored.etag))) return 'again';
  return { ...NOTHING, busyUntil: Math.max(until, now + context.claimMs) };
}

/** The same in a dry run: the link as it would be at the end of the way, and its row there. */
export async function previewMerge(
  context: SyncContext,
  resolved: ResolvedMapping,
  link: Link,
  masterId: string,
): Promise<{ readonly link: Link; readonly d: DynamicsRow } | { readonly rests: PairResult }> {
  let next = masterId;
  for (let count = 0; count < LONGEST_CHAIN; count += 1) {
    const at = { ...link, crmId: next };
    const holder = await holderOf(context, link.table, next);
    if (holder !== undefined && isTaken(holder, link, next)) {
      const change = leftBehind(resolved, link, next);
      await logChanges(context, [change]);
      return { rests: { ...NOTHING, outcome: 'skipped', changes: [change] } };
    }
    const row = await context.dynamics.get(link.table, next, resolved.columns);
    if (row === undefined || row.mergedInto === row.id) return { rests: { ...NOTHING, gone: 'dynamics' } };
    if (row.mergedInto === null) return { link: leaving(at), d: row };
    next = row.mergedInto;
  }
  return { rests: NOTHING };
}

/** What is known of the row that is left does not hold for the next one. */
function leaving(link: Link): Link {
  return { ...link, clean: false, dVersion: null, aHash: null, fullHash: null, plan: null, claim: null };
}

/** How many merges in a row are followed: a chain is short, unless it is a circle. */
const LONGEST_CHAIN = 10;

/**
 * Was the row merged into one that is gone since? Then it stands for nobody: a partner that it finds by its key would
 * share the end of somebody else.
 */
export async function standsForNobody(
  context: SyncContext,
  { mapping, columns }: ResolvedMapping,
  row: Pick<DynamicsRow, 'id' | 'mergedInto'>,
): Promise<boolean> {
  let next = row.mergedInto;
  if (next === row.id) return true;
  for (let count = 0; next !== null && count < LONGEST_CHAIN; count += 1) {
    const id = next;
    const master = await isolateFailure<DynamicsRow | undefined | 'unreadable'>(
      () => context.dynamics.get(mapping.crmEntity, id, columns),
      () => 'unreadable',
    );
    if (master === 'unreadable') return false;
    if (master === undefined || master.mergedInto === master.id) return true;
    next = master.mergedInto;
  }
  return false;
}

/** False when somebody has the row; the pending creation that holds it, where one does. */
async function moveTo(
  context: SyncContext,
  { value, etag }: Stored<Link>,
  masterId: string,
): Promise<boolean | PendingCreation> {
  try {
    const result = await context.links.move(value, etag, masterId);
    return 'born' in result ? result.born : 'moved' in result;
  } catch (error) {
    // The link was changed: whoever looks at it anew sees whether it has to move still.
    if (error instanceof ConflictError) return true;
    throw error;
  }
}

/**
 * A partner was to be made for the surviving row, and nobody may come back for it: the row has another key by now, say,
 * or the partner is inactive. The record that came of it is linked; where none did, or one that has a partner of its own,
 * the row is let go. Else until when to wait, in milliseconds.
 */
async function endPendingCreationOf(
  context: SyncContext,
  table: string,
  rowId: string,
  pendingCreation: PendingCreation,
): Promise<number | 'again'> {
  const [maker, ...others] = context.mappings.filter(
    ({ mapping }) => mapping.crmEntity === table && context.authScape.canCreate(mapping.authScapeEntity),
  );
  // Of which of several mappings it is, the next creation for the row finds out.
  if (maker === undefined || others.length > 0 || pendingCreation.until > context.clock.now())
    return pendingCreation.until;
  const [id, ...rivals] = await newcomersOf(context, maker, pendingCreation);
  // Which of them it was, nobody can tell.
  if (rivals.length > 0) return pendingCreation.until;
  if (id === undefined) {
    await context.links.endPendingCreation(
      context.connection.id,
      pendingCreationRowOf(maker, { id: rowId }),
      pendingCreation,
    );
    return 'again';
  }
  const { link, change } = linkOfPendingCreation(
    context,
    maker,
    { authScapeId: id, crmId: rowId },
    pendingCreation,
  );
  const inserted = await insertLink(context, maker, link, Number.POSITIVE_INFINITY, pendingCreation);
  if ('inserted' in inserted) {
    await logChanges(context, [change]);
    await context.syncRelated?.({ side: 'authScape', entity: maker.mapping.authScapeEntity, id });
  }
  return 'again';
}

/** Records without partner that may have come of the pending creation. */
async function newcomersOf(
  context: SyncContext,
  maker: ResolvedMapping,
  pendingCreation: PendingCreation,
): Promise<readonly string[]> {
  const { authScapeEntity, id } = maker.mapping;
  const found = await context.authScape.findBy(authScapeEntity, pendingCreation.criteria, maker.keys);
  const ids = found.map((record) => record.id).filter((each) => !isOwnUser(context, maker, each));
  const links = await context.links.getMany(context.connection.id, id, ids);
  return ids.filter((each) => !links.has(each));
}

/** The link that claims a row. */
async function holderOf(context: SyncContext, table: string, rowId: string): Promise<Link | undefined> {
  const connectionId = context.connection.id;
  const claim = (await context.links.rowOwnersOf(connectionId, table, [rowId])).get(rowId);
  return claim && (await context.links.get(connectionId, claim.mappingId, claim.authScapeId))?.value;
}

/** Does the link that claims the row keep others from it? A tombstone of a partner that is gone gives way. */
function isTaken(holder: Link, { mappingId, authScapeId }: Link, rowId: string): boolean {
  // Half a move of our own, or of a pair that has left the row.
  const isOwn = holder.mappingId === mappingId && holder.authScapeId === authScapeId;
  if (isOwn || holder.crmId.toLowerCase() !== rowId.toLowerCase()) return false;
  const { tombstone } = holder;
  return tombstone === null || goneSide(tombstone) !== 'authScape';
}

function leftBehind(resolved: ResolvedMapping, link: Link, masterId: string): Change {
  return changeOf(resolved, pairRef(link), {
    side: 'dynamics',
    action: 'unlink',
    outcome: 'skipped',
    error: {
      code: 'merged_into_linked',
      message: `The row was merged in Dynamics into ${masterId}, which has a partner of its own.`,
    },
  });
}

async function staysBehind(
  context: SyncContext,
  resolved: ResolvedMapping,
  { value: link, etag }: Stored<Link>,
  masterId: string,
): Promise<PairResult | 'again'> {
  const now = context.clock.now();
  const change = leftBehind(resolved, link, masterId);
  await logAbandonedPlan(context, resolved, link);
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
  if (!(await saved(context, tombstone, etag))) return 'again';
  return { ...NOTHING, outcome: 'skipped', changes: [change] };
}
