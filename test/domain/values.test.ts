import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trimText } from '../../src/domain/text-form.js';
import {
  BASE_VALUE_LIMIT,
  baseForm,
  type Comparison,
  canonical,
  type FieldValue,
  isEmpty,
  matchForm,
  roundTo,
  sameValue,
  type ValueKind,
} from '../../src/domain/values.js';

const KINDS: readonly ValueKind[] = [
  'text',
  'email',
  'number',
  'boolean',
  'choice',
  'choices',
  'dateTime',
  'dateOnly',
  'lookup',
];
const anyText = fc.string({ unit: 'grapheme' });
const anyValue: fc.Arbitrary<FieldValue> = fc.oneof(
  anyText,
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
);
const anyComparison: fc.Arbitrary<Comparison> = fc.record({
  kind: fc.constantFrom(...KINDS),
  precision: fc.constantFrom(undefined, 0, 2, 4),
});

describe('[B2] one comparison serves everywhere', () => {
  it.each<[ValueKind, FieldValue, FieldValue]>([
    ['text', '', null],
    ['text', ' \t\r\n', null],
    ['text', '  Ada ', 'Ada'],
    ['text', 'e\u0301', '\u00e9'],
    ['text', 'a\r\nb\rc', 'a\nb\nc'],
    ['text', 5, '5'],
    ['email', ' Ada@Example.COM', 'ada@example.com'],
    ['email', 'J\u030c@x.y', '\u01f0@x.y'],
    ['number', ' 1.50 ', 1.5],
    ['number', '', null],
    ['boolean', 'True', true],
    ['boolean', 0, false],
    ['boolean', ' ', null],
    ['choice', '3', 3],
    ['choices', '3, 1,2,1', '1,2,3'],
    ['choices', ' , ', null],
    ['dateTime', '2026-03-01T08:00:00.987+01:00', '2026-03-01T07:00:00Z'],
    ['dateTime', '2026-03-01T08:00:00', '2026-03-01T08:00:00Z'],
    ['dateTime', '', null],
    ['dateOnly', '2026-03-01T00:00:00', '2026-03-01'],
    ['dateOnly', '2026-03-01T23:59:59Z', '2026-03-01T23:59:59Z'],
    ['text', '\u200b\ufeff Ada\u00a0\u200b\u0000', 'Ada'],
    ['text', '\u200b', null],
    ['text', 2.5e-7, '0.00000025'],
    ['boolean', ' True\u00a0', true],
    ['number', '0x1F', '0x1F'],
    ['number', '1e3', '1e3'],
    ['lookup', 'account:ABCDEF', 'account:abcdef'],
  ])('%s: %o is %o', (kind, value, form) => {
    expect(canonical(value, { kind })).toBe(form);
  });

  it.each<[ValueKind, FieldValue, FieldValue]>([
    ['number', 'twelve', 'twelve'],
    ['boolean', 'perhaps', 'perhaps'],
    ['dateTime', 'room 5', 'room 5'],
    ['dateOnly', 'tomorrow', 'tomorrow'],
  ])('a surprise in a %s is a difference, never an accidental match', (kind, value, form) => {
    expect(canonical(value, { kind })).toBe(form);
  });

  it('text keeps its case, an e-mail does not', () => {
    expect(sameValue('Ada@x.y', 'ada@x.y', { kind: 'email' })).toBe(true);
    expect(sameValue('Ada', 'ada', { kind: 'text' })).toBe(false);
  });

  it('numbers are compared at the precision of the column', () => {
    const money: Comparison = { kind: 'number', precision: 2 };
    expect(sameValue(1.004, '1', money)).toBe(true);
    expect(sameValue(1.005, 1.01, money)).toBe(true);
    expect(sameValue(1.006, 1, money)).toBe(false);
  });

  it('a missing value is empty, zero and false are not', () => {
    expect(isEmpty(undefined, { kind: 'text' })).toBe(true);
    expect(isEmpty(0, { kind: 'number' })).toBe(false);
    expect(isEmpty(false, { kind: 'boolean' })).toBe(false);
  });

  it('a canonical form is its own canonical form', () => {
    fc.assert(
      fc.property(anyValue, anyComparison, (value, comparison) => {
        const form = canonical(value, comparison);
        expect(canonical(form, comparison)).toEqual(form);
      }),
    );
  });

  it('no text of any script is mistaken for empty, and none is changed but by the folding', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const folded = trimText(text.replace(/\r\n?/g, '\n').normalize('NFC'));
        expect(text).toContain(trimText(text));
        expect(canonical(text, { kind: 'text' })).toBe(folded === '' ? null : folded);
      }),
    );
  });
});

