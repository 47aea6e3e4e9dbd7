import type { ResolvedField } from './fields.js';
import type { ConflictPolicy, Side } from './model.js';
import type { FieldValue } from './values.js';

/** Milliseconds by our clock; null: unknown. */
export interface MergeTimes {
  readonly now: number;
  /** D's `modifiedon`, corrected by the offset of the clocks. */
  readonly dModifiedAt: number | null;
  /** An event's time of change in A. */
  readonly aEventAt: number | null;
  /** When A was last seen equal to its base. */
  readonly aUnchangedAt: number | null;
  /** When D was last seen equal to its base. */
  readonly dUnchangedAt: number | null;
}

/** A conflict whose winning value the other side cannot hold: that side keeps its own. */
export interface KeptConflict {
  readonly field: ResolvedField;
  /** The side whose value won and could not be written to the other one. */
  readonly winner: Side;
  /** What the other side keeps. */
  readonly value: FieldValue;
  readonly message: string;
}

/** Dynamics' `modifiedon` is cut to the second: only a later second is surely later. */
const SECOND = 1000;

/** Who wins when both sides changed a field; `estimated` when the order of the edits is not proven. */
export function conflictWinner(
  policy: ConflictPolicy,
  times: MergeTimes,
): { winner: Side; estimated: boolean } {
  if (policy === 'authScapeWins') return { winner: 'authScape', estimated: false };
  if (policy === 'dynamicsWins') return { winner: 'dynamics', estimated: false };
  const { now, dModifiedAt, aEventAt, aUnchangedAt, dUnchangedAt } = times;
  if (dModifiedAt !== null && aUnchangedAt !== null && aUnchangedAt >= dModifiedAt + SECOND) {
    return { winner: 'authScape', estimated: false };
  }
  const eventCounts = aEventAt !== null && aEventAt <= now && aEventAt >= (aUnchangedAt ?? -Infinity);
  if (!eventCounts || aEventAt === null) return { winner: 'dynamics', estimated: true };
  if (dModifiedAt !== null && aEventAt > dModifiedAt) {
    return { winner: 'authScape', estimated: aEventAt < dModifiedAt + SECOND };
  }
  return { winner: 'dynamics', estimated: !(dUnchangedAt !== null && dUnchangedAt >= aEventAt) };
}
