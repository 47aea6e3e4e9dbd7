import type { ResolvedMapping } from '../../domain/fields.js';
import { evaluate } from '../../domain/filter.js';
import { goneSide, type Link } from '../../domain/link.js';
import { isOwnUser } from '../../domain/match.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../domain/records.js';
import type { Stored } from '../ports/stores.js';
import { failRecord, skipped } from './context/record-results.js';
import { NOTHING, type PairResult, pairRef, type SyncContext } from './context/sync-context.js';
import type { EventGuard } from './guard/event-delete-guard.js';
import { noteInactive, revive } from './links/tombstones.js';
import { planRevival } from './pair/preview-relink.js';
import { syncPair } from './pair/sync-pair.js';
import { resolveUnlinked } from './pairing/find-partner.js';
import { findSuccessor } from './pairing/successor.js';
import { orRefused, type UnlinkedResult } from './pairing/unlinked-result.js';
import { applyGone, policyRemoves } from './remove/apply-delete-policy.js';

export interface RecordInput {
  /** Milliseconds; an AuthScape event's time of change. */
  readonly eventAt: number | null;
}

export interface RecordResult extends UnlinkedResult {
  readonly mappingId: string;
}

/**
 * Brings one Dynamics row into step, whatever it is: linked, new, gone or none of ours. What an event said is a hint
 * only; the present state is read and decides.
 */
export async function syncDynamicsRow(
  given: SyncContext,
  guard: EventGuard,
  table: string,
  crmId: string,
  depth = RELATED_DEPTH,
): Promise<readonly RecordResult[]> {
  const context = withRelated(given, guard, depth);
  const mappings = context.mappings.filter(({ mapping }) => mapping.crmEntity === table);
  const claim = (await context.links.rowOwnersOf(context.connection.id, table, [crmId])).get(crmId);
  const owner = mappings.find(({ mapping }) => mapping.id === claim?.mappingId);
  let stored: Stored<Link> | undefined;
  if (claim !== undefined && owner !== undefined) {
    if (isOwnUser(context, owner, claim.authScapeId)) return [];
    stored = await context.links.get(context.connection.id, claim.mappingId, claim.authScapeId);
    const results = stored === undefined ? [] : await syncLinked(context, guard, owner, stored, null);
    if (results.length > 0) return results;
  }
  const results: RecordResult[] = [];
  for (const resolved of mappings) {
    const { id: mappingId } = resolved.mapping;
    const found = await orRefused(context, resolved, { a: [], d: [crmId] }, async () => {
      const row = await context.dynamics.get(table, crmId, resolved.columns);
      const joins = row !== undefined && (resolved.filter === null || evaluate(resolved.filter, row.values));
      const tombstone = resolved === owner ? stored : undefined;
      return joins ? syncUnlinked(context, resolved, tombstone, { d: row }) : [];
    });
    results.push(...found.map((result) => ({ ...result, mappingId })));
    // The first in order chooses first; what it leaves alone is for the next.
    if (results.some(({ result }) => result.outcome !== 'skipped')) break;
  }
  return results;
}

/** The same for one AuthScape record, over every mapping of its entity. */
export async function syncAuthScapeRecord(
  given: SyncContext,
  guard: EventGuard,
  entity: AuthScapeEntity,
  authScapeId: string,
  input: RecordInput,
  depth = RELATED_DEPTH,
): Promise<readonly RecordResult[]> {
  const context = withRelated(given, guard, depth);
  const results: RecordResult[] = [];
  for (const resolved of context.mappings) {
    if (resolved.mapping.authScapeEntity !== entity || isOwnUser(context, resolved, authScapeId)) continue;
    const stored = await context.links.get(context.connection.id, resolved.mapping.id, authScapeId);
    const found =
      stored === undefined ? [] : await syncLinked(context, guard, resolved, stored, input.eventAt);
    if (found.length > 0) {
      results.push(...found);
      continue;
    }
    const record = await context.authScape.get(entity, authScapeId, resolved.keys);
    if (record !== undefined) results.push(...(await syncUnlinked(context, resolved, stored, { a: record })));
  }
  return results;
}

/** A record without partner; `stored`: the tombstone of the one that it had. */
async function syncUnlinked(
  context: SyncContext,
  resolved: ResolvedMapping,
  stored: Stored<Link> | undefined,
  { a, d }: { a?: AuthScapeRecord; d?: DynamicsRow },
): Promise<readonly RecordResult[]> {
  const gone = stored?.value.tombstone && goneSide(stored.value.tombstone);
  const survivor = gone === 'dynamics' ? a : d;
  if (stored !== undefined && survivor !== undefined) await noteInactive(context, stored, survivor);
  const found = await resolveUnlinked(
    context,
    resolved,
    a === undefined ? [] : [a],
    d === undefined ? [] : [d],
  );
  if (found.length > 0 || stored === undefined) {
    return found.map((result) => ({ ...result, mappingId: resolved.mapping.id }));
  }
  const pair = pairRef(stored.value);
  return [{ ...pair, result: skipped(resolved, pair, 'tombstone'), mappingId: resolved.mapping.id }];
}

