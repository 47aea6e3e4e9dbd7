/**
 * Links and claims on D rows:
 *   Links       `{connectionId}|{mappingId}` / `{A id}`   the link; `state`, `clean`, `crmTable`, `crmId`, `aHash`,
 *               `fullHash`, `dVersion` as columns, the rest as JSON in `detail`
 *   LinkClaims  `{connectionId}|{table}` / `{D id}`       `mappingId`, `authScapeKey`, `claimedAt`; while a partner is
 *               made in A an empty `authScapeKey`, and `born` with what it is made of as JSON in `birth`; both stay
 *
 * One partition takes 2,000 writes a second, that is 600 pairs, which is several times what both systems let us write:
 * without shards the writes of pairs that are worked on side by side go in few transactions.
 *
 * A claim is inserted before its link and removed after it. A claim that is older than ten minutes and has no link
 * that points back was left by a crash: the next worker that needs the row removes it.
 */
import type { InsertedLink, LinkStore, RowOwner, RowRefusal } from '../../application/ports/links.js';
import type { Clock } from '../../application/ports/runtime.js';
import type { Stored } from '../../application/ports/stores.js';
import { ConflictError } from '../../domain/errors.js';
import type { Link, PendingCreation } from '../../domain/link.js';
import { getRows, removeAllRows } from './bulk.js';
import { countLinked } from './count-links.js';
import { succeeds, unlessConflict } from './faults.js';
import { joinKey } from './keys.js';
import {
  claimFromRow,
  claimKeys,
  claimPartition,
  claimToRow,
  isReservation,
  linkFromRow,
  linkKeys,
  linkPartition,
  linkToRow,
  pendingCreationFromRow,
  pendingCreationToRow,
} from './link-rows.js';
import type { Row, StoredRow, Table, Tables } from './table.js';

/** Longer than any step may take from its claim to its link. */
const ABANDONED_AFTER_MS = 10 * 60_000;
const ATTEMPTS = 5;
export function createLinkStore(tables: Tables, clock: Clock): LinkStore {
  const links = tables.table('Links');
  const claims = tables.table('LinkClaims');
  return {
    get: (connectionId, mappingId, authScapeId) => getLink(links, connectionId, mappingId, authScapeId),
    async getMany(connectionId, mappingId, authScapeIds) {
      const ids = [...new Set(authScapeIds)];
      const rows = await getRows(
        links,
        ids.map((id) => linkKeys(connectionId, mappingId, id)),
      );
      return found(ids, rows, linkFromRow);
    },
    async rowOwnersOf(connectionId, table, crmIds) {
      const ids = [...new Set(crmIds)];
      const rows = await getRows(
        claims,
        ids.map((id) => claimKeys(connectionId, table, id)),
      );
      return found(
        ids,
        rows.map((row) => (row !== undefined && isReservation(claimFromRow(row)) ? undefined : row)),
        claimFromRow,
      );
    },
    insert: (link, pendingCreation) => insertPair(links, claims, clock, link, pendingCreation),
    async pendingCreationOf(connectionId, { table, crmId }) {
      const { partitionKey, rowKey } = claimKeys(connectionId, table, crmId);
      const row = await claims.get(partitionKey, rowKey);
      return row !== undefined && isReservation(claimFromRow(row)) ? pendingCreationFromRow(row) : undefined;
    },
    async putPendingCreation(connectionId, row, pendingCreation, over) {
      const result = await takeRow(links, claims, clock, {
        row: pendingCreationToRow(connectionId, row, pendingCreation),
        connectionId,
        isOurs: () => false,
        over,
      });
      return isRefusal(result) ? result : { kind: 'reserved' };
    },
    async endPendingCreation(connectionId, { table, crmId }, pendingCreation) {
      const { partitionKey, rowKey } = claimKeys(connectionId, table, crmId);
      const row = await claims.get(partitionKey, rowKey);
      if (row === undefined || pendingCreationFromRow(row)?.owner !== pendingCreation.owner) return;
      const by = claimFromRow(row);
      if (!isReservation(by) && !(await isAbandoned(links, clock, connectionId, by))) return;
      await succeeds(claims.remove(partitionKey, rowKey, row.etag));
    },
    async replace(link, etag) {
      return { value: link, etag: await links.replace(linkToRow(link), etag) };
    },
    async move(link, etag, crmId) {
      const value = { ...link, crmId };
      const { connectionId, mappingId, authScapeId, table } = link;
      const claim = await takeRow(links, claims, clock, {
        row: claimToRow(connectionId, { table, crmId, mappingId, authScapeId, createdAt: clock.now() }),
        connectionId,
        isOurs: (by) => by.mappingId === mappingId && by.authScapeId === authScapeId,
        over: undefined,
      });
      if (isRefusal(claim)) return claim;
      const moved = await links.replace(linkToRow(value), etag);
      await removeClaimOf(claims, connectionId, link);
      return { kind: 'moved', link: { value, etag: moved } };
    },
    async remove(link, etag) {
      const { partitionKey, rowKey } = linkKeys(link.connectionId, link.mappingId, link.authScapeId);
      await links.remove(partitionKey, rowKey, etag);
      await removeClaimOf(claims, link.connectionId, link);
    },
    async removeClaim(connectionId, claim) {
      if (!(await isAbandoned(links, clock, connectionId, claim))) return;
      await removeClaimOf(claims, connectionId, claim, claim.createdAt);
    },
    removeOrphan: (connectionId, claim) => removeOrphan(links, claims, connectionId, claim),
    async scan(connectionId, mappingId, limit, cursor) {
      const page = await links.query({ partition: linkPartition(connectionId, mappingId) }, limit, cursor);
      return { items: page.rows.map(linkFromRow), nextCursor: page.next };
    },
    count: (connectionId, mappingId) => countLinked(links, linkPartition(connectionId, mappingId)),
    async removeAll(connectionId, mappingId, table, deadline) {
      const until = { deadline, now: () => clock.now() };
      const all = { partition: linkPartition(connectionId, mappingId) };
      const ours = { partition: claimPartition(connectionId, table), where: { mappingId } };
      if (!(await removeAllRows(links, all, until))) return false;
      return await removeAllRows(claims, ours, until);
    },
  };
}

