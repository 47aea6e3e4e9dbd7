import { describe, expect, it } from 'vitest';
import type { Transform } from '../../src/domain/model.js';
import type { Column, EntityField } from '../../src/domain/schema.js';
import { converterOf } from '../../src/domain/transform.js';
import type { FieldValue } from '../../src/domain/values.js';
import { aColumn, anEntityField } from '../support/builders.js';

const OPTIONS = [
  { value: 1, label: 'Bronze' },
  { value: 2, label: 'Silver ' },
  { value: 3, label: 'Twice' },
  { value: 4, label: 'twice' },
  { value: 5, label: null },
];
const TEXT = aColumn('new_text', { maxLength: 10 });
const EMAIL = aColumn('emailaddress1', { format: 'email', maxLength: 20 });
const STATE = aColumn('statecode', { type: 'state', options: [] });
const FLAG = aColumn('donotemail', { type: 'boolean' });
const CHOICE = aColumn('new_level', { type: 'choice', options: OPTIONS });
const CHOICE_FROM_0 = aColumn('new_step', {
  type: 'choice',
  options: [0, 1, 2].map((value) => ({ value, label: null })),
});
const CHOICES = aColumn('new_colors', {
  type: 'choices',
  options: ['Blue', 'Red', 'Green, dark'].map((label, index) => ({ value: index + 1, label })),
});
const DAY = aColumn('birthdate', { type: 'dateOnly' });
const TIME = aColumn('new_time', { type: 'dateTime' });
const WHOLE = aColumn('new_whole', { type: 'integer', minValue: 0, maxValue: 100 });
const BIG = aColumn('new_big', { type: 'integer' });
const MONEY = aColumn('new_money', { type: 'money', precision: 2, minValue: -1000, maxValue: 1000 });

const string = anEntityField('firstName');
const zip = anEntityField('zipCode', { maxLength: 3 });
const email = anEntityField('email', { maxLength: 256 });
const flag = anEntityField('isActive', { type: 'boolean' });
const off = anEntityField('isDeactivated', { type: 'boolean' });
const number = anEntityField('customFields.1', { type: 'number' });
const date = anEntityField('customFields.2', { type: 'date' });

type Way = readonly [FieldValue, FieldValue | `! ${string}`];
interface Case {
  readonly name: string;
  readonly transform: Transform | null;
  readonly field: EntityField;
  readonly column: Column;
  readonly forward: readonly Way[];
  readonly back?: readonly Way[];
}

