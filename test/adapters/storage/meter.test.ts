import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';

describe('the request meter', () => {
  it('keeps parallel measurements apart and adds inner ones to the outer', async () => {
    const meter = createMeter();
    const work = async (n: number) => {
      await turn();
      meter.count('storage', n);
      await Promise.all([1, 2].map(async () => meter.count('dynamics')));
      return n;
    };

    const outer = await meter.measure(async () => {
      const measured = await Promise.all([1, 10].map((n) => meter.measure(() => work(n))));
      meter.count('authScape');
      expect(meter.current()).toEqual({ dynamics: 4, authScape: 1, storage: 11 });
      return measured.map(({ result, requests }) => [result, requests().storage, requests().dynamics]);
    });
    expect(outer.result).toEqual([
      [1, 1, 2],
      [10, 10, 2],
    ]);
    expect(outer.requests()).toEqual({ dynamics: 4, authScape: 1, storage: 11 });
  });

  it('counts nothing outside of a measurement', () => {
    const meter = createMeter();
    meter.count('storage');
    expect(meter.current()).toEqual({ dynamics: 0, authScape: 0, storage: 0 });
  });
});
