import type { ResolvedMapping } from '../../../domain/fields.js';
import type { PairRef } from './sync-context.js';

/** The record that the work was at when an error came up, in words. */
const places = new WeakMap<Error, string>();

/** Does the work on one record; an error that ends it can be asked by `placeOf` where it came up. */
export async function atRecord<T>(record: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && !places.has(error)) places.set(error, record);
    throw error;
  }
}

/** A record as a person finds it: `User 12`, or `contact 0706306e-…` while it has no partner. */
export function nameOf({ mapping }: ResolvedMapping, { authScapeId, crmId }: PairRef): string {
  return authScapeId === null ? `${mapping.crmEntity} ${crmId}` : `${mapping.authScapeEntity} ${authScapeId}`;
}

/** The record at which an error came up; undefined where it came up at none. */
export function placeOf(error: unknown): string | undefined {
  return error instanceof Error ? places.get(error) : undefined;
}
