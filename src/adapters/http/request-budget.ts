/**
 * How many requests the other side lets in within a sliding window, as a refusal has shown. Nothing is held back before:
 * the number is not known, and may be several times the documented one where several servers answer. Twelve windows later
 * (an hour) it is found anew.
 */
export interface RequestBudget {
  /** Milliseconds until one more request fits; 0: now. Bulk leaves a rest to urgent ones. */
  waitMs(isBulk: boolean): number;
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

const SLICES = 100;
/** Of what led to a refusal. */
const KEPT_SHARE = 0.9;
const KNOWN_WINDOWS = 12;
const BULK_SHARE = 0.95;

export function createRequestBudget(window: CountedWindow, now: () => number): RequestBudget {
  const sliceMs = window.ms / SLICES;
  const slices: Slice[] = [];
  let most = Number.POSITIVE_INFINITY;
  let knownUntil = 0;
  let total = 0;

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

  return {
    waitMs(isBulk) {
      forgetOld();
      if (now() >= knownUntil) return 0;
      if (total < (isBulk ? Math.max(1, Math.floor(most * BULK_SHARE)) : most)) return 0;
      const [oldest] = slices;
      return oldest === undefined ? 0 : leavesAt(oldest) - now();
    },
    spend() {
      forgetOld();
      const last = slices.at(-1);
      if (last !== undefined && now() < last.from + sliceMs) last.requests += 1;
      else slices.push({ from: now(), requests: 1 });
      total += 1;
    },
    usedUp(underWay) {
      forgetOld();
      const known = now() < knownUntil ? most : Number.POSITIVE_INFINITY;
      const taken = Math.min(total - underWay, known);
      if (taken < window.least) return;
      most = Math.max(1, Math.floor(taken * KEPT_SHARE));
      knownUntil = now() + window.ms * KNOWN_WINDOWS;
    },
  };
}
