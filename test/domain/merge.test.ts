import { describe, expect, it } from 'vitest';
import type { ResolvedField } from '../../src/domain/fields.js';
import { mergeFields } from '../../src/domain/merge.js';
import type { ConflictPolicy, Direction } from '../../src/domain/model.js';
import type { FieldValue } from '../../src/domain/values.js';
import { aField, anEntry, mergedAgain, oneField, told, UNKNOWN_TIMES } from '../support/domain-builders.js';

/** The table of "merging one linked pair", row by row; the base is `old` on both sides. */

interface Row {
  readonly rule: string;
  readonly direction: Direction;
  readonly a: FieldValue;
  readonly d: FieldValue;
  /** Side, what stood there, what is written, rule; null: nothing is written. */
  readonly write: readonly unknown[] | null;
  readonly policy?: ConflictPolicy;
}

const ROWS: readonly Row[] = [
  ...(['Bidirectional', 'Inbound', 'Outbound'] as const).flatMap((direction): Row[] => [
    { rule: '[M1] nothing changed', direction, a: 'old', d: 'old', write: null },
    { rule: '[M1] nothing but white space changed', direction, a: ' old', d: 'old\r\n', write: null },
    { rule: '[M4] both changed to the same value', direction, a: 'new', d: 'new', write: null },
    { rule: '[M4] both were cleared', direction, a: null, d: '', write: null },
  ]),
  ...(['Bidirectional', 'Outbound'] as const).flatMap((direction): Row[] => [
    {
      rule: '[M2] A changed, D gets its value',
      direction,
      a: 'new',
      d: 'old',
      write: ['dynamics', 'old', 'new', 'authScapeChanged'],
    },
    {
      rule: '[M2] A was cleared, D is cleared',
      direction,
      a: '',
      d: 'old',
      write: ['dynamics', 'old', null, 'authScapeChanged'],
    },
  ]),
  ...(['Bidirectional', 'Inbound'] as const).flatMap((direction): Row[] => [
    {
      rule: '[M3] D changed, A gets its value',
      direction,
      a: 'old',
      d: 'new',
      write: ['authScape', 'old', 'new', 'dynamicsChanged'],
    },
    {
      rule: '[M3] D was cleared, A is cleared',
      direction,
      a: 'old',
      d: null,
      write: ['authScape', 'old', null, 'dynamicsChanged'],
    },
  ]),
  {
    rule: '[M5] both changed, the policy picks A',
    direction: 'Bidirectional',
    policy: 'authScapeWins',
    a: 'mine',
    d: 'yours',
    write: ['dynamics', 'yours', 'mine', 'conflict'],
  },
  {
    rule: '[M5] both changed, the policy picks D',
    direction: 'Bidirectional',
    policy: 'dynamicsWins',
    a: 'mine',
    d: 'yours',
    write: ['authScape', 'mine', 'yours', 'conflict'],
  },
  {
    rule: '[M5] cleared against changed, the policy picks the cleared',
    direction: 'Bidirectional',
    policy: 'authScapeWins',
    a: null,
    d: 'yours',
    write: ['dynamics', 'yours', null, 'conflict'],
  },
  {
    rule: '[M6] A changed, it is set back',
    direction: 'Inbound',
    a: 'mine',
    d: 'old',
    write: ['authScape', 'mine', 'old', 'setBack'],
  },
  {
    rule: '[M6] both changed, A is set back',
    direction: 'Inbound',
    policy: 'authScapeWins',
    a: 'mine',
    d: 'yours',
    write: ['authScape', 'mine', 'yours', 'setBack'],
  },
  {
    rule: '[M7] D changed, it is set back',
    direction: 'Outbound',
    a: 'old',
    d: 'yours',
    write: ['dynamics', 'yours', 'old', 'setBack'],
  },
  {
    rule: '[M7] both changed, D is set back',
    direction: 'Outbound',
    policy: 'dynamicsWins',
    a: 'mine',
    d: 'yours',
    write: ['dynamics', 'yours', 'mine', 'setBack'],
  },
];

