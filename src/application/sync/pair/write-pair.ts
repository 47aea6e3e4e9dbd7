import { baseAfterWrite } from '../../../domain/base-update.js';
import { BridgeError, RecordRejectedError } from '../../../domain/errors.js';
import type { ResolvedField } from '../../../domain/fields.js';
import type { BaseEntry, Plan } from '../../../domain/link.js';
import type { FieldError, FieldWrite } from '../../../domain/merge.js';
import type { Side } from '../../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import { canonical, type FieldValue } from '../../../domain/values.js';
import { LostUpdateError, UnknownOutcomeError } from '../../ports/systems.js';
import { MappingChangedError } from '../context/present-mappings.js';
import { stampOf } from '../context/run-stamp.js';
import {
  atBase,
  changeOf,
  errorChange,
  logChanges,
  NOTHING,
  type PairResult,
  pairRef,
  type SyncContext,
} from '../context/sync-context.js';
import { companiesOf, holdingCompanies } from '../links/company-lock.js';
import { ClaimLostError, claimPair, LinkLease } from '../links/link-lease.js';
import { saved } from '../links/save-link.js';
import { nextLink, outcomeOf, type PairWork, remainingWork, sideChanges } from './pair-work.js';
import { noteRefusal, reconcileRejectedWrite } from './rejected-write.js';
import { countWrites } from './select-writes.js';

/**
 * The effects of one pair, in the order that the protocol demands. `again` means: somebody moved something, start over
 * from the link; the stored plan stays and is resolved by the next attempt.
 */
export async function carryOut(context: SyncContext, work: PairWork): Promise<PairResult | 'again'> {
  const claimed = await claimPair(context, work);
  if (claimed === null) return 'again';
  const hold = new LinkLease(context, claimed);
  try {
    await context.confirmMapping(work.resolved);
    return await writeBoth(context, work, hold);
  } catch (error) {
    if (error instanceof MappingChangedError) await hold.release(work.openPlan);
    if (error instanceof ClaimLostError) return 'again';
    if (error instanceof UnknownOutcomeError) {
      // The call may still take effect: nobody writes this pair before the claim has run out.
      return { ...NOTHING, busyUntil: hold.until };
    } else if (error instanceof BridgeError) await hold.release(hold.link.plan);
    throw error;
  }
}

interface Written {
  readonly base: Record<string, BaseEntry>;
  readonly errors: FieldError[];
  readonly done: FieldWrite[];
  agreed: boolean;
}

async function writeBoth(
  context: SyncContext,
  work: PairWork,
  hold: LinkLease,
): Promise<PairResult | 'again'> {
  const written: Written = { base: { ...work.merge.base }, errors: [...work.errors], done: [], agreed: true };
  const toD = work.writes.filter((write) => write.side === 'dynamics');
  const toA = work.writes.filter((write) => write.side === 'authScape');
  let { a, d } = work.read;
  if (toD.length > 0) {
    const row = await writeDynamics(context, work, hold, toD, written);
    if (row === 'again') return 'again';
    if (row === 'gone') return goneNow(context, work, hold, 'dynamics');
    if (row !== null) d = row;
  }
  if (toA.length > 0) {
    const record = await writeAuthScape(context, work, hold, toA, written);
    if (record === 'again') return 'again';
    if (record === 'gone' || record === 'busy') return leaveAuthScape(context, work, hold, record);
    if (record !== null) a = record;
  }
  return finish(context, work, hold, written, { a, d });
}

/** Gives the claim back with what of the plan may have been written. */
async function startOver(hold: LinkLease, plan: Plan | null): Promise<'again'> {
  await hold.release(plan);
  return 'again';
}

/** What of a plan may have been written when nothing was sent to one side. */
function withoutSide(plan: Plan | null, side: Side): Plan | null {
  if (plan === null) return null;
  const fields = plan.fields.filter((planned) => planned.side !== side);
  return fields.length === 0 ? null : { ...plan, fields };
}

