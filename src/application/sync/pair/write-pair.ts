import { BridgeError } from '../../../domain/errors.js';
import type { FieldWrite } from '../../../domain/merge.js';
import type { Side } from '../../../domain/model.js';
import { UnknownOutcomeError } from '../../ports/systems.js';
import { MappingChangedError } from '../context/present-mappings.js';
import { stampOf } from '../context/run-stamp.js';
import {
  atBase,
  errorChange,
  logChanges,
  type MappingContext,
  NOTHING,
  type PairResult,
  pairRef,
} from '../context/sync-context.js';
import { ClaimLostError, claimPair, LinkLease } from '../links/link-lease.js';
import { saved } from '../links/save-link.js';
import { type Effects, withoutSide } from './effects.js';
import { failureOf, withMet } from './pair-failure.js';
import {
  AGAIN,
  type Attempted,
  done,
  nextLink,
  outcomeOf,
  type PairWork,
  remainingWork,
  sideChanges,
} from './pair-work.js';
import { countWrites } from './select-writes.js';
import { writeAuthScape } from './write-authscape.js';
import { writeDynamics } from './write-dynamics.js';
import type { Written } from './write-parts.js';

/**
 * The effects of one pair, in the order that the protocol demands. Where another writer moved something,
 * the stored plan stays and is resolved by the next attempt.
 */
export async function carryOut(context: MappingContext, work: PairWork): Promise<Attempted> {
  const claimed = await claimPair(context, work);
  if (claimed === null) return AGAIN;
  const hold = new LinkLease(context, claimed);
  try {
    await context.confirmMapping(context.resolved);
    return await writeBoth(context, work, hold);
  } catch (error) {
    if (error instanceof MappingChangedError) await hold.release(work.openPlan);
    if (error instanceof ClaimLostError) return AGAIN;
    if (error instanceof UnknownOutcomeError) return done(await leaveUnknown({ context, work, hold }, error));
    if (error instanceof BridgeError) await hold.release(hold.link.plan);
    throw error;
  }
}

type Held = Pick<Effects, 'context' | 'work' | 'hold'>;

/** The call may still take effect: no worker writes this pair before the claim has run out. */
async function leaveUnknown(
  { context, work, hold }: Held,
  { message }: UnknownOutcomeError,
): Promise<PairResult> {
  const { stored, read } = work;
  const unknown = { reason: 'outcome_unknown', refused: [] };
  const failure = failureOf(context, stored.value.failure, unknown, read);
  await saved(context, { ...hold.link, failure }, hold.etag);
  context.logger.info('The outcome of a write is not known.', {
    mappingId: context.resolved.mapping.id,
    message,
  });
  return { ...NOTHING, busyUntil: hold.until, unknown: true };
}

/** No further call about a pair begins later than that after the first one. */
export const LOOK_MS = 60_000;

async function writeBoth(context: MappingContext, work: PairWork, hold: LinkLease): Promise<Attempted> {
  const written: Written = {
    base: { ...work.merge.base },
    errors: [...work.errors],
    done: [],
    refused: [],
    agreed: true,
  };
  const toD = work.writes.filter((write) => write.side === 'dynamics');
  const toA = work.writes.filter((write) => write.side === 'authScape');
  const now = { ...work.read };
  const latest = context.clock.now() + LOOK_MS;
  const isTimeUp = () => context.clock.now() > latest;
  const effects: Effects = { context, work, hold, written, now, isTimeUp };
  try {
    return await writeSides(effects, { toA, toD });
  } catch (error) {
    if (error instanceof ClaimLostError) await tellForgotten(effects);
    throw error;
  }
}

async function writeSides(
  effects: Effects,
  { toA, toD }: Readonly<Record<'toA' | 'toD', readonly FieldWrite[]>>,
): Promise<Attempted> {
  if (toD.length > 0) {
    const stop = await writeDynamics(effects, toD);
    if (stop === 'gone') return done(await goneNow(effects, 'dynamics'));
    if (stop !== undefined) return { kind: stop };
  }
  if (toA.length > 0) {
    const stop = await keepingDone(effects, () => writeAuthScape(effects, toA));
    if (stop === 'again') return AGAIN;
    if (stop !== undefined) return done(await leaveAuthScape(effects, stop));
  }
  return finish(effects);
}

