import type { Side } from '../../domain/model.js';
import type { Outcome } from '../../domain/run.js';
import type { TodoDetail } from '../../domain/todo-detail.js';
import type { FieldValues } from '../../domain/values.js';
import type { LinkBrief } from './links.js';

/**
 * Scratch rows of one run: what its scans read, kept outside of memory so that a run of any size goes in bounded steps
 * and any worker can go on. Writing the same row twice is harmless. Purged when the run ends.
 */
export interface StagedRecord {
  /**
   * What the row is staged under, and sharded and ordered by: the A id in the staging sets `authScape` and `dynamicsLinked`
   * (there: of the partner), the D id in the staging set `dynamics`. So what belongs to a page of links lies close together.
   */
  readonly key: string;
  readonly id: string;
  readonly values: FieldValues;
  readonly active: boolean;
  /** False as well where the record was too large to be kept whole: its long texts are cut, and it is read anew. */
  readonly complete: boolean;
  readonly etag: string | null;
  readonly modifiedOn: string | null;
  readonly mergedInto: string | null;
  readonly roles: readonly string[] | null;
  readonly readAt: number;
  /** The delta feed said that the row is gone. */
  readonly deleted: boolean;
  /** D only: does the row pass the mapping's filter? */
  readonly inFilter: boolean;
}

/** `dynamicsLinked` holds D rows that had a link when they were read, `dynamics` those that had none. */
export type StagingSet = 'authScape' | 'dynamics' | 'dynamicsLinked';

/** A record of a linked pair that was read and found unchanged. */
export interface SeenRecord {
  readonly authScapeId: string;
  /** Start of the hash of its match key, see `SEEN_HASH`; null: it has no key. */
  readonly keyHash: string | null;
  readonly active: boolean;
  /** It was read again and had changed: what an earlier part says of it does not count. */
  readonly changed: boolean;
}

/** Hexadecimal digits that are kept of a key's hash. */
export const SEEN_HASH = 16;

/** What one unit of reading found unchanged. */
export interface SeenPart {
  readonly side: Side;
  /** Names the unit, in the order of units: stored again, it takes the place of the first. */
  readonly part: string;
  readonly records: readonly SeenRecord[];
}

/** A record's place in its match group. */
export interface StagedKey {
  readonly keyHash: string;
  readonly side: Side;
  readonly id: string;
  readonly linked: boolean;
  /** The A record of a tombstone whose D row is gone may be matched, never created anew. */
  readonly tombstone: boolean;
  readonly active: boolean;
  /**
   * The record as it was staged, where it may get a partner and is no larger than most: groups come in the order of their
   * hash, in which to ask for records by id takes a request for each. Absent in rows of earlier versions.
   */
  readonly record?: StagedRecord | undefined;
}

/** Something to be done at the end of the run. */
export type StagedTodo = RetryTodo | RemovalTodo;

/** A pair or a single record that is tried again before the deletes. An id that is unknown is empty. */
export interface RetryTodo {
  readonly kind: 'retry';
  readonly mappingId: string;
  readonly authScapeId: string;
  readonly crmId: string;
  readonly category: null;
  readonly detail: 'pair' | 'unlinked' | 'given up';
}

/** A change that the mass guard has to see first. */
export interface RemovalTodo {
  readonly kind: 'removal';
  readonly mappingId: string;
  readonly authScapeId: string;
  readonly crmId: string;
  /** Guard category, see `domain/deletes.ts`; null for a record that is gone, of which the delete policy decides. */
  readonly category: string | null;
  readonly detail: TodoDetail;
}

/** A pair that a dry run would have linked. */
export interface PlannedPair {
  readonly authScapeId: string;
  readonly crmId: string;
}

export interface StagingScope {
  readonly connectionId: string;
  readonly runId: string;
  readonly mappingId: string;
}

/** One of 4, 8 or 16 equal shares of all hashes. */
export interface GroupShare {
  readonly index: number;
  readonly of: 4 | 8 | 16;
}

