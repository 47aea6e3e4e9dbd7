/**
 * What the stores need of Table Storage: rows under (partition, row key), ETags, transactions within a partition and
 * ordered range queries. Kept this narrow so that stores can run on any table with the same conflicts.
 */
export type TableName =
  | 'Connections'
  | 'Mappings'
  | 'Feeds'
  | 'Runs'
  | 'Logs'
  | 'Idempotency'
  | 'Links'
  | 'LinkClaims'
  | 'KeyClaims'
  | 'Staging'
  | 'Backlog'
  | 'Webhooks'
  | 'DeadLetters'
  | 'Audit'
  | 'Problems'
  | 'Stats'
  | 'Alerts'
  | 'Due'
  | 'Processes';

export type Cell = string | number | boolean;

export interface RowKeys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** Columns that are undefined are not stored. Numbers must fit 32 bits: times go in as text. */
export interface Row extends RowKeys {
  readonly [column: string]: Cell | undefined;
}

export interface StoredRow extends Row {
  readonly etag: string;
}

export type Operation =
  | { readonly kind: 'insert' | 'put'; readonly row: Row }
  | { readonly kind: 'replace'; readonly row: Row; readonly etag: string }
  | ({ readonly kind: 'remove' } & RowKeys);

/** The row that an operation is about. */
export function keysOf(operation: Operation): RowKeys {
  return operation.kind === 'remove' ? operation : operation.row;
}

/** Rows of one partition, or of all partitions that start with a prefix, in key order. */
export type Query = ({ readonly partition: string } | { readonly partitionPrefix: string }) & {
  /** Row keys from this one on. */
  readonly from?: string | undefined;
  /** Row keys before this one. */
  readonly below?: string | undefined;
  /** Columns that must have these values. */
  readonly where?: Readonly<Record<string, string | boolean | undefined>> | undefined;
  /** Leave out all columns but the keys and the layout version. */
  readonly keysOnly?: boolean | undefined;
  /** Leave out all columns but these, the keys and the layout version. */
  readonly columns?: readonly string[] | undefined;
};

export interface RowPage {
  readonly rows: readonly StoredRow[];
  /** Opaque; goes on with the row after the last one, even if rows before it changed. */
  readonly next?: string | undefined;
}

export interface Table {
  get(partitionKey: string, rowKey: string): Promise<StoredRow | undefined>;
  /** The new row's ETag; undefined when a row with these keys exists. */
  insert(row: Row): Promise<string | undefined>;
  /** Inserts or replaces. */
  put(row: Row): Promise<string>;
  /** Throws `ConflictError` when the row changed or is gone. */
  replace(row: Row, etag: string): Promise<string>;
  /** With an ETag it throws `ConflictError` as `replace` does; without one a missing row is fine. */
  remove(partitionKey: string, rowKey: string, etag?: string): Promise<void>;
  /**
   * All or nothing, at most 100 operations in one partition, each row once. Throws `ConflictError` when one of them
   * meets an existing, changed or missing row. Answers the ETags in order (undefined for removals).
   */
  transact(operations: readonly Operation[]): Promise<readonly (string | undefined)[]>;
  /** Up to `limit` rows; fewer only at the end. */
  query(query: Query, limit: number, token?: string): Promise<RowPage>;
}

export interface Tables {
  table(name: TableName): Table;
}
