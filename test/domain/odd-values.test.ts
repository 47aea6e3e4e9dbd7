import { describe, expect, it } from 'vitest';
import type { Transform } from '../../src/domain/model.js';
import type { Column, EntityField } from '../../src/domain/schema.js';
import { cutText, foldedText } from '../../src/domain/text-form.js';
import { converterOf } from '../../src/domain/transform.js';
import { transformFault } from '../../src/domain/type-compatibility.js';
import { type FieldValue, isEmpty, sameValue } from '../../src/domain/values.js';
import { aColumn, anEntityField } from '../support/builders.js';

/** Values as people report them of other connectors: each arrives as what it means, or says why not. */

const TEXT = aColumn('new_text', { maxLength: 40 });
const FLAG = aColumn('donotemail', { type: 'boolean' });
const MONEY = aColumn('new_money', { type: 'money', precision: 2 });
const WHOLE = aColumn('new_whole', { type: 'integer', minValue: -2147483648, maxValue: 2147483647 });
const DAY = aColumn('birthdate', { type: 'dateOnly' });
const TIME = aColumn('new_time', { type: 'dateTime' });
const EMAIL = aColumn('emailaddress1', { format: 'email', maxLength: 100 });
const LABELS = ['Full-time', 'Manager\u2019s', 'Gold'];
const LEVELS = aColumn('new_level', {
  type: 'choice',
  options: LABELS.map((label, index) => ({ value: index + 1, label })),
});
const text = anEntityField('firstName');
const number = anEntityField('customFields.n', { type: 'number' });
const date = anEntityField('customFields.d', { type: 'date' });
const email = anEntityField('email', { maxLength: 256 });

const NUMBER: Transform = { type: 'number' };
const YES_NO: Transform = { type: 'boolean' };
const LABEL: Transform = { type: 'optionSet', by: 'label' };
const BERLIN: Transform = { type: 'date', timeZone: 'Europe/Berlin' };
const CASES: Transform = { type: 'valueMap', map: { gold: 1, Gold: 2 } };

type Row = readonly [
  value: FieldValue,
  wanted: FieldValue | `! ${string}`,
  transform: Transform | null,
  column: Column,
  field?: EntityField,
];

const EMAILS: readonly Row[] = (
  [
    ['mailto:a@x.example', '! invalid_email'],
    ['MAILTO:a@x.example', '! invalid_email'],
    ['Ada <a@x.example>', '! invalid_email'],
    ['"Ada" <a@x.example>', '! invalid_email'],
    ['a@x.example (work)', '! invalid_email'],
    ['a\u200b@x.example', '! invalid_email'],
    ['a@x\u00ad.example', '! invalid_email'],
    ['a\u00a0b@x.example', '! invalid_email'],
    ['a\u3164b@x.example', '! invalid_email'],
    ['a@x\u3002example', '! invalid_email'],
    ['a\uff20x.example', '! invalid_email'],
    ['a@x.example\ufffd', '! invalid_email'],
    ['\ud83da@x.example', '! invalid_email'],
    ['n/a', '! invalid_email'],
    ['\u202aa@x.example\u202c', 'a@x.example'],
    ['a@x.example\u0000', 'a@x.example'],
    ['\u2800a@x.example\u3164', 'a@x.example'],
    ['\u200b\u00a0', null],
  ] as const
).map(([value, wanted]) => [value, wanted, null, EMAIL, email]);

const NUMBERS: readonly Row[] = [
  ...[
    ...['1,234.56', '1.234,56', '12,5', '1 234', '1\u202f234', "1'234", '1_000', '(5)', '5%', '\u20ac5'],
    ...['5 EUR', '\u22125', '\uff11\uff12', '\u0663', '1E3', '\u221e', '\u00bd', 'NaN'],
  ].map((value): Row => [value, '! invalid_number', NUMBER, MONEY]),
  ['.5', 0.5, NUMBER, MONEY],
  ['+5', 5, NUMBER, MONEY],
  ['00012', 12, NUMBER, MONEY],
  ['-0', 0, NUMBER, MONEY],
  ['-0.001', 0, NUMBER, MONEY],
  [-0, '0', NUMBER, TEXT, number],
  ['1.005', 1.01, NUMBER, MONEY],
  ['9007199254740993', '! out_of_range', NUMBER, MONEY],
  ['2147483648', '! out_of_range', NUMBER, WHOLE],
  ['2147483647.4', 2147483647, NUMBER, WHOLE],
  ['\u2800', null, NUMBER, MONEY],
];

