import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinkBrief } from '../../../../src/application/ports/links.js';
import { CompactLinks, type IndexedLink } from '../../../../src/application/runs/unit/compact-links.js';

const START = 16;
const hash = fc.stringMatching(/^[0-9a-f]{32}$/);
const version = fc.oneof(
  fc.nat().map((n) => `W/"${n}"`),
  fc.constantFrom(null, '', 'W/"007"', 'W/"-1"', 'W/"1e3"', 'W/"9007199254740993"', '"5"', 'W/""', 'W/" 5"'),
);
const parted = { reason: 'parted', act: 'none', at: '2026-01-01T00:00:00Z', runId: null } as const;
const fullHash: fc.Arbitrary<string | null> = fc.option(hash);
const brief: fc.Arbitrary<LinkBrief> = fc.record({
  authScapeId: fc.oneof(fc.nat(50).map(String), fc.constantFrom('', 'a b/ü', '😀')),
  crmId: fc.oneof(fc.uuid(), fc.constantFrom('d1', 'D1')),
  state: fc.constantFrom('linked', 'tombstone'),
  tombstone: fc.constantFrom(null, parted),
  clean: fc.boolean(),
  settled: fc.boolean(),
  mappingVersion: fc.nat(5_000),
  aHash: fc.option(fc.oneof(hash, fc.constant('no hash'))),
  fullHash,
  dVersion: version,
  changedAt: fc.constantFrom(0, 1_767_225_600_123, 1.5),
});

/** The same with an object for each. */
function plain(link: LinkBrief): IndexedLink {
  const { authScapeId, changedAt, crmId, dVersion, mappingVersion, state, tombstone } = link;
  const start = (text: string | null | undefined) =>
    text === 'no hash' ? null : (text?.slice(0, START) ?? null);
  const isProven = state === 'linked' && link.clean && link.settled;
  const hashes = { aHash: start(link.aHash), fullHash: start(link.fullHash) };
  return {
    ...{ mappingId: 'm_1', authScapeId, crmId, link: { state, tombstone, dVersion, changedAt } },
    proof: isProven ? { mappingVersion, ...hashes, dVersion } : null,
  };
}

describe('CompactLinks', () => {
  it('[property] knows of each link what a map of objects would', () => {
    const unique = fc.uniqueArray(brief, { selector: ({ authScapeId }) => authScapeId, maxLength: 40 });
    fc.assert(
      fc.property(unique, (links) => {
        const compact = new CompactLinks('m_1');
        for (const link of links) compact.add(link);

        expect(compact.size).toBe(links.length);
        expect([...compact.keys()]).toEqual(links.map(({ authScapeId }) => authScapeId));
        const byRow = new Map(links.map((link) => [link.crmId, link]));
        for (const [place, link] of links.entries()) {
          expect(compact.get(link.authScapeId)).toEqual(plain(link));
          expect(compact.proofOf(link.authScapeId)).toEqual(plain(link).proof);
          expect(compact.has(link.authScapeId)).toBe(true);
          expect([compact.placeOf(link.authScapeId), compact.idAt(place)]).toEqual([place, link.authScapeId]);
          expect(compact.byCrmId(link.crmId)).toEqual(plain(byRow.get(link.crmId) ?? link));
        }
        expect([compact.get('x'), compact.byCrmId('x'), compact.has('x'), compact.placeOf('x')]).toEqual([
          ...[undefined, undefined, false, -1],
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it('takes a link with a hash of all fields after many without', () => {
    const compact = new CompactLinks('m_1');
    const [first] = fc.sample(brief, { numRuns: 1, seed: 1 });
    const link = { ...first!, state: 'linked', clean: true, settled: true, aHash: null } as const;
    for (let id = 0; id < 100; id += 1) {
      const known = id < 99 ? null : '0123456789abcdef0123456789abcdef';
      compact.add({ ...link, authScapeId: String(id), fullHash: known });
    }
    expect(compact.get('98')?.proof?.fullHash).toBeNull();
    expect(compact.get('99')?.proof?.fullHash).toBe('0123456789abcdef');
  });
});
