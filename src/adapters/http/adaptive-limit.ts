/**
 * How many calls at once the other side stands, found by trying: one more after each window of calls with all places in
 * use, a fifth less when nearly all calls of a window were slow, and half, from one call on, after a refusal (AIMD, as
 * TCP does it). A refusal costs a pause, so the size that met one is not tried again for a while.
 */
export interface Limit {
  /** Calls at once. */
  readonly size: number;
  /** Up to here it doubles with each round of successes: what it had before, halved by each refusal. */
  readonly target: number;
  /** Calls of this window, and how many of them were slow. */
  readonly calls: number;
  readonly slow: number;
  /** So many at once were too many. */
  readonly refused: { readonly size: number; readonly until: number } | undefined;
}

/** What one call that ended says. */
export interface Ended {
  /** The most calls at once that the limit may grow to. */
  readonly ceiling: number;
  /** Were all places in use? Else nothing is known of what more calls would do. */
  readonly isFull: boolean;
  readonly outcome: 'quick' | 'slow' | 'failed';
  readonly now: number;
}

export interface Refusal {
  readonly ceiling: number;
  /** Were there too many calls at once, as far as this process knows? */
  readonly isCrowded: boolean;
  readonly now: number;
}

const START = 4;
/** Fewer calls than this say nothing about a trend. */
const WINDOW = 8;
const SLOW_SHARE = 0.75;
const SHRINK = 0.8;
/** By time alone the limit does not fall below this: requests differ in what they ask for, too. */
const LEAST_BY_TIME = 2;
/** Nor is a size above this kept from being tried again. */
const LEAST_KNOWN = 2;
const KNOWN_FOR_MS = 300_000;

export function firstLimit(ceiling: number): Limit {
  const size = Math.min(START, ceiling);
  return { size, target: size, calls: 0, slow: 0, refused: undefined };
}

/** The limit after a call. */
export function afterCall(limit: Limit, ended: Ended): Limit {
  const { isFull, outcome } = ended;
  if (!isFull || outcome === 'failed') return limit;
  const { size, target } = limit;
  if (size < target && outcome === 'quick') return { ...limit, size: grown(limit, ended) };
  const calls = limit.calls + 1;
  const slow = limit.slow + (outcome === 'slow' ? 1 : 0);
  if (calls < Math.max(WINDOW, size)) return { ...limit, calls, slow };
  if (slow < calls * SLOW_SHARE) return steady(limit, grown(limit, ended));
  return steady(limit, Math.min(size, Math.max(LEAST_BY_TIME, Math.floor(size * SHRINK))));
}

/** The limit after the other side has refused a call: it begins anew with one. */
export function afterRefusal(limit: Limit, { ceiling, isCrowded, now }: Refusal): Limit {
  const reached = Math.min(Math.max(limit.size, limit.target), ceiling);
  const refused = { size: Math.max(reached, LEAST_KNOWN + 1), until: now + KNOWN_FOR_MS };
  return {
    ...steady(limit, 1),
    target: Math.max(1, Math.floor(reached / 2)),
    refused: isCrowded ? refused : limit.refused,
  };
}

/** A new window at a size that it did not fall to from a larger one. */
function steady(limit: Limit, size: number): Limit {
  return { ...limit, size, target: size, calls: 0, slow: 0 };
}

function grown({ refused, size }: Limit, { ceiling, now }: Ended): number {
  const known = refused !== undefined && now < refused.until ? refused.size - 1 : Number.POSITIVE_INFINITY;
  return Math.max(1, Math.min(size + 1, ceiling, Math.max(size, known)));
}

/** The quickest calls of one kind: those of the last span and of the one before, so that what is out of date is forgotten. */
export interface Quickest {
  readonly before: number;
  readonly now: number;
  readonly calls: number;
}

const SPAN = 200;
const MUCH_SLOWER = 2.5;
/** What one request takes longer than another by chance, in milliseconds. */
const CHANCE_MS = 20;

/** The quickest with one more call, and whether that call was slow. */
export function compareTime(
  known: Quickest | undefined,
  ms: number,
): { quickest: Quickest; isSlow: boolean } {
  const { before, now, calls } = known ?? { before: ms, now: ms, calls: 0 };
  const isSlow = ms > Math.min(before, now) * MUCH_SLOWER + CHANCE_MS;
  const least = Math.min(now, ms);
  const isOver = calls + 1 >= SPAN;
  return {
    isSlow,
    quickest: isOver
      ? { before: least, now: Number.POSITIVE_INFINITY, calls: 0 }
      : { before, now: least, calls: calls + 1 },
  };
}
