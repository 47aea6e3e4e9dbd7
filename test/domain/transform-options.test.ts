import {
  type Case,
  CHOICE,
  CHOICE_FROM_0,
  CHOICES,
  convertsEach,
  flag,
  number,
  string,
} from './support/conversions.js';

const CASES: readonly Case[] = [
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
];

convertsEach(CASES);
