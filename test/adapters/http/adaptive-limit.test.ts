import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterCall,
  afterRefusal,
  compareTime,
  type Ended,
  firstLimit,
  type Limit,
  type Quickest,
} from '../../../src/adapters/http/adaptive-limit.js';

const NOW = 1_000;
const quick: Ended = { ceiling: 100, isFull: true, outcome: 'quick', now: NOW };
const played = (limit: Limit, calls: number, ended: Partial<Ended> = {}) =>
  Array.from({ length: calls }).reduce<Limit>((each) => afterCall(each, { ...quick, ...ended }), limit);
const refusal = { ceiling: 100, isCrowded: true, now: NOW };
const at = (size: number): Limit => ({ ...firstLimit(100), size, target: size });

describe('adaptive limit', () => {
  it('starts at 4, or at the ceiling', () => {
    expect(firstLimit(52).size).toBe(4);
    expect(firstLimit(2).size).toBe(2);
  });

  it.each<[string, Limit, number, Partial<Ended>, number]>([
    ['grows by one after a window of eight', at(4), 8, {}, 5],
    ['not before its end', at(4), 7, {}, 4],
    ['a larger limit has a window of its own size', at(20), 19, {}, 20],
    ['and grows after it', at(20), 20, {}, 21],
    ['not while places are free', at(4), 50, { isFull: false }, 4],
    ['not above the ceiling', at(4), 500, { ceiling: 6 }, 6],
    ['not by calls that failed', at(4), 50, { outcome: 'failed' }, 4],
    ['shrinks by a fifth when a window is slow', at(20), 20, { outcome: 'slow' }, 16],
    ['not below two', at(2), 500, { outcome: 'slow' }, 2],
  ])('%s', (_what, limit, calls, ended, size) => {
    expect(played(limit, calls, ended).size).toBe(size);
  });

  it('takes a window that is slow in part for growth', () => {
    const half = played(played(at(8), 4, { outcome: 'slow' }), 4);
    expect(half.size).toBe(9);
  });

  it('begins with one call after a refusal, doubles up to half of what it had, then goes on by one', () => {
    const refused = afterRefusal(at(16), refusal);
    expect(refused.size).toBe(1);
    const sizes = [1, 3, 7].map((calls) => played(refused, calls).size);
    expect(sizes).toEqual([2, 4, 8]);
    expect(played(refused, 7 + 7).size).toBe(8);
    expect(played(refused, 7 + 8).size).toBe(9);
  });

  it('halves again when it is refused again', () => {
    const twice = afterRefusal(afterRefusal(at(16), refusal), refusal);
    expect(twice).toMatchObject({ size: 1, target: 4 });
    expect(afterRefusal(at(40), { ...refusal, ceiling: 10 })).toMatchObject({ target: 5 });
  });

  it('leaves the size that was refused alone for five minutes', () => {
    const refused = afterRefusal(at(17), refusal);
    expect(played(refused, 5_000).size).toBe(16);
    expect(played(refused, 5_000, { now: NOW + 300_000 }).size).toBe(100);
    expect(played(afterRefusal(at(17), { ...refusal, isCrowded: false }), 10_000).size).toBe(100);
    // However often it is refused, two remain possible.
    const often = Array.from({ length: 9 }).reduce<Limit>((each) => afterRefusal(each, refusal), at(9));
    expect(played(often, 100).size).toBe(2);
  });

  it('stays between 1 and the ceiling whatever happens', () => {
    const event = fc.oneof(
      fc.record({ isFull: fc.boolean(), outcome: fc.constantFrom('quick', 'slow', 'failed') }),
      fc.constant('refused' as const),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(event, { maxLength: 400 }), (ceiling, events) => {
        let limit = firstLimit(ceiling);
        for (const [index, each] of events.entries()) {
          const context = { ceiling, now: index * 1_000 };
          limit =
            each === 'refused'
              ? afterRefusal(limit, { ...context, isCrowded: index % 2 === 0 })
              : afterCall(limit, { ...context, ...(each as Pick<Ended, 'isFull' | 'outcome'>) });
          expect(limit.size).toBeGreaterThanOrEqual(1);
          expect(limit.size).toBeLessThanOrEqual(ceiling);
          expect(Number.isInteger(limit.size)).toBe(true);
        }
      }),
    );
  });
});

describe('slow calls', () => {
  const times = (...all: readonly number[]) => {
    let known: Quickest | undefined;
    return all.map((ms) => {
      const { isSlow, quickest } = compareTime(known, ms);
      known = quickest;
      return isSlow;
    });
  };

  it.each<[string, readonly number[], boolean]>([
    ['the first', [5_000], false],
    ['two and a half times the quickest', [100, 270], false],
    ['more than that', [100, 271], true],
    ['chance among short calls', [2, 24], false],
    ['compared with the quickest, not the last', [100, 250, 300], true],
  ])('%s', (_what, all, isSlow) => {
    expect(times(...all).at(-1)).toBe(isSlow);
  });

  it('are what is usual after two spans of them', () => {
    const slow = times(100, ...Array.from({ length: 500 }, () => 400));
    expect(slow[1]).toBe(true);
    expect(slow[300]).toBe(true);
    expect(slow.at(-1)).toBe(false);
  });
});
