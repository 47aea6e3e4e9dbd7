import {
  BERLIN,
  BIG,
  type Case,
  convertsEach,
  DAY,
  date,
  MONEY,
  number,
  string,
  TEXT,
  TIME,
  WHOLE,
} from './support/conversions.js';

const CASES: readonly Case[] = [
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
    name: '[V11] a default stands for an empty value, and others take the form of the column: times',
    transform: { type: 'default', value: '2026-03-01T08:00:00Z' },
    field: date,
    column: TIME,
    forward: [
      [null, '2026-03-01T08:00:00Z'],
      ['2026-03-01', '! time_zone_missing'],
    ],
  },
];

convertsEach(CASES);
