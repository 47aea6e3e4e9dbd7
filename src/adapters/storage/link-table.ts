/**
 * Links and claims on D rows:
 *   Links       `{connectionId}|{mappingId}` / `{A id}`   the link; `state`, `clean`, `crmTable`, `crmId`, `aHash`,
 *               `fullHash`, `dVersion` as columns, the rest as JSON in `detail`; what an index needs of that in `brief` as well
 *   LinkClaims  `{connectionId}|{table}` / `{D id}`       `mappingId`, `authScapeKey`, `claimedAt`; while a partner is
 *               made in A an empty `authScapeKey`, and `born` with what it is made of as JSON in `birth`; both stay
 *
 * One partition takes 2,000 writes a second, that is 600 pairs, which is several times what both systems let us write:
 * without shards the writes of pairs that are worked on side by side go in few transactions.
 *
 * A claim is inserted before its link and removed after it. A claim that is older than ten minutes and has no link
 * that points back was left by a crash: the next worker that needs the row removes it.
 */
import type { InsertedLink, LinkRange, LinkStore, RowOwner } from '../../application/ports/links.js';
import type { Clock } from '../../application/ports/runtime.js';
import type { Stored } from '../../application/ports/stores.js';
import { ConflictError } from '../../domain/errors.js';
import type { Link, PendingCreation } from '../../domain/link.js';
import { keepNewest } from '../../lib/keep-newest.js';
import { getRows, removeAllRows } from './bulk.js';
import { countLinked } from './count-links.js';
import { succeeds } from './faults.js';
import { encodeKey } from './keys.js';
import { briefPages } from './link-briefs.js';
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
import { getLink, isAbandoned, isRefusal, pointsTo, removeClaimOf, takeRow } from './row-claims.js';
import type { Query, Table, Tables } from './table.js';

const ATTEMPTS = 5;
/** Pending creations of which this process remembers the row. */
const REMEMBERED = 1_000;
/** By how much the clocks of two workers may differ, and how long a removal may be under way. */
const CLOCK_MARGIN_MS = 30_000;

export function createLinkStore(tables: Tables, clock: Clock): LinkStore {
  const { table: links, uncounted, writesTo } = countWrites(tables.table('Links'));
  const claims = tables.table('LinkClaims');
  /** ETags of pending creations by owner: what ends one, be it a link or a refusal, needs no look at it. */
  const pending = new Map<string, string>();
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
    insert(link, pendingCreation) {
      const known = pendingCreation && pending.get(pendingCreation.owner);
      if (pendingCreation !== undefined) pending.delete(pendingCreation.owner);
      return insertPair(links, claims, clock, { link, pendingCreation, known });
    },
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
      if (isRefusal(result)) return result;
      if (result.kind === 'new') keepNewest(pending, REMEMBERED, [pendingCreation.owner, result.etag]);
      return { kind: 'reserved' };
    },
    endPendingCreation: (connectionId, row, pendingCreation) =>
      endPending(links, claims, clock, {
        connectionId,
        row,
        pendingCreation,
        isKnown: pending.delete(pendingCreation.owner),
      }),
    replace: (link, etag, change) => replaceLink(change === 'samePair' ? uncounted : links, link, etag),
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
    async scan(connectionId, mappingId, limit, cursor, range = {}) {
      const page = await links.query(linksOf(connectionId, mappingId, range), limit, cursor);
      return { items: page.rows.map(linkFromRow), nextCursor: page.next };
    },
    briefs: (connectionId, mappingId) => briefPages(links, linkPartition(connectionId, mappingId)),
    writesTo: (connectionId, mappingId) => writesTo(linkPartition(connectionId, mappingId)),
    count: (connectionId, mappingId) => countLinked(links, linkPartition(connectionId, mappingId)),
    async removeAll(connectionId, mappingId, table, deadline) {
      const until = { deadline, now: () => clock.now() };
      const ours = { partition: claimPartition(connectionId, table), where: { mappingId } };
      if (!(await removeAllRows(links, linksOf(connectionId, mappingId, {}), until))) return false;
      return await removeAllRows(claims, ours, until);
    },
  };
}

function linksOf(connectionId: string, mappingId: string, { below, from }: LinkRange): Query {
  return {
    partition: linkPartition(connectionId, mappingId),
    from: from === undefined ? undefined : encodeKey(from),
    below: below === undefined ? undefined : encodeKey(below),
  };
}

async function replaceLink(links: Table, link: Link, etag: string): Promise<Stored<Link>> {
  return { value: link, etag: await links.replace(linkToRow(link), etag) };
}

/** The same table, with a count of the writes to each partition that have come to an end; `uncounted`: as it was. */
function countWrites(table: Table): {
  readonly table: Table;
  readonly uncounted: Table;
  writesTo(partition: string): number;
} {
  const counts = new Map<string, number>();
  const writesTo = (partition: string): number => counts.get(partition) ?? 0;
  const counted = async <T>(partition: string, write: Promise<T>): Promise<T> => {
    try {
      return await write;
    } finally {
      counts.set(partition, writesTo(partition) + 1);
    }
  };
  return {
    writesTo,
    uncounted: table,
    table: {
      ...table,
      insert: (row) => counted(row.partitionKey, table.insert(row)),
      replace: (row, etag) => counted(row.partitionKey, table.replace(row, etag)),
      remove: (partitionKey, rowKey, etag) => counted(partitionKey, table.remove(partitionKey, rowKey, etag)),
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

interface Ending {
  readonly connectionId: string;
  readonly row: Pick<RowOwner, 'table' | 'crmId'>;
  readonly pendingCreation: PendingCreation;
  /** This process has put the pending creation there, and nothing in its place. */
  readonly isKnown: boolean;
}

async function endPending(
  links: Table,
  claims: Table,
  clock: Clock,
  { connectionId, isKnown, pendingCreation: { owner, until }, row: { crmId, table } }: Ending,
): Promise<void> {
  const { partitionKey, rowKey } = claimKeys(connectionId, table, crmId);
  // No other worker takes the row before the time is over: its removal needs no condition, and is grouped.
  if (isKnown && until - clock.now() > CLOCK_MARGIN_MS) return claims.remove(partitionKey, rowKey);
  const row = await claims.get(partitionKey, rowKey);
  if (row === undefined || pendingCreationFromRow(row)?.owner !== owner) return;
  const by = claimFromRow(row);
  if (!isReservation(by) && !(await isAbandoned(links, clock, connectionId, by))) return;
  await succeeds(claims.remove(partitionKey, rowKey, row.etag));
}

interface Inserting {
  readonly link: Link;
  readonly pendingCreation: PendingCreation | undefined;
  /** ETag of the row that holds the pending creation, where this process has put it there. */
  readonly known: string | undefined;
}

async function insertPair(
  links: Table,
  claims: Table,
  clock: Clock,
  { link, pendingCreation, known }: Inserting,
): Promise<InsertedLink> {
  const { connectionId, mappingId, authScapeId, table, crmId } = link;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const createdAt = clock.now();
    const claim = await takeRow(links, claims, clock, {
      row: claimToRow(connectionId, { table, crmId, mappingId, authScapeId, createdAt }, pendingCreation),
      connectionId,
      isOurs: (by) => by.mappingId === mappingId && by.authScapeId === authScapeId,
      over: pendingCreation,
      known,
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
