import { type ResolvedMapping, withLookups } from '../../domain/fields.js';
import type { BaseEntry, Link, Plan } from '../../domain/link.js';
import { mergeFields } from '../../domain/merge.js';
import type { ARecord, DRow } from '../../domain/records.js';
import { strongest } from '../../domain/run.js';
import type { LinkStore } from '../ports/links.js';
import type { Stored } from '../ports/stores.js';
import {
  atBase,
  changeOf,
  listHash,
  logChanges,
  NOTHING,
  type PairResult,
  type SyncContext,
} from './context.js';
import { resolveLookups } from './lookups.js';
import { mergePair, syncPair } from './pair.js';
import { markOf, resultOfExisting } from './run-mark.js';
import { revive } from './tombstones.js';

/** A new link row; `changedAt` 0, since what was read before it existed may be used: no base can be older than it. */
export function newLink(
  context: SyncContext,
  resolved: ResolvedMapping,
  ids: { authScapeId: string; crmId: string },
  state: {
    base?: Readonly<Record<string, BaseEntry>>;
    generation?: number;
    plan?: Plan | null;
    claim?: Link['claim'];
  } = {},
): Link {
  return {
    connectionId: context.connection.id,
    mappingId: resolved.mapping.id,
    entity: resolved.mapping.authScapeEntity,
    authScapeId: ids.authScapeId,
    table: resolved.mapping.crmEntity,
    crmId: ids.crmId,
    generation: state.generation ?? 0,
    state: 'linked',
    tombstone: null,
    base: state.base ?? {},
    clean: false,
    mappingVersion: resolved.mapping.version,
    aHash: null,
    dVersion: null,
    plan: state.plan ?? null,
    claim: state.claim ?? null,
    repeats: {},
    missing: null,
    lastRun: null,
    changedAt: 0,
    createdAt: new Date(context.clock.now()).toISOString(),
    lastSyncedAt: null,
  };
}

/**
 * Links two matched records and merges them for the first time. First merges are not counted by the mass guard. A
 * tombstone of either record ends here: its survivor has found a partner.
 */
export async function linkPair(
  context: SyncContext,
  resolved: ResolvedMapping,
  a: ARecord,
  d: DRow,
): Promise<PairResult> {
  const pair = { authScapeId: a.id, crmId: d.id };
  const joined = changeOf(resolved, pair, { side: null, action: 'link', outcome: 'linked' });
  const lookups = await resolveLookups(context, resolved, a, d);
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
    ...newLink(context, resolved, pair, { base: merge.base }),
    clean,
    aHash: clean ? listHash(resolved, a.values) : null,
    dVersion: clean ? d.etag : null,
    lastRun: markOf(context, null, 'linked', []),
    ...(clean
      ? { changedAt: context.clock.now(), lastSyncedAt: new Date(context.clock.now()).toISOString() }
      : {}),
  };
  if (context.dryRun) {
    const planned = await mergePair(
      context,
      resolved,
      { value: link, etag: '' },
      { a, d },
      { ...pair, allow: 'all' },
    );
    await logChanges(context, [joined]);
    return planned === 'again' ? NOTHING : withLink(planned, joined);
  }
  const inserted = await insertLink(context, resolved, link, Math.min(a.readAt, d.readAt));
  if ('exists' in inserted && inserted.exists.value.state === 'tombstone') {
    return { ...NOTHING, outcome: 'skipped' };
  }
  if ('exists' in inserted) return resumePair(context, resolved, inserted.exists.value);
  if ('taken' in inserted) return { ...NOTHING, outcome: 'skipped' };
  await logChanges(context, [joined]);
  if (clean) return { ...NOTHING, outcome: 'linked', changes: [joined] };
  const merged = await syncPair(context, resolved, {
    authScapeId: a.id,
    a,
    d,
    stored: inserted.inserted,
    allow: 'all',
  });
  return withLink(merged, joined);
}

