import { describe, expect, it } from 'vitest';
import { mergeFields } from '../../src/domain/merge.js';
import type { ConflictPolicy, Direction, Transform } from '../../src/domain/model.js';
import type { FieldValue } from '../../src/domain/values.js';
import { aField, anEntry, mergedAgain, oneField, told, UNKNOWN_TIMES } from '../support/domain-builders.js';

type Case = readonly [Direction, FieldValue, FieldValue, readonly unknown[] | null];

describe('[M12] first merge: an empty field takes the other value where the direction allows', () => {
  it.each<Case>([
    ['Bidirectional', 'mine', null, ['dynamics', null, 'mine', 'firstMerge']],
    ['Bidirectional', null, 'yours', ['authScape', null, 'yours', 'firstMerge']],
    ['Outbound', 'mine', '', ['dynamics', '', 'mine', 'firstMerge']],
    ['Inbound', '  ', 'yours', ['authScape', '  ', 'yours', 'firstMerge']],
    ['Bidirectional', null, null, null],
    ['Bidirectional', 'same', ' same', null],
  ])('%s: A %o, D %o', (direction, a, d, write) => {
    const input = oneField(aField({ direction }), { a, d });
    const result = mergeFields(input);
    expect(result.writes.map(told)).toEqual(write === null ? [] : [write]);
    expect(result.settled).toBe(write === null);
    expect(mergedAgain(input)).toMatchObject({ writes: [], baseMoved: false });
  });
});

describe('[M12] first merge: nothing is cleared', () => {
  it.each<Case>([
    ['Outbound', null, 'yours', null],
    ['Inbound', 'mine', null, null],
  ])('%s: A %o, D %o stay as they are', (direction, a, d) => {
    const field = aField({ direction });
    const result = mergeFields(oneField(field, { a, d }));
    expect(result).toMatchObject({ writes: [], settled: true, base: { f_1: anEntry(field, a, d) } });
  });

  it('and what was left apart is left apart until a person changes it', () => {
    const field = aField({ direction: 'Outbound' });
    const agreed = [null, 'yours'] as const;
    expect(mergeFields(oneField(field, { a: null, d: 'yours', agreed })).writes).toEqual([]);
    const written = mergeFields(oneField(field, { a: 'mine', d: 'yours', agreed })).writes;
    expect(written.map(told)).toEqual([['dynamics', 'yours', 'mine', 'authScapeChanged']]);
  });
});

describe('[M12] first merge: a transform that gives nothing', () => {
  it.each<[string, Transform]>([
    ['a part that the value does not have', { type: 'split', separator: ' ', index: 1 }],
    ['a value that stands for nothing', { type: 'valueMap', map: { Ada: '' } }],
  ])('empties nothing either: %s', (_name, transform) => {
    const field = aField({ direction: 'Outbound', transform });
    const result = mergeFields(oneField(field, { a: 'Ada', d: 'Moss' }));
    expect(result).toMatchObject({ writes: [], errors: [], settled: true });
    expect(result.base[field.id]).toMatchObject({ a: 'Ada', d: 'Moss' });
  });
});

describe('[M13] first merge: two different values', () => {
  it.each<readonly [Direction, ConflictPolicy, 'authScape' | 'dynamics']>([
    ['Bidirectional', 'authScapeWins', 'authScape'],
    ['Bidirectional', 'dynamicsWins', 'dynamics'],
    ['Bidirectional', 'lastWriteWins', 'dynamics'],
    ['Outbound', 'dynamicsWins', 'authScape'],
    ['Outbound', 'lastWriteWins', 'authScape'],
    ['Inbound', 'authScapeWins', 'dynamics'],
  ])('%s, %s: %s wins, and the lost value is named', (direction, policy, winner) => {
    const times = { ...UNKNOWN_TIMES, now: 9_000, aEventAt: 8_000, dModifiedAt: 1_000 };
    const input = oneField(aField({ direction }), { a: 'mine', d: 'yours' }, { policy, times });
    const lost = winner === 'authScape' ? 'yours' : 'mine';
    const won = winner === 'authScape' ? 'mine' : 'yours';
    expect(mergeFields(input).writes).toMatchObject([
      {
        side: winner === 'authScape' ? 'dynamics' : 'authScape',
        old: lost,
        value: won,
        rule: 'firstMerge',
        winner,
      },
    ]);
    expect(mergedAgain(input)).toMatchObject({ writes: [], settled: true });
  });

  it.each([
    ['isActive', true, 1, ['dynamics', 1, 0, 'firstMerge']],
    ['isActive', false, 0, ['authScape', false, true, 'firstMerge']],
    ['isDeactivated', false, 1, ['dynamics', 1, 0, 'firstMerge']],
    ['isDeactivated', true, 0, ['authScape', true, false, 'firstMerge']],
  ])('lastWriteWins means active for the state: %s %o, state %i', (authScapeField, a, d, write) => {
    const field = aField({ authScapeField, crmField: 'statecode' }, { field: { type: 'boolean' } });
    expect(mergeFields(oneField(field, { a, d })).writes.map(told)).toEqual([write]);
  });

  it.each([
    ['authScapeWins', ['dynamics', 0, 1, 'firstMerge']],
    ['dynamicsWins', ['authScape', false, true, 'firstMerge']],
  ] as const)('a policy decides the state as well: %s', (policy, write) => {
    const field = aField({ authScapeField: 'isActive', crmField: 'statecode' });
    expect(mergeFields(oneField(field, { a: false, d: 0 }, { policy })).writes.map(told)).toEqual([write]);
  });

  it('[D10] does not count for the guard', () => {
    const state = aField({ authScapeField: 'isActive', crmField: 'statecode' });
    const key = aField({}, { mapping: { matchBy: ['firstName'] } });
    const writes = [
      ...mergeFields(oneField(state, { a: false, d: 0 }, { policy: 'authScapeWins' })).writes,
      ...mergeFields(oneField(key, { a: 'mine', d: 'yours' })).writes,
    ];
    expect(writes.map((write) => write.guarded)).toEqual([null, null]);
  });
});

