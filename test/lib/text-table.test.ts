import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextTable } from '../../src/lib/text-table.js';

const text = fc.oneof(
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.nat(3_000).map(String),
  fc.constantFrom('', ' ', 'ÿ', '\u00ff1', 'l\u0000', '0'.repeat(36), '-'.repeat(36)),
  fc.string({ unit: 'grapheme' }),
);

describe('TextTable', () => {
  it('[property] answers as a list and a map do, of texts that come again the newest', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 300 }), text, (texts, other) => {
        const table = new TextTable();
        const numbers = new Map<string, number>();
        for (const one of texts) {
          expect(table.append(one)).toBe(table.size - 1);
          numbers.set(one, table.size - 1);
        }
        expect(Array.from({ length: table.size }, (_, at) => table.at(at))).toEqual(texts);
        for (const one of [...texts, other]) expect(table.find(one)).toBe(numbers.get(one) ?? -1);
      }),
      { numRuns: 200 },
    );
  });

  it('finds each of many, after it has grown several times', () => {
    const table = new TextTable();
    const guid = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;
    for (let n = 0; n < 20_000; n += 1) table.append(n % 2 === 0 ? String(n) : guid(n));
    for (let n = 0; n < 20_000; n += 1) expect(table.find(table.at(n))).toBe(n);
    expect(table.find('20000')).toBe(-1);
    expect(table.find(guid(20_000))).toBe(-1);
  });
});
