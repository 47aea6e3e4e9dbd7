import { resolvePlan } from '../../../domain/base-update.js';
import { withLookups } from '../../../domain/fields.js';
import { isInsertPending, type Link, type Plan, type PlannedField } from '../../../domain/link.js';
import { mergeFields } from '../../../domain/merge.js';
import type { Stored } from '../../ports/stores.js';
import { failRecord, isolateFailure } from '../context/record-results.js';
import { atRecord, nameOf } from '../context/stopped-at.js';
import {
  atBase,
  errorChange,
  logChanges,
  type MappingContext,
  NOTHING,
  type PairResult,
  pairRef,
  withEarlier,
} from '../context/sync-context.js';
import { recoveredChanges } from '../links/abandoned-plan.js';
import { keepDue } from '../links/keep-due.js';
import { saved } from '../links/save-link.js';
import { followMerge, previewMerge } from './follow-merged-row.js';
import { metBefore, refusalKey, restingFailure } from './pair-failure.js';
import {
  AGAIN,
  type Attempted,
  done,
  nextLink,
  outcomeOf,
  type PairWork,
  type ReadPair,
  remainingWork,
  sameCleanness,
  sideChanges,
  tellKept,
  waitingChange,
} from './pair-work.js';
import { afterWrites } from './preview-writes.js';
import { leftAlone, type Readings, readOrRest } from './read-pair.js';
import { resolveLookups } from './resolve-lookups.js';
import { countArrived, selectWrites } from './select-writes.js';
import { waitsOf } from './waiting-pair.js';
import { carryOut, LOOK_MS } from './write-pair.js';

export interface PairInput extends Readings {
  readonly authScapeId: string;
  /** The link as the caller has just inserted or read it; every effect on it is under its etag, so it may be used once. */
  readonly stored?: Stored<Link> | undefined;
  /** Guard categories that may be written now; `all` where the guard has passed everything. */
  readonly allow: 'all' | ReadonlySet<string>;
  /** False while the run will come back to the pair: what may resolve itself meanwhile waits instead of failing. */
  readonly lastTry?: boolean;
  /** A creation that was not finished is left to a later look of the run: it counts once, and goes alone. */
  readonly leavesCreation?: boolean;
  /** Time of change that an AuthScape event gave, milliseconds. */
  readonly eventAt?: number | null;
}

interface Attempt extends PairInput {
  /** The answer to a write was lost by the attempt before. */
  readonly lostBefore?: boolean;
}

const ATTEMPTS = 6;

/**
 * Brings one linked pair into step. The order of steps is the protocol that keeps every edit: link first, then both
 * records; plan and claim under the link's etag before any effect; D under its etag; A re-read directly before and
 * after; the base moves only to what was sent.
 */
export async function syncPair(context: MappingContext, input: PairInput): Promise<PairResult> {
  let snapshots: Pick<PairInput, 'a' | 'd' | 'stored'> = { a: input.a, d: input.d, stored: input.stored };
  let lostBefore = false;
  let soFar: PairResult | null = null;
  let looks = 0;
  const latest = context.clock.now() + LOOK_MS;
  for (let count = 0; count < ATTEMPTS && context.clock.now() <= latest; count++) {
    const pair = { authScapeId: input.authScapeId, crmId: null };
    const attempt: Attempt = { ...input, ...snapshots, lostBefore };
    const attempted = await isolateFailure(
      () => atRecord(nameOf(context.resolved, pair), () => attemptPair(context, attempt)),
      async (told) => {
        await keepDue(context, input.authScapeId);
        return done(await failRecord(context, pair, told));
      },
    );
    snapshots = { a: undefined, d: undefined, stored: undefined };
    if (attempted.kind === 'lost') lostBefore = true;
    if (attempted.kind !== 'done') continue;
    const { result } = attempted;
    soFar = soFar === null ? result : withEarlier(soFar, result);
    looks += 1;
    if (!result.unsettled || looks > FOLLOW_UPS) return soFar;
  }
  return { ...(soFar ?? NOTHING), busyUntil: context.clock.now() + context.claimMs };
}

/** Further looks at a pair that shows, after a write, something that is due on the other side. */
const FOLLOW_UPS = 2;

async function attemptPair(context: MappingContext, input: Attempt): Promise<Attempted> {
  const stored =
    input.stored ??
    (await context.links.get(context.connection.id, context.resolved.mapping.id, input.authScapeId));
  if (stored === undefined || stored.value.state !== 'linked') return done(NOTHING);
  const link = stored.value;
  if (link.claim !== null && link.claim.until > context.clock.now()) {
    return done({ ...NOTHING, busyUntil: link.claim.until });
  }
  const read = await readOrRest(context, link, input);
  if (read.kind === 'rests') return done(read.result);
  if (read.kind === 'gone') {
    const isUnfinished = read.side === 'dynamics' && isInsertPending(link);
    return done(
      isUnfinished ? await takeBackCreation(context, stored, input) : { ...NOTHING, gone: read.side },
    );
  }
  const { id, mergedInto } = read.d;
  const resting = restingFailure(context, link, read);
  if (resting !== null) return done(await leftAlone(context, link, resting));
  if (mergedInto === null) return mergePair(context, stored, read, input);
  // Its surviving row is gone: so is the record that it stood for.
  if (mergedInto === id) return done({ ...NOTHING, gone: 'dynamics' });
  if (!context.dryRun) return followMerge(context, stored, mergedInto);
  const there = await previewMerge(context, link, mergedInto);
  if (there.kind === 'rests') return done(there.result);
  return mergePair(context, { ...stored, value: there.link }, { a: read.a, d: there.d }, input);
}