describe('a value that is joined from several fields', () => {
  const transform: Transform = { type: 'concatenate', fields: ['firstName', 'lastName'] };
  const field = aField({ crmField: 'new_text', transform });
  const input = (firstName: FieldValue, lastName: FieldValue, d: FieldValue, agreed?: string) => ({
    ...oneField(field, { a: null, d }),
    a: { firstName, lastName },
    base: agreed === undefined ? {} : { f_1: anEntry(field, agreed, agreed) },
  });

  it.each<[FieldValue, FieldValue, FieldValue, string | undefined, readonly unknown[] | null]>([
    [
      'Ada',
      'Lovelace',
      'Ada Byron',
      'Ada Byron',
      ['dynamics', 'Ada Byron', 'Ada Lovelace', 'authScapeChanged'],
    ],
    [
      'Augusta',
      'Byron',
      'Ada Byron',
      'Ada Byron',
      ['dynamics', 'Ada Byron', 'Augusta Byron', 'authScapeChanged'],
    ],
    ['Ada', 'Byron', 'Ada B.', 'Ada Byron', ['dynamics', 'Ada B.', 'Ada Byron', 'setBack']],
    ['Ada', 'Byron', 'Ada Byron', 'Ada Byron', null],
    [null, 'Lovelace', 'someone', undefined, ['dynamics', 'someone', 'Lovelace', 'firstMerge']],
    [null, 'Lovelace', null, undefined, ['dynamics', null, 'Lovelace', 'firstMerge']],
    ['Ada', null, 'Ada', undefined, null],
  ])('merge 2: %o and %o over %o, agreed %o', (first, last, d, agreed, write) => {
    const given = input(first, last, d, agreed);
    expect(mergeFields(given).writes.map(told)).toEqual(write === null ? [] : [write]);
    expect(mergedAgain(given)).toMatchObject({ writes: [], settled: true });
  });

  it('[V11] waits for all of its parts to be read', () => {
    const given = { ...input('Ada', null, 'Ada Byron', 'Ada Byron'), a: { firstName: 'Ada' } };
    expect(mergeFields(given)).toMatchObject({ writes: [], settled: false, baseMoved: false });
  });

  it('keeps case whatever its first part is', () => {
    const mixed = aField({
      authScapeField: 'email',
      crmField: 'new_text',
      transform: { type: 'concatenate', fields: ['email', 'lastName'] },
    });
    const given = {
      ...oneField(mixed, { a: null, d: 'ada@x.y LOVELACE' }),
      a: { email: 'ada@x.y', lastName: 'Lovelace' },
      base: { f_1: { a: 'ada@x.y LOVELACE', d: 'ada@x.y LOVELACE', sig: mixed.signature } },
    };
    expect(mergeFields(given).writes.map(told)).toEqual([
      ['dynamics', 'ada@x.y LOVELACE', 'ada@x.y Lovelace', 'authScapeChanged'],
    ]);
  });
});

describe('a default value', () => {
  it.each<[FieldValue, FieldValue, readonly unknown[] | null]>([
    [null, null, ['dynamics', null, 'n/a', 'firstMerge']],
    [null, 'yours', null],
    ['mine', null, ['dynamics', null, 'mine', 'firstMerge']],
  ])('fills what is empty on both sides, and empties or replaces nothing: A %o, D %o', (a, d, write) => {
    const field = aField({ crmField: 'new_text', transform: { type: 'default', value: 'n/a' } });
    const input = oneField(field, { a, d });
    expect(mergeFields(input).writes.map(told)).toEqual(write === null ? [] : [write]);
    expect(mergedAgain(input)).toMatchObject({ writes: [], settled: true });
  });
});
