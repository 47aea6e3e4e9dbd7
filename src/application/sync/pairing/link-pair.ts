import type { Change } from '../../../domain/change.js';
import { withLookups } from '../../../domain/fields.js';
import type { Link, PendingCreation } from '../../../domain/link.js';
import { isOtherLogin } from '../../../domain/match.js';
import { mergeFields } from '../../../domain/merge.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import { skipped } from '../context/record-results.js';
import { stampOf } from '../context/run-stamp.js';
import {
  atBase,
  changeOf,
  fullHash,
  listHash,
  logChanges,
  type MappingContext,
  NOTHING,
  type PairResult,
  withEarlier,
} from '../context/sync-context.js';
import { insertLink, newLink } from '../links/insert-link.js';
import { busyWith } from '../links/pending-creation-link.js';
import type { ReadPair } from '../pair/pair-work.js';
import { resolveLookups } from '../pair/resolve-lookups.js';
import { resumePair } from '../pair/resume-pair.js';
import { mergePair, syncPair } from '../pair/sync-pair.js';
import { adoptPendingCreation, matchesPendingCreation } from './pending-creation.js';

/**
 * Links two records that were matched by key: two logins that only look alike are two people. See `joinPair`. Where the row
 * has changed, or is gone, since it was read, the record waits and is matched anew.
 */
export async function linkPair(
  context: MappingContext,
  a: AuthScapeRecord,
  d: DynamicsRow,
): Promise<PairResult> {
  const pair = { authScapeId: a.id, crmId: d.id };
  if (d.mergedInto === null && isOtherLogin(context.resolved, a, d))
    return skipped(context.resolved, pair, 'near_match');
  return (await isAsRead(context, d)) ? joinPair(context, a, d) : { ...NOTHING, waiting: true };
}

/** A row that was read so long ago is looked at again before it gets a partner. */
export const OLD_ROW_MS = 60_000;

async function isAsRead({ clock, dynamics, resolved }: MappingContext, d: DynamicsRow): Promise<boolean> {
  if (clock.now() - d.readAt <= OLD_ROW_MS) return true;
  const row = await dynamics.get(resolved.mapping.crmEntity, d.id, resolved.columns);
  return row !== undefined && row.etag === d.etag && row.mergedInto === d.mergedInto;
}

/**
 * Links two matched records and merges them for the first time. First merges are not counted by the mass guard. A
 * tombstone of either record ends here: its survivor has found a partner. `pending creation`: one that came to nothing, in whose
 * place the link comes.
 */
export async function joinPair(
  context: MappingContext,
  a: AuthScapeRecord,
  d: DynamicsRow,
  pendingCreation?: PendingCreation,
): Promise<PairResult> {
  const { resolved } = context;
  const pair = { authScapeId: a.id, crmId: d.id };
  if (d.mergedInto !== null) return skipped(resolved, pair, 'merged_away');
  const joined = changeOf(resolved, pair, { side: null, action: 'link', outcome: 'linked' });
  const lookups = await resolveLookups(context, a, d);
  const fields = withLookups(resolved.fields, lookups);
  const merge = mergeFields({
    fields,
    base: {},
    a: a.values,
    d: d.values,
    policy: context.connection.conflictPolicy,
    times: { now: 0, dModifiedAt: null, aEventAt: null, aUnchangedAt: null, dUnchangedAt: null },
  });
  const clean = merge.settled && a.complete && atBase(fields, merge.base, a.values, d.values);
  const link: Link = {
    ...newLink(context, pair, { base: merge.base }),
    clean,
    aHash: clean ? listHash(resolved, a.values) : null,
    fullHash: clean && a.complete ? fullHash(resolved, a.values) : null,
    dVersion: clean ? d.etag : null,
    lastRun: stampOf(context, null, 'linked', []),
    ...(clean
      ? {
          changedAt: context.clock.now(),
          agreedAt: context.clock.now(),
          lastSyncedAt: new Date(context.clock.now()).toISOString(),
        }
      : {}),
  };
  if (context.dryRun) return plannedLink(context, link, { a, d }, joined);
  const inserted = await insertLink(context, link, Math.min(a.readAt, d.readAt), pendingCreation);
  if (inserted.kind === 'pending')
    return afterPendingCreation(context, a, d, { found: inserted.creation, ended: pendingCreation });
  if (inserted.kind === 'exists' && inserted.link.value.state === 'tombstone') {
    return { ...NOTHING, outcome: 'skipped' };
  }
  if (inserted.kind === 'exists') return resumePair(context, inserted.link.value);
  if (inserted.kind === 'taken') return { ...NOTHING, outcome: 'skipped' };
  await logChanges(context, [joined]);
  if (clean) return { ...NOTHING, outcome: 'linked', changes: [joined] };
  const merged = await syncPair(context, {
    authScapeId: a.id,
    a,
    d,
    stored: inserted.link,
    allow: 'all',
  });
  return withLink(merged, joined);
}

async function plannedLink(
  context: MappingContext,
  link: Link,
  { a, d }: ReadPair,
  joined: Change,
): Promise<PairResult> {
  const { authScapeEntity, id } = context.resolved.mapping;
  // The real run reads what lists lack directly after it has linked.
  const whole = a.complete ? a : await context.authScape.get(authScapeEntity, a.id, context.resolved.keys);
  const planned = await mergePair(
    context,
    { value: link, etag: '' },
    { a: whole ?? a, d },
    { authScapeId: a.id, allow: 'all' },
  );
  await context.planned?.add(id, link);
  await logChanges(context, [joined]);
  return planned.kind === 'done' ? withLink(planned.result, joined) : NOTHING;
}

/** The row is reserved for a pending creation: links the pair if that creation is this record's. */
function afterPendingCreation(
  context: MappingContext,
  a: AuthScapeRecord,
  d: DynamicsRow,
  { found, ended }: { found: PendingCreation; ended: PendingCreation | undefined },
): PairResult | Promise<PairResult> {
  if (ended !== undefined || found.until > context.clock.now()) return busyWith(found);
  return matchesPendingCreation(context.resolved, a, found)
    ? adoptPendingCreation(context, a, d.id, found)
    : joinPair(context, a, d, found);
}

function withLink(result: PairResult, joined: Change): PairResult {
  return withEarlier({ outcome: 'linked', changes: [joined] }, result);
}
