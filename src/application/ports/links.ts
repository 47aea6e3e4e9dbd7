import type { Link } from '../../domain/link.js';
import type { Page, Stored } from './stores.js';

/**
 * Links and the claims on D rows. The link under (mapping, A id) is the truth. The claim under the D id says which link
 * a row belongs to; it is inserted first and is unique over all mappings of the connection, so no row ever has two
 * links. Half a pair (a claim without its link) is completed or removed by whoever meets it.
 */
export interface DClaim {
  readonly table: string;
  readonly crmId: string;
  readonly mappingId: string;
  readonly authScapeId: string;
  readonly createdAt: number;
}

export interface LinkStore {
  get(connectionId: string, mappingId: string, authScapeId: string): Promise<Stored<Link> | undefined>;
  getMany(
    connectionId: string,
    mappingId: string,
    authScapeIds: readonly string[],
  ): Promise<ReadonlyMap<string, Stored<Link>>>;
  /** Claims by D id; absent ids are absent in the map. */
  claimsOf(
    connectionId: string,
    table: string,
    crmIds: readonly string[],
  ): Promise<ReadonlyMap<string, DClaim>>;
  /**
   * Inserts the claim, then the link. `taken` names who holds the row instead; `exists` says that the A record has a
   * link already (then the claim, if it was ours, is taken back).
   */
  insert(link: Link): Promise<{ inserted: Stored<Link> } | { taken: DClaim } | { exists: Stored<Link> }>;
  /** Replaces the link under its etag; throws `ConflictError` when somebody was faster. Never moves to another D id. */
  replace(link: Link, etag: string): Promise<Stored<Link>>;
  /** Removes the link, then its claim. */
  remove(link: Link, etag: string): Promise<void>;
  /**
   * Removes a claim whose link does not exist (half a pair). No effect when the claim changed meanwhile or is younger
   * than ten minutes: its maker may be about to insert the link.
   */
  removeClaim(connectionId: string, claim: DClaim): Promise<void>;
  /**
   * All links of a mapping, in the order of their encoded A ids. `cursor` is opaque and stays valid while rows are
   * added or changed.
   */
  scan(connectionId: string, mappingId: string, limit: number, cursor?: string): Promise<Page<Stored<Link>>>;
  /** How many links in state `linked` a mapping has. */
  count(connectionId: string, mappingId: string): Promise<number>;
  /** Removes links and claims of a mapping in bounded steps; true when nothing is left. */
  removeAll(connectionId: string, mappingId: string, table: string, deadline: number): Promise<boolean>;
}

/**
 * A short reservation of a match key while a record is created in A, which has no insert that fails on a duplicate.
 */
export interface KeyClaims {
  /** True when the caller has it; false while another holder's time has not run out. */
  take(connectionId: string, key: string, owner: string, until: number): Promise<boolean>;
  release(connectionId: string, key: string, owner: string): Promise<void>;
}
