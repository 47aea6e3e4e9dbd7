import type { ResolvedMapping } from '../../../domain/fields.js';
import type { SkipReason } from '../../../domain/match.js';
import { failRecord, isolateFailure, skipped } from '../context/record-results.js';
import type { PairResult, SyncContext } from '../context/sync-context.js';

/** What one record without a partner came to. */
export interface UnlinkedResult {
  readonly authScapeId: string | null;
  readonly crmId: string | null;
  readonly result: PairResult;
}

/** That the other side cannot be asked for the partner of a record, or refuses it, concerns these records alone. */
export async function orRefused(
  context: SyncContext,
  resolved: ResolvedMapping,
  ids: { readonly a: readonly string[]; readonly d: readonly string[] },
  work: () => Promise<readonly UnlinkedResult[]>,
): Promise<readonly UnlinkedResult[]> {
  return isolateFailure(work, async (told) => {
    const pairs = [
      ...ids.a.map((authScapeId) => ({ authScapeId, crmId: null })),
      ...ids.d.map((crmId) => ({ authScapeId: null, crmId })),
    ];
    const results: UnlinkedResult[] = [];
    for (const pair of pairs)
      results.push({ ...pair, result: await failRecord(context, resolved, pair, told) });
    return results;
  });
}

export function skippedA(resolved: ResolvedMapping, id: string, reason: SkipReason): UnlinkedResult {
  return {
    authScapeId: id,
    crmId: null,
    result: skipped(resolved, { authScapeId: id, crmId: null }, reason),
  };
}

export function skippedD(resolved: ResolvedMapping, id: string, reason: SkipReason): UnlinkedResult {
  return {
    authScapeId: null,
    crmId: id,
    result: skipped(resolved, { authScapeId: null, crmId: id }, reason),
  };
}