/** A pair that exists already: where an attempt of this run made it and died before its first merge, that is done now. */
export async function resumePair(
  context: SyncContext,
  resolved: ResolvedMapping,
  link: Link,
): Promise<PairResult> {
  const before = resultOfExisting(context, link);
  if (link.clean || before.outcome === 'unchanged') return before;
  const rest = await syncPair(context, resolved, { authScapeId: link.authScapeId, allow: 'all' });
  return {
    ...rest,
    outcome: strongest(before.outcome, rest.outcome),
    changes: [...before.changes, ...rest.changes],
  };
}

function withLink(result: PairResult, joined: PairResult['changes'][number]): PairResult {
  return { ...result, outcome: strongest(result.outcome, 'linked'), changes: [joined, ...result.changes] };
}

/**
 * Inserts a link. Tombstones are rare: those of the two records are looked for when the insert meets one. A tombstone of
 * this very pair means that the record that was gone is back: it is revived and not linked anew. One that was made after
 * the records were read, or by a person, stays.
 */
export async function insertLink(
  context: SyncContext,
  resolved: ResolvedMapping,
  link: Link,
  readAt: number,
): ReturnType<LinkStore['insert']> {
  const inserted = await context.links.insert(link);
  const meets = 'taken' in inserted || ('exists' in inserted && inserted.exists.value.state === 'tombstone');
  if (!meets) return inserted;
  const graves = await tombstonesOf(context, resolved, link);
  const same = graves.find(
    ({ value }) => value.crmId === link.crmId && value.authScapeId === link.authScapeId,
  );
  if (same !== undefined && isGone(same.value)) {
    await revive(context, resolved, same);
    return context.links.insert(link);
  }
  if (graves.some(({ value }) => isParted(value) || readAt <= value.changedAt)) return inserted;
  await endTombstones(context, resolved, link.authScapeId, link.crmId);
  return context.links.insert(link);
}

const isGone = ({ tombstone }: Link) =>
  tombstone?.reason === 'goneInDynamics' || tombstone?.reason === 'goneInAuthScape';
const isParted = ({ tombstone }: Link) => tombstone?.reason === 'parted' || tombstone?.reason === 'rejected';

async function tombstonesOf(
  context: SyncContext,
  resolved: ResolvedMapping,
  { authScapeId, crmId, table }: Link,
): Promise<readonly Stored<Link>[]> {
  const connectionId = context.connection.id;
  const claim = (await context.links.claimsOf(connectionId, table, [crmId])).get(crmId);
  const found = [
    await context.links.get(connectionId, resolved.mapping.id, authScapeId),
    claim && (await context.links.get(connectionId, claim.mappingId, claim.authScapeId)),
  ];
  return found.flatMap((stored) => (stored?.value.state === 'tombstone' ? [stored] : []));
}

/** Removes what tombstones hold of the two records; returns the generation that the next partner has. */
export async function endTombstones(
  context: SyncContext,
  resolved: ResolvedMapping,
  authScapeId: string | null,
  crmId: string | null,
): Promise<number> {
  let generation = 0;
  const connectionId = context.connection.id;
  if (crmId !== null) {
    const claim = (await context.links.claimsOf(connectionId, resolved.mapping.crmEntity, [crmId])).get(
      crmId,
    );
    if (claim !== undefined) {
      const holder = await context.links.get(connectionId, claim.mappingId, claim.authScapeId);
      if (holder?.value.state === 'tombstone') await context.links.remove(holder.value, holder.etag);
      if (holder === undefined) await context.links.removeClaim(connectionId, claim);
    }
  }
  if (authScapeId !== null) {
    const own = await context.links.get(connectionId, resolved.mapping.id, authScapeId);
    if (own?.value.state === 'tombstone') {
      generation = own.value.generation + 1;
      await context.links.remove(own.value, own.etag);
    }
  }
  return generation;
}
