import type { Link, PendingCreation } from '../../domain/link.js';
import type { Page, Stored } from './stores.js';

/**
 * Links and the claims on D rows. The link under (mapping, A id) is the truth. The claim under the D id says which link
 * a row belongs to; it is inserted first and is unique over all mappings of the connection, so no row ever has two
 * links. Half a pair (a claim without its link) is completed or removed by the next worker that meets it. A row whose partner is being
 * made in A is held by a pending creation instead, which ends when the pair is linked.
 */
export interface RowOwner {
  readonly table: string;
  readonly crmId: string;
  readonly mappingId: string;
  readonly authScapeId: string;
  readonly createdAt: number;
}

export interface PendingCreationRow {
  readonly table: string;
  readonly crmId: string;
  readonly mappingId: string;
}

/** Why a row cannot be had. */
export type RowRefusal =
  /** Another link holds the row. */
  | { readonly kind: 'taken'; readonly owner: RowOwner }
  /** A partner was (or is being) made for the row. */
  | { readonly kind: 'pending'; readonly creation: PendingCreation };

export type InsertedLink =
  | { readonly kind: 'inserted'; readonly link: Stored<Link> }
  /** The A record has a link already. */
  | { readonly kind: 'exists'; readonly link: Stored<Link> }
  | RowRefusal;

/** A id of the first link, and of the first one after the range; left out: from the start, to the end. */
export interface LinkRange {
  readonly from?: string | undefined;
  readonly below?: string | undefined;
}

/** What an index of links keeps of each. */
export interface LinkBrief
  extends Pick<
    Link,
    | 'authScapeId'
    | 'crmId'
    | 'state'
    | 'tombstone'
    | 'clean'
    | 'mappingVersion'
    | 'aHash'
    | 'fullHash'
    | 'dVersion'
    | 'changedAt'
  > {
  /** Nothing is planned for the pair, and no record of it is missing. */
  readonly settled: boolean;
}

export interface LinkStore {
  get(connectionId: string, mappingId: string, authScapeId: string): Promise<Stored<Link> | undefined>;
  getMany(
    connectionId: string,
    mappingId: string,
    authScapeIds: readonly string[],
  ): Promise<ReadonlyMap<string, Stored<Link>>>;
  /** Claims by D id; absent ids are absent in the map, and so are rows that a pending creation holds. */
  rowOwnersOf(
    connectionId: string,
    table: string,
    crmIds: readonly string[],
  ): Promise<ReadonlyMap<string, RowOwner>>;
  /**
   * Inserts the claim, then the link; where `exists`, the claim, if it was ours, is taken back. `pendingCreation` is the one that
   * ends with this link; any other one that holds the row makes it `pending`.
   */
  insert(link: Link, pendingCreation?: PendingCreation): Promise<InsertedLink>;
  pendingCreationOf(
    connectionId: string,
    row: Pick<PendingCreationRow, 'table' | 'crmId'>,
  ): Promise<PendingCreation | undefined>;
  /** Holds a row for the partner that is about to be made; takes the place of the pending creation `over`, if it is still there. */
  putPendingCreation(
    connectionId: string,
    row: PendingCreationRow,
    pendingCreation: PendingCreation,
    over?: PendingCreation,
  ): Promise<{ readonly kind: 'reserved' } | RowRefusal>;
  /**
   * Lets the row go again, also where the pending creation had got as far as half a pair; no effect when another owner has it, or
   * while that half may be completed still.
   */
  endPendingCreation(
    connectionId: string,
    row: PendingCreationRow,
    pendingCreation: PendingCreation,
  ): Promise<void>;
  /**
   * Replaces the link under its etag; throws `ConflictError` when another writer was faster. Never moves to another D id.
   * `change`: `samePair` where the two records were linked before and go on being so.
   */
  replace(link: Link, etag: string, change?: 'samePair'): Promise<Stored<Link>>;
  /**
   * Moves the link (and what the given one says of it) to another D row: claims that row, replaces the link under its
   * etag, lets the old row go. A worker that repeats it goes on where it stopped. Throws `ConflictError` as `replace` does.
   */
  move(
    link: Link,
    etag: string,
    crmId: string,
  ): Promise<{ readonly kind: 'moved'; readonly link: Stored<Link> } | RowRefusal>;
  /** Removes the link, then its claim. */
  remove(link: Link, etag: string): Promise<void>;
  /**
   * Removes a claim whose link does not exist (half a pair). No effect when the claim changed meanwhile or is younger
   * than ten minutes: its maker may be about to insert the link.
   */
  removeClaim(connectionId: string, claim: RowOwner): Promise<void>;
  /** Removes a claim, and the link that it is of, whose mapping is gone; no effect when the claim changed meanwhile. */
  removeOrphan(connectionId: string, claim: RowOwner): Promise<void>;
  /**
   * All links of a mapping, in the order of their encoded A ids. `cursor` is opaque and stays valid while rows are
   * added or changed. `range`: those from an A id on and before another one, in that order.
   */
  scan(
    connectionId: string,
    mappingId: string,
    limit: number,
    cursor?: string,
    range?: LinkRange,
  ): Promise<Page<Stored<Link>>>;
  /** The same of all links, page by page, with no more of each than an index needs. */
  briefs(connectionId: string, mappingId: string): AsyncIterable<readonly LinkBrief[]>;
  /**
   * How many writes to links of a mapping this process has done, those of the same pair left out: while the number stays, who is
   * linked, as it has read it before, is as this process has left it.
   */
  writesTo(connectionId: string, mappingId: string): number;
  /** How many links in state `linked` a mapping has. */
  count(connectionId: string, mappingId: string): Promise<number>;
  /** Removes links and claims of a mapping in bounded steps; true when nothing is left. */
  removeAll(connectionId: string, mappingId: string, table: string, deadline: number): Promise<boolean>;
}

/**
 * A short reservation of a match key while a record is created in A, which has no insert that fails on a duplicate.
 */
export interface KeyReservations {
  /**
   * True when the caller has it; false while another holder's time has not run out. `crmId` is the row for which the
   * record is made.
   */
  take(connectionId: string, key: string, owner: string, until: number, crmId: string): Promise<boolean>;
  /** The row of the last holder that never gave its reservation back, and until when that one holds. */
  holder(connectionId: string, key: string): Promise<{ crmId: string; until: number } | undefined>;
  /** Says of keys whether their reservation is held now or was never given back: one question for many keys. */
  left(connectionId: string): Promise<(key: string) => boolean>;
  release(connectionId: string, key: string, owner: string): Promise<void>;
  /** Reservations that ran out before that time and were never given back: their holders are gone. */
  abandoned(connectionId: string, before: number): Promise<readonly AbandonedReservation[]>;
  /** Removes one of them; one that was taken anew meanwhile stays. */
  drop(connectionId: string, reservation: AbandonedReservation): Promise<void>;
}

export interface AbandonedReservation {
  readonly id: string;
  readonly etag: string;
  /** The row for which a record was to be made; null where that is not known. */
  readonly crmId: string | null;
}
