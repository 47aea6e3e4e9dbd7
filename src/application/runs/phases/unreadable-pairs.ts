import type { ResolvedMapping } from '../../../domain/fields.js';
import type { Link, PairFailure } from '../../../domain/link.js';
import type { StagedRecord } from '../../ports/staging.js';
import { listHash, type PairResult } from '../../sync/context/sync-context.js';
import { saved } from '../../sync/links/save-link.js';
import { failurePause } from '../../sync/pair/pair-failure.js';
import type { UnitInput } from '../unit/unit.js';

/** What a run has of a pair before it reads a record by id: the record as lists show it, the row if the feed brought it. */
export interface Glimpse {
  readonly sa: StagedRecord | undefined;
  readonly sd: StagedRecord | undefined;
}

const REASON = 'record_unreadable';

/**
 * The failure for which a pair with an unreadable record is left alone now; null when it is due. An edit on either side
 * shows in the glimpse. A full run does not wait, nor does a unit that is repeated.
 */
export function restingUnreadable(
  { context, resolved, run }: UnitInput,
  { failure, plan }: Link,
  glimpse: Glimpse,
): PairFailure | null {
  if (failure?.reason !== REASON || plan !== null || context.fullRun || failure.runId === run.id) return null;
  const isEdited = failure.seen !== digestOf(resolved, glimpse, failure);
  return isEdited || failure.notBefore <= context.clock.now() ? null : failure;
}

/** Keeps that a record of the pair could not be read: the pair stays due, and is tried less and less often. */
export async function noteUnreadable(
  { context, resolved }: UnitInput,
  authScapeId: string,
  glimpse: Glimpse,
): Promise<void> {
  if (context.dryRun) return;
  const stored = await context.links.get(context.connection.id, resolved.mapping.id, authScapeId);
  if (stored === undefined || stored.value.state !== 'linked') return;
  const before = stored.value.failure?.reason === REASON ? stored.value.failure : null;
  const attempts = (before?.attempts ?? 0) + 1;
  const failure: PairFailure = {
    attempts,
    notBefore: context.clock.now() + failurePause(attempts),
    reason: REASON,
    runId: context.runId,
    unit: context.unit,
    seen: digestOf(resolved, glimpse, before),
    refused: [],
  };
  await saved(context, { ...stored.value, clean: false, failure }, stored.etag);
}

/** Could a record not be read? What a write is refused has a back-off of its own. */
export function isUnreadable({ changes }: PairResult): boolean {
  return changes.some(({ error, side }) => side === null && error?.code === REASON);
}

/** Digests of the record and of the row; the feed does not bring again what has not changed since. */
function digestOf(resolved: ResolvedMapping, { sa, sd }: Glimpse, before: PairFailure | null): string {
  const a = sa === undefined ? '-' : listHash(resolved, sa.values);
  const [, known = '-'] = before?.seen.split('|') ?? [];
  return `${a}|${sd === undefined ? known : (sd.etag ?? 'deleted')}`;
}
