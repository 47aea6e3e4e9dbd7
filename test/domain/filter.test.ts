import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evaluate,
  excludeEachOther,
  type Filter,
  type FilterConstant,
  filterColumns,
  filterConstants,
} from '../../src/domain/filter.js';
import { parseFilter } from '../../src/domain/filter-parser.js';
import type { FieldValues } from '../../src/domain/values.js';

function parsed(text: string): Filter {
  const result = parseFilter(text);
  if (!result.ok) throw new Error(`${result.message} (at ${result.position})`);
  return result.filter;
}

function print(filter: Filter): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.operands.map((operand) => `(${print(operand)})`).join(` ${filter.op} `);
    case 'not':
      return `not (${print(filter.operand)})`;
    case 'compare':
      return `${filter.column} ${filter.operator} ${printConstant(filter.constant)}`;
    case 'search':
      return `${filter.operator}(${filter.column},'${filter.text.replaceAll("'", "''")}')`;
  }
}

function printConstant(constant: FilterConstant): string {
  return constant.kind === 'text' ? `'${constant.value.replaceAll("'", "''")}'` : String(constant.value);
}

const constants: fc.Arbitrary<FilterConstant> = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((value) => ({ kind: 'text' as const, value })),
  fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => ({
    kind: 'number' as const,
    value: value === 0 ? 0 : value,
  })),
  fc.boolean().map((value) => ({ kind: 'boolean' as const, value })),
  fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => ({ kind: 'date' as const, value: date.toISOString() })),
  fc.uuid().map((value) => ({ kind: 'guid' as const, value })),
  fc.constant({ kind: 'null' as const, value: null }),
);
const columns = fc.constantFrom('name', 'statecode', 'new_kind', 'parentcustomerid');
const leaves: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    op: fc.constant('compare' as const),
    column: columns,
    operator: fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le'),
    constant: constants,
  }),
  fc.record({
    op: fc.constant('search' as const),
    column: columns,
    operator: fc.constantFrom('contains', 'startswith', 'endswith'),
    text: fc.string({ unit: 'grapheme' }),
  }),
);
const filters: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaves,
    fc.record({
      op: fc.constantFrom('and', 'or'),
      operands: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), operand: tie('filter') }),
  ),
})).filter;
const rows: fc.Arbitrary<FieldValues> = fc.dictionary(
  columns,
  fc.oneof(fc.string(), fc.integer({ min: -2, max: 2 }), fc.boolean(), fc.constant(null)),
);

describe('reading and printing a filter', () => {
  it('reads back what was printed', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(parsed(print(filter))).toEqual(filter);
      }),
    );
  });

  it('answers any text with a filter or with a fault inside it', () => {
    const pieces = fc.constantFrom(
      'a',
      'eq',
      "'x'",
      '(',
      ')',
      'not',
      'and',
      '1',
      'null',
      ',',
      'contains',
      "'",
      '/',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const result = parseFilter(text);
        expect(result.ok || (result.position >= 0 && result.position <= text.length)).toBe(true);
      }),
    );
  });

  it.each([
    ['', 0, 'the end of the filter'],
    ['statecode', 9, 'one of eq'],
    ['statecode eq', 12, 'a constant'],
    ['name eq Ann', 8, 'single quotes'],
    ["name eq 'Ann", 8, 'no closing quote'],
    ["name eq 'O'Brien'", 16, 'written twice'],
    ["parentcustomerid_account/name eq 'x'", 24, 'related rows'],
    ['(statecode eq 0', 15, '`)`'],
    ['statecode eq 0)', 14, 'the end'],
    ['contains(name)', 13, '`,`'],
    ['contains(name, 1)', 15, 'text in single quotes'],
    ['null eq statecode', 0, 'the name of a column'],
    ['birthdate ge 2024-13-01', 13, 'no date'],
    ['revenue gt 1e999', 11, 'out of range'],
    ['revenue gt 1.2.3', 11, 'no number'],
    ['name like 5', 5, 'one of eq'],
    ['a eq 1 & b eq 2', 7, 'not part of the filter language'],
    [`${'('.repeat(60)}a eq 1${')'.repeat(60)}`, 50, 'levels of nesting'],
  ])('says where %j is wrong', (text, position, message) => {
    const result = parseFilter(text);
    expect(result).toMatchObject({ ok: false, position });
    expect(result.ok ? '' : result.message).toContain(message);
  });

  it('takes keywords and columns in any case, and lookups under both of their names', () => {
    expect(parsed('StateCode EQ 0 AND NOT (_ParentCustomerId_value Eq NULL)')).toEqual(
      parsed('statecode eq 0 and not parentcustomerid eq null'),
    );
  });

  it('binds `and` closer than `or`', () => {
    expect(parsed('a eq 1 or b eq 2 and c eq 3')).toEqual(parsed('a eq 1 or (b eq 2 and c eq 3)'));
  });

  it('takes a long chain without nesting', () => {
    const filter = parsed(Array.from({ length: 5000 }, (_, index) => `a eq ${index}`).join(' or '));
    expect(evaluate(filter, { a: 4999 })).toBe(true);
  });
});

