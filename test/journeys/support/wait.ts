import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  withinMs?: number;
  everyMs?: number;
}

/** Asks again and again until the answer is neither undefined nor false; throws with `what` when it never is. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  { withinMs = 60_000, everyMs = 50 }: Patience = {},
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (Date.now() > deadline) {
      throw new Error(`Waited ${withinMs} ms in vain until ${what}.`);
    }
    await sleep(everyMs);
  }
}
