import type { DynamicsRow } from '../../../domain/records.js';
import { isolateFailure } from '../context/record-results.js';
import type { MappingContext } from '../context/sync-context.js';

/** How many merges in a row are followed: a chain is short, unless it is a circle. */
export const LONGEST_CHAIN = 10;

/**
 * True if the row was merged into one that was deleted since. Such a row is no match candidate: a partner found by its
 * key would share the delete of another record.
 */
export async function isMergedAway(
  context: MappingContext,
  row: Pick<DynamicsRow, 'id' | 'mergedInto'>,
): Promise<boolean> {
  const { mapping, columns } = context.resolved;
  let next = row.mergedInto;
  if (next === row.id) return true;
  for (let count = 0; next !== null && count < LONGEST_CHAIN; count += 1) {
    const id = next;
    const read = await isolateFailure<{ readonly target: DynamicsRow | undefined } | null>(
      async () => ({ target: await context.dynamics.get(mapping.crmEntity, id, columns) }),
      () => null,
    );
    if (read === null) return false;
    const { target } = read;
    if (target === undefined || target.mergedInto === target.id) return true;
    next = target.mergedInto;
  }
  return false;
}
