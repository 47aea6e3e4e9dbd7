import { describe, expect, it } from 'vitest';
import { mapConcurrent } from '../../src/lib/map-concurrent.js';

describe('work side by side', () => {
  it('keeps the order of the items and the limit', async () => {
    let [running, most] = [0, 0];
    const waits = [30, 5, 20, 1, 10];
    const result = await mapConcurrent(waits, 2, async (wait) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, wait));
      running -= 1;
      return wait * 2;
    });
    expect(result).toEqual(waits.map((wait) => wait * 2));
    expect(most).toBe(2);
  });

  it('begins nothing new after a failure, and throws when what is under way has ended', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = mapConcurrent([1, 2, 3, 4], 2, async (item) => {
      begun.push(item);
      if (item === 1) throw new Error('first');
      await new Promise((resolve) => setTimeout(resolve, 10));
      ended.push(item);
    });
    await expect(work).rejects.toThrow('first');
    expect({ begun, ended }).toEqual({ begun: [1, 2], ended: [2] });
  });
});