export async function mergePair(
  context: MappingContext,
  stored: Stored<Link>,
  read: ReadPair,
  input: Attempt,
): Promise<Attempted> {
  const { resolved } = context;
  const link = stored.value;
  const fields = withLookups(resolved.fields, await resolveLookups(context, read.a, read.d));
  const old =
    link.plan === null
      ? null
      : resolvePlan(link.plan, fields, link.base, { a: read.a.values, d: read.d.values });
  const recovered = old === null ? [] : recoveredChanges(resolved, link, fields, old);
  // Before the old plan goes away: afterwards there is no trace of what was done.
  if (recovered.length > 0 && !context.dryRun) await logChanges(context, recovered);
  const merge = mergeFields({
    fields,
    base: old?.base ?? link.base,
    restingIds: resolved.restingIds,
    a: read.a.values,
    d: read.d.values,
    policy: context.connection.conflictPolicy,
    times: timesOf(context, link, read, input),
  });
  const counted = old === null ? link : { ...link, repeats: countArrived(context, link, old.arrived) };
  const selected = await selectWrites(context, { link: counted, read, merge }, input);
  const met = metBefore(context, link);
  const openPlan = openPart(link.plan, old?.open ?? []);
  const planned = {
    lastTry: input.lastTry ?? true,
    lostBefore: input.lostBefore ?? false,
    openPlan,
    met,
    ...selected,
  };
  const writes = selected.writes.filter((write) => met?.refused.includes(refusalKey(write)) !== true);
  const work: PairWork = { stored, read, fields, merge, ...planned, writes };
  const attempted =
    work.writes.length === 0 || context.dryRun
      ? await withoutWriting(context, context.dryRun ? await foresee(context, work, input) : work)
      : await carryOut(context, work);
  return attempted.kind === 'done'
    ? done(await tellKept(context, work, recovered, attempted.result))
    : attempted;
}

function openPart(plan: Plan | null, open: readonly PlannedField[]): Plan | null {
  const fields = open.filter(({ side }) => side === 'dynamics');
  return plan?.kind === 'update' && fields.length > 0 ? { ...plan, fields } : null;
}

/** A dry run looks ahead as far as the real one looks again: what follows from the planned writes is planned too. */
async function foresee(context: MappingContext, work: PairWork, input: PairInput): Promise<PairWork> {
  const writes = [...work.writes];
  let read = work.read;
  let base = work.merge.base;
  let fresh = work.writes;
  for (let look = 0; look < FOLLOW_UPS && fresh.length > 0; look++) {
    ({ read, base } = afterWrites(read, base, fresh));
    const merge = mergeFields({
      fields: work.fields,
      base,
      restingIds: context.resolved.restingIds,
      a: read.a.values,
      d: read.d.values,
      policy: context.connection.conflictPolicy,
      times: timesOf(context, work.stored.value, read, input),
    });
    fresh = (await selectWrites(context, { link: work.stored.value, read, merge }, input)).writes;
    writes.push(...fresh);
  }
  return { ...work, writes };
}

function timesOf(context: MappingContext, link: Link, read: ReadPair, input: PairInput) {
  const scanned = context.scannedFrom.get(context.resolved.mapping.id) ?? null;
  return {
    now: context.clock.now(),
    dModifiedAt:
      read.d.modifiedOn === null ? null : Date.parse(read.d.modifiedOn) + context.dynamics.clockOffset(),
    aEventAt:
      input.eventAt === null || input.eventAt === undefined
        ? null
        : input.eventAt + context.authScape.clockOffset(),
    // A clean link that a complete scan left alone was at its base when that scan began.
    aUnchangedAt: link.clean && scanned !== null ? Math.max(scanned, link.agreedAt) : link.agreedAt,
    dUnchangedAt: link.agreedAt,
  };
}

/** The record is without a link again and is matched anew. */
async function takeBackCreation(
  context: MappingContext,
  stored: Stored<Link>,
  { leavesCreation = false }: PairInput,
): Promise<PairResult> {
  if (!context.dryRun && !leavesCreation) await context.links.remove(stored.value, stored.etag);
  return { ...NOTHING, waiting: true };
}

/** Nothing to write (or a dry run): moves the base where it moved and says what would be written. */
async function withoutWriting(context: MappingContext, work: PairWork): Promise<Attempted> {
  const { resolved } = context;
  const { stored, read, merge } = work;
  const pair = pairRef(stored.value);
  const changes = [
    ...sideChanges(resolved, pair, work.writes),
    ...work.errors.map((error) => errorChange(resolved, pair, error)),
    ...waitingChange(context, work),
  ];
  const result: PairResult = { ...NOTHING, outcome: outcomeOf(work), changes, ...remainingWork(work) };
  if (context.dryRun) {
    await logChanges(context, changes);
    return done(result);
  }
  const link = stored.value;
  const clean =
    merge.settled &&
    work.errors.length === 0 &&
    work.guarded.length === 0 &&
    work.postponed === 0 &&
    atBase(work.fields, merge.base, read.a.values, read.d.values);
  const next = nextLink(context, work, {
    base: merge.base,
    clean,
    a: read.a,
    d: read.d,
    lastRun: stored.value.lastRun,
    waits: clean ? null : waitsOf(context, work),
  });
  const needless =
    !merge.baseMoved &&
    link.plan === null &&
    link.claim === null &&
    (link.failure ?? null) === work.met &&
    sameCleanness(link, next) &&
    work.errors.length === 0;
  if (!needless && !(await saved(context, next, stored.etag, 'samePair'))) return AGAIN;
  await logChanges(context, changes);
  return done(result);
}