const DATES: readonly Row[] = [
  ...['01-05-90', '5/1/1990', '01.05.1990', '1990-5-1', '19900501', '2001-02-29', '10000-01-01'].map(
    (value): Row => [value, '! invalid_date', null, DAY, date],
  ),
  ['0001-01-01', '! out_of_range', null, DAY, date],
  ['9999-12-31', '9999-12-31', null, DAY, date],
  ['1990-05-01 00:00:00', '1990-05-01', null, DAY, date],
  ['1990-05-01 22:00:00', '! time_zone_missing', null, DAY, date],
  ['1990-05-01 22:00:00', '1990-05-01T22:00:00Z', null, TIME, date],
  ['1990-05-01T24:00:00Z', '1990-05-02T00:00:00Z', null, TIME, date],
  ['1990-05-01T25:00:00Z', '! invalid_date', null, TIME, date],
  ['2016-12-31T23:59:60Z', '! invalid_date', null, TIME, date],
  ['2000-01-01T00:00:00+14:00', '1999-12-31T10:00:00Z', null, TIME, date],
  ['2000-01-01T00:00:00+14:30', '! invalid_date', null, TIME, date],
  ['2000-01-01T00:00:00-15:00', '! invalid_date', null, TIME, date],
  ['9999-12-31T23:59:59-14:00', '! out_of_range', null, TIME, date],
  ['1753-01-01T00:00:00+14:00', '! out_of_range', null, TIME, date],
  ['9999-12-31T23:59:59Z', '! out_of_range', BERLIN, DAY, date],
  ['2000-01-01T00:00:00+14:00', '1999-12-31', BERLIN, DAY, date],
];

const FLAGS: readonly Row[] = [
  ...['ja', 'nein', 'Yes', 'No', 'on', '2', '1.0', '\u2713'].map(
    (value): Row => [value, '! invalid_value', YES_NO, FLAG],
  ),
  ['1', true, YES_NO, FLAG],
  [0, false, YES_NO, FLAG],
  ['\u200bFALSE ', false, YES_NO, FLAG],
  [' \u3164', null, YES_NO, FLAG],
  ['ja', true, { type: 'valueMap', map: { ja: true, nein: false } }, FLAG],
];

const OPTIONS: readonly Row[] = [
  ...['Full\u2013time', 'full\u2011time', 'FULL\u2212TIME', '\u00a0Full-time', 'Full\u00ad-time'].map(
    (value): Row => [value, 1, LABEL, LEVELS],
  ),
  ...["Manager's", 'MANAGER\u2018S', 'Manager`s'].map((value): Row => [value, 2, LABEL, LEVELS]),
  ['G\u200bold', 3, LABEL, LEVELS],
  ['Full time', '! unknown_option', LABEL, LEVELS],
  ['G\u00f3ld', '! unknown_option', LABEL, LEVELS],
  ['1.0', 1, { type: 'optionSet' }, LEVELS],
  ['gold', 1, CASES, LEVELS],
  ['Gold', 2, CASES, LEVELS],
  ['GOLD', '! unmapped_value', CASES, LEVELS],
];

const TEXTS: readonly Row[] = [
  ['\ud83d', '! invalid_value', null, TEXT],
  ['A\udc00', '! invalid_value', null, TEXT],
  ['a\u0000b', '! invalid_value', null, TEXT],
  ['\u3164', null, null, TEXT],
  ['\u2800 \u200d', null, null, TEXT],
  ['+45 70 10 20 30 ext. 5', '+45 70 10 20 30 ext. 5', null, TEXT],
  ['\u1e9e', 'Ss', { type: 'titleCase' }, TEXT],
  ['\ufb01nance', 'Finance', { type: 'titleCase' }, TEXT],
  ['\u0130stanbul', '\u0130stanbul', { type: 'titleCase' }, TEXT],
  ['stra\u00dfe', 'STRASSE', { type: 'uppercase' }, TEXT],
];

const given = (rows: readonly Row[]) => rows.map((row) => ({ name: JSON.stringify(row[0]), row }));

