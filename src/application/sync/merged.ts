import type { ResolvedMapping } from '../../domain/fields.js';
import type { Link } from '../../domain/link.js';
import type { Stored } from '../ports/stores.js';
import { changeOf, logChanges, NOTHING, type PairResult, type SyncContext } from './context.js';
import { pairRef, saved } from './pair-result.js';

/**
 * The row was merged away in Dynamics: that is no deactivation. The link follows to the surviving row and keeps its
 * base; where the survivor has a link of its own, a tombstone stays and a person is told.
 */
export async function followMerge(
  context: SyncContext,
  resolved: ResolvedMapping,
  stored: Stored<Link>,
  masterId: string,
): Promise<PairResult | 'again'> {
  const link = stored.value;
  const claims = await context.links.claimsOf(context.connection.id, link.table, [masterId]);
  if (context.dryRun) return NOTHING;
  const holder = claims.get(masterId);
  const now = context.clock.now();
  if (holder === undefined) {
    await context.links.remove(link, stored.etag);
    const moved = await context.links.insert({
      ...link,
      crmId: masterId,
      clean: false,
      plan: null,
      claim: null,
      changedAt: now,
    });
    if ('inserted' in moved) return 'again';
    return { ...NOTHING, outcome: 'skipped' };
  }
  const change = changeOf(resolved, pairRef(link), {
    side: 'dynamics',
    action: 'unlink',
    outcome: 'skipped',
    error: {
      code: 'merged_into_linked',
      message: `The row was merged in Dynamics into ${masterId}, which has a partner of its own.`,
    },
  });
  await logChanges(context, [change]);
  const tombstone: Link = {
    ...link,
    state: 'tombstone',
    tombstone: {
      reason: 'merged',
      act: 'none',
      at: new Date(now).toISOString(),
      runId: context.runId,
      masterId,
    },
    clean: false,
    plan: null,
    claim: null,
    changedAt: now,
  };
  if (!(await saved(context, tombstone, stored.etag))) return 'again';
  return { ...NOTHING, outcome: 'skipped', changes: [change] };
}
