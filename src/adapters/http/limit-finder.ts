import type { Clock } from '../../application/ports/runtime.js';
import { keepNewest } from '../../lib/keep-newest.js';
import {
  afterCall,
  afterRefusal,
  compareTime,
  type Ended,
  firstLimit,
  type Quickest,
} from './adaptive-limit.js';
import { HttpFailure } from './failure.js';

/** The adaptive limit of one throttle, fed with what its calls do. */
export interface LimitFinder {
  /** Calls at once, as found so far. */
  size(): number;
  /** Runs the work and learns from how it ends. `kind`: of calls that usually take the same time. */
  watch<T>(work: () => Promise<T>, kind: string | undefined): Promise<T>;
  /**
   * The other side refused a call, here or in another process. Calls under way are refused together: only the first counts,
   * and is answered with true. `isCrowded`: for too many at once.
   */
  refused(isCrowded: boolean): boolean;
}

const MAX_KINDS = 100;

/** `ceiling`: the most places there may be now; `isFull`: whether all that there are have a call. */
export function createLimitFinder(ceiling: () => number, isFull: () => boolean, clock: Clock): LimitFinder {
  const times = new Map<string, Quickest>();
  let limit = firstLimit(ceiling());
  let refusals = 0;
  let hasStarted = true;

  function outcomeOf(kind: string | undefined, ms: number): Ended['outcome'] {
    if (kind === undefined) return 'quick';
    const { quickest, isSlow } = compareTime(times.get(kind), ms);
    keepNewest(times, MAX_KINDS, [kind, quickest]);
    return isSlow ? 'slow' : 'quick';
  }

  return {
    size: () => Math.min(limit.size, ceiling()),
    async watch(work, kind) {
      hasStarted = true;
      const from = clock.now();
      const refusalsBefore = refusals;
      /** A call that began before the last refusal says nothing about what is stood since. */
      const learn = (outcome: Ended['outcome']) => {
        if (refusalsBefore !== refusals) return;
        limit = afterCall(limit, { ceiling: ceiling(), isFull: isFull(), outcome, now: clock.now() });
      };
      try {
        const result = await work();
        learn(outcomeOf(kind, clock.now() - from));
        return result;
      } catch (error) {
        learn(isTimeout(error) ? 'slow' : 'failed');
        throw error;
      }
    },
    refused(isCrowded) {
      if (!hasStarted) return false;
      hasStarted = false;
      refusals += 1;
      limit = afterRefusal(limit, { ceiling: ceiling(), isCrowded, now: clock.now() });
      return true;
    },
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof HttpFailure && error.failure.kind === 'timeout';
}
