import type { Change } from '../../../domain/change.js';
import type { ResolvedField, ResolvedMapping } from '../../../domain/fields.js';
import type { BaseEntry, Link, PairFailure, Plan, RunStamp } from '../../../domain/link.js';
import type { FieldError, FieldWrite, MergeResult } from '../../../domain/merge.js';
import { otherSide } from '../../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import type { Outcome } from '../../../domain/run.js';
import type { Waits } from '../../../domain/waits.js';
import type { Stored } from '../../ports/stores.js';
import {
  changeOf,
  fieldChange,
  fullHash,
  listHash,
  logChanges,
  type MappingContext,
  type PairRef,
  type PairResult,
  pairRef,
  withEarlier,
} from '../context/sync-context.js';
import { waitingSkip } from './waiting-pair.js';

export interface ReadPair {
  readonly a: AuthScapeRecord;
  readonly d: DynamicsRow;
}

/** All that the effects of one pair need to know. */
export interface PairWork {
  readonly stored: Stored<Link>;
  readonly read: ReadPair;
  readonly fields: readonly ResolvedField[];
  readonly merge: MergeResult;
  readonly writes: readonly FieldWrite[];
  readonly errors: readonly FieldError[];
  readonly guarded: PairResult['guarded'];
  /** Writes that wait for another record's own change within the run. */
  readonly postponed: number;
  /** No worker comes back to the pair: what still waits is told. */
  readonly lastTry: boolean;
  readonly repeats: Link['repeats'];
  /** The answer to a write was lost by the look before this one. */
  readonly lostBefore: boolean;
  /** What an earlier phase of the run met: these writes are left out now. */
  readonly met: PairFailure | null;
  /** What of an older plan for Dynamics has not taken effect: a slow call of its worker may land still. */
  readonly openPlan: Plan | null;
}

/** The link as it stands after the work on the pair. */
export function nextLink(
  context: MappingContext,
  work: PairWork,
  state: {
    base: Readonly<Record<string, BaseEntry>>;
    clean: boolean;
    a: AuthScapeRecord;
    d: DynamicsRow;
    lastRun: RunStamp | null;
    failure?: Link['failure'];
    waits?: Omit<Waits, 'at'> | null;
  },
): Link {
  const link = work.stored.value;
  const now = context.clock.now();
  return {
    ...link,
    base: state.base,
    clean: state.clean,
    mappingVersion: context.resolved.mapping.version,
    aHash: state.clean ? listHash(context.resolved, state.a.values) : null,
    fullHash: state.clean && state.a.complete ? fullHash(context.resolved, state.a.values) : null,
    dVersion: state.clean ? state.d.etag : null,
    plan: null,
    claim: null,
    repeats: work.repeats,
    failure: state.failure ?? work.met,
    waits: state.waits ? { ...state.waits, at: now } : null,
    missing: null,
    lastRun: state.lastRun,
    changedAt: now,
    agreedAt: state.clean ? now : link.agreedAt,
    lastSyncedAt: new Date(now).toISOString(),
  };
}

/** One change entry per written side. */
export function sideChanges(
  resolved: ResolvedMapping,
  pair: PairRef,
  writes: readonly FieldWrite[],
): readonly Change[] {
  return (['authScape', 'dynamics'] as const).flatMap((side) => {
    const own = writes.filter((write) => write.side === side);
    if (own.length === 0) return [];
    const removes = own.some((write) => write.guarded === 'removal');
    const conflict = own.some((write) => write.rule === 'conflict');
    return [
      changeOf(resolved, pair, {
        side,
        action: removes ? 'deactivate' : 'update',
        outcome: conflict ? 'conflict' : removes ? 'deactivated' : 'updated',
        fields: own.map(fieldChange),
      }),
    ];
  });
}

export function outcomeOf(
  work: Pick<PairWork, 'writes' | 'merge'> & { readonly errors: readonly unknown[] },
): Outcome {
  if (work.errors.length > 0) return 'failed';
  if (work.writes.some((write) => write.rule === 'conflict')) return 'conflict';
  if (work.writes.some((write) => write.guarded === 'removal')) return 'deactivated';
  if (work.writes.length > 0) return 'updated';
  return work.merge.waiting.length > 0 ? 'skipped' : 'unchanged';
}

/** Why a pair is passed over although something is due. */
export function waitingChange(context: MappingContext, work: PairWork): readonly Change[] {
  const waits = work.merge.waiting.length > 0 && work.writes.length === 0 && work.errors.length === 0;
  if (!waits || !work.lastTry) return [];
  const due = work.fields
    .filter((field) => work.merge.waiting.includes(field.id))
    .map((field) => ({ field, d: work.read.d.values[field.column] ?? null }));
  return [waitingSkip(context, pairRef(work.stored.value), due)];
}

/** Adds what a worker that died had done, and the conflicts that were decided although the other side cannot hold the winner. */
export async function tellKept(
  context: MappingContext,
  { stored, merge }: Pick<PairWork, 'stored' | 'merge'>,
  recovered: readonly Change[],
  result: PairResult,
): Promise<PairResult> {
  const kept = merge.kept.map(({ field, winner, value, message }) => {
    const name = winner === 'dynamics' ? field.aName : field.column;
    return changeOf(context.resolved, pairRef(stored.value), {
      side: otherSide(winner),
      action: 'none',
      outcome: 'conflict',
      fields: [{ field: name, from: value, to: value, rule: 'conflict', winner }],
      error: { code: 'other_table', message, field: name },
    });
  });
  await logChanges(context, kept);
  const withKept = withEarlier(
    { outcome: kept.length > 0 ? 'conflict' : 'unchanged', changes: kept },
    result,
  );
  return withEarlier(
    { outcome: recovered.length > 0 ? 'updated' : 'unchanged', changes: recovered },
    withKept,
  );
}

/** What one attempt at a pair came to. */
export type Attempted =
  | { readonly kind: 'done'; readonly result: PairResult }
  /** Another writer moved something: the next attempt starts from the link. */
  | { readonly kind: 'again' }
  /** The same after a write whose answer was lost. */
  | { readonly kind: 'lost' };

export const AGAIN: Attempted = { kind: 'again' };

export function done(result: PairResult): Attempted {
  return { kind: 'done', result };
}

export function remainingWork(work: PairWork): Pick<PairResult, 'guarded' | 'waiting'> {
  return { guarded: work.guarded, waiting: work.merge.waiting.length > 0 || work.postponed > 0 };
}

/** Would storing the link change nothing of what later lists and versions are compared with? */
export function sameCleanness(link: Link, next: Link): boolean {
  return (
    link.clean === next.clean &&
    link.mappingVersion === next.mappingVersion &&
    link.aHash === next.aHash &&
    (link.fullHash ?? null) === (next.fullHash ?? null) &&
    link.dVersion === next.dVersion &&
    isSameWait(link, next)
  );
}

/** The run that saw it last does not matter, nor when. */
function isSameWait({ waits: before, changedAt }: Link, { waits: next }: Link): boolean {
  if (!before || !next) return !before && !next;
  if (before.at !== changedAt) return false;
  const { at: _, runId: __, ...old } = before;
  const { at: ___, runId: ____, ...now } = next;
  return JSON.stringify(old) === JSON.stringify(now);
}
