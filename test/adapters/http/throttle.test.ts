import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inBulk } from '../../../src/adapters/bulk-work.js';
import { PausedError } from '../../../src/adapters/http/failure.js';
import { createThrottle } from '../../../src/adapters/http/throttle.js';
import { handClock } from './script.js';
import { PATIENT, setUp } from './throttle-scene.js';
import { virtualClock } from './virtual-clock.js';

describe('how many calls at once', () => {
  it('starts at 4 and grows while all places are in use', async () => {
    const { mostOf } = setUp();
    expect(await mostOf(11)).toBe(4);
    // The first eight ended while all places were in use.
    expect(await mostOf(12)).toBe(5);
    expect(await mostOf(12)).toBe(6);
  });

  it('stays where it is while there is not enough to do', async () => {
    const { call, clock, mostOf } = setUp();
    for (let index = 0; index < 100; index += 1) await clock.until(call());
    expect(await mostOf(8)).toBe(4);
  });

  it('grows to the configured ceiling, or to what the other side advises', async () => {
    const { mostOf, throttle } = setUp({ concurrency: 8 });
    expect(await mostOf(500)).toBe(8);
    throttle.heed({ 'x-ms-dop-hint': '12' });
    expect(await mostOf(500)).toBe(12);
    throttle.heed({ 'x-ms-dop-hint': '3' });
    expect(await mostOf(50)).toBe(3);
    for (const hint of ['', 'many', '-1', '0']) throttle.heed({ 'x-ms-dop-hint': hint });
    expect(await mostOf(50)).toBe(3);
    throttle.heed({ 'x-ms-dop-hint': '1000' });
    expect(await mostOf(10_000)).toBe(48);
  });

  it('shrinks while calls of one kind get slower', async () => {
    const { mostOf } = setUp({ concurrency: 20 });
    expect(await mostOf(500, 100, 'GET contacts')).toBe(20);
    await mostOf(100, 1_000, 'GET contacts');
    expect(await mostOf(1, 100, 'PATCH contacts')).toBe(1);
    expect(await mostOf(20, 1_000, 'GET contacts')).toBeLessThan(12);
  });

  it('halves once per pause and begins anew with one call', async () => {
    const { calls, clock, mostOf, seen, throttle } = setUp({ concurrency: 16 });
    await mostOf(500);
    for (let index = 0; index < 5; index += 1) throttle.refused();
    throttle.pause(1_000);
    const next = calls(40);
    await clock.until(clock.sleep(1_050));
    expect(seen.running).toBe(1);
    seen.most = 0;
    await clock.until(next);
    // 16, halved once, and grown by one for each eight calls.
    expect([8, 9, 10, 11]).toContain(seen.most);
  });

  it('does not grow during a pause by calls that began before', async () => {
    const { calls, clock, mostOf, seen, throttle } = setUp({ concurrency: 16 });
    await mostOf(500);
    const before = calls(16);
    await clock.until(clock.sleep(1));
    expect(seen.running).toBe(16);
    throttle.refused();
    throttle.pause(1_000);
    await clock.until(before);
    seen.most = 0;
    const first = calls(3, '', 5_000);
    await clock.until(clock.sleep(1_500));
    expect(seen.running).toBe(1);
    await clock.until(first);
  });
});

describe('pause', () => {
  it('is waited out, however many places are free', async () => {
    const { calls, clock, throttle, waits } = setUp();
    throttle.pause(2_000);
    throttle.pause(500);
    const from = clock.now();
    await clock.until(calls(1));
    expect(clock.now() - from).toBe(2_100);
    expect(Object.fromEntries(waits)).toEqual({ pause: 2_000 });
  });

  it('fails calls that may not wait so long, also those that wait for a place already', async () => {
    const { calls, clock, throttle } = setUp({ concurrency: 1 });
    const running = calls(1);
    const waiting = throttle.run(async () => 'sent', 3_000).catch((error: unknown) => error);
    throttle.pause(10_000);
    const atOnce = throttle.run(async () => 'sent', 3_000).catch((error: unknown) => error);
    await clock.until(running);
    expect(await clock.until(waiting)).toBeInstanceOf(PausedError);
    expect(await clock.until(atOnce)).toBeInstanceOf(PausedError);
  });

  it('of another process is kept too', async () => {
    const clock = handClock();
    const told: number[] = [];
    const share = {
      use: () => undefined,
      of: (places: number) => places,
      pausedUntil: () => clock.now() - (clock.now() % 10_000) + 4_000,
      tellPause: (until: number) => told.push(until),
    };
    const start = clock.now();
    const throttle = createThrottle({ concurrency: 8, clock, share });
    await throttle.run(async () => undefined, PATIENT);
    expect(clock.now() - start).toBe(4_000);
    expect(told).toEqual([]);
    throttle.pause(7_000);
    expect(told).toEqual([start + 11_000]);
  });
});