export interface StagingStore {
  putRecords(scope: StagingScope, stagingSet: StagingSet, records: readonly StagedRecord[]): Promise<void>;
  /**
   * By key. Keys that lie close together in the store's order (a chunk of a link scan) come by one range query per
   * shard, others by point reads.
   */
  getRecords(
    scope: StagingScope,
    stagingSet: StagingSet,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, StagedRecord>>;
  /** In the store's order; the cursor is opaque. */
  scanRecords(
    scope: StagingScope,
    stagingSet: StagingSet,
    limit: number,
    cursor?: string,
  ): Promise<{ items: readonly StagedRecord[]; nextCursor?: string | undefined }>;
  putSeen(scope: StagingScope, part: SeenPart): Promise<void>;
  /** All parts of the mapping, those of a side in the order of their names; unpacked one by one. */
  getSeen(scope: StagingScope): AsyncIterable<SeenPart>;
  /** What an index of links keeps of all of them: later steps of the run load it with few requests. */
  putBriefs(scope: StagingScope, briefs: Iterable<LinkBrief>): Promise<void>;
  /** In the order in which they were put; ends with undefined where they are not whole, or were not put at all. */
  getBriefs(scope: StagingScope): AsyncIterable<readonly LinkBrief[] | undefined>;
  /** `part` names the unit, in the order of units: stored again, it takes the place of the first. Of a key in several the last counts. */
  putKeys(scope: StagingScope, part: string, keys: readonly StagedKey[]): Promise<void>;
  /**
   * Whole match groups in the order of their hash, at least one, at most about `limit` rows; a group is never torn
   * between two answers. `share`: only a share of the hashes.
   */
  scanGroups(
    scope: StagingScope,
    limit: number,
    cursor?: string,
    share?: GroupShare,
  ): Promise<{ groups: readonly (readonly StagedKey[])[]; nextCursor?: string | undefined }>;
  putTodos(scope: StagingScope, todos: readonly StagedTodo[]): Promise<void>;
  scanRetries(
    scope: StagingScope,
    limit: number,
    cursor?: string,
  ): Promise<{ items: readonly RetryTodo[]; nextCursor?: string | undefined }>;
  scanRemovals(
    scope: StagingScope,
    limit: number,
    cursor?: string,
  ): Promise<{ items: readonly RemovalTodo[]; nextCursor?: string | undefined }>;
  putPlanned(scope: StagingScope, pair: PlannedPair): Promise<void>;
  /** Those of which the id on `side` is one of these; ids are compared without case. */
  getPlanned(scope: StagingScope, side: Side, ids: readonly string[]): Promise<readonly PlannedPair[]>;
  /** Outcome with which a pair was counted in this run, by pair key. */
  getOutcomes(runId: string, keys: readonly string[]): Promise<ReadonlyMap<string, Outcome>>;
  putOutcomes(runId: string, outcomes: ReadonlyMap<string, Outcome>): Promise<void>;
  /** Removes everything of a run in bounded steps; true when nothing is left. */
  purge(connectionId: string, runId: string, deadline: number): Promise<boolean>;
}

/** Durable marks and holds that outlive a run. */
export interface RetryMark {
  readonly mappingId: string;
  readonly authScapeId: string | null;
  readonly crmId: string | null;
  readonly reason: string;
  /** How often in a row it was in vain. */
  readonly attempts: number;
  /** Milliseconds; runs leave the mark alone before. */
  readonly notBefore: number;
  /** Of an A record: the hash of what the list showed of it then. One that shows something else is due at once. */
  readonly seen?: string | undefined;
}

export interface HeldChange {
  readonly mappingId: string;
  readonly authScapeId: string;
  readonly crmId: string;
  readonly category: string;
  readonly runId: string;
  readonly detail: TodoDetail;
  readonly heldAt: string;
}

/** Names one held change of a mapping: a pair may have several of different categories. */
export type HeldKey = Pick<HeldChange, 'authScapeId' | 'category'>;

export interface BacklogStore {
  putMarks(connectionId: string, marks: readonly RetryMark[]): Promise<void>;
  removeMarks(connectionId: string, marks: readonly RetryMark[]): Promise<void>;
  /** Marks of records of a side that have no partner, by id; absent where there is none. */
  getMarks(
    connectionId: string,
    mappingId: string,
    side: Side,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, RetryMark>>;
  scanMarks(
    connectionId: string,
    mappingId: string,
    limit: number,
    cursor?: string,
  ): Promise<{ items: readonly RetryMark[]; nextCursor?: string | undefined }>;
  putHeld(connectionId: string, held: readonly HeldChange[]): Promise<void>;
  removeHeld(connectionId: string, held: readonly HeldChange[]): Promise<void>;
  /** Those of the named changes of a mapping that are held. */
  getHeld(connectionId: string, mappingId: string, keys: readonly HeldKey[]): Promise<readonly HeldChange[]>;
  /** What is held of one record in a mapping. */
  heldOf(connectionId: string, mappingId: string, authScapeId: string): Promise<readonly HeldChange[]>;
  scanHeld(
    connectionId: string,
    limit: number,
    cursor?: string,
  ): Promise<{ items: readonly HeldChange[]; nextCursor?: string | undefined }>;
}
