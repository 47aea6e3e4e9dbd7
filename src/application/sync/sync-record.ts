import { evaluate } from '../../domain/filter.js';
import { goneSide, type Link } from '../../domain/link.js';
import { isOwnUser } from '../../domain/match.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../domain/records.js';
import { dueAgain } from '../../domain/waits.js';
import type { Stored } from '../ports/stores.js';
import { failRecord, isolateFailure, skipped } from './context/record-results.js';
import {
  forMapping,
  type MappingContext,
  NOTHING,
  type PairResult,
  pairRef,
  type SyncContext,
} from './context/sync-context.js';
import { isRowUnchanged } from './context/unchanged-proof.js';
import type { EventGuard } from './guard/event-delete-guard.js';
import { noteInactive, revive } from './links/tombstones.js';
import { planRevival } from './pair/preview-relink.js';
import { syncPair } from './pair/sync-pair.js';
import { waitsAsBefore } from './pair/waiting-pair.js';
import { resolveUnlinked } from './pairing/find-partner.js';
import { findSuccessor } from './pairing/successor.js';
import { orRefused, type UnlinkedResult } from './pairing/unlinked-result.js';
import { applyGone, policyRemoves } from './remove/apply-delete-policy.js';
import { echoProof } from './rows-at-rest.js';

export interface RecordInput {
  readonly entity: AuthScapeEntity;
  readonly id: string;
  /** Milliseconds; an AuthScape event's time of change. */
  readonly eventAt: number | null;
}

export interface RecordResult extends UnlinkedResult {
  readonly mappingId: string;
}

/**
 * Brings one Dynamics row into step: linked, new, gone or none of ours. What an event said is a hint
 * only; the present state is read and decides.
 */
export function syncDynamicsRow(
  context: SyncContext,
  guard: EventGuard,
  table: string,
  crmId: string,
): Promise<readonly RecordResult[]> {
  return dynamicsRow(withRelated(context, guard, RELATED_DEPTH), guard, table, crmId);
}

async function dynamicsRow(
  context: SyncContext,
  guard: EventGuard,
  table: string,
  crmId: string,
): Promise<readonly RecordResult[]> {
  const mappings = context.mappings.filter(({ mapping }) => mapping.crmEntity === table);
  const claim = (await context.links.rowOwnersOf(context.connection.id, table, [crmId])).get(crmId);
  const owner = mappings.find(({ mapping }) => mapping.id === claim?.mappingId);
  let stored: Stored<Link> | undefined;
  if (claim !== undefined && owner !== undefined) {
    if (isOwnUser(context, owner, claim.authScapeId)) return [];
    stored = await context.links.get(context.connection.id, claim.mappingId, claim.authScapeId);
    const results =
      stored === undefined ? [] : await syncLinkedRow(forMapping(context, owner), guard, stored);
    if (results.length > 0) return results;
  }
  const results: RecordResult[] = [];
  for (const resolved of mappings) {
    const { id: mappingId } = resolved.mapping;
    const found = await orRefused(forMapping(context, resolved), { a: [], d: [crmId] }, async () => {
      const row = await context.dynamics.get(table, crmId, resolved.columns);
      const joins = row !== undefined && (resolved.filter === null || evaluate(resolved.filter, row.values));
      const tombstone = resolved === owner ? stored : undefined;
      return joins ? syncUnlinked(forMapping(context, resolved), tombstone, { d: row }) : [];
    });
    results.push(...found.map((result) => ({ ...result, mappingId })));
    // The first in order chooses first; what it leaves alone is for the next.
    if (results.some(({ result }) => result.outcome !== 'skipped')) break;
  }
  return results;
}

/**
 * Most events are about what a sync has written itself. Such a one costs a look at the row, which is read together with
 * those of other events, and none at the other side.
 */
async function syncLinkedRow(
  context: MappingContext,
  guard: EventGuard,
  stored: Stored<Link>,
): Promise<readonly RecordResult[]> {
  const { authScapeId, crmId } = stored.value;
  const { columns, mapping } = context.resolved;
  const proof = echoProof(context, stored.value);
  const d =
    proof === null
      ? undefined
      : await isolateFailure(
          () => context.dynamics.get(mapping.crmEntity, crmId, columns),
          // It is read again with the pair, and told of there.
          () => undefined,
        );
  if (d !== undefined && isRowUnchanged(context.resolved, proof, d)) {
    return [{ authScapeId, crmId, result: NOTHING, mappingId: mapping.id }];
  }
  return syncLinked(context, guard, stored, { eventAt: null, d });
}

/** The same for one AuthScape record, over every mapping of its entity. */
export function syncAuthScapeRecord(
  context: SyncContext,
  guard: EventGuard,
  input: RecordInput,
): Promise<readonly RecordResult[]> {
  return authScapeRecord(withRelated(context, guard, RELATED_DEPTH), guard, input);
}

async function authScapeRecord(
  context: SyncContext,
  guard: EventGuard,
  { entity, id: authScapeId, eventAt }: RecordInput,
): Promise<readonly RecordResult[]> {
  const results: RecordResult[] = [];
  for (const resolved of context.mappings) {
    if (resolved.mapping.authScapeEntity !== entity || isOwnUser(context, resolved, authScapeId)) continue;
    const stored = await context.links.get(context.connection.id, resolved.mapping.id, authScapeId);
    const found =
      stored === undefined ? [] : await syncLinked(forMapping(context, resolved), guard, stored, { eventAt });
    if (found.length > 0) {
      results.push(...found);
      continue;
    }
    const record = await context.authScape.get(entity, authScapeId, resolved.keys);
    if (record !== undefined)
      results.push(...(await syncUnlinked(forMapping(context, resolved), stored, { a: record })));
  }
  return results;
}

