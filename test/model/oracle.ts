import type { Side } from '../../src/domain/model.js';
import type { FieldValue } from '../../src/domain/values.js';

/** One change of one field of one pair, by a person or a worker; in the order in which they happened. */
export interface Happening {
  readonly side: Side;
  /** Names the field within the pair, the same for both sides. */
  readonly field: string;
  readonly from: FieldValue;
  readonly to: FieldValue;
  /** `undone`: a full replace took back what was written after its reading. */
  readonly by: 'person' | 'bridge' | 'undone' | 'race' | 'server';
}

/** Stands for the field where a record was removed: its last edits went with it. */
export const REMOVED = '!removed';

export interface PairStory {
  readonly name: string;
  readonly happenings: readonly Happening[];
  /** What each side shows in the end, by field. */
  readonly shown: Readonly<Record<Side, ReadonlyMap<string, FieldValue>>>;
  /** Is this value named in the log of the pair's field, or was it undone and that is in the log? */
  logged(field: string, value: FieldValue): boolean;
  /** May a value come back to the side that it was written on? Never, if left out. */
  mayMeetOwn?(field: string, value: FieldValue): boolean;
}

/**
 * Every value that a person writes has a number of its own, which survives every form that a server gives to the value.
 * Null when there is none (a cleared field, a flag).
 */
export function numberOf(value: FieldValue): string | null {
  return typeof value === 'string' ? (/\d+/.exec(value)?.[0] ?? null) : null;
}

/**
 * What went wrong with the values of a pair; later edits have higher numbers:
 * - a value that we replaced had never reached the other side and is not in the log;
 * - the last value that a person wrote on a side never reached the other one, and is neither to be seen nor in the log.
 * - an older value replaced a newer one without a trace, or came back to the side that it was written on.
 * What was written between the reading and the full replace of one call (`race`) cannot be known.
 */
export function lostValues(story: PairStory): readonly string[] {
  const faults: string[] = [];
  const tale = createTale();
  for (const happening of story.happenings) {
    const { by, field, from, side, to } = happening;
    const wasOurs = by === 'bridge' || by === 'undone';
    const isReplaced = numberOf(from) !== null && numberOf(from) !== numberOf(to);
    if (wasOurs && isReplaced && !tale.reachedOther(happening, from) && !story.logged(field, from)) {
      faults.push(`${story.name}: ${side} ${field} lost ${from} to ${to} without a trace`);
    }
    const hasNumber = numberOf(to) !== null;
    if (by === 'bridge' && isReplaced && hasNumber && Number(numberOf(to)) < Number(numberOf(from))) {
      if (!story.logged(field, from))
        faults.push(`${story.name}: ${side} ${field} went back from ${from} to ${to}`);
      if (tale.isOwn(happening, to) && story.mayMeetOwn?.(field, to) !== true)
        faults.push(`${story.name}: ${side} ${field} met its own ${to} after ${from}`);
    }
    tale.add(happening);
  }
  for (const { field, side, to, ...rest } of tale.lastEdits()) {
    const isSeen = [story.shown.authScape, story.shown.dynamics].some(
      (values) => numberOf(values.get(field) ?? null) === numberOf(to),
    );
    const isKnown = isSeen || tale.reachedOther({ field, side, to, ...rest }, to) || story.logged(field, to);
    if (!isKnown) faults.push(`${story.name}: the last edit ${side} ${field} = ${to} is nowhere`);
  }
  return faults;
}

/** What was written where so far. */
function createTale() {
  const written = new Map<string, Set<string>>();
  const last = new Map<string, Happening>();
  const unknowable = new Set<string | null>();
  const origins = new Map<string, Set<Side>>();
  return {
    add(happening: Happening): void {
      const { by, field, from, side, to } = happening;
      const number = numberOf(to);
      const key = `${side} ${field}`;
      if (field === REMOVED)
        for (const each of [...last.keys()]) if (each.startsWith(`${side} `)) last.delete(each);
      if (by === 'race') unknowable.add(numberOf(from));
      if (number !== null) written.set(key, (written.get(key) ?? new Set()).add(number));
      if (by !== 'person') return;
      last.set(key, happening);
      const origin = `${field} ${to}`;
      origins.set(origin, (origins.get(origin) ?? new Set()).add(side));
    },
    reachedOther({ field, side }: Happening, value: FieldValue): boolean {
      const other = side === 'dynamics' ? 'authScape' : 'dynamics';
      return written.get(`${other} ${field}`)?.has(numberOf(value) ?? '') === true;
    },
    /** Was the value, in just this form, written by a person on this side, and on this side only? */
    isOwn({ field, side }: Happening, value: FieldValue): boolean {
      const sides = origins.get(`${field} ${value}`);
      return sides?.size === 1 && sides.has(side);
    },
    lastEdits: () =>
      [...last.values()].filter(({ to }) => numberOf(to) !== null && !unknowable.has(numberOf(to))),
  };
}
