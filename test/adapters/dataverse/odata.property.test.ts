import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allOf,
  anyOf,
  encode,
  equals,
  isGuid,
  MAX_URL_LENGTH,
  query,
  rowPath,
  textLiteral,
} from '../../../src/adapters/dataverse/odata.js';
import { type Condition, parseFilter } from '../../stack/dataverse/reading/filter-parser.js';

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom("'", '"', '%', '_', '[', ']', '&', '#', '+', '/', '\\', ' ', 'é', '🙂'),
    maxLength: 20,
  }),
);

/** Every literal of a parsed filter. */
function literals(condition: Condition): unknown[] {
  switch (condition.kind) {
    case 'compare':
      return condition.right.kind === 'literal' ? [condition.right.value] : [];
    case 'and':
    case 'or':
      return condition.operands.flatMap(literals);
    case 'not':
      return literals(condition.operand);
    case 'text':
    case 'function':
      return [];
  }
}

/** What a server reads from the encoded query option. */
function received(filter: string): Condition {
  const url = new URL(`http://127.0.0.1/contacts${query({ $filter: filter })}`);
  expect([...url.searchParams.keys()]).toEqual(['$filter']);
  return parseFilter(url.searchParams.get('$filter') ?? '', new Map());
}

describe('filters', () => {
  it('any text arrives as itself: no injection by quotes, ampersands or percent signs', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const found = literals(received(equals({ property: 'lastname', kind: 'text', value })));
        expect(found[0]).toBe(value);
        const spellings = value.includes('[') ? [value, value.replaceAll('[', '[[]')] : [value];
        expect(found).toEqual(spellings);
      }),
    );
  });

  it('several conditions stay together within each alternative', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText), { minLength: 1, maxLength: 5 }), (pairs) => {
        const chunks = anyOf(pairs, 100, ([first, last]) =>
          allOf([
            { property: 'firstname', kind: 'text', value: first },
            { property: 'lastname', kind: 'text', value: last },
          ]),
        );
        const found = chunks.flatMap(({ filter }) => literals(received(filter)));
        const plain = found.filter((each) => !String(each).includes('[[]'));
        for (const text of pairs.flat()) {
          if (!text.includes('[')) expect(plain).toContain(text);
        }
      }),
    );
  });

  it('no URL is longer than it may be, and nothing is left out', () => {
    fc.assert(
      fc.property(
        fc.array(anyText, { maxLength: 400 }),
        fc.integer({ min: 0, max: 2_000 }),
        (values, used) => {
          const chunks = anyOf(values, used, (value) =>
            equals({ property: 'emailaddress1', kind: 'text', value }),
          );
          for (const { filter } of chunks)
            expect(used + encode(filter).length).toBeLessThanOrEqual(MAX_URL_LENGTH);
          expect(chunks.flatMap(({ covers }) => covers)).toEqual(values);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('an empty value is null', () => {
    expect(equals({ property: 'firstname', kind: 'text', value: null })).toBe('firstname eq null');
  });

  it('quotes are doubled', () => {
    expect(textLiteral("O'Brien")).toBe("'O''Brien'");
  });
});

describe('addresses of rows', () => {
  it('nothing but a GUID gets into a path', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        fc.pre(!isGuid(id));
        expect(() => rowPath('contacts', id)).toThrow();
      }),
    );
  });

  it('a GUID is put in lower case', () => {
    const id = 'C0000000-0000-4000-8000-00000000000A';
    expect(rowPath('contacts', id)).toBe('contacts(c0000000-0000-4000-8000-00000000000a)');
  });
});
