import { describe, expect, it } from 'vitest';
import { createCaller } from '../../../src/adapters/http/caller.js';
import type { HttpClient } from '../../../src/adapters/http/client.js';
import { HttpFailure } from '../../../src/adapters/http/failure.js';
import { createThrottle } from '../../../src/adapters/http/throttle.js';
import { virtualClock } from './virtual-clock.js';

const retry = { attempts: 5, baseDelayMs: 500, maxDelayMs: 8_000, maxRetryAfterMs: 30_000 };
const request = { method: 'GET', url: 'https://dynamics.test/contacts', timeoutMs: 1_000 } as const;

/** Sends many requests of 20 ms, as the throttle lets them, to a counterpart that refuses more than `atOnce` for a second. */
async function load(requests: number, atOnce: number, concurrency: number) {
  const clock = virtualClock();
  let running = 0;
  let refused = 0;
  const client: HttpClient = {
    close: () => undefined,
    send: async () => {
      if (running >= atOnce) {
        refused += 1;
        throw new HttpFailure({ kind: 'status', status: 429, headers: { 'retry-after': '1' }, text: '' });
      }
      running += 1;
      await clock.sleep(20);
      running -= 1;
      return { status: 200, headers: {}, text: '' };
    },
  };
  const caller = createCaller({
    ...{ client, clock, retry, random: () => 1, side: 'dynamics' },
    throttle: createThrottle({ concurrency, clock }),
    meter: { count: () => undefined, answered: () => undefined, waited: () => undefined },
  });
  const start = clock.now();
  const calls = Promise.all(Array.from({ length: requests }, () => caller.call(request, true)));
  await clock.until(calls);
  return { seconds: (clock.now() - start) / 1_000, refused };
}

describe('a load on a counterpart that says nothing of what it stands', () => {
  it('finds it with hardly a refusal, and takes little longer than with the right number from the start', async () => {
    // 2,000 requests of 20 ms: 2.5 s with sixteen at once, 5 s with eight.
    const { refused, seconds } = await load(2_000, 16, 48);
    expect(refused).toBeLessThanOrEqual(1);
    expect(seconds).toBeLessThan(4.2);
  });

  it('is not slowed down for longer than it takes to begin', async () => {
    const { refused, seconds } = await load(2_000, 16, 8);
    expect(refused).toBe(0);
    expect(seconds).toBeLessThan(5.2);
  });
});
