import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeenRecord } from '../../../../src/application/ports/staging.js';
import { SeenSide } from '../../../../src/application/runs/unit/seen-side.js';
import { TextTable } from '../../../../src/lib/text-table.js';

const record: fc.Arbitrary<SeenRecord> = fc.record({
  authScapeId: fc.nat(12).map(String),
  keyHash: fc.option(fc.stringMatching(/^[0-9a-f]{16}$/)),
  active: fc.boolean(),
  changed: fc.boolean(),
});
const sides = ['authScape', 'dynamics'] as const;

describe('SeenSide', () => {
  it('[property] holds for two sides what two maps would, and what has changed stays so', () => {
    const notes = fc.array(fc.tuple(fc.constantFrom(...sides), record), { maxLength: 60 });
    fc.assert(
      fc.property(notes, (noted) => {
        const ids = new TextTable();
        const seen = { authScape: new SeenSide(ids), dynamics: new SeenSide(ids) };
        const plain = { authScape: new Map<string, SeenRecord>(), dynamics: new Map<string, SeenRecord>() };
        const changed = { authScape: new Set<string>(), dynamics: new Set<string>() };
        for (const [side, one] of noted) {
          seen[side].note(one);
          if (one.changed) changed[side].add(one.authScapeId);
          if (changed[side].has(one.authScapeId)) plain[side].delete(one.authScapeId);
          else plain[side].set(one.authScapeId, one);
        }
        for (const side of sides) {
          const known = new Map([...seen[side].values()].map((one) => [one.authScapeId, one]));
          expect(known).toEqual(plain[side]);
          expect([...seen[side].keys()]).toEqual([...known.keys()]);
          expect(seen[side].size).toBe(plain[side].size);
          for (let id = 0; id <= 13; id += 1) {
            expect(seen[side].has(String(id))).toBe(plain[side].has(String(id)));
            expect(seen[side].hasChanged(String(id))).toBe(changed[side].has(String(id)));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
