import type { AuthScapeEntity, Connection } from '../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../domain/records.js';
import type { EntitySchema, Table, TableSchema } from '../../domain/schema.js';
import type { FieldValue, FieldValues } from '../../domain/values.js';

/**
 * The two outside systems. Both throw `BridgeError` when the system as a whole is proven to fail (credentials, network,
 * protection limits: the step stops and is tried again) and `RecordRejectedError` for all else that is answered to a write
 * or to a read of one record.
 * Reads and safe writes are repeated inside with back-off; a call whose fate is unknown and which is not safe to repeat
 * throws `UnknownOutcomeError`.
 */
export interface Systems {
  /** Clients for one connection; credentials and metadata are cached under (connection, secret version). */
  dynamics(connection: Connection): Promise<DynamicsSystem>;
  /** The one AuthScape of this deployment. */
  authScape(): Promise<AuthScapeSystem>;
}

/** The call was sent and no answer came: it may or may not have taken effect. Read before anything else. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownFateError';
  /** The call may be under way still: another one at once would most likely wait as long. */
  readonly timedOut: boolean;

  constructor(message: string, { timedOut = false }: { timedOut?: boolean } = {}) {
    super(message);
    this.timedOut = timedOut;
  }
}

export interface DynamicsIdentity {
  readonly organizationId: string;
  readonly userId: string;
}

export interface ChangePage {
  readonly rows: readonly DynamicsRow[];
  /** Ids that the delta feed calls deleted. */
  readonly deletedIds: readonly string[];
  /** Opaque position of the next page (a nextLink); null on the last one. */
  readonly next: string | null;
  /** Only on the last page, only with change tracking. */
  readonly deltaLink: string | null;
}

export type WriteResult =
  | { readonly kind: 'written'; readonly row: DynamicsRow }
  /** The row was changed since it was read, as another reading showed; nothing was written. */
  | { readonly kind: 'stale' }
  /** It was read by id and is not there. */
  | { readonly kind: 'gone' };

export interface DynamicsSystem {
  identity(): Promise<DynamicsIdentity>;
  listTables(): Promise<readonly Table[]>;
  /** Columns and lookups of a table, cached (10 min); undefined for an unknown table. `fresh` skips the cache. */
  table(logicalName: string, options?: { fresh?: boolean }): Promise<TableSchema | undefined>;
  /**
   * Pages of a table for the given columns (5,000 rows each): from the start, from a `next` position, from a delta link,
   * or of the rows modified `since` a time of Dynamics' clock (ISO 8601). `tracked` asks for change tracking. Throws `delta_link_expired` when a delta link is no longer taken.
   */
  changes(
    table: string,
    columns: readonly string[],
    from:
      | { kind: 'start'; tracked: boolean }
      | { kind: 'since'; time: string }
      | { kind: 'page' | 'delta'; link: string },
  ): Promise<ChangePage>;
  /** One row by id; undefined when Dynamics says that it does not exist (404 with 0x80040217), and only then. */
  get(table: string, id: string, columns: readonly string[]): Promise<DynamicsRow | undefined>;
  getMany(
    table: string,
    ids: readonly string[],
    columns: readonly string[],
  ): Promise<ReadonlyMap<string, DynamicsRow>>;
  /**
   * Rows in which all the given columns hold the values, any state; texts are compared as matching does. `usual` finds
   * the spellings that Dynamics itself takes for equal: enough where all rows were read a moment ago. `any` finds those
   * with blanks and invisible characters around or between as well.
   */
  findBy(
    table: string,
    criteria: readonly Readonly<Record<string, FieldValue>>[],
    columns: readonly string[],
    spelling: 'any' | 'usual',
  ): Promise<readonly DynamicsRow[]>;
  /** At most `limit` rows of which one of the text columns contains the text (without case) or whose id it is. */
  search(
    table: string,
    text: string,
    options: { in: readonly string[]; columns: readonly string[]; limit: number },
  ): Promise<readonly DynamicsRow[]>;
  /**
   * Inserts with the given id. `exists`: a row with that id was read. `latest`: milliseconds of our clock after which it is not
   * sent any more, however long it has waited for its turn; `late`: it was not sent at all for that reason.
   */
  create(
    table: string,
    id: string,
    values: FieldValues,
    columns: readonly string[],
    latest?: number,
  ): Promise<{ kind: 'written'; row: DynamicsRow } | { kind: 'exists' } | { kind: 'late' }>;
  /** Writes only the given columns, conditional on the etag (null: on mere existence). */
  update(
    table: string,
    id: string,
    etag: string | null,
    values: FieldValues,
    columns: readonly string[],
  ): Promise<WriteResult>;
  remove(table: string, id: string, etag: string | null): Promise<'removed' | 'stale' | 'gone'>;
  /**
   * Does work whose requests are sent by themselves. For a row of which an earlier write was not answered: were that its
   * own fault, others in one request with it would not be answered either.
   */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Does an account have contacts that a delete would take along? */
  hasDependents(table: string, id: string): Promise<boolean>;
  /** Our clock minus Dynamics' clock in milliseconds, from the `Date` header of its last answer. */
  clockOffset(): number;
}

