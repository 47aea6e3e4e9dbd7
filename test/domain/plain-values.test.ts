import { describe, expect, it } from 'vitest';
import type { Transform } from '../../src/domain/model.js';
import type { Column, EntityField } from '../../src/domain/schema.js';
import { textOf } from '../../src/domain/text-form.js';
import { converterOf } from '../../src/domain/transform.js';
import { transformFault } from '../../src/domain/type-compatibility.js';
import type { FieldValue, FieldValues } from '../../src/domain/values.js';
import { aColumn, anEntityField } from '../support/builders.js';

const TEXT = aColumn('new_text', { maxLength: 40 });
const FLAG = aColumn('donotemail', { type: 'boolean' });
const MONEY = aColumn('new_money', { type: 'money', precision: 2 });
const DAY = aColumn('birthdate', { type: 'dateOnly' });
const EMAIL = aColumn('emailaddress1', { format: 'email', maxLength: 100 });
const LEVELS = aColumn('new_level', {
  type: 'choice',
  options: ['Bronze', 'Silver', 'Gold'].map((label, index) => ({ value: index + 1, label })),
});
const text = anEntityField('firstName');
const number = anEntityField('customFields.n', { type: 'number' });
const date = anEntityField('customFields.d', { type: 'date' });
const email = anEntityField('email', { maxLength: 256 });
const tier = anEntityField('customFields.t', {
  type: 'choice',
  options: [
    { key: '1719', label: 'Gold' },
    { key: '1720', label: 'Silver' },
    { key: 'bronze', label: 'Bronze ' },
  ],
});
const FIELDS = [text, number, date, email, tier];

type Row = readonly [
  what: string,
  transform: Transform | null,
  field: EntityField,
  column: Column,
  value: FieldValue,
  wanted: FieldValue | `! ${string}`,
];

function shown(converted: ReturnType<ReturnType<typeof converterOf>['toDynamics']>): FieldValue {
  return converted.ok ? converted.value : `! ${converted.reason}`;
}

const LABEL = { type: 'optionSet', by: 'label' } as const;
const NUMBER = { type: 'number' } as const;
const MAP = { type: 'valueMap', map: { gold: 1, 'caf\u00e9': 2 } } as const;

describe('from AuthScape to Dynamics', () => {
  it.each<Row>([
    ['[V4] an option by its label', LABEL, tier, LEVELS, '1719', 3],
    ['[V4] an option that was stored by its label', LABEL, tier, LEVELS, ' gold', 3],
    ['[V4] the label goes to a text', null, tier, TEXT, '1719', 'Gold'],
    ['[V4] the label goes through a transform of texts', { type: 'uppercase' }, tier, TEXT, '1720', 'SILVER'],
    ['[V4] an unknown key goes as it is', null, tier, TEXT, '7', '7'],
    ['[V4] a value map of keys', { type: 'valueMap', map: { 1719: 'A' } }, tier, TEXT, '1719', 'A'],
    [
      '[V4] a value map of labels',
      { type: 'valueMap', map: { gold: 'A', Gold: 'B' } },
      tier,
      TEXT,
      '1719',
      'B',
    ],
    ['[V11] a value map without blanks', MAP, text, LEVELS, 'gold ', 1],
    ['[V11] a value map with a no-break space', MAP, text, LEVELS, '\u00a0gold\u200b', 1],
    ['[V11] a value map in another form', MAP, text, LEVELS, 'cafe\u0301', 2],
    ['[V11] a boolean with blanks', { type: 'boolean' }, text, FLAG, ' True\u00a0', true],
    ['[V11] a day with blanks', { type: 'date' }, text, DAY, '\u200b1990-05-01 ', '1990-05-01'],
    ['[V3] a number with blanks', NUMBER, text, MONEY, '\u00a01.5 ', 1.5],
    ['[V3] a small number as text', NUMBER, number, TEXT, 2.5e-7, '0.00000025'],
    ['[V3] hexadecimal digits', NUMBER, text, MONEY, '0x1F', '! invalid_number'],
    ['[V3] an exponent', NUMBER, text, MONEY, '1e3', '! invalid_number'],
    ['[V3] binary digits', NUMBER, text, MONEY, '0b11', '! invalid_number'],
    ['[V3] infinity', NUMBER, text, MONEY, 'Infinity', '! invalid_number'],
    ['[V3] nothing but a sign', NUMBER, text, MONEY, '-', '! invalid_number'],
    ['[V2] a day', null, date, DAY, '1990-05-01', '1990-05-01'],
    ['[V2] midnight as databases write it', null, date, DAY, '1990-05-01T00:00:00', '1990-05-01'],
    ['[V2] a whole time needs a zone', null, date, DAY, '1990-05-01T22:00:00Z', '! time_zone_missing'],
    [
      '[V2] a whole time in a zone',
      { type: 'date', timeZone: 'Europe/Berlin' },
      date,
      DAY,
      '1990-05-01T22:00:00Z',
      '1990-05-02',
    ],
    ['[V6] two addresses', null, email, EMAIL, 'a@x.example; b@x.example', '! invalid_email'],
    ['[V6] an address with blanks', null, email, EMAIL, ' a@x.example\u200b', 'a@x.example'],
    ['[V6] a long address', null, email, EMAIL, `${'a'.repeat(95)}@x.example`, '! value_too_long'],
  ])('%s', (_what, transform, field, column, value, wanted) => {
    expect(shown(converterOf(transform, field, column, FIELDS).toDynamics(value, {}))).toBe(wanted);
  });

  it.each<[FieldValues, FieldValue]>([
    [{ firstName: '  ', email: 'Berg' }, 'Berg'],
    [{ firstName: '\u200b', email: '\u00a0' }, null],
    [{ firstName: ' Ada ', email: 'Berg\n' }, 'Ada Berg'],
    [{ firstName: 'Ada', email: null }, 'Ada'],
    [{ firstName: 'Ada', 'customFields.t': '1719' }, 'Ada Gold'],
    [{ firstName: 'Ada', 'customFields.n': 1e-7 }, 'Ada 0.0000001'],
  ])('[V11] blank parts are left out of a joined text: %o', (record, wanted) => {
    const fields = ['firstName', 'email', 'customFields.t', 'customFields.n'];
    const converter = converterOf({ type: 'concatenate', fields }, text, TEXT, FIELDS);
    expect(shown(converter.toDynamics(null, record))).toBe(wanted);
  });
});

