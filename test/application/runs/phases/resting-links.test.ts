import { describe, expect, it } from 'vitest';
import { linkAt, RestingLinks } from '../../../../src/application/runs/phases/resting-links.js';
import { CompactLinks } from '../../../../src/application/runs/unit/compact-links.js';
import { aLink } from '../../../support/builders.js';

/** A letter is a link; a capital one does not rest. */
function linksOf(letters: string): RestingLinks {
  const links = new CompactLinks('m_1');
  for (const authScapeId of letters) links.add({ ...aLink({ authScapeId }), settled: true });
  return new RestingLinks(links, (id) => id === id.toLowerCase());
}

describe('links that a pass has to read', () => {
  it.each([
    ['', 0, { count: 0, next: undefined }],
    ['abc', 0, { count: 3, next: undefined }],
    ['abCd', 0, { count: 2, next: 'link:C' }],
    ['abCd', 3, { count: 1, next: undefined }],
    ['abC', 3, { count: 0, next: undefined }],
    ['Abc', 0, { count: 0, next: 'link:A' }],
  ])('of "%s" from place %i on', (letters, place, expected) => {
    expect(linksOf(letters).from(place)).toEqual(expected);
  });

  it.each([
    ['AbCd', 'A', 3],
    ['Abcd', 'A', 1],
    ['AbcdeF', 'A', 1],
    ['ABCDEF', 'B', 4],
    ['abC', 'x', 4],
  ])('a page of "%s" from %s on, at most four', (letters, id, expected) => {
    expect(linksOf(letters).pageFrom(id, 4)).toBe(expected);
  });

  it('stand in positions that are no cursors of a scan', () => {
    expect(linkAt('link:a:b')).toBe('a:b');
    expect([linkAt(undefined), linkAt('MSFVeU0='), linkAt('["m|1","5"]')]).toEqual([
      ...[undefined, undefined, undefined],
    ]);
  });
});
