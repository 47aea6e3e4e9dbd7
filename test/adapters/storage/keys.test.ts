import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromJsonColumns, jsonColumns } from '../../../src/adapters/storage/json-columns.js';
import {
  decodeKey,
  encodeKey,
  forwardTime,
  joinKey,
  keyPart,
  prefixEnd,
  reverseTime,
} from '../../../src/adapters/storage/keys.js';

const text = () => fc.string({ unit: 'grapheme-composite' });
const moment = () => fc.integer({ min: 0, max: 9_999_999_999_999 });

describe('keys', () => {
  it('give every id back and hold only what the service takes', () => {
    fc.assert(
      fc.property(text(), (id) => {
        expect(decodeKey(encodeKey(id))).toBe(id);
        expect(encodeKey(id)).toMatch(/^[A-Za-z0-9._~-]+$/);
      }),
    );
  });

  it('differ for different ids, also when joined', () => {
    fc.assert(
      fc.property(
        fc.array(text(), { minLength: 2, maxLength: 2 }),
        fc.array(text(), { minLength: 2 }),
        (a, b) => {
          if (a.join('\n') !== b.join('\n')) expect(joinKey(...a)).not.toBe(joinKey(...b));
          expect(a.map((_, index) => keyPart(joinKey(...a), index))).toEqual(a);
        },
      ),
    );
  });

  it.each([
    ['', '~'],
    ['a-B_1.x', 'a-B_1.x'],
    ['a/b|c', 'a~2Fb~7Cc'],
    ['é~', '~C3~A9~7E'],
  ])('%j is %s', (id, key) => {
    expect(encodeKey(id)).toBe(key);
  });

  it('order times both ways', () => {
    fc.assert(
      fc.property(moment(), moment(), (a, b) => {
        expect(forwardTime(a) < forwardTime(b)).toBe(a < b);
        expect(reverseTime(a) < reverseTime(b)).toBe(a > b);
      }),
    );
  });

  it('end a prefix before the next one begins', () => {
    expect('c_1|zz~' < prefixEnd('c_1|')).toBe(true);
    expect('c_1~' < prefixEnd('c_1|')).toBe(false);
  });
});

describe('JSON columns', () => {
  const json = () => fc.jsonValue({ stringUnit: 'binary' });

  it('give every value back', () => {
    fc.assert(
      fc.property(json(), (value) => {
        const columns = jsonColumns('data', value);
        const row = { partitionKey: 'p', rowKey: 'r', ...columns };
        expect(fromJsonColumns(row, 'data')).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([1, 29_998, 29_999, 30_000, 60_000, 199_999, 250_000])('keep %i characters whole', (length) => {
    const value = { a: 'x'.repeat(length), b: '"\\€😀\ud800' };
    const columns = jsonColumns('data', value);
    for (const column of Object.values(columns)) {
      expect(column.length).toBeLessThanOrEqual(30_000);
      expect(column).toMatch(/^[ -~]*$/);
    }
    expect(fromJsonColumns({ partitionKey: 'p', rowKey: 'r', ...columns }, 'data')).toEqual(value);
  });

  it('do not read those of another name', () => {
    const row = { partitionKey: 'p', rowKey: 'r', ...jsonColumns('a', 1), ...jsonColumns('ab', 2) };
    expect(fromJsonColumns(row, 'a')).toBe(1);
    expect(() => fromJsonColumns(row, 'c')).toThrow('lacks the text column');
  });
});
