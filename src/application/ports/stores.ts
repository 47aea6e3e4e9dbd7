import type { LogEntry } from '../../domain/change.js';
import type { Connection, ConnectionState, EntityMapping } from '../../domain/model.js';
import type { Run } from '../../domain/run.js';

/**
 * Stores of configuration and bookkeeping. `etag` is opaque and changes with every write. A write whose `etag` is stale
 * throws `ConflictError`; a missing row is `undefined` on reads and `ConflictError` on conditional writes.
 * All throw `BridgeError` `storage_unavailable` when the storage cannot be reached.
 */
export interface Stored<T> {
  readonly value: T;
  readonly etag: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; absent on the last page. */
  readonly nextCursor?: string | undefined;
}

export interface ConnectionStore {
  /** Throws `BridgeError` `connection_name_taken` when another connection has the name (compared without case). */
  create(connection: Connection): Promise<Stored<Connection>>;
  get(id: string): Promise<Stored<Connection> | undefined>;
  list(limit: number, cursor?: string): Promise<Page<Stored<Connection>>>;
  /** Replaces the row; a changed name moves its reservation in the same transaction. */
  replace(connection: Connection, etag: string): Promise<Stored<Connection>>;
  remove(connection: Connection, etag: string): Promise<void>;
  getState(id: string): Promise<ConnectionState>;
  /** Read-modify-write with repeats: `change` may be called more than once. */
  updateState(id: string, change: (state: ConnectionState) => ConnectionState): Promise<ConnectionState>;
}

/** Without `etag` a new mapping; `remove` takes it away. */
export interface MappingWrite {
  readonly mapping: EntityMapping;
  readonly etag?: string | undefined;
  readonly remove?: true;
}

export interface MappingStore {
  create(mapping: EntityMapping): Promise<Stored<EntityMapping>>;
  get(connectionId: string, mappingId: string): Promise<Stored<EntityMapping> | undefined>;
  /** All mappings of a connection (few), in no particular order. */
  list(connectionId: string): Promise<readonly Stored<EntityMapping>[]>;
  replace(mapping: EntityMapping, etag: string): Promise<Stored<EntityMapping>>;
  remove(mapping: EntityMapping, etag: string): Promise<void>;
  /**
   * Writes several mappings of one connection, all or none; answers them as stored, those that are removed left out.
   * Throws `ConflictError` when one of them was changed meanwhile.
   */
  change(writes: readonly MappingWrite[]): Promise<readonly Stored<EntityMapping>[]>;
  /**
   * Reserves a table of an environment for a connection. Returns the connection that holds it already, or undefined
   * when the caller has it now (or had it before).
   */
  reserveTable(environment: string, table: string, connectionId: string): Promise<string | undefined>;
  releaseTable(environment: string, table: string, connectionId: string): Promise<void>;
}

/** What a mapping's scans carry from run to run. */
export interface FeedState {
  /** Delta link and the columns that are baked into it; null: the next read is a full one. */
  readonly deltaLink: string | null;
  readonly columns: readonly string[];
  /** Start of the newest read of the table, milliseconds; absent in rows of earlier versions. */
  readonly readFrom?: number | null | undefined;
  /** Start of the newest complete scan of A, milliseconds. */
  readonly scannedFrom: number | null;
  /** Where the newest scan of A met records that A cannot list, as `ScanPage.skippedAt` says it. */
  readonly unlisted?: readonly string[] | undefined;
}

export interface FeedStore {
  get(connectionId: string, mappingId: string): Promise<FeedState | undefined>;
  put(connectionId: string, mappingId: string, state: FeedState): Promise<void>;
}

export interface RunStore {
  /**
   * Stores the run and takes the connection's slot. Returns the run that holds the slot instead when it is taken by one
   * that still blocks (`blocksConnection`); then nothing is stored.
   */
  open(run: Run): Promise<{ opened: Stored<Run> } | { blockedBy: Run }>;
  /**
   * Takes the connection's slot again for a stored run (approval): `value` as it shall be stored, with a status that
   * blocks, `etag` of the row as it is. When the slot is taken the row stays (or becomes again) what it was.
   */
  reopen(run: Stored<Run>): Promise<{ opened: Stored<Run> } | { blockedBy: Run }>;
  get(runId: string): Promise<Stored<Run> | undefined>;
  replace(run: Run, etag: string): Promise<Stored<Run>>;
  /** Newest first. */
  list(connectionId: string, limit: number, cursor?: string): Promise<Page<Run>>;
  /** The run that holds the connection's slot and still blocks. */
  blocking(connectionId: string): Promise<Run | undefined>;
}

export interface LogFilter {
  readonly status?: string | undefined;
  /** ISO time. */
  readonly since?: string | undefined;
  readonly entity?: string | undefined;
  readonly authScapeId?: string | undefined;
  readonly crmId?: string | undefined;
}

export interface LogStore {
  /** Entries with `runOnly` are kept under their run only. */
  append(entries: readonly LogEntry[]): Promise<void>;
  /** Newest first; by record when the filter names one, without reading other records' entries. */
  list(connectionId: string, filter: LogFilter, limit: number, cursor?: string): Promise<Page<LogEntry>>;
  /** Returns how many were removed. */
  removeOlderThan(connectionId: string, olderThan: string): Promise<number>;
  /** What one run did (or would do), in a stable order. */
  listByRun(
    run: Pick<Run, 'id' | 'connectionId'>,
    limit: number,
    cursor?: string,
    filter?: Pick<LogFilter, 'status' | 'entity'>,
  ): Promise<Page<LogEntry>>;
}

export interface IdempotencyStore {
  /**
   * Reserves a key for a request. `fresh`: go on and `complete` it. `done`: repeat that answer. `pending`: the first
   * request is still under way. `mismatch`: the key came with another request body.
   */
  begin(
    key: string,
    fingerprint: string,
  ): Promise<{ kind: 'fresh' | 'pending' | 'mismatch' } | { kind: 'done'; answer: StoredAnswer }>;
  complete(key: string, answer: StoredAnswer): Promise<void>;
  /** Gives a key free again after a failure, so that the caller may repeat. */
  release(key: string): Promise<void>;
}

export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Clears everything that a connection has left in tables (links, claims, logs, runs, scans), in bounded steps. */
export interface ConnectionEraser {
  /** Returns true when nothing is left, false when another call has to go on. */
  erase(connectionId: string, deadline: number): Promise<boolean>;
}

export interface StorageProbe {
  /** One cheap round trip to tables and queues. */
  ping(): Promise<void>;
}
