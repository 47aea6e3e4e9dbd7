import { keysOf, type Operation, type Row, type RowKeys } from './table.js';

/** Limits of a transaction: 100 operations, 4 MiB with its envelope. */
export const OPERATIONS = 100;
export const TRANSACTION_BYTES = 3_500_000;
/** About what headers and boundaries add to each operation. */
const ENVELOPE_BYTES = 700;

/** A hundred rows of that size fit; of larger ones the exact size is taken. */
const SMALL_ROW_BYTES = 30_000;
/** The most bytes that a character of a row takes within JSON, but for control characters, which no row of ours has many of. */
const BYTES_PER_CHARACTER = 3;
/** Quotes, colon and comma of a column, and a number or a truth value. */
const COLUMN_BYTES = 32;

/** About the bytes that an operation adds to its transaction. */
export function sizeOf(operation: Operation): number {
  return ENVELOPE_BYTES + (operation.kind === 'remove' ? 0 : bytesOf(operation.row));
}

function bytesOf(row: Row): number {
  let most = 0;
  for (const column in row) {
    const cell = row[column];
    const characters = column.length + (typeof cell === 'string' ? cell.length : 0);
    most += COLUMN_BYTES + BYTES_PER_CHARACTER * characters;
  }
  return most <= SMALL_ROW_BYTES ? most : Buffer.byteLength(JSON.stringify(row));
}

/** The operations in transactions of one partition each; of several on the same row only the last one counts. */
export function chunked(operations: readonly Operation[]): Operation[][] {
  const chunks: Operation[][] = [];
  const open = new Map<string, { chunk: Operation[]; bytes: number }>();
  const unique = new Map(operations.map((operation) => [identity(keysOf(operation)), operation]));
  for (const operation of unique.values()) {
    const { partitionKey } = keysOf(operation);
    const bytes = sizeOf(operation);
    const current = open.get(partitionKey);
    if (
      current !== undefined &&
      current.chunk.length < OPERATIONS &&
      current.bytes + bytes <= TRANSACTION_BYTES
    ) {
      current.chunk.push(operation);
      current.bytes += bytes;
    } else {
      const chunk = [operation];
      chunks.push(chunk);
      open.set(partitionKey, { chunk, bytes });
    }
  }
  return chunks;
}

function identity({ partitionKey, rowKey }: RowKeys): string {
  return `${partitionKey}\n${rowKey}`;
}