const BERLIN = { type: 'date', timeZone: 'Europe/Berlin' } as const;
const CASES: readonly Case[] = [
  {
    name: '[V1] true is state 0',
    transform: null,
    field: flag,
    column: STATE,
    forward: [
      [true, 0],
      [false, 1],
      ['true', 0],
      [null, null],
      ['perhaps', '! invalid_value'],
    ],
    back: [
      [0, true],
      [1, false],
      [2, false],
      [null, null],
    ],
  },
  {
    name: '[V1] isDeactivated is the inverse',
    transform: null,
    field: off,
    column: STATE,
    forward: [
      [true, 1],
      [false, 0],
    ],
    back: [
      [0, false],
      [1, true],
    ],
  },
  {
    name: '[V1] isDeactivated is the inverse under a named transform, too',
    transform: { type: 'stateCode' },
    field: off,
    column: STATE,
    forward: [
      [true, 1],
      [false, 0],
    ],
    back: [
      [0, false],
      [1, true],
    ],
  },
  {
    name: '[V1] two-option columns are booleans',
    transform: null,
    field: flag,
    column: FLAG,
    forward: [
      [true, true],
      ['FALSE', false],
      ['1', true],
      [' ', null],
      ['yes', '! invalid_value'],
    ],
    back: [
      [true, true],
      [false, false],
      [null, null],
    ],
  },
  {
    name: '[V2] a day stays a day, without a shift',
    transform: null,
    field: date,
    column: DAY,
    forward: [
      ['2026-03-01', '2026-03-01'],
      ['2026-02-30', '! invalid_date'],
      ['room 5', '! invalid_date'],
    ],
    back: [
      ['2026-03-01', '2026-03-01'],
      [null, null],
    ],
  },
  {
    name: '[V2] between a day and a time a zone must be named',
    transform: null,
    field: date,
    column: TIME,
    forward: [['2026-03-01', '! time_zone_missing']],
    back: [['2026-03-01T08:00:00Z', '! time_zone_missing']],
  },
  {
    name: '[V2] with a zone the day is the one of its calendar',
    transform: BERLIN,
    field: date,
    column: TIME,
    forward: [
      ['2026-03-01', '2026-02-28T23:00:00Z'],
      ['2026-13-01', '! invalid_date'],
    ],
    back: [['2026-02-28T23:30:00Z', '2026-03-01']],
  },
  {
    name: '[V2] a text holds a day for a column of days',
    transform: { type: 'date' },
    field: string,
    column: DAY,
    forward: [
      ['2026-03-01', '2026-03-01'],
      ['2026-03-01T08:00:00Z', '! time_zone_missing'],
      ['5', '! invalid_date'],
    ],
    back: [['2026-03-01', '2026-03-01']],
  },
  {
    name: '[V2] a text holds a time in UTC, to the second',
    transform: BERLIN,
    field: string,
    column: TIME,
    forward: [
      ['2026-03-01T08:00:00.9+01:00', '2026-03-01T07:00:00Z'],
      ['2026-03-01T08:00', '2026-03-01T08:00:00Z'],
    ],
    back: [['2026-03-01T07:00:00Z', '2026-03-01T07:00:00Z']],
  },
  {
    name: '[V3] whole numbers are rounded, then checked',
    transform: null,
    field: number,
    column: WHOLE,
    forward: [
      [99.5, 100],
      [100.4, 100],
      [100.5, '! out_of_range'],
      [-0.4, 0],
      [-1, '! out_of_range'],
      [true, '! invalid_number'],
    ],
    back: [
      [7, 7],
      [null, null],
    ],
  },
  {
    name: '[V3] a number of more digits than can be kept is an error, not another number',
    transform: null,
    field: number,
    column: BIG,
    forward: [
      ['9007199254740991', 9007199254740991],
      ['9007199254740993', '! out_of_range'],
      [-9007199254740992, '! out_of_range'],
    ],
    back: [
      [9007199254740991, 9007199254740991],
      [9007199254740992, '! out_of_range'],
    ],
  },
  {
    name: '[V3] money keeps its precision and range',
    transform: null,
    field: number,
    column: MONEY,
    forward: [
      [1.005, 1.01],
      ['12.50', 12.5],
      [1000.004, 1000],
      [1000.005, '! out_of_range'],
      [1e20, '! out_of_range'],
      ['ten', '! invalid_number'],
      ['Infinity', '! invalid_number'],
    ],
    back: [[1.01, 1.01]],
  },
  {
    name: '[V3] a number of the wished digits as text',
    transform: { type: 'number', decimals: 1 },
    field: number,
    column: TEXT,
    forward: [
      [1.25, '1.3'],
      [' ', null],
    ],
    back: [
      ['2.75', 2.8],
      ['two', '! invalid_number'],
    ],
  },
  {
    name: '[V4] options by number',
    transform: null,
    field: number,
    column: CHOICE,
    forward: [
      [1, 1],
      ['2', 2],
      [9, '! unknown_option'],
      [null, null],
    ],
    back: [
      [1, 1],
      [null, null],
    ],
  },
  {
    name: '[V4] options by label; a doubled label is refused',
    transform: { type: 'optionSet', by: 'label' },
    field: string,
    column: CHOICE,
    forward: [
      [' bronze', 1],
      ['Silver', 2],
      ['Twice', '! ambiguous_option'],
      ['Gold', '! unknown_option'],
    ],
    back: [
      [1, 'Bronze'],
      [3, '! ambiguous_option'],
      [5, '! unknown_option'],
      [9, '! unknown_option'],
    ],
  },
  {
    name: '[V4] options by a value map',
    transform: { type: 'valueMap', map: { gold: 1, silver: 2 } },
    field: string,
    column: CHOICE,
    forward: [
      ['gold', 1],
      ['GOLD', '! unmapped_value'],
      ['toString', '! unmapped_value'],
      [null, null],
    ],
    back: [
      [2, 'silver'],
      [3, '! unmapped_value'],
      [null, null],
    ],
  },
  {
    name: '[V4] a value map gives a field back in its own type: true and false',
    transform: { type: 'valueMap', map: { true: 0, false: 1, perhaps: 2 } },
    field: flag,
    column: CHOICE_FROM_0,
    forward: [
      [true, 0],
      [false, 1],
    ],
    back: [
      [0, true],
      [1, false],
      [2, '! invalid_value'],
    ],
  },
  {
    name: '[V4] a value map gives a field back in its own type: numbers',
    transform: { type: 'valueMap', map: { 10: 1, ten: 2 } },
    field: number,
    column: CHOICE,
    forward: [[10, 1]],
    back: [
      [1, 10],
      [2, '! invalid_number'],
    ],
  },
  {
    name: '[V11] a default stands for an empty value, and others take the form of the column: options',
    transform: { type: 'default', value: 1 },
    field: number,
    column: CHOICE,
    forward: [
      [null, 1],
      ['2', 2],
      ['99', '! unknown_option'],
    ],
  },
  {
    name: '[V11] a default stands for an empty value, and others take the form of the column: states',
    transform: { type: 'default', value: 1 },
    field: off,
    column: STATE,
    forward: [
      [null, 1],
      [true, 1],
      [false, 0],
    ],
  },
  {
    name: '[V11] a default stands for an empty value, and others take the form of the column: times',
    transform: { type: 'default', value: '2026-03-01T08:00:00Z' },
    field: date,
    column: TIME,
    forward: [
      [null, '2026-03-01T08:00:00Z'],
      ['2026-03-01', '! time_zone_missing'],
    ],
  },
  {
    name: '[V4] several options by number',
    transform: { type: 'optionSet' },
    field: string,
    column: CHOICES,
    forward: [
      ['1', '1'],
      ['3, 1,3,', '1,3'],
      ['1,9', '! unknown_option'],
      [' , ', null],
      [null, null],
    ],
    back: [
      ['1,3', '1,3'],
      [null, null],
    ],
  },
  {
    name: '[V4] a field of numbers takes one of several options',
    transform: { type: 'optionSet' },
    field: number,
    column: CHOICES,
    forward: [[3, '3']],
    back: [
      ['3', 3],
      ['1,3', '! invalid_number'],
    ],
  },
  {
    name: '[V4] several options by label',
    transform: { type: 'optionSet', by: 'label' },
    field: string,
    column: CHOICES,
    forward: [
      ['red, Blue ', '1,2'],
      ['Red,Gold', '! unknown_option'],
    ],
    back: [
      ['1,2', 'Blue,Red'],
      ['1,3', '! ambiguous_option'],
      ['1,9', '! unknown_option'],
    ],
  },
  {
    name: '[V6] e-mail is checked and never cut',
    transform: null,
    field: email,
    column: EMAIL,
    forward: [
      ['ada@example.com', 'ada@example.com'],
      ['ada', '! invalid_email'],
      ['ada.lovelace@example.com', '! value_too_long'],
      ['', null],
    ],
    back: [
      ['ada@x.y', 'ada@x.y'],
      ['nobody', '! invalid_email'],
      [null, null],
    ],
  },
  {
    name: '[V5] what A cannot hold is an error, not a cut',
    transform: null,
    field: zip,
    column: TEXT,
    forward: [['123', '123']],
    back: [
      ['1234', '! value_too_long'],
      ['123', '123'],
    ],
  },
];