async function goneNow(
  context: SyncContext,
  work: PairWork,
  hold: LinkLease,
  side: Side,
): Promise<PairResult> {
  // Dynamics is written first: where it is AuthScape's record that is gone, that half of the plan may have been done.
  const plan = side === 'authScape' ? withoutSide(hold.link.plan, 'authScape') : null;
  await saved(context, { ...hold.link, claim: null, plan, base: work.merge.base }, hold.etag);
  return { ...NOTHING, gone: side };
}

/** The record is gone, or somebody writes the company that a location comes from or goes to: that is for later. */
async function leaveAuthScape(
  context: SyncContext,
  work: PairWork,
  hold: LinkLease,
  why: 'gone' | 'busy',
): Promise<PairResult> {
  if (why === 'gone') return goneNow(context, work, hold, 'authScape');
  await hold.release(withoutSide(hold.link.plan, 'authScape'));
  return { ...NOTHING, busyUntil: context.clock.now() + context.claimMs };
}

async function writeDynamics(
  context: SyncContext,
  work: PairWork,
  hold: LinkLease,
  writes: readonly FieldWrite[],
  written: Written,
): Promise<DynamicsRow | 'again' | 'gone' | null> {
  const { mapping, columns } = work.resolved;
  const values = Object.fromEntries(writes.map((write) => [write.field.column, write.value]));
  try {
    if (work.read.d.etag === null) {
      const moved = await movedInDynamics(context, work);
      if (moved !== null) return moved === 'gone' ? moved : await startOver(hold, work.openPlan);
    }
    const result = await context.dynamics.update(
      mapping.crmEntity,
      work.stored.value.crmId,
      work.read.d.etag,
      values,
      columns,
    );
    // Perhaps it was the late write of a worker whose plan ours took the place of.
    if (result.kind === 'stale') return await startOver(hold, work.openPlan);
    if (result.kind === 'gone') return 'gone';
    settleAll(writes, (field) => result.row.values[field.column], written);
    return result.row;
  } catch (error) {
    if (error instanceof UnknownOutcomeError) return startOver(hold, hold.link.plan);
    const rest = noteRefusal(error, writes, written);
    return rest.length === 0 ? null : writeDynamics(context, work, hold, rest, written);
  }
}

/** A table without etags gives no condition to write under: the row is read again directly before. */
async function movedInDynamics(context: SyncContext, work: PairWork): Promise<'gone' | 'moved' | null> {
  const { mapping, columns } = work.resolved;
  const fresh = await context.dynamics.get(mapping.crmEntity, work.stored.value.crmId, columns);
  if (fresh === undefined) return 'gone';
  const seen = work.read.d.values;
  const isSeen = work.fields.every(({ column, dComparison }) => {
    if (seen[column] === undefined) return true;
    return canonical(fresh.values[column], dComparison) === canonical(seen[column], dComparison);
  });
  return isSeen ? null : 'moved';
}

