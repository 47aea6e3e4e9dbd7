import type { Clock } from '../../../src/application/ports/runtime.js';

export interface VirtualClock extends Clock {
  /** Moves time on, from one end of a sleep to the next, until the work is done. */
  until<T>(work: Promise<T>): Promise<T>;
}

/** A clock whose sleeps take no time: it jumps to the end of the next one when nothing else is left to do. */
export function virtualClock(start = 1_700_000_000_000): VirtualClock {
  let now = start;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const wakeNext = () => {
    const next = sleepers.reduce<(typeof sleepers)[number] | undefined>(
      (least, each) => (least === undefined || each.at < least.at ? each : least),
      undefined,
    );
    if (next === undefined) throw new Error('Everything waits, and nobody sleeps: a wake-up was lost.');
    sleepers.splice(sleepers.indexOf(next), 1);
    now = next.at;
    next.wake();
  };
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise<void>((wake) => {
        sleepers.push({ at: now + ms, wake });
        signal?.addEventListener('abort', () => wake());
      }),
    async until(work) {
      let isDone = false;
      const settled = work.finally(() => {
        isDone = true;
      });
      settled.catch(() => undefined);
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        if (isDone) return settled;
        wakeNext();
      }
    },
  };
}