describe('merging one linked pair', () => {
  it.each(ROWS)('$rule ($direction)', ({ direction, a, d, write, policy = 'lastWriteWins' }) => {
    const input = oneField(aField({ direction }), { a, d, agreed: ['old', 'old'] }, { policy });
    const result = mergeFields(input);
    expect(result.writes.map(told)).toEqual(write === null ? [] : [write]);
    expect(result.errors).toEqual([]);
    expect(result.settled).toBe(write === null);
    expect(mergedAgain(input)).toMatchObject({ writes: [], baseMoved: false, settled: true });
  });

  it('[M4] the base moves with both sides', () => {
    const field = aField();
    const result = mergeFields(oneField(field, { a: 'new', d: ' new ', agreed: ['old', 'old'] }));
    expect(result).toMatchObject({ baseMoved: true, base: { f_1: anEntry(field, 'new', 'new') } });
  });

  it('a value that waits to be written leaves the base as it was', () => {
    const field = aField();
    const result = mergeFields(oneField(field, { a: 'new', d: 'old', agreed: ['old', 'old'] }));
    expect(result).toMatchObject({ baseMoved: false, base: { f_1: anEntry(field, 'old', 'old') } });
  });

  it('[M9] only changed fields are written', () => {
    const first = aField({ id: 'f_1', authScapeField: 'firstName', crmField: 'firstname' });
    const last = aField({ id: 'f_2', authScapeField: 'lastName', crmField: 'lastname' });
    const result = mergeFields({
      fields: [first, last],
      base: { f_1: anEntry(first, 'Ada', 'Ada'), f_2: anEntry(last, 'Byron', 'Byron') },
      a: { firstName: 'Ada', lastName: 'Lovelace' },
      d: { firstname: 'Ada', lastname: 'Byron' },
      policy: 'lastWriteWins',
      times: UNKNOWN_TIMES,
    });
    expect(result.writes.map((write) => write.field.id)).toEqual(['f_2']);
  });

  it('changes of different fields on both sides both arrive', () => {
    const first = aField({ id: 'f_1', authScapeField: 'firstName', crmField: 'firstname' });
    const last = aField({ id: 'f_2', authScapeField: 'lastName', crmField: 'lastname' });
    const result = mergeFields({
      fields: [first, last],
      base: { f_1: anEntry(first, 'Ada', 'Ada'), f_2: anEntry(last, 'Byron', 'Byron') },
      a: { firstName: 'Augusta', lastName: 'Byron' },
      d: { firstname: 'Ada', lastname: 'Lovelace' },
      policy: 'lastWriteWins',
      times: UNKNOWN_TIMES,
    });
    expect(result.writes.map(told)).toEqual([
      ['dynamics', 'Ada', 'Augusta', 'authScapeChanged'],
      ['authScape', 'Byron', 'Lovelace', 'dynamicsChanged'],
    ]);
  });
});

describe('what is compared is each side with its own base', () => {
  const upper = aField({ crmField: 'new_text', transform: { type: 'uppercase' } });

  it('[B1] a transform that is no inverse is at rest', () => {
    expect(mergeFields(oneField(upper, { a: 'Ada', d: 'ADA', agreed: ['Ada', 'ADA'] }))).toMatchObject({
      writes: [],
      settled: true,
    });
  });

  it('a change of A that gives D the same value moves the base only', () => {
    const result = mergeFields(oneField(upper, { a: 'ada', d: 'ADA', agreed: ['Ada', 'ADA'] }));
    expect(result).toMatchObject({ writes: [], baseMoved: true, base: { f_1: { a: 'ada', d: 'ADA' } } });
  });

  it('a change of D is taken over as it is', () => {
    const input = oneField(upper, { a: 'Ada', d: 'Grace', agreed: ['Ada', 'ADA'] });
    expect(mergeFields(input).writes.map(told)).toEqual([['authScape', 'Ada', 'Grace', 'dynamicsChanged']]);
    expect(mergedAgain(input)).toMatchObject({ writes: [], settled: true });
  });

  it('[V5] a cut value is at rest, and the uncut one stays in A', () => {
    const short = aField({ crmField: 'new_text' }, { column: { maxLength: 4 } });
    const input = oneField(short, { a: 'abc\u{1f600}', d: 'old', agreed: ['old', 'old'] });
    expect(mergeFields(input).writes).toMatchObject([{ side: 'dynamics', value: 'abc', cut: true }]);
    expect(mergedAgain(input)).toMatchObject({ writes: [], settled: true });
  });
});

describe('a field that rests', () => {
  const none = aField({ direction: 'Inbound' }, { mapping: { direction: 'Outbound' } });

  it.each<[string, ResolvedField, Record<string, FieldValue>, Record<string, FieldValue>]>([
    ['no direction is left', none, { firstName: 'mine' }, { firstname: 'yours' }],
    ['A was read without it', aField(), {}, { firstname: 'yours' }],
    ['D was read without it', aField(), { firstName: 'mine' }, {}],
  ])('because %s: nothing is written and its base stays', (_name, field, a, d) => {
    const base = { f_1: anEntry(field, 'old', 'old') };
    const result = mergeFields({ ...oneField(field, { a: null, d: null }), base, a, d });
    expect(result).toMatchObject({ writes: [], errors: [], baseMoved: false, base });
  });

  it('[B5] a field that was not read keeps the link from being called clean', () => {
    expect(mergeFields({ ...oneField(aField(), { a: null, d: null }), a: {} }).settled).toBe(false);
  });

  it('[B3] a base of another column, transform or target counts as never merged', () => {
    const field = aField({ crmField: 'new_text' });
    const base = { f_1: { ...anEntry(aField(), 'old', 'old') } };
    const input = { ...oneField(field, { a: 'mine', d: null }), base };
    expect(mergeFields(input).writes.map(told)).toEqual([['dynamics', null, 'mine', 'firstMerge']]);
    expect(mergeFields(input)).toMatchObject({ base: {}, baseMoved: true });
  });
});
