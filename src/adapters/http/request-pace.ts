/**
 * How quickly runs may ask after the other side has said that the requests of its window are used up. Nothing is held
 * back before: the number is not known, and may be several times the documented one where several servers answer. A
 * refusal shows how many it took; from then on runs ask at nine tenths of that rate, and at a twentieth more with each tenth
 * of a window that passes without a refusal, so that one that had other reasons is soon forgotten. A rate holds no request
 * back for longer than the other side has asked for, as counting what is left of a window would. Other requests count and are
 * not held back: they have to be answered soon, and where the other side does not stand them it says so.
 */
export interface RequestPace {
  /** Milliseconds until a run may ask again; 0: now. */
  waitMs(): number;
  /** A request goes out. */
  spend(): void;
  /** A request was refused since those before it had used the window up; so many are not answered yet. */
  usedUp(underWay: number): void;
}

export interface CountedWindow {
  readonly ms: number;
  /** A process that is refused after fewer requests than this had little part in it: other callers used the window up. */
  readonly least: number;
}

interface Slice {
  readonly from: number;
  requests: number;
}

interface Pace {
  /** Between two requests, at first. */
  readonly gapMs: number;
  readonly foundAt: number;
  /** The first request after the refusal: while all wait nothing is learned. */
  readonly since: number | undefined;
}

const SLICES = 100;
/** Of what led to a refusal. */
const KEPT_SHARE = 0.9;
const FASTER = 1.05;
const STEPS_PER_WINDOW = 10;
/** Windows after which nothing is left of what was found. */
const KNOWN_WINDOWS = 12;
/** However many other requests went out, a run has its turn. */
const MOST_GAPS = 16;

export function createRequestPace(window: CountedWindow, now: () => number): RequestPace {
  const sliceMs = window.ms / SLICES;
  const slices: Slice[] = [];
  let total = 0;
  let found: Pace | undefined;
  let next = 0;

  function forgetOld(): void {
    for (let [oldest] = slices; oldest !== undefined && leavesAt(oldest) <= now(); [oldest] = slices) {
      total -= oldest.requests;
      slices.shift();
    }
  }

  /** When the last request of a slice has left the window. */
  function leavesAt({ from }: Slice): number {
    return from + sliceMs + window.ms;
  }

  /** 0: as quickly as it likes. */
  function gapMs(): number {
    if (found === undefined) return 0;
    if (now() >= found.foundAt + window.ms * KNOWN_WINDOWS) return 0;
    const steps = ((now() - (found.since ?? now())) / window.ms) * STEPS_PER_WINDOW;
    return found.gapMs / FASTER ** Math.floor(steps);
  }

  return {
    waitMs: () => (gapMs() === 0 ? 0 : Math.max(0, next - now())),
    spend() {
      forgetOld();
      const last = slices.at(-1);
      if (last !== undefined && now() < last.from + sliceMs) last.requests += 1;
      else slices.push({ from: now(), requests: 1 });
      total += 1;
      if (found !== undefined) found = { ...found, since: found.since ?? now() };
      const gap = gapMs();
      next = Math.min(Math.max(next, now()) + gap, now() + gap * MOST_GAPS);
    },
    usedUp(underWay) {
      forgetOld();
      const taken = total - underWay;
      if (taken < window.least) return;
      found = { gapMs: window.ms / (taken * KEPT_SHARE), foundAt: now(), since: undefined };
    },
  };
}
