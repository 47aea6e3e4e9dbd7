import { describe, expect, it } from 'vitest';
import { type ResolvedField, withLookups } from '../../src/domain/fields.js';
import { mergeFields } from '../../src/domain/merge.js';
import type { Direction } from '../../src/domain/model.js';
import type { FieldValue } from '../../src/domain/values.js';
import { aFieldMapping } from '../support/builders.js';
import {
  aField,
  anEntry,
  aRelationship,
  mergedAgain,
  oneField,
  resolved,
  told,
  UNKNOWN_TIMES,
} from '../support/domain-builders.js';

const login = (direction: Direction = 'Bidirectional') =>
  aField({ authScapeField: 'email', crmField: 'emailaddress1', direction });

describe('[V6] the login is never cleared', () => {
  it.each<[string, Direction, FieldValue, FieldValue, readonly unknown[] | null]>([
    ['D was cleared', 'Bidirectional', 'ada@x.y', null, null],
    ['D was cleared', 'Inbound', 'ada@x.y', null, null],
    ['D was cleared', 'Outbound', 'ada@x.y', null, ['dynamics', null, 'ada@x.y', 'setBack']],
    [
      'D was cleared, A changed',
      'Bidirectional',
      'new@x.y',
      '',
      ['dynamics', '', 'new@x.y', 'authScapeChanged'],
    ],
    [
      'D changed',
      'Bidirectional',
      'ada@x.y',
      'new@x.y',
      ['authScape', 'ada@x.y', 'new@x.y', 'dynamicsChanged'],
    ],
  ])('%s (%s): A %o, D %o, %o', (_name, direction, a, d, write) => {
    const field = login(direction);
    expect(field.isLogin).toBe(true);
    const input = oneField(field, { a, d, agreed: ['ada@x.y', 'ada@x.y'] }, { policy: 'dynamicsWins' });
    expect(mergeFields(input).writes.map(told)).toEqual(write === null ? [] : [write]);
    expect(mergedAgain(input)).toMatchObject({ writes: [], baseMoved: false });
  });

  it('nor by what a transform makes of an address', () => {
    const field = login();
    const gives = { ...field.converter, toAuthScape: () => ({ ok: true, value: ' ' }) as const };
    const input = oneField(
      { ...field, converter: gives },
      { a: 'ada@x.y', d: 'new@x.y', agreed: ['ada@x.y', 'ada@x.y'] },
    );
    expect(mergeFields(input)).toMatchObject({ writes: [], errors: [] });
  });

  it('an address in another case is the same address', () => {
    const input = oneField(login(), { a: 'Ada@X.y', d: 'ada@x.Y', agreed: ['ada@x.y', 'ada@x.y'] });
    expect(mergeFields(input)).toMatchObject({ writes: [], settled: true });
  });
});

describe('[M19] a field that fails a check is left out with its base', () => {
  it.each<[string, ResolvedField, FieldValue, FieldValue, 'authScape' | 'dynamics', string]>([
    ['an address that is none', login(), 'nobody', 'old@x.y', 'dynamics', 'invalid_email'],
    ['an address from D that is none', login(), 'old@x.y', 'nobody', 'authScape', 'invalid_email'],
    [
      'an unknown option',
      aField({ crmField: 'new_level', transform: { type: 'optionSet', by: 'label' } }),
      'Diamond',
      1,
      'dynamics',
      'unknown_option',
    ],
    [
      'a required column that would be empty',
      aField({ required: true }),
      null,
      'old',
      'dynamics',
      'required_value_missing',
    ],
    [
      'a column that Dataverse itself requires',
      aField({}, { column: { required: 'system' } }),
      ' ',
      'old',
      'dynamics',
      'required_value_missing',
    ],
  ])('%s', (_name, field, a, d, side, reason) => {
    const other = aField({ id: 'f_2', authScapeField: 'lastName', crmField: 'lastname' });
    const agreed = a === 'old@x.y' ? [a, 'old@x.y'] : ['old', d];
    const base = { f_1: anEntry(field, agreed[0] ?? null, agreed[1] ?? null), f_2: anEntry(other, 'x', 'x') };
    const result = mergeFields({
      fields: [field, other],
      base,
      a: { [field.aKey]: a, lastName: 'new' },
      d: { [field.column]: d, lastname: 'x' },
      policy: 'lastWriteWins',
      times: UNKNOWN_TIMES,
    });
    expect(result.errors).toMatchObject([{ side, reason, field: { id: 'f_1' } }]);
    expect(result.writes.map((write) => write.field.id)).toEqual(['f_2']);
    expect(result).toMatchObject({ base, settled: false });
  });

  it('[M20] a required column that is empty in D all the same empties A', () => {
    const input = oneField(aField({ required: true }), { a: 'old', d: null, agreed: ['old', 'old'] });
    expect(mergeFields(input).writes.map(told)).toEqual([['authScape', 'old', null, 'dynamicsChanged']]);
  });

  it('a column that only the forms of Dynamics require may be cleared', () => {
    const field = aField({}, { column: { required: 'application' } });
    const input = oneField(field, { a: null, d: 'old', agreed: ['old', 'old'] });
    expect(mergeFields(input).writes.map(told)).toEqual([['dynamics', 'old', null, 'authScapeChanged']]);
  });
});

