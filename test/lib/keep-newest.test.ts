import { expect, it } from 'vitest';
import { keepNewest } from '../../src/lib/keep-newest.js';

it('keeps the entries that were put last; one that is put again is new', () => {
  const entries = new Map<string, number>();
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['c', 4],
    ['d', 5],
  ] as const) {
    keepNewest(entries, 3, [key, value]);
  }
  expect([...entries]).toEqual([
    ['a', 3],
    ['c', 4],
    ['d', 5],
  ]);
});
