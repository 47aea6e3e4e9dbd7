import type { ResolvedField, ResolvedMapping } from '../../../domain/fields.js';
import { keyFault, type SkipReason } from '../../../domain/match.js';
import type { AuthScapeRecord } from '../../../domain/records.js';
import { failRecord, isolateFailure, skipped } from '../context/record-results.js';
import { atRecord, nameOf } from '../context/stopped-at.js';
import type { MappingContext, PairResult } from '../context/sync-context.js';

/** What one record without a partner came to. */
export interface UnlinkedResult {
  readonly authScapeId: string | null;
  readonly crmId: string | null;
  readonly result: PairResult;
}

/** That the other side cannot be asked for the partner of a record, or refuses it, concerns these records alone. */
export async function orRefused(
  context: MappingContext,
  ids: { readonly a: readonly string[]; readonly d: readonly string[] },
  work: () => Promise<readonly UnlinkedResult[]>,
): Promise<readonly UnlinkedResult[]> {
  const pairs = [
    ...ids.a.map((authScapeId) => ({ authScapeId, crmId: null })),
    ...ids.d.map((crmId) => ({ authScapeId: null, crmId })),
  ];
  const [only, ...others] = pairs;
  const named =
    only === undefined || others.length > 0 ? work : () => atRecord(nameOf(context.resolved, only), work);
  return isolateFailure(named, async (told) => {
    const results: UnlinkedResult[] = [];
    for (const pair of pairs) results.push({ ...pair, result: await failRecord(context, pair, told) });
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

/** An A record without a match key: it fails where a value of it is the reason, and is skipped where it has none. */
export async function keyless(
  context: MappingContext,
  fields: readonly ResolvedField[],
  { id, active, values }: Pick<AuthScapeRecord, 'id' | 'active' | 'values'>,
): Promise<UnlinkedResult> {
  const fault = keyFault(fields, { side: 'authScape', values });
  if (fault === null) return skippedA(context.resolved, id, 'no_match_key');
  if (!active) return skippedA(context.resolved, id, 'inactive');
  const pair = { authScapeId: id, crmId: null };
  return { ...pair, result: await failRecord(context, pair, fault) };
}