describe('from Dynamics to AuthScape', () => {
  it.each<Row>([
    ['[V4] a label of an option is stored as its key', LABEL, tier, LEVELS, 3, '1719'],
    ['[V4] a text that is a label', null, tier, TEXT, ' GOLD', '1719'],
    ['[V4] a text that is a key', null, tier, TEXT, '1719', '1719'],
    ['[V4] a text that is neither', null, tier, TEXT, 'Tin', '! unknown_option'],
    [
      '[V11] the way back of a value map',
      { type: 'valueMap', map: { x: 'caf\u00e9' } },
      text,
      TEXT,
      'cafe\u0301 ',
      'x',
    ],
    ['[V3] a small number as text', NUMBER, text, MONEY, 2.5e-7, 2.5e-7],
    ['[V6] a login with brackets', null, email, EMAIL, '<upd1@x.example>', '! invalid_email'],
    ['[V6] a login with a comma', null, email, EMAIL, 'upd4@x.example,', '! invalid_email'],
    ['[V6] a login with a dot at its end', null, email, EMAIL, 'upd4@x.example.', '! invalid_email'],
    ['[V6] two logins', null, email, EMAIL, 'a@x.example b@x.example', '! invalid_email'],
    ['[V6] an address that is no login', null, email, EMAIL, "o'brien@x.example", '! email_refused'],
    ['[V6] letters that no login has', null, email, EMAIL, '\u00e5sa@x.example', '! email_refused'],
    ['[V6] blanks around a login', null, email, EMAIL, '\u200b a@x.example\u00a0', 'a@x.example'],
  ])('%s', (_what, transform, field, column, value, wanted) => {
    expect(shown(converterOf(transform, field, column, FIELDS).toAuthScape(value))).toBe(wanted);
  });

  it('[V4] a label that two options have is no option, unless one of them is written so', () => {
    const options = [
      { key: '1', label: 'Gold' },
      { key: '2', label: 'gold' },
    ];
    const converter = converterOf(null, { ...tier, options }, TEXT);
    expect(['gold', 'GOLD', '2'].map((value) => shown(converter.toAuthScape(value)))).toEqual([
      '2',
      '! ambiguous_option',
      '2',
    ]);
  });
});

describe('[V3] a number as text', () => {
  it.each([
    [2.5e-7, '0.00000025'],
    [-1e-9, '-0.000000001'],
    [1e21, '1000000000000000000000'],
    [1.25e22, '12500000000000000000000'],
    [-0.5, '-0.5'],
    [42, '42'],
  ])('%d is %s', (value, wanted) => {
    expect(textOf(value)).toBe(wanted);
  });
});

describe('[V11] a value map whose keys are one text', () => {
  it.each([
    [{ gold: 1, 'gold ': 2 }, true],
    [{ 'caf\u00e9': 1, 'cafe\u0301': 2 }, true],
    [{ gold: 1, Gold: 2 }, false],
  ])('%o is a fault of the mapping: %s', (map, isFault) => {
    expect(transformFault({ type: 'valueMap', map }, text, LEVELS) !== undefined).toBe(isFault);
  });
});