describe.each(CASES)('$name', ({ transform, field, column, forward, back }) => {
  const converter = converterOf(transform, field, column);
  it.each(forward)('A %o is %o in D', (value, wanted) => {
    expect(shown(converter.toDynamics(value, {}))).toBe(wanted);
  });
  it.each(back ?? [])('D %o is %o in A', (value, wanted) => {
    expect(shown(converter.toAuthScape(value))).toBe(wanted);
  });
});

function shown(converted: ReturnType<ReturnType<typeof converterOf>['toDynamics']>): FieldValue {
  return converted.ok ? converted.value : `! ${converted.reason}`;
}

describe('[E5] what Dynamics would refuse is known before', () => {
  it.each<[string, Column, string, string]>([
    ['a day before 1753', DAY, '0001-01-01', 'out_of_range'],
    ['a time before 1753', TIME, '1752-12-31T23:59:59Z', 'out_of_range'],
    ['a control character', TEXT, 'a\u0007b', 'invalid_value'],
    ['half a character', TEXT, 'a\ud83d', 'invalid_value'],
  ])('%s', (_what, column, value, reason) => {
    expect(converterOf(null, anEntityField('x'), column).toDynamics(value, {})).toMatchObject({
      ok: false,
      reason,
    });
  });

  it('and what XML can carry is taken', () => {
    const text = 'a\tb\n\u{1F600}';
    expect(converterOf(null, anEntityField('x'), TEXT).toDynamics(text, {})).toEqual({
      ok: true,
      value: text,
    });
  });
});
