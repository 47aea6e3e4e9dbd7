import { guardCategory } from '../../domain/deletes.js';
import { type ResolvedMapping, withLookups } from '../../domain/fields.js';
import type { Link } from '../../domain/link.js';
import { type FieldError, type FieldWrite, type MergeResult, mergeFields } from '../../domain/merge.js';
import type { ARecord, DRow } from '../../domain/records.js';
import { countRepeat, resolvePlan } from '../../domain/settle.js';
import { baseForm } from '../../domain/values.js';
import type { Stored } from '../ports/stores.js';
import { atBase, errorChange, logChanges, NOTHING, type PairResult, type SyncContext } from './context.js';
import { checkLogin } from './login.js';
import { resolveLookups } from './lookups.js';
import { followMerge } from './merged.js';
import {
  leftOver,
  nextLink,
  outcomeOf,
  type PairWork,
  pairRef,
  type ReadPair,
  recoveredChanges,
  saved,
  sideChanges,
} from './pair-result.js';
import { carryOut } from './write.js';

export interface PairInput {
  readonly authScapeId: string;
  /** Readings that may be used if they are younger than the link's last change. */
  readonly a?: ARecord | undefined;
  readonly d?: DRow | undefined;
  /** Guard categories that may be written now; `all` where the guard has passed everything. */
  readonly allow: 'all' | ReadonlySet<string>;
  /** False while the run will come back to the pair: what may resolve itself meanwhile waits instead of failing. */
  readonly lastTry?: boolean;
  /** Time of change that an AuthScape event gave, milliseconds. */
  readonly eventAt?: number | null;
}

const ATTEMPTS = 6;

/**
 * Brings one linked pair into step. The order of steps is the protocol that keeps every edit: link first, then both
 * records; plan and claim under the link's etag before any effect; D under its etag; A re-read directly before and
 * after; the base moves only to what was sent.
 */
export async function syncPair(
  context: SyncContext,
  resolved: ResolvedMapping,
  input: PairInput,
): Promise<PairResult> {
  let snapshots: Pick<PairInput, 'a' | 'd'> = { a: input.a, d: input.d };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const result = await attemptPair(context, resolved, { ...input, ...snapshots });
    if (result !== 'again') return result;
    snapshots = { a: undefined, d: undefined };
  }
  return { ...NOTHING, busyUntil: context.clock.now() + context.claimMs };
}

async function attemptPair(
  context: SyncContext,
  resolved: ResolvedMapping,
  input: PairInput,
): Promise<PairResult | 'again'> {
  const stored = await context.links.get(context.connection.id, resolved.mapping.id, input.authScapeId);
  if (stored === undefined || stored.value.state !== 'linked') return NOTHING;
  const link = stored.value;
  if (link.claim !== null && link.claim.until > context.clock.now()) {
    return { ...NOTHING, busyUntil: link.claim.until };
  }
  const read = await readPair(context, resolved, link, input);
  if ('gone' in read) {
    if (read.gone === 'dynamics' && isUnborn(link)) return forgetUnborn(context, stored);
    return { ...NOTHING, gone: read.gone };
  }
  if (read.d.mergedInto !== null) return followMerge(context, resolved, stored, read.d.mergedInto);
  return mergePair(context, resolved, stored, read, input);
}

async function readPair(
  context: SyncContext,
  resolved: ResolvedMapping,
  link: Link,
  input: PairInput,
): Promise<ReadPair | { gone: 'authScape' | 'dynamics' }> {
  const usable = (readAt: number) => readAt > link.changedAt && link.plan === null;
  const { authScapeEntity, crmEntity } = resolved.mapping;
  const given = input.a;
  const a =
    given?.complete === true && usable(given.readAt)
      ? given
      : await context.authScape.get(authScapeEntity, link.authScapeId, resolved.keys);
  if (a === undefined) return { gone: 'authScape' };
  const d =
    input.d !== undefined && usable(input.d.readAt)
      ? input.d
      : await context.dynamics.get(crmEntity, link.crmId, resolved.columns);
  return d === undefined ? { gone: 'dynamics' } : { a, d };
}

export async function mergePair(
  context: SyncContext,
  resolved: ResolvedMapping,
  stored: Stored<Link>,
  read: ReadPair,
  input: PairInput,
): Promise<PairResult | 'again'> {
  const link = stored.value;
  const fields = withLookups(resolved.fields, await resolveLookups(context, resolved, read.a, read.d));
  const old =
    link.plan === null ? null : resolvePlan(link.plan, fields, link.base, read.a.values, read.d.values);
  const recovered = old === null ? [] : recoveredChanges(resolved, link, fields, old.arrived);
  const merge = mergeFields({
    fields,
    base: old?.base ?? link.base,
    restingIds: resolved.restingIds,
    a: read.a.values,
    d: read.d.values,
    policy: context.connection.conflictPolicy,
    times: timesOf(context, resolved, link, read, input),
  });
  const selected = await selectWrites(context, resolved, link, read, merge, input);
  const work: PairWork = { resolved, stored, read, fields, merge, ...selected };
  const result =
    work.writes.length === 0 || context.dryRun
      ? await withoutWriting(context, work)
      : await carryOut(context, work);
  if (result === 'again' || recovered.length === 0) return result;
  if (!context.dryRun) await logChanges(context, recovered);
  return {
    ...result,
    outcome: result.outcome === 'unchanged' ? 'updated' : result.outcome,
    changes: [...recovered, ...result.changes],
  };
}

