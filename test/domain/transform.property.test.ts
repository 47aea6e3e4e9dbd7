import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdSame } from '../../src/domain/fields.js';
import type { Transform } from '../../src/domain/model.js';
import { cutText } from '../../src/domain/text-form.js';
import { converterOf } from '../../src/domain/transform.js';
import { canonical, type FieldValue } from '../../src/domain/values.js';
import { aColumn, anEntityField } from '../support/builders.js';
import { aField } from '../support/domain-builders.js';

/** Dynamics refuses what XML cannot carry: that has tests of its own. */
const text = fc
  .oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
  .filter((value) => !/[^\P{Cc}\t\n\r]|[\ufffe\uffff]|\p{Cs}/u.test(value));
const day = fc
  .date({ min: new Date('1800-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const second = fc
  .date({ min: new Date('1800-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);
const OPTIONS = [1, 2, 3].map((value) => ({ value, label: `Level ${value}` }));

/** Every transform with a way back, over the values that it takes without loss. */
const INVERTIBLE: readonly [string, ReturnType<typeof aField>, fc.Arbitrary<FieldValue>][] = [
  ['text as it is', aField({ crmField: 'new_text' }, { column: { maxLength: 4000 } }), text],
  ['a state', aField({ authScapeField: 'isActive', crmField: 'statecode' }), fc.boolean()],
  [
    'an inverted boolean',
    aField(
      { authScapeField: 'isActive', crmField: 'donotemail', transform: { type: 'boolean', inverted: true } },
      {},
    ),
    fc.boolean(),
  ],
  [
    'an option by label',
    aField(
      { crmField: 'new_level', transform: { type: 'optionSet', by: 'label' } },
      { column: { type: 'choice', options: OPTIONS } },
    ),
    fc.constantFrom('Level 1', 'Level 2', 'Level 3'),
  ],
  [
    'a value map',
    aField(
      { crmField: 'new_level', transform: { type: 'valueMap', map: { a: 1, b: 2, c: 3 } } },
      { column: { type: 'choice', options: OPTIONS } },
    ),
    fc.constantFrom('a', 'b', 'c'),
  ],
  [
    'a number at the precision of the column',
    aField(
      { authScapeField: 'customFields.1', crmField: 'creditlimit' },
      { field: { type: 'number' }, column: { type: 'money', precision: 2 } },
    ),
    fc.integer({ min: -1e9, max: 1e9 }).map((cents) => cents / 100),
  ],
  [
    'a day',
    aField({ authScapeField: 'customFields.2', crmField: 'birthdate' }, { field: { type: 'date' } }),
    day,
  ],
  [
    'a day as a time in a zone',
    aField(
      {
        authScapeField: 'customFields.2',
        crmField: 'lastonholdtime',
        transform: { type: 'date', timeZone: 'Europe/Berlin' },
      },
      { field: { type: 'date' } },
    ),
    day,
  ],
  ['a time as text', aField({ crmField: 'lastonholdtime', transform: { type: 'date' } }), second],
];

describe.each(INVERTIBLE)('[V11] %s comes back as it went', (_name, field, values) => {
  it('for every value', () => {
    fc.assert(
      fc.property(fc.option(values), (value) => {
        const there = field.converter.toDynamics(value, {});
        expect(there.ok).toBe(true);
        if (!there.ok) return;
        const back = field.converter.toAuthScape(there.value);
        expect(back.ok).toBe(true);
        if (!back.ok) return;
        expect(canonical(back.value, field.aComparison)).toEqual(canonical(value, field.aComparison));
        expect(holdSame(field, value, there.value, {})).toBe(true);
      }),
    );
  });
});

describe('[V11] a way that is many to one takes D as it is', () => {
  it.each<Transform['type']>(['uppercase', 'lowercase', 'titleCase', 'trim'])('%s', (type) => {
    const field = aField({ crmField: 'new_text', transform: { type } as Transform });
    fc.assert(
      fc.property(text, (value) => {
        const there = field.converter.toDynamics(value, {});
        expect(there).toMatchObject({ ok: true });
        if (there.ok)
          expect(field.converter.toAuthScape(there.value)).toEqual({ ok: true, value: there.value });
        if (there.ok) expect(holdSame(field, value, there.value, {})).toBe(true);
      }),
    );
  });
});

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

describe('[V5] any Unicode text survives the cut', () => {
  it('the cut text is a beginning, within the length, of whole characters, and no further one would fit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: 20 }), (value, limit) => {
        const cut = cutText(value, limit);
        expect(value.startsWith(cut)).toBe(true);
        expect(cut.length).toBeLessThanOrEqual(limit);
        expect(cut).not.toMatch(/\p{Cs}/u);
        const [next] = characters.segment(value.slice(cut.length));
        expect(cut.length + (next?.segment.length ?? limit + 1)).toBeGreaterThan(limit);
      }),
    );
  });

  it('a column of any length takes any text, and the cut one is held to be the same', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 12 }), (value, maxLength) => {
        const field = aField({ crmField: 'new_text' }, { column: { maxLength } });
        const there = field.converter.toDynamics(value, {});
        expect(there).toMatchObject({ ok: true });
        if (!there.ok) return;
        expect(String(there.value ?? '').length).toBeLessThanOrEqual(maxLength);
        expect(holdSame(field, value, there.value, {})).toBe(true);
      }),
    );
  });
});

describe('a converter never throws', () => {
  const transforms: readonly (Transform | null)[] = [
    null,
    { type: 'stateCode' },
    { type: 'boolean' },
    { type: 'optionSet' },
    { type: 'optionSet', by: 'label' },
    { type: 'date' },
    { type: 'date', timeZone: 'America/Santiago' },
    { type: 'number', decimals: 2 },
    { type: 'titleCase' },
    { type: 'concatenate', fields: ['a', 'b'] },
    { type: 'split', separator: '', index: 3 },
    { type: 'default', value: 0 },
    { type: 'valueMap', map: { a: 1 } },
  ];
  const columns = (
    ['string', 'integer', 'money', 'boolean', 'dateOnly', 'dateTime', 'choice', 'state'] as const
  ).map((type) => aColumn('new_x', { type, options: OPTIONS, precision: 2 }));
  const value = fc.oneof(
    text,
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    day,
    second,
    fc.stringMatching(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/),
  );

  it('whatever the value, transform and column', () => {
    const any = fc.record({
      transform: fc.constantFrom(...transforms),
      column: fc.constantFrom(...columns),
      value,
    });
    fc.assert(
      fc.property(any, fc.constantFrom('string', 'date', 'boolean', 'number'), (given, type) => {
        const converter = converterOf(given.transform, anEntityField('x', { type }), given.column);
        const there = converter.toDynamics(given.value, { a: given.value });
        if (!there.ok) expect(there.message).not.toBe('');
        else expect(there.value).not.toBeNaN();
        expect(() => converter.toAuthScape(given.value)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