describe('lookups', () => {
  const [lookup] = resolved({ mapping: { relationships: [aRelationship()] } }).fields;
  if (lookup === undefined) throw new Error('The relationship rests.');
  const known = {
    l_1: {
      toDynamics: new Map([
        ['7', 'account:aa'],
        ['8', 'account:bb'],
      ]),
      toAuthScape: new Map([
        ['account:aa', '7'],
        ['account:bb', '8'],
      ]),
    },
  };
  const [found = lookup] = withLookups([lookup], known);

  it.each<[string, FieldValue, FieldValue, readonly unknown[] | null]>([
    ['the same partners on both sides', '7', 'account:AA', null],
    ['A points elsewhere', '8', 'account:aa', ['dynamics', 'account:aa', 'account:bb', 'authScapeChanged']],
    ['D points elsewhere', '7', 'account:bb', ['authScape', '7', '8', 'dynamicsChanged']],
    ['A points nowhere', null, 'account:aa', ['dynamics', 'account:aa', null, 'authScapeChanged']],
    ['D points nowhere', '7', null, ['authScape', '7', null, 'dynamicsChanged']],
  ])('[M16] the value is the linked record: %s', (_name, a, d, write) => {
    const input = oneField(found, { a, d, agreed: ['7', 'account:aa'] });
    expect(mergeFields(input).writes.map(told)).toEqual(write === null ? [] : [write]);
    expect(mergedAgain(input)).toMatchObject({ writes: [], settled: true });
  });

  it.each<[string, FieldValue, FieldValue]>([
    ['no link', '9', 'account:aa'],
    ['another table', '7', 'contact:aa'],
  ])('[M17] a target with %s is not empty: the field waits', (_name, a, d) => {
    const input = oneField(found, { a, d, agreed: ['7', 'account:aa'] });
    const result = mergeFields(input);
    expect(result).toMatchObject({
      writes: [],
      errors: [],
      waiting: ['l_1'],
      settled: false,
      baseMoved: false,
    });
  });

  it('[M17] nothing is cleared by a target without a link, on the first merge either', () => {
    const result = mergeFields(oneField(found, { a: null, d: 'contact:zz' }));
    expect(result).toMatchObject({ writes: [], waiting: ['l_1'] });
  });

  it('a field of another record keeps its converter', () => {
    const plain = aField();
    expect(withLookups([plain, lookup], {})).toEqual([plain, lookup]);
  });
});

describe('[D10] what the guard counts', () => {
  const key = aField({}, { mapping: { matchBy: ['firstName'] } });
  const state = aField({ authScapeField: 'isActive', crmField: 'statecode' });
  const off = aField(
    { authScapeField: 'isDeactivated', crmField: 'statecode' },
    { field: { type: 'boolean' } },
  );

  it.each<[string, ResolvedField, readonly [FieldValue, FieldValue], FieldValue, FieldValue, string | null]>([
    ['a deactivation in D', state, [true, 0], false, 0, 'removal'],
    ['a deactivation in A', state, [true, 0], true, 1, 'removal'],
    ['a deactivation in A by the inverse', off, [false, 0], false, 1, 'removal'],
    ['an activation in D', state, [false, 1], true, 1, null],
    ['an activation in A by the inverse', off, [true, 1], true, 0, null],
    ['a clearing in D', aField(), ['old', 'old'], null, 'old', 'clear'],
    ['a clearing in A', aField(), ['old', 'old'], 'old', '', 'clear'],
    ['a clearing of the match key', key, ['old', 'old'], null, 'old', 'clear'],
    ['a changed match key', key, ['old', 'old'], 'new', 'old', 'key'],
    ['a filled field', aField(), [null, null], 'new', null, null],
    ['a changed field', aField(), ['old', 'old'], 'new', 'old', null],
  ])('%s', (_name, field, agreed, a, d, guarded) => {
    const { writes } = mergeFields(oneField(field, { a, d, agreed }));
    expect(writes.map((write) => write.guarded)).toEqual([guarded]);
  });
});

describe('[V9] a field that rests or is switched off', () => {
  it('keeps its base for its return, and one that was taken out does not', () => {
    const mapping = resolved({
      mapping: {
        fields: [
          aFieldMapping(),
          aFieldMapping({ id: 'f_2', authScapeField: 'lastName', crmField: 'lastname', enabled: false }),
          aFieldMapping({ id: 'f_3', authScapeField: 'phoneNumber', crmField: 'gone' }),
        ],
      },
    });
    const entry = { a: 'x', d: 'x', sig: 'kept' };
    const result = mergeFields({
      fields: mapping.fields,
      restingIds: mapping.restingIds,
      base: { f_1: anEntry(aField(), 'Ada', 'Ada'), f_2: entry, f_3: entry, f_4: entry },
      a: { firstName: 'Ada' },
      d: { firstname: 'Ada' },
      policy: 'lastWriteWins',
      times: UNKNOWN_TIMES,
    });
    expect(result.base).toEqual({ f_1: anEntry(aField(), 'Ada', 'Ada'), f_2: entry, f_3: entry });
  });
});
