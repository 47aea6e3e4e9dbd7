import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/domain/schema.js';
import { converterOf } from '../../src/domain/transform.js';
import { anEntityField } from '../support/builders.js';
import {
  type Case,
  convertsEach,
  DAY,
  EMAIL,
  email,
  FLAG,
  flag,
  off,
  STATE,
  TEXT,
  TIME,
  zip,
} from './support/conversions.js';

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

convertsEach(CASES);

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
