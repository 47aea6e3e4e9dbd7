import { BridgeError, ConflictError } from '../../domain/errors.js';
import type { Stored } from '../ports/stores.js';

/** What the caller demands of the present version (`If-Match`); undefined: any version will do. */
export type Precondition = ((etag: string) => boolean) | undefined;

const ATTEMPTS = 5;

/** Throws `precondition_failed` when the row is not in the version that the caller has seen. */
export function requireVersion(precondition: Precondition, etag: string): void {
  if (precondition && !precondition(etag)) throw outdated();
}

/**
 * Reads, changes and writes one row. A lost race is started over from a fresh read, unless the caller named the version:
 * then it is told. `change` may run more than once.
 */
export async function rewrite<T>(options: {
  readonly read: () => Promise<Stored<T>>;
  readonly change: (value: T) => T | Promise<T>;
  readonly write: (value: T, etag: string) => Promise<Stored<T>>;
  readonly precondition: Precondition;
}): Promise<Stored<T>> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const stored = await options.read();
    requireVersion(options.precondition, stored.etag);
    try {
      return await options.write(await options.change(stored.value), stored.etag);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      if (options.precondition) throw outdated();
    }
  }
  throw outdated();
}

function outdated(): BridgeError {
  return new BridgeError('precondition_failed', 'The resource was changed since it was read.', {
    hint: 'Read it again, and repeat the change with the new ETag.',
  });
}
