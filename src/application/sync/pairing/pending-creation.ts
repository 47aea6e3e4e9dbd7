import type { Change } from '../../../domain/change.js';
import type { ResolvedField, ResolvedMapping } from '../../../domain/fields.js';
import type { Link, PendingCreation } from '../../../domain/link.js';
import { isOwnUser, keyHash, matchKey } from '../../../domain/match.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import { canonical } from '../../../domain/values.js';
import { skipped } from '../context/record-results.js';
import { stampOf } from '../context/run-stamp.js';
import {
  logChanges,
  type MappingContext,
  NOTHING,
  type PairResult,
  withEarlier,
} from '../context/sync-context.js';
import { insertLink } from '../links/insert-link.js';
import { busyWith, linkOfPendingCreation } from '../links/pending-creation-link.js';
import { isProvenOrigin } from '../pair/proven-origin.js';
import { matchFieldsFor } from '../pair/resolve-lookups.js';
import { resumePair } from '../pair/resume-pair.js';
import { syncPair } from '../pair/sync-pair.js';

/**
 * A creation in AuthScape that was sent but never confirmed (crash or lost answer). The record, if it exists, is found by
 * the values that were sent and linked with them as its base, so that a later edit of the row is still seen as a change.
 */

/** The reservation of a match key under which a record is made. */
export function keyClaimOf(resolved: ResolvedMapping, key: string): string {
  return `${resolved.mapping.id}|${keyHash(key)}`;
}

/** Does the record have the values that the pending creation is found by? */
export function matchesPendingCreation(
  resolved: ResolvedMapping,
  a: AuthScapeRecord,
  pendingCreation: PendingCreation,
): boolean {
  return Object.entries(pendingCreation.criteria).every(([key, value]) => {
    const field = resolved.fields.find((candidate) => candidate.aKey === key);
    if (field === undefined) return false;
    return canonical(a.values[key], field.aComparison) === canonical(value, field.aComparison);
  });
}

/** Neither gets another partner made before a person has said whether the two belong together. */
function unproven({ resolved }: MappingContext, a: AuthScapeRecord, row: DynamicsRow): PairResult {
  return skipped(
    resolved,
    { authScapeId: a.id, crmId: row.id },
    'ambiguous_match',
    'The record has the key under which one was being made for the row, which has another key by now; a person has to say whether they belong together.',
  );
}

/**
 * Brings the pending creation that a row holds to its end: the record that came of it is linked. Null when none did, or when
 * it has found another partner: then a new pending creation may take its place.
 */
export async function finishPendingCreation(
  context: MappingContext,
  row: DynamicsRow,
  pendingCreation: PendingCreation,
): Promise<PairResult | null> {
  const { resolved } = context;
  if (pendingCreation.until > context.clock.now()) return busyWith(pendingCreation);
  const { authScapeEntity, id: mappingId } = resolved.mapping;
  const found = await context.authScape.findBy(authScapeEntity, pendingCreation.criteria, resolved.keys);
  const record = found.length === 1 ? found[0] : undefined;
  if (record === undefined || isOwnUser(context, resolved, record.id)) return null;
  const link = await context.links.get(context.connection.id, mappingId, record.id);
  if (link === undefined)
    return (await isProvenOrigin(context, record, row, pendingCreation))
      ? adoptPendingCreation(context, record, row.id, pendingCreation)
      : unproven(context, record, row);
  return link.value.state === 'linked' && link.value.crmId === row.id
    ? resumePair(context, link.value)
    : null;
}

/**
 * The same from the other side: was the record made for a row that has another key by now, or is gone? The reservation of
 * its key was never given back then.
 */
export async function settleOrigin(
  context: MappingContext,
  fields: readonly ResolvedField[],
  a: AuthScapeRecord,
): Promise<PairResult | null> {
  const { resolved } = context;
  const connectionId = context.connection.id;
  const { crmEntity: table } = resolved.mapping;
  const matchFields = fields.filter((field) => resolved.matchFields.some((other) => other.id === field.id));
  const key = matchKey(matchFields, { side: 'authScape', values: a.values });
  if (key === null) return null;
  const held = await context.keyReservations.holder(connectionId, keyClaimOf(resolved, key));
  if (held === undefined) return null;
  const pendingCreation = await context.links.pendingCreationOf(connectionId, { table, crmId: held.crmId });
  if (pendingCreation === undefined || !matchesPendingCreation(resolved, a, pendingCreation)) return null;
  if (pendingCreation.until > context.clock.now()) return busyWith(pendingCreation);
  const row = await context.dynamics.get(table, held.crmId, resolved.columns);
  if (await isProvenOrigin(context, a, row, pendingCreation))
    return adoptPendingCreation(context, a, held.crmId, pendingCreation);
  return row === undefined ? null : unproven(context, a, row);
}

/**
 * The same for a record that gets no partner made: no other worker would ask for which record it was made. The keys that are left are
 * few, so most records are not asked about one by one.
 */
export async function settleLeft(context: MappingContext, a: AuthScapeRecord): Promise<PairResult | null> {
  if (context.dryRun) return null;
  const fields = await matchFieldsFor(context, [a], []);
  const key = matchKey(fields, { side: 'authScape', values: a.values });
  const isLeft = await context.abandonedReservations();
  if (key === null || !isLeft(keyClaimOf(context.resolved, key))) return null;
  return settleOrigin(context, fields, a);
}

/** Links a record with the row that it was made for; what its maker had done is logged now. */
export async function adoptPendingCreation(
  context: MappingContext,
  a: AuthScapeRecord,
  crmId: string,
  pendingCreation: PendingCreation,
): Promise<PairResult> {
  const { link, change } = linkOfPendingCreation(context, { authScapeId: a.id, crmId }, pendingCreation);
  return linkMade(context, { link, change, a, d: undefined, pendingCreation });
}

/** Links a record that was made for a row, under its pending creation, and merges what creation did not fill. */
export async function linkMade(
  context: MappingContext,
  made: {
    link: Link;
    change: Change;
    a: AuthScapeRecord | undefined;
    d: DynamicsRow | undefined;
    pendingCreation: PendingCreation;
  },
): Promise<PairResult> {
  const { link, change, a, d, pendingCreation } = made;
  const marked = { ...link, lastRun: stampOf(context, null, 'created', [change]) };
  // The record is there now: a tombstone of the row ends.
  const inserted = await insertLink(context, marked, Number.POSITIVE_INFINITY, pendingCreation);
  if (inserted.kind === 'exists' && inserted.link.value.crmId === link.crmId) {
    return resumePair(context, inserted.link.value);
  }
  await logChanges(context, [change]);
  if (inserted.kind !== 'inserted') return { ...NOTHING, outcome: 'created', changes: [change] };
  const rest = await syncPair(context, {
    authScapeId: link.authScapeId,
    a,
    d,
    stored: inserted.link,
    allow: 'all',
  });
  return withEarlier({ outcome: 'created', changes: [change] }, rest);
}
