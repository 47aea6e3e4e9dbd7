import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterDecision,
  guardCategory,
  guardLimit,
  heldCategories,
  heldMessage,
} from '../../src/domain/deletes.js';

describe('[D9] the mass guard', () => {
  it.each([
    ['count is less', { count: 10, percent: 50 }, 1000, 10],
    ['percent is less', { count: 100, percent: 5 }, 1000, 50],
    ['percent of an odd number is rounded down', { count: 100, percent: 5 }, 199, 9],
    ['at least five of a small table', { count: 50, percent: 5 }, 20, 5],
    ['at least five whatever is set', { count: 0, percent: 0 }, 1_000_000, 5],
    ['at least five of nothing', { count: 50, percent: 100 }, 0, 5],
  ])('%s', (_name, guard, links, limit) => {
    expect(guardLimit(guard, links)).toBe(limit);
  });

  it('null is off', () => {
    expect(heldCategories(new Map([['removal', 1_000_000]]), null, 10)).toEqual(new Set());
  });

  it.each([
    [5, []],
    [6, ['removal']],
  ])('more than the limit are held, all of them or none: %i', (count, held) => {
    expect([...heldCategories(new Map([['removal', count]]), { count: 5, percent: 100 }, 100)]).toEqual(held);
  });

  it('[D10] holds one category and lets the others pass', () => {
    const counts = new Map([
      [guardCategory('removal', 'm_1', null, null), 7],
      [guardCategory('clear', 'm_1', 'f_1', 'dynamics'), 7],
      [guardCategory('clear', 'm_1', 'f_2', 'dynamics'), 8],
    ]);
    expect([...heldCategories(counts, { count: 7, percent: 100 }, 100)]).toEqual(['clear|m_1|f_2|dynamics']);
  });

  it('[D9] removals are counted over all mappings, clearings and keys for each field and side', () => {
    const categories = (['removal', 'clear', 'key'] as const).map(
      (kind) =>
        new Set(
          ['m_1', 'm_2'].flatMap((mapping) =>
            ['f_1', 'f_2'].flatMap((field) =>
              (['authScape', 'dynamics'] as const).map((side) => guardCategory(kind, mapping, field, side)),
            ),
          ),
        ).size,
    );
    expect(categories).toEqual([1, 8, 8]);
  });

  it('a tighter guard never lets more pass', () => {
    const number = fc.nat({ max: 1000 });
    const percent = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(number, percent, number, number, percent, (count, share, links, less, lower) => {
        const wide = guardLimit({ count, percent: share }, links);
        const tight = guardLimit({ count: Math.min(count, less), percent: Math.min(share, lower) }, links);
        expect(tight).toBeLessThanOrEqual(wide);
        expect(tight).toBeGreaterThanOrEqual(5);
        expect(wide).toBeLessThanOrEqual(Math.max(5, count));
      }),
    );
  });
});

describe('what a run says of held changes', () => {
  it.each([
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ] as const)('asks no one again after a person has decided: %s', (decision, done) => {
    const messages = ['Another message.', heldMessage(12, 'deactivations')];
    expect(messages[1]).toMatch(/approve or reject/);
    const [other, held] = afterDecision(messages, decision);
    expect(other).toBe('Another message.');
    expect(held).toBe(`The mass-delete guard held 12 changes (deactivations): they were ${done}.`);
  });
});
