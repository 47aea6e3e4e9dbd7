import type { Clock } from '../application/ports/runtime.js';

/** So many single records at once mean that others wait in the queue: the host fetches more of them at four or fewer. */
const MANY = 5;
/** A pair of a run waits for its turn so long at the most: a flood of events slows a run down and does not stop it. */
const LONGEST_MS = 1_000;

/**
 * The single records and events that a process works on. Beside a run each of their many small steps waits until the
 * pairs of the run that are ready have had the processor; so the run begins no further pairs while many of them are under
 * way. What a run writes itself comes back as events, and those of people wait behind them.
 */
export interface SingleWork {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Before a run begins with a pair. */
  giveWay(): Promise<void>;
}

export function createSingleWork({ sleep }: Pick<Clock, 'sleep'>): SingleWork {
  let underWay = 0;
  let fewer: { readonly come: Promise<void>; readonly tell: () => void } | undefined;
  return {
    async run(work) {
      underWay += 1;
      try {
        return await work();
      } finally {
        underWay -= 1;
        if (underWay < MANY) {
          fewer?.tell();
          fewer = undefined;
        }
      }
    },
    async giveWay() {
      if (underWay < MANY) return;
      fewer ??= signal();
      await Promise.race([fewer.come, sleep(LONGEST_MS)]);
    },
  };
}

function signal(): { readonly come: Promise<void>; readonly tell: () => void } {
  let tell = () => {};
  const come = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return { come, tell };
}