async function writeAuthScape(
  context: SyncContext,
  work: PairWork,
  hold: LinkLease,
  writes: readonly FieldWrite[],
  written: Written,
): Promise<AuthScapeRecord | 'again' | 'gone' | 'busy' | null> {
  const { mapping, keys } = work.resolved;
  const { authScapeId, crmId } = work.stored.value;
  const values = Object.fromEntries(writes.map((write) => [write.field.aKey, write.value]));
  const seen = work.read.a.values;
  const expected = (fresh: AuthScapeRecord) =>
    work.fields.every(
      (field) =>
        seen[field.aKey] === undefined ||
        canonical(fresh.values[field.aKey], field.aComparison) ===
          canonical(seen[field.aKey], field.aComparison),
    );
  let isSent = false;
  const guardedBy = (keepCompanies: () => Promise<void>) => async () => {
    await hold.ensure();
    await keepCompanies();
    isSent = true;
  };
  try {
    const companies = companiesOf(work.resolved, { id: authScapeId, companyId: seen.companyId }, values);
    const result = await holdingCompanies(context, companies, crmId, (keep) =>
      context.authScape.update(mapping.authScapeEntity, authScapeId, values, expected, keys, guardedBy(keep)),
    );
    if (result === 'busy') return result;
    if (result.kind === 'moved') return await startOver(hold, withoutSide(hold.link.plan, 'authScape'));
    if (result.kind === 'gone') return 'gone';
    settleAll(writes, (field) => result.record.values[field.aKey], written);
    await logUndone(context, work, result.undone);
    return result.record;
  } catch (error) {
    if (error instanceof LostUpdateError) await logUndone(context, work, error.undone);
    const cause = error instanceof LostUpdateError ? error.cause : error;
    const { record, rest } =
      isSent && cause instanceof RecordRejectedError
        ? await reconcileRejectedWrite(context, work, hold.link, writes, written, cause)
        : { record: null, rest: noteRefusal(cause, writes, written) };
    return rest.length === 0 ? record : writeAuthScape(context, work, hold, rest, written);
  }
}

/** A full replace undid an edit that was made between its read and its write: both are told to a person. */
async function logUndone(
  context: SyncContext,
  work: PairWork,
  undone: readonly { field: string; value: string }[],
): Promise<void> {
  if (undone.length === 0) return;
  await logChanges(context, [
    changeOf(work.resolved, pairRef(work.stored.value), {
      side: 'authScape',
      action: 'update',
      outcome: 'conflict',
      fields: undone.map(({ field, value }) => ({ field, from: null, to: value, rule: 'undone' })),
    }),
  ]);
}

function settleAll(
  writes: readonly FieldWrite[],
  shownOf: (field: ResolvedField) => FieldValue | undefined,
  written: Written,
): void {
  for (const write of writes) {
    const settled = baseAfterWrite(write, shownOf(write.field), written.base[write.field.id]);
    if (settled.entry !== undefined) written.base[write.field.id] = settled.entry;
    if (settled.ignored) {
      written.errors.push({
        field: write.field,
        side: write.side,
        reason: 'write_ignored',
        message: 'The other system took the request and kept its old value.',
      });
      continue;
    }
    if (!settled.agreed) written.agreed = false;
    written.done.push(write);
  }
}

async function finish(
  context: SyncContext,
  work: PairWork,
  hold: LinkLease,
  written: Written,
  now: { a: AuthScapeRecord; d: DynamicsRow },
): Promise<PairResult | 'again'> {
  const { resolved, stored } = work;
  const pair = pairRef(stored.value);
  const changes = [
    ...sideChanges(resolved, pair, written.done),
    ...written.errors.map((error) => errorChange(resolved, pair, error)),
  ];
  // The log first: once the plan is gone from the link nobody else could tell what was done.
  await logChanges(context, changes);
  const clean =
    written.agreed &&
    written.errors.length === 0 &&
    work.guarded.length === 0 &&
    work.postponed === 0 &&
    work.merge.waiting.length === 0 &&
    atBase(work.fields, written.base, now.a.values, now.d.values);
  const outcome = outcomeOf({ writes: written.done, errors: written.errors, merge: work.merge });
  const lastRun = stampOf(context, hold.link.lastRun, outcome, changes);
  const next = nextLink(
    context,
    {
      ...work,
      stored: { value: hold.link, etag: hold.etag },
      repeats: countWrites(context, work.repeats, written.done),
    },
    { base: written.base, clean, lastRun, ...now },
  );
  if (!(await saved(context, next, hold.etag))) return 'again';
  return {
    ...NOTHING,
    outcome,
    changes,
    ...remainingWork(work),
    unsettled:
      !clean &&
      written.done.length > 0 &&
      written.errors.length === 0 &&
      work.guarded.length === 0 &&
      work.postponed === 0 &&
      work.merge.waiting.length === 0,
  };
}
