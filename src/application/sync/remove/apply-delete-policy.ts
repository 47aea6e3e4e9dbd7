import { ConflictError, RecordRejectedError } from '../../../domain/errors.js';
import { isInsertPending, type Link, REMOVAL_FIELD, type Tombstone } from '../../../domain/link.js';
import { flowsFrom, otherSide, type Side } from '../../../domain/model.js';
import { dueAgain } from '../../../domain/waits.js';
import type { Stored } from '../../ports/stores.js';
import { UnknownOutcomeError } from '../../ports/systems.js';
import { failRecord, isolateFailure } from '../context/record-results.js';
import { stampOf } from '../context/run-stamp.js';
import {
  logChanges,
  type MappingContext,
  NOTHING,
  type PairResult,
  pairRef,
  type SyncContext,
} from '../context/sync-context.js';
import { logAbandonedPlan } from '../links/abandoned-plan.js';
import { rowId } from '../links/derived-row-id.js';
import { isMergedAway } from '../links/merged-away.js';
import { saved } from '../links/save-link.js';
import {
  planOfGone,
  removalChange,
  setAuthScapeState,
  setDynamicsState,
  tombstoneOf,
} from '../links/tombstones.js';
import { findSuccessor, succeed } from '../pairing/successor.js';

/** A user that is asked for by id fails like a missing one: only another user that can be read tells them apart. */
export interface GoneProof {
  readonly witness: string | null;
  /** Complete scans in a row that lacked the record, with this one. */
  readonly scansMissed: number;
}

const USER_SCANS = 2;

/** Asks the side by id: nothing else proves that a record is gone. A row that was merged into one that is gone is, too. */
export async function confirmGone(
  context: MappingContext,
  link: Link,
  side: Side,
  proof: GoneProof,
): Promise<boolean> {
  if (side === 'dynamics') {
    const row = await context.dynamics.get(link.table, link.crmId, context.resolved.columns);
    return row === undefined || (await isMergedAway(context, row));
  }
  if (link.entity === 'User' && proof.scansMissed < USER_SCANS) return false;
  return context.authScape.isGone(link.entity, link.authScapeId, proof.witness);
}

/** Does carrying out the policy for this pair remove or deactivate anything, so that the mass guard counts it? */
export function policyRemoves(context: MappingContext, side: Side): boolean {
  const { deletePolicy } = context.connection;
  return (
    (deletePolicy === 'deactivate' || deletePolicy === 'delete') &&
    flowsFrom(side, context.resolved.direction)
  );
}

/**
 * Carries out the delete policy for a pair whose record on `side` is gone, unless that one was made anew: then it is the
 * survivor's partner. A delete wins over an update. A tombstone always stays, so that the survivor is not created anew.
 */
export async function applyGone(
  context: MappingContext,
  stored: Stored<Link>,
  side: Side,
): Promise<PairResult> {
  const link = stored.value;
  if (link.claim !== null && link.claim.until > context.clock.now()) {
    return { ...NOTHING, busyUntil: link.claim.until };
  }
  const survivor = otherSide(side);
  const acts = policyRemoves(context, side);
  // A pair that was never merged has agreed on nothing: there is no partner whose end the survivor should share.
  if (!(await wasMerged(context, link))) {
    if (!context.dryRun) await context.links.remove(link, stored.etag);
    return NOTHING;
  }
  await context.confirmMapping(context.resolved);
  const succession = await findSuccessor(context, link, side);
  if (succession !== undefined) return succeed(context, stored, succession);
  if (context.dryRun) return plannedRemoval(context, link, survivor, acts);
  return endPair(context, stored, side, acts);
}

async function endPair(
  context: MappingContext,
  stored: Stored<Link>,
  side: Side,
  acts: boolean,
): Promise<PairResult> {
  const link = stored.value;
  const survivor = otherSide(side);
  await logAbandonedPlan(context, link);
  let held = stored;
  try {
    if (acts) held = await claimRemoval(context, stored, survivor);
    const done = acts
      ? await actOnSurvivor(context, link, survivor)
      : await leaveSurvivor(context, link, survivor);
    return await bury(context, held, side, done);
  } catch (error) {
    if (error instanceof ConflictError || error instanceof UnknownOutcomeError) {
      const unknown = error instanceof UnknownOutcomeError;
      return { ...NOTHING, busyUntil: context.clock.now() + context.claimMs, unknown };
    }
    if (error instanceof RecordRejectedError) {
      await saved(context, { ...dueAgain(held.value), claim: null, plan: null }, held.etag);
      return failRecord(context, pairRef(link), { code: error.reason, message: error.message });
    }
    throw error;
  }
}

/** A row that was made by a worker that did not live to store it has all that it has from its partner. */
async function wasMerged(context: MappingContext, link: Link): Promise<boolean> {
  if (Object.keys(link.base).length > 0) return true;
  const isOwnRow = link.crmId === rowId(context, link.authScapeId, link.generation);
  const isMade =
    isOwnRow || isInsertPending(link) || link.plan?.fields.some(({ rule }) => rule === 'created') === true;
  if (!isMade) return false;
  return isolateFailure(
    async () => (await context.dynamics.get(link.table, link.crmId, context.resolved.columns)) !== undefined,
    // A row that may not be read is there.
    () => true,
  );
}