/** What stops the whole work stops it after all that took effect: the link and the log say so. */
async function keepingDone<T>(effects: Effects, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof BridgeError) await keepDone(effects);
    throw error;
  }
}

async function keepDone({ context, work, hold, written }: Effects): Promise<void> {
  const { link } = hold;
  // What of AuthScape's record was saved the plan tells the next look at the pair.
  const toD = written.done.filter(({ side }) => side === 'dynamics');
  if (toD.length === 0) return;
  const changes = sideChanges(context.resolved, pairRef(link), toD);
  await logChanges(context, changes);
  await hold.release(withoutSide(link.plan, 'dynamics'), {
    base: written.base,
    repeats: countWrites(context, work.repeats, toD),
    lastRun: stampOf(context, link.lastRun, outcomeOf({ ...work, writes: toD, errors: [] }), changes),
  });
}

/**
 * The worker that takes the pair over tells by the plan what of it had arrived. Where the link has gone with its plan, with its
 * mapping say, no other worker knows.
 */
async function tellForgotten({ context, hold, written }: Effects): Promise<void> {
  const { authScapeId, createdAt, mappingId } = hold.link;
  if (written.done.length === 0) return;
  const present = await context.links.get(context.connection.id, mappingId, authScapeId);
  if (present?.value.createdAt === createdAt) return;
  await logChanges(context, sideChanges(context.resolved, pairRef(hold.link), written.done));
}

async function goneNow({ context, work, hold }: Held, side: Side): Promise<PairResult> {
  // Dynamics is written first: where it is AuthScape's record that is gone, that half of the plan may have been done.
  const plan = side === 'authScape' ? withoutSide(hold.link.plan, 'authScape') : null;
  await saved(context, { ...hold.link, claim: null, plan, base: work.merge.base }, hold.etag);
  return { ...NOTHING, gone: side };
}

/** The record is gone, or another worker writes the company that a location comes from or goes to: that is for later. */
async function leaveAuthScape(held: Held, why: 'gone' | 'busy'): Promise<PairResult> {
  const { context, hold } = held;
  if (why === 'gone') return goneNow(held, 'authScape');
  await hold.release(withoutSide(hold.link.plan, 'authScape'));
  return { ...NOTHING, busyUntil: context.clock.now() + context.claimMs };
}

async function finish({ context, work, hold, written, now }: Effects): Promise<Attempted> {
  const { resolved } = context;
  const { stored } = work;
  const pair = pairRef(stored.value);
  const changes = [
    ...sideChanges(resolved, pair, written.done),
    ...written.errors.map((error) => errorChange(resolved, pair, error)),
  ];
  // The log first: once the plan is gone from the link there is no trace of what was done.
  await logChanges(context, changes);
  const clean =
    written.agreed &&
    written.errors.length === 0 &&
    work.guarded.length === 0 &&
    work.postponed === 0 &&
    work.merge.waiting.length === 0 &&
    atBase(work.fields, written.base, now.a.values, now.d.values);
  const outcome = outcomeOf({ writes: written.done, errors: written.errors, merge: work.merge });
  const reason = written.errors.at(-1)?.reason ?? 'refused';
  const failure =
    written.refused.length === 0
      ? null
      : failureOf(context, stored.value.failure, { reason, refused: written.refused }, now);
  const kept = failure !== null && work.met !== null ? withMet(failure, work.met) : failure;
  // A unit that is repeated tries again what failed: it counts by what was done.
  const did = outcomeOf({ writes: written.done, errors: [], merge: work.merge });
  const lastRun = stampOf(context, hold.link.lastRun, did === 'skipped' ? 'unchanged' : did, changes);
  const next = nextLink(
    context,
    {
      ...work,
      stored: { value: hold.link, etag: hold.etag },
      repeats: countWrites(context, work.repeats, written.done),
    },
    { base: written.base, clean, lastRun, failure: kept, ...now },
  );
  if (!(await saved(context, next, hold.etag, 'samePair'))) return AGAIN;
  return done({
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
  });
}