export interface ScanPage {
  readonly records: readonly AuthScapeRecord[];
  /** Opaque position of the next page; null when the scan is at its end. */
  readonly next: string | null;
  /** What A counts in total for the part that was scanned, as far as known at this page. */
  readonly total: number | null;
  /** Records of this page that A cannot list at all (a defect of the record); they count in `total`. */
  readonly skipped?: number | undefined;
  /** A record that A cannot list stands here: of others with its name, and without a link, some may be hidden. */
  readonly hides?: boolean | undefined;
  /** Where they stand, opaque: what `unlisted` takes. */
  readonly skippedAt?: readonly string[] | undefined;
}

export type CreateResult =
  /** `record` is missing when it was made, but could not be read afterwards. */
  | { readonly kind: 'created'; readonly id: string; readonly record: AuthScapeRecord | undefined }
  /** The system does not create this record; `reason` is stable: `create_not_supported`, `email_refused`, `email_taken`. */
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string };

export type AUpdateResult =
  | {
      readonly kind: 'written';
      /** Read directly after the write. */
      readonly record: AuthScapeRecord;
      /** Members of the answer that we did not mean to change: an edit that our full replace undid. */
      readonly undone: readonly { readonly field: string; readonly value: string }[];
    }
  /** A mapped field was no longer what the merge had seen. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'gone' };

type Undone = Extract<AUpdateResult, { kind: 'written' }>['undone'];

/** A full replace went through and undid another writer's edit; what came after it failed, for the reason in `cause`. */
export class LostUpdateError extends Error {
  override readonly name = 'UndoneError';
  readonly undone: Undone;

  constructor(undone: Undone, cause: unknown) {
    super('An edit was undone by a full replace whose update then failed.', { cause });
    this.undone = undone;
  }
}

export interface AuthScapeSystem {
  /** Canonical address of the API: part of what links belong to. */
  readonly address: string;
  /** Id of the user that the service signs in as; null when that is not known. */
  identity(): Promise<{ readonly userId: string | null }>;
  /** Throws `authscape_module_missing` and the like. */
  probe(): Promise<void>;
  schema(entity: AuthScapeEntity, options?: { fresh?: boolean }): Promise<EntitySchema>;
  /**
   * One bounded page of all records, active and not. `keys`: the fields wanted; `detail`: read each record in detail
   * when a list cannot bring all of them; `unlisted`: where earlier scans skipped records, so that pages are cut around
   * these at once. Each such place is tried alone. Sees every record that was there throughout, may see one twice.
   */
  scan(
    entity: AuthScapeEntity,
    options: {
      keys: readonly string[];
      detail: boolean | ((id: string) => boolean);
      unlisted?: readonly string[] | undefined;
    },
    position: string | null,
  ): Promise<ScanPage>;
  /**
   * One record in full; undefined when there is none, or when a user cannot be read (which alone does not prove that it is
   * gone). Throws `RecordRejectedError` (`record_unreadable`) when something fails at this record.
   */
  get(entity: AuthScapeEntity, id: string, keys: readonly string[]): Promise<AuthScapeRecord | undefined>;
  /**
   * Does the record not exist? Company 400 "not found", Location 204; a User: it fails by id while `witness` (another
   * user's id) can be read.
   */
  isGone(entity: AuthScapeEntity, id: string, witness: string | null): Promise<boolean>;
  /** All records, active and not, whose fields equal the values without case. */
  findBy(
    entity: AuthScapeEntity,
    criteria: Readonly<Record<string, FieldValue>>,
    keys: readonly string[],
  ): Promise<readonly AuthScapeRecord[]>;
  /** At most about `limit` records, active or not, whose name or e-mail contains the text (without case) or whose id it is. */
  search(entity: AuthScapeEntity, text: string, limit: number): Promise<readonly AuthScapeRecord[]>;
  canCreate(entity: AuthScapeEntity): boolean;
  /**
   * Creates with the fields that creation takes (user: names and e-mail); the rest follows by `update`. `guard` as in
   * `update`.
   */
  create(
    entity: AuthScapeEntity,
    values: FieldValues,
    keys: readonly string[],
    guard: () => Promise<void>,
  ): Promise<CreateResult>;
  /** What `create` will most likely refuse these values for; for plans only, since AuthScape has the last word. */
  foreseenRefusal(
    entity: AuthScapeEntity,
    values: FieldValues,
  ): { readonly reason: string; readonly message: string } | null;
  /** Which of the keys `create` fills: only these have a base afterwards. */
  creationKeys(entity: AuthScapeEntity): readonly string[];
  /**
   * Full replace fed from a fresh read: only `values` change. `expected` says of the fresh read whether it shows what
   * the merge saw: when it does not, nothing is written. `guard` is awaited before each call that has an effect and throws when
   * the caller may no longer write. State goes by archive and activate. Throws `LostUpdateError` around what fails after a
   * replace that undid something.
   */
  update(
    entity: AuthScapeEntity,
    id: string,
    values: FieldValues,
    checks: {
      readonly expected: (fresh: AuthScapeRecord) => boolean;
      readonly guard: () => Promise<void>;
    },
  ): Promise<AUpdateResult>;
  clockOffset(): number;
}

/** The probing calls of a connection test; each throws `BridgeError` with the code that names the fault. */
export interface ConnectionProbe {
  token(connection: Connection): Promise<void>;
  whoAmI(connection: Connection): Promise<DynamicsIdentity>;
  readContact(connection: Connection): Promise<void>;
  writeContact(connection: Connection): Promise<void>;
  changeTracking(connection: Connection): Promise<void>;
  authScapeToken(): Promise<void>;
  authScapeModule(): Promise<void>;
}
