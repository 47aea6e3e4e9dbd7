import { describe, expect, it } from 'vitest';
import { type LinkWatch, watchLink } from '../../src/domain/link-circle.js';

/** How many links are taken before the chain is refused. */
function taken(links: (index: number) => string, most: number): number {
  let watch: LinkWatch | undefined;
  for (let index = 0; index < most; index += 1) {
    try {
      watch = watchLink(watch, links(index));
    } catch {
      return index;
    }
  }
  return most;
}

describe('a chain of links', () => {
  it.each([1, 2, 3, 7, 50])(
    'that runs in a circle of %i is refused within three rounds and its way there',
    (round) => {
      for (const way of [0, 1, 5]) {
        const found = taken((index) => `l${index < way ? `-${index}` : (index - way) % round}`, 1_000);
        expect(found).toBeLessThanOrEqual(3 * (round + way) + 1);
      }
    },
  );

  it('that goes on with new links is followed far enough for any table, but not without end', () => {
    const found = taken((index) => `l${index}`, 50_000);
    expect(found).toBeGreaterThan(5_000);
    expect(found).toBeLessThan(20_000);
  });
});
