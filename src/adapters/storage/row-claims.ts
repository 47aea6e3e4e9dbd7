/** Claims on D rows: a row belongs to one pair, or to one pending creation. See `link-table.ts` for the layout. */
import type { RowOwner, RowRefusal } from '../../application/ports/links.js';
import type { Clock } from '../../application/ports/runtime.js';
import type { Stored } from '../../application/ports/stores.js';
import { ConflictError } from '../../domain/errors.js';
import type { Link, PendingCreation } from '../../domain/link.js';
import { succeeds, unlessConflict } from './faults.js';
import { joinKey } from './keys.js';
import {
  claimFromRow,
  claimKeys,
  isReservation,
  linkFromRow,
  linkKeys,
  pendingCreationFromRow,
} from './link-rows.js';
import type { Row, StoredRow, Table } from './table.js';

/** Longer than any step may take from its claim to its link. */
const ABANDONED_AFTER_MS = 10 * 60_000;
const ATTEMPTS = 5;

/** The link of an A record, of any state. */
export async function getLink(
  links: Table,
  connectionId: string,
  mappingId: string,
  authScapeId: string,
): Promise<Stored<Link> | undefined> {
  const { partitionKey, rowKey } = linkKeys(connectionId, mappingId, authScapeId);
  const row = await links.get(partitionKey, rowKey);
  return row && linkFromRow(row);
}

/** Half a pair that no worker completes. A young one may be that of a worker about to insert its link: the row would get two. */
export async function isAbandoned(
  links: Table,
  clock: Clock,
  connectionId: string,
  claim: RowOwner,
): Promise<boolean> {
  if (clock.now() - claim.createdAt < ABANDONED_AFTER_MS) return false;
  const link = await getLink(links, connectionId, claim.mappingId, claim.authScapeId);
  return link === undefined || !pointsTo(link.value, claim);
}

/** `new`: by this call. `ours`: an earlier call, or one beside us, has it for the same pair. */
type ClaimResult = { readonly kind: 'new'; readonly etag: string } | { readonly kind: 'ours' } | RowRefusal;

export function isRefusal(result: ClaimResult): result is RowRefusal {
  return result.kind === 'taken' || result.kind === 'pending';
}

interface Taking {
  readonly row: Row;
  readonly connectionId: string;
  isOurs(by: RowOwner): boolean;
  /** The pending creation that may be replaced. */
  readonly over: PendingCreation | undefined;
  /** ETag of the row that may be replaced. */
  readonly known?: string | undefined;
}

/** Claims the row, over the pending creation that may be replaced and over what no worker completes. */
export async function takeRow(
  links: Table,
  claims: Table,
  clock: Clock,
  taking: Taking,
): Promise<ClaimResult> {
  const { known, row } = taking;
  const replaced = known === undefined ? undefined : await unlessConflict(claims.replace(row, known));
  if (replaced !== undefined) return { kind: 'new', etag: replaced };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const inserted = await claims.insert(row);
    if (inserted !== undefined) return { kind: 'new', etag: inserted };
    const stored = await claims.get(row.partitionKey, row.rowKey);
    const met = stored && (await meetHolder(links, claims, clock, taking, stored));
    if (met !== undefined) return met;
  }
  throw new ConflictError('The claim on the row keeps changing.');
}

/** What it means that the row is taken; undefined where that one gave way or changed, and the row is tried again. */
async function meetHolder(
  links: Table,
  claims: Table,
  clock: Clock,
  { row, connectionId, isOurs, over }: Taking,
  stored: StoredRow,
): Promise<ClaimResult | undefined> {
  const pendingCreation = pendingCreationFromRow(stored);
  const by = claimFromRow(stored);
  const claimed: ClaimResult = isOurs(by) ? { kind: 'ours' } : { kind: 'taken', owner: by };
  const isYoung = clock.now() - by.createdAt < ABANDONED_AFTER_MS;
  // The next worker has to meet a pending creation; a claim without one may just lack its link for the moment.
  if (pendingCreation === undefined && (claimed.kind === 'ours' || isYoung)) return claimed;
  const holder = isReservation(by)
    ? undefined
    : await getLink(links, connectionId, by.mappingId, by.authScapeId);
  if (holder !== undefined && pointsTo(holder.value, by)) return claimed;
  if (pendingCreation !== undefined && pendingCreation.owner !== over?.owner)
    return { kind: 'pending', creation: pendingCreation };
  if (pendingCreation !== undefined) {
    const replaced = await unlessConflict(claims.replace(row, stored.etag));
    return replaced === undefined ? undefined : { kind: 'new', etag: replaced };
  }
  await succeeds(claims.remove(stored.partitionKey, stored.rowKey, stored.etag));
  return undefined;
}

/** Removes the claim on a row if the pair holds it (and, with `since`, has held it since then). */
export async function removeClaimOf(
  claims: Table,
  connectionId: string,
  pair: Pick<RowOwner, 'table' | 'crmId' | 'mappingId' | 'authScapeId'>,
  since?: number,
): Promise<void> {
  const { partitionKey, rowKey } = claimKeys(connectionId, pair.table, pair.crmId);
  const row = await claims.get(partitionKey, rowKey);
  if (row === undefined) return;
  const claim = claimFromRow(row);
  const isOurs = claim.mappingId === pair.mappingId && claim.authScapeId === pair.authScapeId;
  if (!isOurs || (since !== undefined && claim.createdAt !== since)) return;
  await succeeds(claims.remove(partitionKey, rowKey, row.etag));
}

/** Is the link one on this row? */
export function pointsTo(link: Link, row: Pick<RowOwner, 'table' | 'crmId'>): boolean {
  return joinKey(link.table, link.crmId.toLowerCase()) === joinKey(row.table, row.crmId.toLowerCase());
}
