import type { Link } from '../../../domain/link.js';
import { resultOfExisting } from '../context/run-stamp.js';
import { type MappingContext, type PairResult, withEarlier } from '../context/sync-context.js';
import { syncPair } from './sync-pair.js';

/** A pair that exists already: where an attempt of this run made it and died before its first merge, that is done now. */
export async function resumePair(context: MappingContext, link: Link): Promise<PairResult> {
  const before = resultOfExisting(context, link);
  if (link.clean || before.outcome === 'unchanged') return before;
  return withEarlier(before, await syncPair(context, { authScapeId: link.authScapeId, allow: 'all' }));
}
