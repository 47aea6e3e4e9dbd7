import { describe, expect, it } from 'vitest';
import type { Transform } from '../../src/domain/model.js';
import type { EntityField } from '../../src/domain/schema.js';
import { cutText, isEmail } from '../../src/domain/text-form.js';
import { converterOf, wayBack } from '../../src/domain/transform.js';
import type { FieldValue, FieldValues } from '../../src/domain/values.js';
import { aColumn, anEntityField } from '../support/builders.js';

const string = anEntityField('firstName');

describe('[V11] text transforms', () => {
  const toD = (transform: Transform, value: FieldValue, record: FieldValues = {}) =>
    converterOf(transform, string, aColumn('new_text')).toDynamics(value, record);

  it.each<[Transform, FieldValue, FieldValue]>([
    [{ type: 'uppercase' }, 'straße', 'STRASSE'],
    [{ type: 'lowercase' }, 'ÅSA', 'åsa'],
    [{ type: 'trim' }, '  Ada ', 'Ada'],
    [{ type: 'titleCase' }, "jean-luc o'neil DE la cruz", "Jean-Luc O'Neil De La Cruz"],
    [{ type: 'titleCase' }, 'élodie øst', 'Élodie Øst'],
    [{ type: 'split', separator: ' ', index: 1 }, 'Ada Lovelace', 'Lovelace'],
    [{ type: 'split', separator: ' ', index: 2 }, 'Ada Lovelace', null],
    [{ type: 'split', separator: ',', index: 0 }, ' ,x', null],
    [{ type: 'default', value: 'n/a' }, null, 'n/a'],
    [{ type: 'default', value: 'n/a' }, '  ', 'n/a'],
    [{ type: 'default', value: 'n/a' }, 'Ada', 'Ada'],
  ])('%o of %o is %o', (transform, value, wanted) => {
    expect(toD(transform, value)).toEqual({ ok: true, value: wanted });
  });

  it.each<[FieldValues, FieldValue]>([
    [{ firstName: 'Ada', lastName: 'Lovelace' }, 'Lovelace, Ada'],
    [{ firstName: 'Ada', lastName: null }, 'Ada'],
    [{ firstName: '', lastName: 'Lovelace' }, 'Lovelace'],
    [{ firstName: null, lastName: null }, null],
  ])('the parts of %o are joined to %o', (record, wanted) => {
    const transform: Transform = { type: 'concatenate', fields: ['lastName', 'firstName'], separator: ', ' };
    expect(toD(transform, record.firstName ?? null, record)).toEqual({ ok: true, value: wanted });
  });
});

describe('[V11] each transform says what its way back does', () => {
  it.each<[Transform | null, string]>([
    [null, 'inverse'],
    [{ type: 'stateCode' }, 'inverse'],
    [{ type: 'boolean' }, 'inverse'],
    [{ type: 'optionSet' }, 'inverse'],
    [{ type: 'date' }, 'inverse'],
    [{ type: 'number' }, 'inverse'],
    [{ type: 'uppercase' }, 'asIs'],
    [{ type: 'lowercase' }, 'asIs'],
    [{ type: 'titleCase' }, 'asIs'],
    [{ type: 'trim' }, 'asIs'],
    [{ type: 'concatenate', fields: [] }, 'none'],
    [{ type: 'split', separator: ' ', index: 0 }, 'none'],
    [{ type: 'default', value: 'x' }, 'none'],
    [{ type: 'valueMap', map: { a: 1, b: 2 } }, 'inverse'],
    [{ type: 'valueMap', map: { a: 1, b: 1 } }, 'none'],
    [{ type: 'valueMap', map: { a: 1, b: '1' } }, 'none'],
  ])('%o: %s', (transform, back) => {
    expect(wayBack(transform)).toBe(back);
  });
});

describe('[V4] what AuthScape gets for a field of options is one of their keys', () => {
  const options = ['gold', 'Gold', 'silver'].map((key) => ({ key, label: key }));
  const back = (known: EntityField['options'], value: FieldValue) => {
    const field = anEntityField('customFields.1', { type: 'choice', options: known });
    return converterOf(null, field, aColumn('new_text')).toAuthScape(value);
  };

  it.each([
    ['Gold', 'Gold'],
    [' Silver', 'silver'],
    [null, null],
  ])('%o is %o', (value, wanted) => {
    expect(back(options, value)).toEqual({ ok: true, value: wanted });
  });

  it('any other value is an error, unless no options are known', () => {
    expect(back(options, 'platinum')).toMatchObject({ ok: false, reason: 'unknown_option' });
    expect(back([], 'platinum')).toEqual({ ok: true, value: 'platinum' });
  });
});

describe('[V5] a string over the length is cut between code points', () => {
  it.each([
    ['abcdef', 4, 'abcd'],
    ['abc\u{1f600}', 4, 'abc'],
    ['abc\u{1f600}', 5, 'abc\u{1f600}'],
    ['\u{1f600}', 1, ''],
    ['short', 10, 'short'],
    ['', 0, ''],
  ])('%o at %i is %o', (text, limit, cut) => {
    expect(cutText(text, limit)).toBe(cut);
  });

  it('says that it cut', () => {
    const converter = converterOf(null, string, aColumn('new_text', { maxLength: 10 }));
    expect(converter.toDynamics('0123456789', {})).toEqual({ ok: true, value: '0123456789' });
    expect(converter.toDynamics('0123456789x', {})).toEqual({ ok: true, value: '0123456789', cut: true });
  });
});

describe('[V6] what is taken for an e-mail address', () => {
  it.each([
    ['a@b.c', true],
    ['Åsa+tag@müller.example', true],
    ['a@b', false],
    ['a b@c.d', false],
    ['a@@b.c', false],
    ['@b.c', false],
    ['', false],
    ['\u200ba@b.c\u00a0', true],
    ["o'brien@x.example", true],
    ['<a@b.c>', false],
    ['a@b.c,', false],
    ['a@b.c.', false],
    ['a@b..c', false],
    ['a@b.c, d@e.f', false],
    ['a@b.c;d@e.f', false],
    ['"Ada" <a@b.c>', false],
    ['mailto:a@b.c', false],
    ['a\u200bb@c.d', false],
  ])('%o: %s', (text, accepted) => {
    expect(isEmail(text)).toBe(accepted);
  });
});