describe('[B4] a value over 512 characters is kept as a digest', () => {
  it.each([
    [BASE_VALUE_LIMIT, false],
    [BASE_VALUE_LIMIT + 1, true],
  ])('%i characters: %s', (length, digested) => {
    const form = baseForm('x'.repeat(length), { kind: 'text' });
    expect(String(form).startsWith('sha256:')).toBe(digested);
    expect(String(form).length).toBeLessThanOrEqual(BASE_VALUE_LIMIT);
  });

  it('equal digests stand for equal texts only', () => {
    const long = fc.string({ unit: 'grapheme', minLength: 500, maxLength: 700 });
    fc.assert(
      fc.property(long, long, (left, right) => {
        const same = canonical(left, { kind: 'text' }) === canonical(right, { kind: 'text' });
        expect(sameValue(left, right, { kind: 'text' })).toBe(same);
        expect(sameValue(left, ` ${left}\r\n`, { kind: 'text' })).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('numbers are rounded half away from zero', () => {
  it.each([
    [1.005, 2, 1.01],
    [-1.005, 2, -1.01],
    [2.5, 0, 3],
    [-2.5, 0, -3],
    [-0.4, 0, 0],
    [1e-7, 2, 0],
    [0.1 + 0.2, 10, 0.3],
    [1e20, 2, 1e20],
    [1.5e21, 4, 1.5e21],
    [Number.MAX_VALUE, 2, Number.MAX_VALUE],
  ])('%d to %i digits is %d', (value, digits, rounded) => {
    expect(roundTo(value, digits)).toBe(rounded);
  });

  it('stays a number, near, and rounds once', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(number, fc.integer({ min: 0, max: 10 }), (value, digits) => {
        const rounded = roundTo(value, digits);
        expect(Number.isFinite(rounded)).toBe(true);
        expect(roundTo(rounded, digits)).toBe(rounded);
        if (Math.abs(value) < 1e6)
          expect(Math.abs(rounded - value)).toBeLessThanOrEqual(0.5001 / 10 ** digits);
      }),
    );
  });
});

describe('the form of a match value', () => {
  it.each<[FieldValue | undefined, string | null]>([
    ['  Contoso Ltd ', 'contoso ltd'],
    ['CAFE\u0301', 'cafe'],
    ['J\u030c', 'j'],
    ['M\u00fcller GmbH', 'muller gmbh'],
    ['MULLER  GMBH\u200b', 'muller gmbh'],
    ['Strau\u00df', 'strauss'],
    ['\uff21\uff22\uff23\u3000\uff21\uff27', 'abc ag'],
    ['\ufeff\u00a0e1@x.example\t', 'e1@x.example'],
    ['\u0915\u093f', '\u0915\u093f'],
    [7, '7'],
    ['   ', null],
    [null, null],
    [undefined, null],
  ])('of %o is %o', (value, form) => {
    expect(matchForm(value)).toBe(form);
  });

  it('does not change when it is made again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const form = matchForm(text);
        expect(matchForm(form)).toBe(form);
        expect(matchForm(` ${text.normalize('NFD')} `)).toBe(form);
      }),
    );
  });
});