/** How long a chain of lookups is followed when related records are synced first. */
const RELATED_DEPTH = 3;

function withRelated(context: SyncContext, guard: EventGuard, depth: number): SyncContext {
  if (depth === 0) return { ...context, syncRelated: null };
  return {
    ...context,
    syncRelated: async (related) => {
      if (related.side === 'dynamics') {
        await syncDynamicsRow(context, guard, related.table, related.id, depth - 1);
      } else {
        await syncAuthScapeRecord(context, guard, related.entity, related.id, { eventAt: null }, depth - 1);
      }
    },
  };
}

/** Is the record whose loss left the tombstone there again? */
async function isBack(context: SyncContext, resolved: ResolvedMapping, link: Link): Promise<boolean> {
  const gone = link.tombstone === null ? null : goneSide(link.tombstone);
  if (gone === 'dynamics') {
    const row = await context.dynamics.get(link.table, link.crmId, resolved.columns);
    return row !== undefined && row.mergedInto === null;
  }
  if (gone !== 'authScape') return false;
  return (await context.authScape.get(link.entity, link.authScapeId, resolved.keys)) !== undefined;
}

/** `stored` as it was read a moment ago: every effect on it is under its etag. */
async function syncLinked(
  context: SyncContext,
  guard: EventGuard,
  resolved: ResolvedMapping,
  stored: Stored<Link>,
  eventAt: number | null,
): Promise<readonly RecordResult[]> {
  const { id: mappingId } = resolved.mapping;
  const { authScapeId, crmId } = stored.value;
  const given = stored.value.state === 'linked' ? stored : undefined;
  if (given === undefined) {
    if (!(await isBack(context, resolved, stored.value))) return [];
    const planned = context.dryRun ? await planRevival(context, resolved, stored) : null;
    if (planned !== null) return [{ authScapeId, crmId, result: planned, mappingId }];
    if ((await revive(context, resolved, stored)) === null) return [];
  }
  let result = await syncPair(context, resolved, {
    ...{ authScapeId, allow: new Set<string>(), eventAt },
    stored: given,
  });
  if (result.guarded.length > 0) {
    result = await writeGuarded(context, guard, resolved, stored.value, result, eventAt);
  }
  if (
    result.gone === 'authScape' &&
    resolved.mapping.authScapeEntity === 'User' &&
    context.trigger === 'record'
  ) {
    result = await failRecord(context, resolved, { authScapeId, crmId }, UNREADABLE);
  }
  if (result.gone === 'dynamics') result = await removeNow(context, guard, resolved, authScapeId);
  return [{ authScapeId, crmId, result, mappingId }];
}

/** That a user is gone is for runs to find out; by hand nothing more is known than this. */
const UNREADABLE = { code: 'record_unreadable', message: 'AuthScape cannot read this user.' };

/** What the guard has to see first is written where it does not pile up. */
async function writeGuarded(
  context: SyncContext,
  guard: EventGuard,
  resolved: ResolvedMapping,
  link: Link,
  first: PairResult,
  eventAt: number | null,
): Promise<PairResult> {
  const categories = first.guarded.map((entry) => entry.category);
  if (!(await guard.admit(context, link, categories))) return first;
  const { authScapeId } = link;
  const second = await syncPair(context, resolved, { authScapeId, allow: new Set(categories), eventAt });
  // A plan writes nothing: the second one names what the first one named.
  return context.dryRun ? second : { ...second, changes: [...first.changes, ...second.changes] };
}

/**
 * The row was asked for by id and is gone. The policy is carried out at once unless deletes pile up: then the pair is
 * left to the next run, whose guard asks a person. (A user that seems gone needs two scans and is left to runs.)
 */
async function removeNow(
  context: SyncContext,
  guard: EventGuard,
  resolved: ResolvedMapping,
  authScapeId: string,
): Promise<PairResult> {
  const stored = await context.links.get(context.connection.id, resolved.mapping.id, authScapeId);
  const nothing: PairResult = { ...NOTHING, gone: 'dynamics' };
  if (stored === undefined || stored.value.state !== 'linked') return nothing;
  const counts =
    policyRemoves(context, resolved, 'dynamics') &&
    (await findSuccessor(context, resolved, stored.value, 'dynamics')) === undefined;
  if (counts && !(await guard.admit(context, stored.value, ['removal']))) {
    await context.links.replace({ ...stored.value, clean: false }, stored.etag);
    return nothing;
  }
  return applyGone(context, resolved, stored, 'dynamics');
}