async function claimRemoval(
  context: SyncContext,
  stored: Stored<Link>,
  survivor: Side,
): Promise<Stored<Link>> {
  const now = context.clock.now();
  return context.links.replace(
    {
      ...stored.value,
      clean: false,
      plan: {
        runId: context.runId,
        madeAt: new Date(now).toISOString(),
        kind: 'update',
        fields: [
          ...(planOfGone(stored.value, otherSide(survivor))?.fields ?? []),
          {
            fieldId: REMOVAL_FIELD,
            side: survivor,
            from: null,
            to: 'inactive',
            old: 'active',
            rule: 'deletePolicy',
          },
        ],
      },
      claim: { owner: context.ids.random(12), until: now + context.claimMs },
      changedAt: now,
    },
    stored.etag,
  );
}

type Act = Tombstone['act'];
/** `inactive`: nothing was done, since the survivor is inactive already. */
type Done = Act | 'inactive';

async function leaveSurvivor(context: MappingContext, link: Link, survivor: Side): Promise<Done> {
  return (await survivorIs(context, link, survivor))?.active === false ? 'inactive' : 'none';
}

async function survivorIs(context: MappingContext, link: Link, survivor: Side) {
  return survivor === 'authScape'
    ? context.authScape.get(link.entity, link.authScapeId, context.resolved.keys)
    : context.dynamics.get(link.table, link.crmId, context.resolved.columns);
}

async function actOnSurvivor(context: MappingContext, link: Link, survivor: Side): Promise<Done> {
  if (survivor === 'authScape') return deactivateInAuthScape(context, link);
  const { deletePolicy } = context.connection;
  const act = deletePolicy === 'delete' ? deleteInDynamics : deactivateInDynamics;
  // An earlier attempt was not answered.
  if (wasPlanned(link, 'dynamics')) return context.dynamics.alone(() => act(context, link));
  return act(context, link);
}

/** AuthScape has no delete: archiving stands for both policies. */
async function deactivateInAuthScape(context: MappingContext, link: Link): Promise<Done> {
  const record = await context.authScape.get(link.entity, link.authScapeId, context.resolved.keys);
  if (record === undefined) return 'none';
  // A worker that died between the act and its tombstone left its plan behind.
  if (!record.active) return wasPlanned(link, 'authScape') ? 'deactivated' : 'inactive';
  await setAuthScapeState(context, link, false);
  return 'deactivated';
}

async function deactivateInDynamics(context: MappingContext, link: Link): Promise<Done> {
  const { columns, schema } = context.resolved;
  if (!schema.columns.some((column) => column.type === 'state')) return 'none';
  for (let attempt = 0; attempt < 3; attempt++) {
    const row = await context.dynamics.get(link.table, link.crmId, columns);
    if (row === undefined) return 'none';
    if (!row.active) return wasPlanned(link, 'dynamics') ? 'deactivated' : 'inactive';
    const result = await setDynamicsState(context, link, row.etag, false);
    if (result === 'written') return 'deactivated';
    if (result === 'gone') return 'none';
  }
  throw new ConflictError('The row was changed again and again.');
}

function wasPlanned(link: Link, side: Side): boolean {
  return (
    link.plan?.fields.some((planned) => planned.rule === 'deletePolicy' && planned.side === side) === true
  );
}

/** An account that has contacts is only deactivated: deleting it would take them along. */
async function deleteInDynamics(context: MappingContext, link: Link): Promise<Done> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const row = await context.dynamics.get(link.table, link.crmId, context.resolved.columns);
    // A worker that died, or that never heard the answer, left its plan behind.
    if (row === undefined) return wasPlanned(link, 'dynamics') ? 'deleted' : 'none';
    // Directly before each delete: the version of a row does not change when a contact is moved to it.
    if (await context.dynamics.hasDependents(link.table, link.crmId)) {
      return deactivateInDynamics(context, link);
    }
    const result = await context.dynamics.remove(link.table, link.crmId, row.etag);
    if (result !== 'stale') return result === 'removed' ? 'deleted' : 'none';
  }
  throw new ConflictError('The row was changed again and again.');
}

async function plannedRemoval(
  context: MappingContext,
  link: Link,
  survivor: Side,
  acts: boolean,
): Promise<PairResult> {
  const act = acts ? await plannedAct(context, link, survivor) : 'none';
  const change = removalChange(context, link, survivor, act);
  await logChanges(context, [change]);
  return { ...NOTHING, outcome: change.outcome, changes: [change] };
}

/** What `actOnSurvivor` would do. */
async function plannedAct(context: MappingContext, link: Link, survivor: Side): Promise<Act> {
  const record = await survivorIs(context, link, survivor);
  if (record === undefined) return 'none';
  const deletes =
    survivor === 'dynamics' &&
    context.connection.deletePolicy === 'delete' &&
    !(await context.dynamics.hasDependents(link.table, link.crmId));
  if (deletes) return 'deleted';
  return record.active ? 'deactivated' : 'none';
}

async function bury(
  context: MappingContext,
  held: Stored<Link>,
  side: Side,
  done: Done,
): Promise<PairResult> {
  const survivor = otherSide(side);
  const act = done === 'inactive' ? 'none' : done;
  const change = removalChange(context, held.value, survivor, act);
  await logChanges(context, [change]);
  const tombstone = tombstoneOf(context, held.value, {
    reason: side === 'dynamics' ? 'goneInDynamics' : 'goneInAuthScape',
    act,
    ...(done === 'inactive' ? { inactive: true } : {}),
  });
  const lastRun = stampOf(context, held.value.lastRun, change.outcome, [change]);
  await context.links.replace({ ...tombstone, lastRun }, held.etag);
  return { ...NOTHING, outcome: change.outcome, changes: [change] };
}
