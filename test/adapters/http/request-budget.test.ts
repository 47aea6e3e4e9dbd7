import { describe, expect, it } from 'vitest';
import { inBulk } from '../../../src/adapters/bulk-work.js';
import { PATIENT, setUp } from './throttle-scene.js';

describe('the window of the other side', () => {
  it('is not used up again once it was met', async () => {
    const { call, clock, seen, throttle, waits } = setUp({
      concurrency: 8,
      window: { ms: 5_000, least: 10 },
    });
    await clock.until(Promise.all(Array.from({ length: 60 }, () => call())));
    throttle.refused(true);
    throttle.pause(4_000);
    const starts: number[] = [];
    const from = clock.now();
    const next = Array.from({ length: 200 }, () =>
      throttle.run(async () => {
        starts.push(clock.now());
        await clock.sleep(100);
      }, PATIENT),
    );
    await clock.until(Promise.all(next));
    const within = (at: number) => starts.filter((each) => each > at - 5_000 && each <= at).length;
    expect(Math.max(...starts.map(within))).toBeLessThanOrEqual(60);
    expect(clock.now() - from).toBeLessThan(30_000);
    expect(waits.get('budget')).toBeGreaterThan(0);
    expect(seen.most).toBeLessThanOrEqual(8);
  });

  it('is none of ours while others use it up', async () => {
    const { calls, clock, throttle, waits } = setUp({ window: { ms: 60_000, least: 10 } });
    await clock.until(calls(9));
    throttle.refused(true);
    throttle.pause(1);
    await clock.until(calls(100));
    expect(waits.get('budget')).toBeUndefined();
  });

  it('is found anew after twelve of them', async () => {
    const { calls, clock, throttle, waits } = setUp({ window: { ms: 60_000, least: 10 } });
    await clock.until(calls(20));
    throttle.refused(true);
    throttle.pause(1);
    await clock.until(clock.sleep(12 * 60_000));
    await clock.until(calls(100));
    expect(waits.get('budget')).toBeUndefined();
  });

  it('leaves urgent calls a rest', async () => {
    const { calls, clock, throttle } = setUp({ concurrency: 8, window: { ms: 60_000, least: 10 } });
    await clock.until(calls(200));
    throttle.refused(true);
    throttle.pause(1);
    await clock.until(clock.sleep(70_000));
    const bulk = inBulk(() => calls(200, 'b', 10));
    await clock.until(clock.sleep(5_000));
    const from = clock.now();
    await clock.until(calls(5, 'u', 10));
    expect(clock.now() - from).toBeLessThan(100);
    await clock.until(bulk);
  });
});
