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
    const master = await isolateFailure<DynamicsRow | undefined | 'unreadable'>(
      () => context.dynamics.get(mapping.crmEntity, id, columns),
      () => 'unreadable',
    );
    if (master === 'unreadable') return false;
    if (master === undefined || master.mergedInto === master.id) return true;
    next = master.mergedInto;
  }
  return false;
}
