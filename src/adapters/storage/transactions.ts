import { keysOf, type Operation, type RowKeys } from './table.js';

/** Limits of a transaction: 100 operations, 4 MiB with its envelope. */
export const OPERATIONS = 100;
export const TRANSACTION_BYTES = 3_500_000;
/** About what headers and boundaries add to each operation. */
const ENVELOPE_BYTES = 700;

/** About the bytes that an operation adds to its transaction. */
export function sizeOf(operation: Operation): number {
  const body = operation.kind === 'remove' ? 0 : Buffer.byteLength(JSON.stringify(operation.row));
  return body + ENVELOPE_BYTES;
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
