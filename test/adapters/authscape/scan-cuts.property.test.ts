import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Details } from '../../../src/adapters/authscape/details.js';
import type { Lists } from '../../../src/adapters/authscape/lists.js';
import { createScan } from '../../../src/adapters/authscape/scan.js';
import { systemClock } from '../../../src/adapters/system.js';
import { scanAll } from './fixture.js';

/** Lists of so many rows, of which some make each page with them fail. */
function listsOf(count: number, broken: ReadonlySet<number>) {
  const calls = { made: 0 };
  const recordOf = (row: number) => ({
    id: String(row),
    values: { firstName: `F${row}` },
    active: true,
    complete: true,
    readAt: 0,
  });
  const none = { records: [], rows: 0, total: 0 };
  const lists: Lists = {
    page: async (_entity, { isActive, page, length }) => {
      calls.made += 1;
      if (!isActive) return none;
      const rows = Array.from({ length: count }, (_, row) => row).slice(page * length, (page + 1) * length);
      if (rows.some((row) => broken.has(row))) return undefined;
      return { records: rows.map(recordOf), rows: rows.length, total: count };
    },
    whole: async () => none,
    count: async (_entity, { isActive }) => (isActive ? count : 0),
    locations: async () => [],
    anyId: async () => undefined,
  };
  return { calls, lists };
}

const details: Details = { read: async () => undefined };

describe('[E11] pages that are cut around users that cannot be listed', () => {
  it('bring all others, with few calls, whatever an earlier scan says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          count: fc.integer({ min: 1, max: 400 }),
          pageSize: fc.integer({ min: 1, max: 120 }),
          rows: fc.uniqueArray(fc.nat(399), { maxLength: 4 }),
          unlisted: fc.array(fc.nat(420), { maxLength: 4 }),
        }),
        async ({ count, pageSize, rows, unlisted }) => {
          const broken = new Set(rows.filter((row) => row < count));
          const { calls, lists } = listsOf(count, broken);
          const scan = createScan({ lists, details, pageSize, detailConcurrency: 1, clock: systemClock });
          const options = { keys: ['firstName'], detail: false, unlisted: unlisted.map((row) => `0.${row}`) };
          const scanned = await scanAll({ scan }, 'User', options);
          const seen = new Set(scanned.records.map(({ id }) => Number(id)));
          const missing = Array.from({ length: count }, (_, row) => row).filter((row) => !seen.has(row));
          expect(missing).toEqual([...broken].sort((a, b) => a - b));
          expect(scanned.skipped).toBe(broken.size);
          const pages = Math.ceil(count / pageSize);
          expect(calls.made).toBeLessThan(2 * pages + 25 * (broken.size + unlisted.length) + 5);
        },
      ),
      { numRuns: 300 },
    );
  });
});
