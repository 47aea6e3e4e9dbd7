import { describe, expect, it } from 'vitest';
import {
  findField,
  isCustomFieldKey,
  shownFieldName,
  storedFieldName,
} from '../../src/domain/field-names.js';
import { anEntityField } from '../support/builders.js';
import { aUserSchema } from '../support/domain-builders.js';

const custom = (name: string, id: string) =>
  anEntityField(`customFields.${name}`, { key: `customFields.${id}`, custom: true });
const SCHEMA = aUserSchema(
  custom('Score', 'a1'),
  custom('Twin', 'b1'),
  custom('Twin', 'b2'),
  custom('Case', 'c1'),
  custom('CASE', 'c2'),
);

describe('the name of a field', () => {
  it.each([
    ['firstName', 'firstName'],
    [' FIRSTNAME ', 'firstName'],
    ['customFields.Score', 'customFields.a1'],
    ['customfields.score', 'customFields.a1'],
    ['customFields.A1', 'customFields.a1'],
    ['customFields.b2', 'customFields.b2'],
    ['customFields.CASE', 'customFields.c2'],
    ['customFields.Twin', 'customFields.Twin'],
    [' unknown ', 'unknown'],
  ])('%o is stored as %o', (text, key) => {
    expect(storedFieldName(SCHEMA, text)).toBe(key);
  });

  it('two fields of one name are told apart by their keys', () => {
    expect(findField(SCHEMA, 'customFields.twin')).toEqual({
      kind: 'ambiguous',
      candidates: ['customFields.b1', 'customFields.b2'],
    });
    expect(findField(SCHEMA, 'customFields.case')).toMatchObject({ kind: 'ambiguous' });
  });

  it.each([
    ['firstName', 'firstName'],
    ['customFields.a1', 'customFields.Score'],
    ['customFields.b1', 'customFields.b1'],
    ['customFields.c2', 'customFields.CASE'],
    ['customFields.gone', 'customFields.gone'],
  ])('%o is shown as %o', (key, name) => {
    expect(shownFieldName(SCHEMA, key)).toBe(name);
  });

  it('what is shown leads back to what is stored', () => {
    for (const { key } of SCHEMA.fields) {
      expect(storedFieldName(SCHEMA, shownFieldName(SCHEMA, key))).toBe(key);
    }
  });

  it('tells custom fields by their prefix', () => {
    expect(isCustomFieldKey('CustomFields.x')).toBe(true);
    expect(isCustomFieldKey('customer')).toBe(false);
  });
});
