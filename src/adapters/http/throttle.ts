import type { Clock } from '../../application/ports/runtime.js';
import { interruption, refuseIfInterrupted } from '../interruption.js';
import { PausedError } from './failure.js';

/** At most N calls at once, and one pause that all calls share. */
export interface Throttle {
  /**
   * Runs the work when a place is free and no pause is on. Throws `PausedError` at once when the pause lasts longer than
   * `maxWaitMs`.
   */
  run<T>(work: () => Promise<T>, maxWaitMs: number): Promise<T>;
  /** Lets no call start for that long; a shorter pause never ends a longer one. */
  pause(ms: number): void;
}

export function createThrottle(options: { concurrency: number; clock: Clock }): Throttle {
  const { clock, concurrency } = options;
  const waiting: (() => void)[] = [];
  let free = concurrency;
  let pausedUntil = 0;

  async function acquire(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** Hands the place on without freeing it in between, so that no other call overtakes. */
  function release(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }

  async function passPause(maxWaitMs: number): Promise<void> {
    for (let left = pausedUntil - clock.now(); left > 0; left = pausedUntil - clock.now()) {
      if (left > maxWaitMs) throw new PausedError(left);
      await clock.sleep(left, interruption());
      refuseIfInterrupted();
    }
  }

  return {
    pause: (ms) => {
      pausedUntil = Math.max(pausedUntil, clock.now() + ms);
    },
    run: async (work, maxWaitMs) => {
      await acquire();
      try {
        await passPause(maxWaitMs);
        return await work();
      } finally {
        release();
      }
    },
  };
}