describe('places', () => {
  it('hands places on in the order of asking', async () => {
    const throttle = createThrottle({ concurrency: 3, clock: handClock() });
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        throttle.run(async () => {
          order.push(index);
          await new Promise((resolve) => setImmediate(resolve));
        }, 0),
      ),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('frees the place of work that failed', async () => {
    const throttle = createThrottle({ concurrency: 1, clock: handClock() });
    await expect(throttle.run(() => Promise.reject(new Error('no')), 0)).rejects.toThrow('no');
    await expect(throttle.run(async () => 'yes', 0)).resolves.toBe('yes');
  });
});

describe('lanes', () => {
  it('lets urgent calls go first, each lane in its order', async () => {
    const { call, clock, seen, waits } = setUp({ concurrency: 1 });
    const all = [
      inBulk(() => call('b1')),
      inBulk(() => call('b2')),
      call('u1'),
      inBulk(() => call('b3')),
      call('u2'),
    ];
    await clock.until(Promise.all(all));
    expect(seen.order).toEqual(['b1', 'u1', 'u2', 'b2', 'b3']);
    expect(Object.fromEntries(waits)).toEqual({ throttle: 100 + 200, lane: 300 + 400 });
  });

  it('keeps a place free of bulk', async () => {
    const { call, calls, clock, seen } = setUp({ concurrency: 4 });
    const bulk = inBulk(() => calls(50, 'b', 1_000));
    await clock.until(clock.sleep(1));
    expect(seen.running).toBe(3);
    const from = clock.now();
    await clock.until(call('u', 10));
    expect(clock.now() - from).toBe(10);
    await clock.until(bulk);
    expect(seen.most).toBe(4);
  });

  it('does not let a flood of urgent calls stop bulk', async () => {
    const { calls, clock, seen } = setUp({ concurrency: 2 });
    const bulk = inBulk(() => calls(5, 'b'));
    await clock.until(Promise.all([bulk, calls(500, 'u')]));
    expect(seen.order.lastIndexOf('b')).toBeLessThan(150);
  });
});

describe('whatever happens', () => {
  it('every call ends, and never more are under way than there are places', async () => {
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 50 }),
      isBulk: fc.boolean(),
      fails: fc.boolean(),
      pause: fc.option(fc.integer({ min: 0, max: 200 }), { freq: 10 }),
      hint: fc.option(fc.integer({ min: 1, max: 12 }), { freq: 10 }),
      gap: fc.integer({ min: 0, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 120 }), async (steps) => {
        const clock = virtualClock();
        const throttle = createThrottle({ concurrency: 6, clock });
        const most = Math.max(6, ...steps.map(({ hint }) => hint ?? 0));
        let running = 0;
        let bulkRunning = 0;
        let ended = 0;
        const one = ({ ms, fails, isBulk, pause }: (typeof steps)[number]) =>
          throttle.run(async () => {
            running += 1;
            bulkRunning += isBulk ? 1 : 0;
            expect(running).toBeLessThanOrEqual(most);
            expect(bulkRunning).toBeLessThanOrEqual(most - 1);
            await clock.sleep(ms);
            running -= 1;
            bulkRunning -= isBulk ? 1 : 0;
            if (pause !== null) {
              throttle.refused(pause % 2 === 0);
              throttle.pause(pause);
            }
            if (fails) throw new Error('no');
          }, PATIENT);
        const all: Promise<void>[] = [];
        const start = async () => {
          for (const each of steps) {
            if (each.hint !== null) throttle.heed({ 'x-ms-dop-hint': String(each.hint) });
            const call = each.isBulk ? inBulk(() => one(each)) : one(each);
            const noted = () => {
              ended += 1;
            };
            all.push(call.then(noted, noted));
            await clock.sleep(each.gap);
          }
          await Promise.all(all);
        };
        await clock.until(start());
        expect(ended).toBe(steps.length);
        expect(running).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
