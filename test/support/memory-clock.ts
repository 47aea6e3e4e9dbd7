import type { Clock } from '../../src/application/ports/runtime.js';

export interface MemoryClock extends Clock {
  advance(ms: number): void;
}

/** A clock that stands still until it is moved; sleeping moves it. */
export function createMemoryClock(start = Date.parse('2026-03-01T08:00:00Z')): MemoryClock {
  let now = start;
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
    sleep: async (ms) => {
      now += ms;
    },
  };
}
