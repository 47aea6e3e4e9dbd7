import type { Candidate } from '../../../domain/match.js';
import type { StagedRecord } from '../../ports/staging.js';
import { isolateFailure } from '../../sync/context/record-results.js';
import { OLD_ROW_MS } from '../../sync/pairing/link-pair.js';
import type { UnitInput } from '../unit/unit.js';
import { stageRow } from './read-dynamics.js';

/**
 * The rows that get a partner, as they are now: the two sides were not read in one moment, and a record that is new since may
 * have the key of a row that is gone since. Such a pair would end as one of which a record was deleted. Rows that were
 * removed or merged away are left out, and their candidates to the next run; many are read with one request.
 */
export async function rowsStillThere(
  { context, deps, resolved }: UnitInput,
  pairs: readonly { readonly d: Candidate }[],
  staged: ReadonlyMap<string, StagedRecord>,
): Promise<ReadonlyMap<string, StagedRecord>> {
  const now = deps.clock.now();
  const old = pairs
    .flatMap(({ d }) => staged.get(d.id) ?? [])
    .filter(({ readAt }) => now - readAt > OLD_ROW_MS);
  if (old.length === 0) return staged;
  const ids = old.map(({ id }) => id);
  const rows = await isolateFailure(
    () => context.dynamics.getMany(resolved.mapping.crmEntity, ids, resolved.columns),
    // Each is read with its pair then, and told of there.
    () => undefined,
  );
  if (rows === undefined) return staged;
  const present = new Map(staged);
  for (const { id, key } of old) {
    const row = rows.get(id);
    if (row === undefined || row.mergedInto !== null) present.delete(id);
    else present.set(id, stageRow(resolved, row, key));
  }
  return present;
}