async function removeOrphan(
  links: Table,
  claims: Table,
  connectionId: string,
  claim: RowOwner,
): Promise<void> {
  const link = await getLink(links, connectionId, claim.mappingId, claim.authScapeId);
  if (link !== undefined && pointsTo(link.value, claim)) {
    const { partitionKey, rowKey } = linkKeys(connectionId, claim.mappingId, claim.authScapeId);
    await succeeds(links.remove(partitionKey, rowKey, link.etag));
  }
  await removeClaimOf(claims, connectionId, claim, claim.createdAt);
}

async function getLink(
  links: Table,
  connectionId: string,
  mappingId: string,
  authScapeId: string,
): Promise<Stored<Link> | undefined> {
  const { partitionKey, rowKey } = linkKeys(connectionId, mappingId, authScapeId);
  const row = await links.get(partitionKey, rowKey);
  return row && linkFromRow(row);
}

async function insertPair(
  links: Table,
  claims: Table,
  clock: Clock,
  link: Link,
  pendingCreation: PendingCreation | undefined,
): Promise<InsertedLink> {
  const { connectionId, mappingId, authScapeId, table, crmId } = link;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const createdAt = clock.now();
    const claim = await takeRow(links, claims, clock, {
      row: claimToRow(connectionId, { table, crmId, mappingId, authScapeId, createdAt }, pendingCreation),
      connectionId,
      isOurs: (by) => by.mappingId === mappingId && by.authScapeId === authScapeId,
      over: pendingCreation,
    });
    if (isRefusal(claim)) return claim;
    const etag = await links.insert(linkToRow(link));
    if (etag !== undefined) return { kind: 'inserted', link: { value: link, etag } };
    const existing = await getLink(links, link.connectionId, link.mappingId, link.authScapeId);
    if (existing !== undefined) {
      if (claim.kind === 'new' && !pointsTo(existing.value, link)) {
        await removeClaimOf(claims, link.connectionId, link);
      }
      return { kind: 'exists', link: existing };
    }
    // Removed between the two looks at it, and our claim perhaps with it: start over.
  }
  throw new ConflictError('The link keeps appearing and disappearing.');
}

/** Half a pair that no worker completes. A young one may be that of a worker about to insert its link: the row would get two. */
async function isAbandoned(
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
type ClaimResult = { readonly kind: 'new' | 'ours' } | RowRefusal;

function isRefusal(result: ClaimResult): result is RowRefusal {
  return result.kind === 'taken' || result.kind === 'pending';
}

interface Taking {
  readonly row: Row;
  readonly connectionId: string;
  isOurs(by: RowOwner): boolean;
  /** The pending creation that may be replaced. */
  readonly over: PendingCreation | undefined;
}

async function takeRow(links: Table, claims: Table, clock: Clock, taking: Taking): Promise<ClaimResult> {
  const { row } = taking;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if ((await claims.insert(row)) !== undefined) return { kind: 'new' };
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
    return replaced === undefined ? undefined : { kind: 'new' };
  }
  await succeeds(claims.remove(stored.partitionKey, stored.rowKey, stored.etag));
  return undefined;
}

/** Removes the claim on a row if the pair holds it (and, with `since`, has held it since then). */
async function removeClaimOf(
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

function pointsTo(link: Link, row: Pick<RowOwner, 'table' | 'crmId'>): boolean {
  return joinKey(link.table, link.crmId.toLowerCase()) === joinKey(row.table, row.crmId.toLowerCase());
}

function found<Row, T>(
  ids: readonly string[],
  rows: readonly (Row | undefined)[],
  read: (row: Row) => T,
): Map<string, T> {
  const result = new Map<string, T>();
  for (const [index, id] of ids.entries()) {
    const row = rows[index];
    if (row !== undefined) result.set(id, read(row));
  }
  return result;
}
