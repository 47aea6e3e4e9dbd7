import { describe, expect, it } from 'vitest';
import { inBulk } from '../../../src/adapters/bulk-work.js';
import { PATIENT, setUp } from './throttle-scene.js';

describe('the window of the other side', () => {
  it('is used by runs at the rate at which it was met, and a little quicker as time goes by', async () => {
    const { call, clock, throttle, waits } = setUp({ concurrency: 8, window: { ms: 5_000, least: 10 } });
    await clock.until(Promise.all(Array.from({ length: 60 }, () => call())));
    throttle.refused(true);
    throttle.pause(4_000);
    const starts: number[] = [];
    const from = clock.now() + 4_000;
    const next = Array.from({ length: 200 }, () =>
      inBulk(() =>
        throttle.run(async () => {
          starts.push(clock.now() - from);
          await clock.sleep(100);
        }, PATIENT),
      ),
    );
    await clock.until(Promise.all(next));
    const within = (since: number) => starts.filter((at) => at >= since && at < since + 1_000).length;
    // Nine tenths of 60 in five seconds are 10.8 a second.
    expect(within(0)).toBeGreaterThanOrEqual(9);
    expect(within(0)).toBeLessThanOrEqual(13);
    expect(within(4_000)).toBeGreaterThan(within(0) * 1.2);
    expect(clock.now() - from).toBeLessThan(15_000);
    expect(waits.get('pace')).toBeGreaterThan(0);
  });

  it.each([1, 100, 1_000])('holds no event back for longer than was asked for: %i ms', async (pauseMs) => {
    const { calls, clock, throttle, waits } = setUp({ concurrency: 8, window: { ms: 300_000, least: 600 } });
    await clock.until(calls(2_000));
    throttle.refused(true);
    throttle.pause(pauseMs);
    const from = clock.now();
    await clock.until(calls(20, 'event', 10));
    expect(clock.now() - from).toBeLessThan(pauseMs + 300);
    expect(waits.get('pace')).toBeUndefined();
  });

  it('lets a run have its turn however many events there were', async () => {
    const { calls, clock, throttle } = setUp({ concurrency: 8, window: { ms: 60_000, least: 10 } });
    await clock.until(calls(60));
    throttle.refused(true);
    throttle.pause(1);
    await clock.until(calls(500, 'event', 10));
    const from = clock.now();
    await clock.until(inBulk(() => calls(1, 'run', 10)));
    expect(clock.now() - from).toBeLessThan(20_000);
  });

  it('is none of ours while others use it up', async () => {
    const { calls, clock, throttle, waits } = setUp({ window: { ms: 60_000, least: 10 } });
    await clock.until(calls(9));
    throttle.refused(true);
    throttle.pause(1);
    await clock.until(inBulk(() => calls(100)));
    expect(waits.get('pace')).toBeUndefined();
  });

  it('is found anew after twelve of them', async () => {
    const { calls, clock, throttle, waits } = setUp({ window: { ms: 60_000, least: 10 } });
    await clock.until(calls(20));
    throttle.refused(true);
    throttle.pause(1);
    await clock.until(clock.sleep(12 * 60_000));
    await clock.until(inBulk(() => calls(100)));
    expect(waits.get('pace')).toBeUndefined();
  });
});
