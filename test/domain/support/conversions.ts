import { describe, expect, it } from 'vitest';
import type { Transform } from '../../../src/domain/model.js';
import type { Column, EntityField } from '../../../src/domain/schema.js';
import { converterOf } from '../../../src/domain/transform.js';
import type { FieldValue } from '../../../src/domain/values.js';
import { aColumn, anEntityField } from '../../support/builders.js';

const OPTIONS = [
  { value: 1, label: 'Bronze' },
  { value: 2, label: 'Silver ' },
  { value: 3, label: 'Twice' },
  { value: 4, label: 'twice' },
  { value: 5, label: null },
];
export const TEXT = aColumn('new_text', { maxLength: 10 });
export const EMAIL = aColumn('emailaddress1', { format: 'email', maxLength: 20 });
export const STATE = aColumn('statecode', { type: 'state', options: [] });
export const FLAG = aColumn('donotemail', { type: 'boolean' });
export const CHOICE = aColumn('new_level', { type: 'choice', options: OPTIONS });
export const CHOICE_FROM_0 = aColumn('new_step', {
  type: 'choice',
  options: [0, 1, 2].map((value) => ({ value, label: null })),
});
export const CHOICES = aColumn('new_colors', {
  type: 'choices',
  options: ['Blue', 'Red', 'Green, dark'].map((label, index) => ({ value: index + 1, label })),
});
export const DAY = aColumn('birthdate', { type: 'dateOnly' });
export const TIME = aColumn('new_time', { type: 'dateTime' });
export const WHOLE = aColumn('new_whole', { type: 'integer', minValue: 0, maxValue: 100 });
export const BIG = aColumn('new_big', { type: 'integer' });
export const MONEY = aColumn('new_money', { type: 'money', precision: 2, minValue: -1000, maxValue: 1000 });

export const string = anEntityField('firstName');
export const zip = anEntityField('zipCode', { maxLength: 3 });
export const email = anEntityField('email', { maxLength: 256 });
export const flag = anEntityField('isActive', { type: 'boolean' });
export const off = anEntityField('isDeactivated', { type: 'boolean' });
export const number = anEntityField('customFields.1', { type: 'number' });
export const date = anEntityField('customFields.2', { type: 'date' });

export const BERLIN = { type: 'date', timeZone: 'Europe/Berlin' } as const;

type Way = readonly [FieldValue, FieldValue | `! ${string}`];
export interface Case {
  readonly name: string;
  readonly transform: Transform | null;
  readonly field: EntityField;
  readonly column: Column;
  readonly forward: readonly Way[];
  readonly back?: readonly Way[];
}

/** Tests that each value of A becomes the one beside it in D, and back. `! reason`: the converter gives this error. */
export function convertsEach(cases: readonly Case[]): void {
  describe.each(cases)('$name', ({ transform, field, column, forward, back }) => {
    const converter = converterOf(transform, field, column);
    it.each(forward)('A %o is %o in D', (value, wanted) => {
      expect(shown(converter.toDynamics(value, {}))).toBe(wanted);
    });
    it.each(back ?? [])('D %o is %o in A', (value, wanted) => {
      expect(shown(converter.toAuthScape(value))).toBe(wanted);
    });
  });
}

function shown(converted: ReturnType<ReturnType<typeof converterOf>['toDynamics']>): FieldValue {
  return converted.ok ? converted.value : `! ${converted.reason}`;
}