describe.each([
  ['[V6] an e-mail', EMAILS],
  ['[V3] a number', NUMBERS],
  ['[V2] a date', DATES],
  ['[V11] a yes or no', FLAGS],
  ['[V4] an option', OPTIONS],
  ['[V5] a text', TEXTS],
])('%s of AuthScape', (_what, rows) => {
  it.each(given(rows))('$name', ({ row: [value, wanted, transform, column, field = text] }) => {
    const converted = converterOf(transform, field, column).toDynamics(value, {});
    expect(converted.ok ? converted.value : `! ${converted.reason}`).toBe(wanted);
  });
});

describe('of Dynamics', () => {
  it.each(given(EMAILS))('[V6] the login $name', ({ row: [value, wanted] }) => {
    const converted = converterOf(null, email, EMAIL).toAuthScape(value);
    expect(converted.ok ? converted.value : `! ${converted.reason}`).toBe(wanted);
  });

  it.each(['\ud83d', 'a\u0000b', 'A\udc00'])('[V5] the text %j', (value) => {
    expect(converterOf(null, text, TEXT).toAuthScape(value)).toMatchObject({ reason: 'invalid_value' });
  });
});

describe('[V5] a text is cut before what shows as one character', () => {
  const FILL = 'x'.repeat(38);
  it.each([
    ['a family', '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}', 0],
    ['a flag', '\u{1f1e9}\u{1f1ea}', 0],
    ['a colour of skin', '\u{1f44d}\u{1f3fd}', 0],
    ['a letter and its accent', 'ye\u0301', 1],
    ['a syllable of Hangul', 'y\u1112\u1161\u11ab', 1],
    ['a line end', 'y\r\n', 1],
    ['letters', 'yz!', 2],
  ])('%s', (_what, end, kept) => {
    expect(cutText(FILL + end, 40)).toBe(FILL + end.slice(0, kept));
  });

  it.each([
    ['accents without end', `a${'\u0301'.repeat(500)}`, 100],
    ['letters', 'x'.repeat(1_100_000), 1_000_000],
  ])('%s at the limit itself', (_what, long, limit) => {
    expect(cutText(long, limit)).toBe(long.slice(0, limit));
  });
});

describe('[P1] names that the comparison of Dataverse takes for the same, and others', () => {
  it.each([
    ['\ufb01nance', 'Finance', true],
    ['\u039f\u0394\u039f\u03a3 1', '\u03bf\u03b4\u03bf\u03c2 1', true],
    ['STRA\u1e9eE', 'strasse', true],
    ['\u0130stanbul', 'ISTANBUL', true],
    ['\u0153uvre', '\u0152UVRE', true],
    ['\uff76', '\u30ab', true],
    ['Fjord\u3164AS', 'Fjord AS', true],
    ['\u0131spanak', 'ispanak', false],
    ['A\u2013B', 'A-B', false],
    ['Nr. \u2460', 'Nr. 1', false],
  ])('%s and %s: %s', (one, other, isSame) => {
    expect(foldedText(one) === foldedText(other)).toBe(isSame);
  });
});

describe('[B2] what is at rest', () => {
  it.each<[FieldValue, FieldValue, 'text' | 'number' | 'dateTime']>([
    ['Ada', '\u3164Ada\u2800', 'text'],
    [-0, 0, 'number'],
    ['1990-05-01 22:00:00', '1990-05-01T22:00:00Z', 'dateTime'],
  ])('%j and %j', (one, other, kind) => {
    expect(sameValue(one, other, { kind })).toBe(true);
  });

  it('a text of fillers is empty', () => {
    expect(isEmpty('\u3164\u115f', { kind: 'text' })).toBe(true);
  });

  it('an emoji keeps what it is made of', () => {
    const england = '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}';
    expect(sameValue(england, '\u{1f3f4}', { kind: 'text' })).toBe(false);
  });
});

describe('[V4] labels that only a sign tells apart', () => {
  it('are doubled labels', () => {
    const options = ['Full-time', 'Full\u2013time'].map((label, value) => ({ value, label }));
    expect(transformFault(LABEL, text, aColumn('new_level', { type: 'choice', options }))).toMatch(
      /labelled/,
    );
  });
});