function timesOf(
  context: SyncContext,
  resolved: ResolvedMapping,
  link: Link,
  read: ReadPair,
  input: PairInput,
) {
  const scanned = context.scannedFrom.get(resolved.mapping.id) ?? null;
  return {
    now: context.clock.now(),
    dModifiedAt:
      read.d.modifiedOn === null ? null : Date.parse(read.d.modifiedOn) + context.dynamics.clockOffset(),
    aEventAt:
      input.eventAt === null || input.eventAt === undefined
        ? null
        : input.eventAt + context.authScape.clockOffset(),
    // A clean link that a complete scan left alone was at its base when that scan began.
    aUnchangedAt: link.clean && scanned !== null ? Math.max(scanned, link.changedAt) : link.changedAt,
    dUnchangedAt: link.changedAt,
  };
}

/** The row was claimed and planned, and the worker died before its insert: it is missing because it never was. */
export function isUnborn(link: Link): boolean {
  return link.plan?.kind === 'createDynamics';
}

/** Takes the unfinished creation back; the record is without a link again and is matched anew. */
async function forgetUnborn(context: SyncContext, stored: Stored<Link>): Promise<PairResult> {
  if (!context.dryRun) await context.links.remove(stored.value, stored.etag);
  return { ...NOTHING, waiting: true };
}

interface Selection {
  readonly writes: FieldWrite[];
  readonly errors: FieldError[];
  readonly guarded: { category: string; detail: string }[];
  /** Writes that wait for another record's own change within the run. */
  postponed: number;
  repeats: Link['repeats'];
}

/** Takes out of the merge what the guard, the login rules and the oscillation brake do not let pass now. */
async function selectWrites(
  context: SyncContext,
  resolved: ResolvedMapping,
  link: Link,
  read: ReadPair,
  merge: MergeResult,
  { allow, lastTry = true }: PairInput,
): Promise<Selection> {
  const selection: Selection = {
    writes: [],
    errors: [...merge.errors],
    guarded: [],
    postponed: 0,
    repeats: link.repeats,
  };
  const recordFails = merge.errors.some((error) => error.reason === 'required_value_missing');
  for (const write of merge.writes) {
    if (recordFails && write.side === 'dynamics') continue;
    const category = categoryOf(resolved, write);
    if (category !== null && allow !== 'all' && !allow.has(category)) {
      selection.guarded.push({ category, detail: `${write.side}:${write.field.aName}` });
      continue;
    }
    const refused =
      (await checkLogin(context, resolved, link, read.a, write)) ?? brake(context, write, selection);
    if (refused === null) selection.writes.push(write);
    else if (refused.reason === 'email_taken' && !lastTry) selection.postponed += 1;
    else selection.errors.push(refused);
  }
  return selection;
}

function categoryOf(resolved: ResolvedMapping, write: FieldWrite): string | null {
  return write.guarded === null
    ? null
    : guardCategory(write.guarded, resolved.mapping.id, write.field.id, write.side);
}

/** Counts the write; a field that gets the same value again and again rests until the next full run. */
function brake(context: SyncContext, write: FieldWrite, selection: Selection): FieldError | null {
  const comparison = write.side === 'dynamics' ? write.field.dComparison : write.field.aComparison;
  const key = `${write.field.id}|${write.side}`;
  const value = baseForm(write.value, comparison);
  const counted = countRepeat(selection.repeats, key, value, context.clock.now());
  if (!counted.oscillates) {
    selection.repeats = counted.repeats;
    return null;
  }
  if (context.fullRun) {
    selection.repeats = {};
    return null;
  }
  selection.repeats = counted.repeats;
  return {
    field: write.field,
    side: write.side,
    reason: 'field_oscillates',
    message: 'The same value was written five times within an hour; the field rests until the next full run.',
  };
}

/** Nothing to write (or a dry run): moves the base where it moved and says what would be written. */
async function withoutWriting(context: SyncContext, work: PairWork): Promise<PairResult | 'again'> {
  const { resolved, stored, read, merge } = work;
  const pair = pairRef(stored.value);
  const changes = [
    ...sideChanges(resolved, pair, work.writes),
    ...work.errors.map((error) => errorChange(resolved, pair, error)),
  ];
  const result: PairResult = { ...NOTHING, outcome: outcomeOf(work), changes, ...leftOver(work) };
  if (context.dryRun) {
    await logChanges(context, changes);
    return result;
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
  });
  const needless =
    !merge.baseMoved &&
    link.plan === null &&
    link.claim === null &&
    sameCleanness(link, next) &&
    work.errors.length === 0;
  if (!needless && !(await saved(context, next, stored.etag))) return 'again';
  if (work.errors.length > 0) await logChanges(context, changes);
  return result;
}

function sameCleanness(link: Link, next: Link): boolean {
  return (
    link.clean === next.clean &&
    link.mappingVersion === next.mappingVersion &&
    link.aHash === next.aHash &&
    link.dVersion === next.dVersion
  );
}