describe('evaluating a filter', () => {
  const lookup = 'account:0b2f7a4e-1111-4222-8333-444455556666';
  it.each<[string, FieldValues, boolean]>([
    ["name eq 'ACME '", { name: 'acme' }, true],
    ["name eq 'acme'", { name: 'Acme  ' }, true],
    ["name eq ' acme'", { name: 'acme' }, false],
    ["name eq 'Z\u00f6e'", { name: 'zo\u0308e' }, true],
    ["name ne 'acme'", { name: null }, false],
    ["not (name eq 'acme')", { name: null }, false],
    ["not (name ne 'acme')", {}, false],
    ['name eq null', { name: null }, true],
    ['name ne null', { name: null }, false],
    ['not (name eq null)', { name: 'x' }, true],
    ['name gt null', { name: 'x' }, false],
    ["name eq 'x' or statecode eq 0", { name: null, statecode: 0 }, true],
    ["not (name eq 'x' and statecode eq 1)", { name: null, statecode: 0 }, true],
    ["not (name eq 'x' and statecode eq 0)", { name: null, statecode: 0 }, false],
    ["name gt 'b' and name lt 'D'", { name: 'C' }, true],
    ["contains(name,'M_S%')", { name: 'moss' }, false],
    ["contains(name,'o''b')", { name: "O'Brien" }, true],
    ["startswith(name,'MO') and endswith(name,'SS')", { name: 'Moss' }, true],
    ["not contains(name,'x')", { name: null }, false],
    ['donotemail eq true', { donotemail: true }, true],
    ['donotemail ne true', { donotemail: false }, true],
    ['revenue ge 10.5', { revenue: 10.5 }, true],
    ['revenue lt -1e2', { revenue: -101 }, true],
    ["revenue eq 'abc'", { revenue: 1 }, false],
    ['name ne 5', { name: 'abc' }, false],
    ['_parentcustomerid_value eq 0B2F7A4E-1111-4222-8333-444455556666', { parentcustomerid: lookup }, true],
    ['parentcustomerid ne 0b2f7a4e-1111-4222-8333-444455556667', { parentcustomerid: lookup }, true],
    ['modifiedon ge 2024-05-01T12:00:00+02:00', { modifiedon: '2024-05-01T10:00:00Z' }, true],
    ['modifiedon gt 2024-05-01', { modifiedon: '2024-05-01T00:00:00Z' }, false],
  ])('%s on %j is %s', (text, values, expected) => {
    expect(evaluate(parsed(text), values)).toBe(expected);
  });

  it('compares a day without time, whatever the constant holds', () => {
    const filter = parsed('birthdate eq 1990-05-01T22:00:00Z');
    expect(evaluate(filter, { birthdate: '1990-05-01' }, { birthdate: 'dateOnly' })).toBe(true);
    expect(evaluate(filter, { birthdate: '1990-05-01' })).toBe(false);
  });

  it('never takes a row together with its negation', () => {
    fc.assert(
      fc.property(filters, rows, (filter, values) => {
        expect(evaluate(filter, values) && evaluate({ op: 'not', operand: filter }, values)).toBe(false);
      }),
    );
  });
});

describe('what a filter says of a table', () => {
  it('names its columns once each', () => {
    expect(filterColumns(parsed("b eq 1 and not (contains(a,'x') or b eq 2 or _c_value eq null)"))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('[P8] gives a new row the constants that each passing row has, and makes it pass', () => {
    const filter = parsed(
      "kind eq 3 and (name eq 'Depot' and owner eq null) and (a eq 1 or b eq 2) and not (c eq 4)",
    );
    expect(filterConstants(filter)).toEqual({ kind: 3, name: 'Depot', owner: null });
    const simple = parsed("kind eq 3 and name eq 'Depot' and owner eq null");
    expect(evaluate(simple, filterConstants(simple))).toBe(true);
  });

  it.each([
    ['kind eq 1', 'kind eq 2', true],
    ['kind eq 1', 'kind eq 1', false],
    ['kind eq 1', 'kind eq null', true],
    ['kind eq null', 'kind eq null', false],
    ["name eq 'A'", "name eq 'a '", false],
    ["name eq '1'", 'name eq 2', false],
    ['kind eq 1 and name eq null', "name ne null and (kind eq 2 or name eq 'x')", false],
    ['d eq 2024-01-01', 'd eq 2024-01-01T00:00:00Z', false],
    ['kind eq 1 or name eq null', 'kind eq 2', false],
  ])('%s and %s exclude each other: %s', (first, second, expected) => {
    expect(excludeEachOther(parsed(first), parsed(second))).toBe(expected);
    expect(excludeEachOther(parsed(second), parsed(first))).toBe(expected);
  });

  it('[P7] never calls two filters exclusive that take one row', () => {
    fc.assert(
      fc.property(filters, filters, rows, (first, second, values) => {
        fc.pre(evaluate(first, values) && evaluate(second, values));
        expect(excludeEachOther(first, second)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
