import { RecordRejectedError } from '../../../domain/errors.js';
import {
  type BaseEntry,
  goneSide,
  isUnlinked,
  type Link,
  type PendingCreation,
  type Plan,
} from '../../../domain/link.js';
import type { InsertedLink } from '../../ports/links.js';
import type { Stored } from '../../ports/stores.js';
import type { MappingContext } from '../context/sync-context.js';
import { logAbandonedPlan } from './abandoned-plan.js';
import { endedOrphan, isVacated } from './row-owners.js';
import { saved } from './save-link.js';
import { revive, undoDeactivation } from './tombstones.js';

/** A new link row; `changedAt` 0, since what was read before it existed may be used: no base can be older than it. */
export function newLink(
  context: MappingContext,
  ids: { authScapeId: string; crmId: string },
  state: {
    base?: Readonly<Record<string, BaseEntry>>;
    generation?: number;
    plan?: Plan | null;
    claim?: Link['claim'];
  } = {},
): Link {
  const { resolved } = context;
  return {
    connectionId: context.connection.id,
    mappingId: resolved.mapping.id,
    entity: resolved.mapping.authScapeEntity,
    authScapeId: ids.authScapeId,
    table: resolved.mapping.crmEntity,
    crmId: ids.crmId,
    generation: state.generation ?? 0,
    state: 'linked',
    tombstone: null,
    base: state.base ?? {},
    clean: false,
    mappingVersion: resolved.mapping.version,
    aHash: null,
    fullHash: null,
    dVersion: null,
    plan: state.plan ?? null,
    claim: state.claim ?? null,
    repeats: {},
    missing: null,
    lastRun: null,
    changedAt: 0,
    agreedAt: 0,
    createdAt: new Date(context.clock.now()).toISOString(),
    lastSyncedAt: null,
  };
}

/**
 * Inserts a link under a mapping that is stored as it was read. What is in the way and holds nothing any more is ended
 * first: a link of a mapping that is gone, one whose row is gone, and the tombstones of the two records. `pendingCreation`:
 * the one that ends with this link.
 */
export async function insertLink(
  context: MappingContext,
  link: Link,
  readAt: number,
  pendingCreation?: PendingCreation,
): Promise<InsertedLink> {
  const inserted = await insertOver(context, link, readAt, pendingCreation);
  if (inserted.kind !== 'inserted') return inserted;
  try {
    await context.confirmMapping(context.resolved);
  } catch (error) {
    // A mapping that is deleted meanwhile has perhaps removed its links already.
    await context.links.remove(inserted.link.value, inserted.link.etag);
    throw error;
  }
  return inserted;
}

async function insertOver(
  context: MappingContext,
  link: Link,
  readAt: number,
  pendingCreation: PendingCreation | undefined,
): Promise<InsertedLink> {
  const insert = (next: Link) => context.links.insert(next, pendingCreation);
  const inserted = await insert(link);
  if (inserted.kind === 'taken' && (await endedOrphan(context, inserted.owner))) return insert(link);
  if (inserted.kind === 'exists' && (await endedVacated(context, inserted.link, link))) return insert(link);
  const meets =
    inserted.kind === 'taken' || (inserted.kind === 'exists' && inserted.link.value.state === 'tombstone');
  if (!meets) return inserted;
  const next = await endedInTheWay(context, link, readAt);
  return next === null ? inserted : insert(next);
}

/** A row that is gone has left its place to the one that is linked now. */
async function endedVacated(
  context: MappingContext,
  { value, etag }: Stored<Link>,
  next: Link,
): Promise<boolean> {
  if (value.crmId === next.crmId || !(await isVacated(context, value))) return false;
  await logAbandonedPlan(context, value);
  await context.links.remove(value, etag);
  return true;
}

/**
 * Tombstones are rare: those of the two records are looked for when the insert meets one. A tombstone of this very pair
 * means that the record that was gone is back: it is revived and not linked anew. One that was made after the records were
 * read, or that waits for a person, stays: then null. What the delete policy had done to a survivor is undone for its new
 * partner.
 */
async function endedInTheWay(context: MappingContext, link: Link, readAt: number): Promise<Link | null> {
  const graves = await tombstonesOf(context, link);
  const same = graves.find(
    ({ value }) => value.crmId === link.crmId && value.authScapeId === link.authScapeId,
  );
  if (same !== undefined && isGone(same.value)) return (await mayRevive(context, same)) ? link : null;
  if (graves.some(({ value }) => waitsForPerson(value) || readAt <= value.changedAt)) return null;
  let next = link;
  for (const { value } of graves) {
    if (!(await undoDeactivation(context, value))) continue;
    // What was read before shows a state that is no person's.
    next = { ...link, clean: false, changedAt: context.clock.now() };
  }
  await endTombstones(context, link.authScapeId, link.crmId);
  return next;
}

/** False when the other system refuses what that asks for: the tombstone stays. */
async function mayRevive(context: MappingContext, grave: Stored<Link>): Promise<boolean> {
  try {
    await revive(context, grave);
    return true;
  } catch (error) {
    if (error instanceof RecordRejectedError) return false;
    throw error;
  }
}

/**
 * Stores the link of a row that was just made. Where the insert took longer than its claim, another worker may have taken the
 * unconfirmed link back meanwhile: the row is ours all the same, and without its link it would be taken for a new one.
 */
export async function keepLink(context: MappingContext, link: Link, etag: string): Promise<boolean> {
  if (await saved(context, link, etag)) return true;
  const inserted = await insertLink(context, link, Number.POSITIVE_INFINITY);
  return inserted.kind === 'inserted';
}

const isGone = ({ tombstone }: Link) => tombstone !== null && goneSide(tombstone) !== null;
const waitsForPerson = ({ tombstone }: Link) =>
  tombstone !== null && (isUnlinked(tombstone) || tombstone.reason === 'merged');

async function tombstonesOf(
  context: MappingContext,
  { authScapeId, crmId, table }: Link,
): Promise<readonly Stored<Link>[]> {
  const connectionId = context.connection.id;
  const claim = (await context.links.rowOwnersOf(connectionId, table, [crmId])).get(crmId);
  const found = [
    await context.links.get(connectionId, context.resolved.mapping.id, authScapeId),
    claim && (await context.links.get(connectionId, claim.mappingId, claim.authScapeId)),
  ];
  return found.flatMap((stored) => (stored?.value.state === 'tombstone' ? [stored] : []));
}

/** Removes what tombstones hold of the two records; returns the generation that the next partner has. */
export async function endTombstones(
  context: MappingContext,
  authScapeId: string | null,
  crmId: string | null,
): Promise<number> {
  let generation = 0;
  const connectionId = context.connection.id;
  if (crmId !== null) {
    const claim = (
      await context.links.rowOwnersOf(connectionId, context.resolved.mapping.crmEntity, [crmId])
    ).get(crmId);
    if (claim !== undefined) {
      const holder = await context.links.get(connectionId, claim.mappingId, claim.authScapeId);
      if (holder?.value.state === 'tombstone') await context.links.remove(holder.value, holder.etag);
      if (holder === undefined) await context.links.removeClaim(connectionId, claim);
    }
  }
  if (authScapeId !== null) {
    const own = await context.links.get(connectionId, context.resolved.mapping.id, authScapeId);
    if (own?.value.state === 'tombstone') {
      generation = own.value.generation + 1;
      await context.links.remove(own.value, own.etag);
    }
  }
  return generation;
}