/** A record without partner; `stored`: the tombstone of the one that it had. */
async function syncUnlinked(
  context: MappingContext,
  stored: Stored<Link> | undefined,
  { a, d }: { a?: AuthScapeRecord; d?: DynamicsRow },
): Promise<readonly RecordResult[]> {
  const { resolved } = context;
  const gone = stored?.value.tombstone && goneSide(stored.value.tombstone);
  const survivor = gone === 'dynamics' ? a : d;
  if (stored !== undefined && survivor !== undefined) await noteInactive(context, stored, survivor);
  const found = await resolveUnlinked(context, a === undefined ? [] : [a], d === undefined ? [] : [d]);
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
      const next = withRelated({ ...context, waited: false }, guard, depth - 1);
      if (related.side === 'dynamics') await dynamicsRow(next, guard, related.table, related.id);
      else await authScapeRecord(next, guard, { ...related, eventAt: null });
    },
  };
}

/** Is the record whose loss left the tombstone there again? */
async function isBack(context: MappingContext, link: Link): Promise<boolean> {
  const gone = link.tombstone === null ? null : goneSide(link.tombstone);
  if (gone === 'dynamics') {
    const row = await context.dynamics.get(link.table, link.crmId, context.resolved.columns);
    return row !== undefined && row.mergedInto === null;
  }
  if (gone !== 'authScape') return false;
  return (await context.authScape.get(link.entity, link.authScapeId, context.resolved.keys)) !== undefined;
}

interface Told {
  /** When an AuthScape event says that it happened. */
  readonly eventAt: number | null;
  /** The row, where it was read a moment ago. */
  readonly d?: DynamicsRow | undefined;
}

/** `stored` as it was read a moment ago: every effect on it is under its etag. */
async function syncLinked(
  context: MappingContext,
  guard: EventGuard,
  stored: Stored<Link>,
  { eventAt, d }: Told,
): Promise<readonly RecordResult[]> {
  const { id: mappingId } = context.resolved.mapping;
  const { authScapeId, crmId } = stored.value;
  const given = stored.value.state === 'linked' ? stored : undefined;
  if (given === undefined) {
    if (!(await isBack(context, stored.value))) return [];
    const planned = context.dryRun ? await planRevival(context, stored) : null;
    if (planned !== null) return [{ authScapeId, crmId, result: planned, mappingId }];
    if ((await revive(context, stored)) === null) return [];
  }
  const waits = await waitsAsBefore(context, given?.value);
  if (waits !== null) return [{ authScapeId, crmId, result: waits, mappingId }];
  let result = await syncPair(context, {
    ...{ authScapeId, allow: new Set<string>(), eventAt, d },
    stored: given,
  });
  if (result.guarded.length > 0) {
    result = await writeGuarded(context, guard, stored.value, { first: result, eventAt });
  }
  if (result.gone === 'authScape' && context.trigger === 'record') {
    result = await failRecord(context, { authScapeId, crmId }, UNREADABLE);
  }
  if (result.gone === 'dynamics') result = await removeNow(context, guard, authScapeId);
  return [{ authScapeId, crmId, result, mappingId }];
}

/** That a record is gone is for runs to find out; by hand nothing more is known than this. */
const UNREADABLE = {
  code: 'record_unreadable',
  message: 'AuthScape cannot read this record. Where it is gone, the next runs end the pair.',
};

/** What the guard has to see first is written where it does not pile up. */
async function writeGuarded(
  context: MappingContext,
  guard: EventGuard,
  link: Link,
  { first, eventAt }: { first: PairResult; eventAt: number | null },
): Promise<PairResult> {
  const categories = first.guarded.map((entry) => entry.category);
  if (!(await guard.admit(context, link, categories))) return first;
  const { authScapeId } = link;
  const second = await syncPair(context, { authScapeId, allow: new Set(categories), eventAt });
  // A plan writes nothing: the second one names what the first one named.
  return context.dryRun ? second : { ...second, changes: [...first.changes, ...second.changes] };
}

/**
 * The row was asked for by id and is gone. The policy is carried out at once unless deletes pile up: then the pair is
 * left to the next run, whose guard asks a person. (A user that seems gone needs two scans and is left to runs.)
 */
async function removeNow(
  context: MappingContext,
  guard: EventGuard,
  authScapeId: string,
): Promise<PairResult> {
  const stored = await context.links.get(context.connection.id, context.resolved.mapping.id, authScapeId);
  const nothing: PairResult = { ...NOTHING, gone: 'dynamics' };
  if (stored === undefined || stored.value.state !== 'linked') return nothing;
  const counts =
    policyRemoves(context, 'dynamics') &&
    (await findSuccessor(context, stored.value, 'dynamics')) === undefined;
  if (counts && !(await guard.admit(context, stored.value, ['removal']))) {
    await context.links.replace(dueAgain(stored.value), stored.etag);
    return nothing;
  }
  return applyGone(context, stored, 'dynamics');
}
