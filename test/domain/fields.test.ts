import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ResolvedField, valueInA, withLookups } from '../../src/domain/fields.js';
import { flowsFrom } from '../../src/domain/model.js';
import type { Column, EntityField } from '../../src/domain/schema.js';
import type { ValueKind } from '../../src/domain/values.js';
import { aColumn, aContactTable, aFieldMapping, anEntityField } from '../support/builders.js';
import { aField, aRelationship, aUserSchema, resolved } from '../support/domain-builders.js';

const DIRECTIONS = ['Bidirectional', 'Inbound', 'Outbound'] as const;

describe('[M8] the direction is the narrowest of connection, mapping and field', () => {
  it('and never wider than any of them', () => {
    const direction = fc.constantFrom(...DIRECTIONS);
    fc.assert(
      fc.property(direction, direction, direction, (connection, mapping, part) => {
        const [field] = resolved({
          connection: { direction: connection },
          mapping: { direction: mapping, fields: [aFieldMapping({ direction: part })] },
        }).fields;
        for (const side of ['authScape', 'dynamics'] as const) {
          const all = [connection, mapping, part].every((limit) => flowsFrom(side, limit));
          expect(flowsFrom(side, field?.direction ?? 'none')).toBe(all);
        }
      }),
    );
  });

  it.each<[string, ResolvedField, string]>([
    ['A cannot take it', aField({}, { field: { writable: false } }), 'Outbound'],
    ['D cannot take it', aField({}, { column: { updatable: false, creatable: false } }), 'Inbound'],
    [
      'neither can take it',
      aField({}, { field: { writable: false }, column: { updatable: false, creatable: false } }),
      'none',
    ],
    ['D takes it later', aField({}, { column: { creatable: false } }), 'Bidirectional'],
    ['its transform has no way back', aField({ transform: { type: 'default', value: 'x' } }), 'Outbound'],
    [
      'it rests for want of a way back',
      aField({ direction: 'Inbound', transform: { type: 'default', value: 'x' } }),
      'none',
    ],
  ])('%s', (_name, field, direction) => {
    expect(field.direction).toBe(direction);
  });
});

describe('[V9] a field whose definition is gone or unreadable rests', () => {
  it.each([
    ['its field is gone', { authScapeField: 'customFields.9' }, 'authscape_field_missing'],
    ['its column is gone', { crmField: 'new_gone' }, 'column_missing'],
    ['its column is secured', { crmField: 'new_secret' }, 'unreadable'],
    ['its field is not shown', { authScapeField: 'secret' }, 'unreadable'],
  ])('%s', (_name, part, reason) => {
    const mapping = resolved({
      mapping: { fields: [aFieldMapping(part), aFieldMapping({ id: 'f_2', crmField: 'lastname' })] },
      entity: aUserSchema(anEntityField('secret', { readable: false })),
      table: aContactTable(aColumn('new_secret', { readable: false })),
    });
    expect(mapping.fields.map((field) => field.id)).toEqual(['f_2']);
    expect(mapping.resting).toMatchObject([{ id: 'f_1', reason }]);
    expect(mapping.restingIds).toEqual(['f_1']);
    expect(mapping.columns).toEqual(['lastname']);
  });

  it('a field that is switched off is left out without a word', () => {
    const mapping = resolved({ mapping: { fields: [aFieldMapping({ enabled: false })] } });
    expect(mapping).toMatchObject({ fields: [], resting: [], restingIds: ['f_1'], keys: [], columns: [] });
  });
});

describe('[B3] the signature of a field', () => {
  const signature = (...args: Parameters<typeof aField>) => aField(...args).signature;
  it.each<[string, Parameters<typeof aField>, boolean]>([
    ['its direction', [{ direction: 'Inbound' }], true],
    ['its rules', [{ required: true, syncNullValues: false, id: 'f_2' }], true],
    ['its column', [{ crmField: 'lastname' }], false],
    ['its field', [{ authScapeField: 'lastName' }], false],
    ['its transform', [{ transform: { type: 'trim' } }], false],
  ])('with regard to %s', (_name, args, same) => {
    expect(signature(...args) === signature({})).toBe(same);
  });

  it('and to the way that the state of a company goes', () => {
    const companies = (inverted?: boolean) =>
      signature(
        {
          authScapeField: 'isDeactivated',
          crmField: 'statecode',
          transform: { type: 'stateCode', inverted },
        },
        { field: { type: 'boolean' } },
      );
    expect(companies()).toBe(companies(true));
    expect(companies()).not.toBe(companies(false));
  });

  it('and to the table that a lookup points to', () => {
    const signatures = ['account', 'contact'].map(
      (crmRelatedEntity) =>
        resolved({ mapping: { relationships: [aRelationship({ crmRelatedEntity })] } }).fields[0]?.signature,
    );
    expect(new Set(signatures).size).toBe(2);
  });
});

describe('what is read', () => {
  it('the keys and columns of all fields, of joined values and of the filter, once each', () => {
    const mapping = resolved({
      mapping: {
        filter: "statecode eq 0 and firstname ne 'x'",
        fields: [
          aFieldMapping(),
          aFieldMapping({
            id: 'f_2',
            authScapeField: 'lastName',
            crmField: 'lastname',
            transform: { type: 'concatenate', fields: ['firstName', 'phoneNumber'] },
          }),
        ],
        relationships: [aRelationship()],
      },
    });
    expect([...mapping.keys].sort()).toEqual(['companyId', 'firstName', 'lastName', 'phoneNumber']);
    expect([...mapping.columns].sort()).toEqual(['firstname', 'lastname', 'parentcustomerid', 'statecode']);
  });

  it.each([
    ['list fields', [aFieldMapping()], true],
    ['a detail', [aFieldMapping({ authScapeField: 'customFields.1' })], false],
    [
      'a detail among the joined',
      [aFieldMapping({ transform: { type: 'concatenate', fields: ['firstName', 'customFields.1'] } })],
      false,
    ],
  ])('lists suffice for %s: %#', (_name, fields, suffice) => {
    const entity = aUserSchema(anEntityField('customFields.1', { inList: false }));
    expect(resolved({ mapping: { fields }, entity }).listsSuffice).toBe(suffice);
  });

  it('a joined value is known when all of its parts are', () => {
    const joined = aField({
      crmField: 'new_x',
      transform: { type: 'concatenate', fields: ['lastName', 'firstName'] },
    });
    expect(valueInA(joined, { firstName: 'Ada', lastName: 'Lovelace' })).toBe('Lovelace Ada');
    expect(valueInA(joined, { firstName: 'Ada', lastName: null })).toBe('Ada');
    expect(valueInA(joined, { firstName: 'Ada' })).toBeUndefined();
    expect(valueInA(aField(), { firstName: 'Ada' })).toBe('Ada');
  });
});

describe('what a field is', () => {
  it.each<[string, Partial<EntityField>, Partial<Column>, ValueKind, ValueKind]>([
    ['text', {}, {}, 'text', 'text'],
    ['a memo', { type: 'memo' }, { type: 'memo' }, 'text', 'text'],
    ['an address', {}, { format: 'email' }, 'text', 'email'],
    ['a whole number', { type: 'number' }, { type: 'integer' }, 'number', 'number'],
    ['money', { type: 'number' }, { type: 'money' }, 'number', 'number'],
    ['a yes or no', { type: 'boolean' }, { type: 'boolean' }, 'boolean', 'boolean'],
    ['a choice', { type: 'choice' }, { type: 'choice' }, 'text', 'choice'],
    ['a list of choices', {}, { type: 'choices' }, 'choices', 'choices'],
    ['one of several choices', { type: 'number' }, { type: 'choices' }, 'number', 'choices'],
    ['a day', { type: 'date' }, { type: 'dateOnly' }, 'dateOnly', 'dateOnly'],
    ['a time', { type: 'date' }, { type: 'dateTime' }, 'dateOnly', 'dateTime'],
  ])('%s is compared as it is', (_name, traits, column, a, d) => {
    const field = aField({ authScapeField: 'customFields.1', crmField: 'new_1' }, { field: traits, column });
    expect([field.aComparison.kind, field.dComparison.kind]).toEqual([a, d]);
  });

  it('the login, the state and the key are told by name', () => {
    const login = aField({ authScapeField: 'email', crmField: 'new_1' }, { mapping: { matchBy: ['email'] } });
    expect(login).toMatchObject({ isLogin: true, isMatchKey: true, dComparison: { kind: 'email' } });
    expect(aField({ authScapeField: 'email' }, { mapping: { authScapeEntity: 'Location' } }).isLogin).toBe(
      false,
    );
    expect(aField({ authScapeField: 'isActive', crmField: 'statecode' }).isState).toBe(true);
    expect(aField({ authScapeField: 'isActive', crmField: 'donotemail' }).isState).toBe(false);
  });
});

describe('[P1] the match fields', () => {
  const email = aFieldMapping({ authScapeField: 'email', crmField: 'emailaddress1' });
  const name = aFieldMapping({ id: 'f_2', authScapeField: 'lastName', crmField: 'lastname' });

  it.each([
    ['in the order of the key', ['lastName', 'email'], [email, name], [], ['lastName', 'email']],
    [
      'with the lookup where it is mapped',
      ['email', 'companyId'],
      [email],
      [aRelationship()],
      ['email', 'companyId'],
    ],
    ['without the lookup where it is not', ['email', 'companyId'], [email], [], ['email']],
    ['each once', ['email', 'email'], [email, { ...email, id: 'f_3', crmField: 'new_2' }], [], ['email']],
    ['none where a part is not mapped', ['email', 'lastName'], [email], [], []],
    [
      'none where a part is switched off',
      ['email', 'lastName'],
      [email, { ...name, enabled: false }],
      [],
      [],
    ],
    [
      'none where only the lookup is left',
      ['lastName', 'companyId'],
      [{ ...name, crmField: 'gone' }],
      [aRelationship()],
      [],
    ],
  ])('%s', (_name, matchBy, fields, relationships, keys) => {
    const mapping = resolved({
      mapping: { matchBy, fields, relationships },
      table: aContactTable(aColumn('new_2')),
    });
    expect(mapping.matchFields.map((field) => field.aKey)).toEqual(keys);
  });
});

describe('[P8] what a new row gets from the filter', () => {
  it.each([
    ["firstname eq 'x' and donotemail eq true", { firstname: 'x', donotemail: true }],
    ["firstname eq 'x' or lastname eq 'y'", {}],
    ['statecode eq 0', {}],
    ["fullname eq 'x'", {}],
    [
      '_new_one_value eq 6F0D1C1E-1111-4a2b-9c3d-000000000001',
      { new_one: 'account:6f0d1c1e-1111-4a2b-9c3d-000000000001' },
    ],
    ['_parentcustomerid_value eq 6f0d1c1e-1111-4a2b-9c3d-000000000001', {}],
  ])('%s gives %o', (filter, constants) => {
    const table = aContactTable(aColumn('new_one', { type: 'lookup', targets: ['account'] }));
    expect(resolved({ mapping: { filter }, table }).constants).toEqual(constants);
  });
});

describe('lookups before they are resolved', () => {
  it('wait, and are empty where they are', () => {
    const [lookup] = resolved({ mapping: { relationships: [aRelationship()] } }).fields;
    expect(lookup?.converter.toDynamics('7', {})).toMatchObject({ ok: false, reason: 'waiting' });
    expect(lookup?.converter.toAuthScape('account:aa')).toMatchObject({ ok: false, reason: 'waiting' });
    expect(lookup?.converter.toDynamics(null, {})).toEqual({ ok: true, value: null });
    expect(lookup?.converter.toAuthScape(null)).toEqual({ ok: true, value: null });
  });

  it('are found without case once they are', () => {
    const { fields } = resolved({ mapping: { relationships: [aRelationship()] } });
    const known = { toDynamics: new Map([['7', 'account:aa']]), toAuthScape: new Map([['account:aa', '7']]) };
    const [lookup] = withLookups(fields, { l_1: known });
    expect(lookup?.converter.toAuthScape('account:AA')).toEqual({ ok: true, value: '7' });
    expect(lookup?.converter.toDynamics('7', {})).toEqual({ ok: true, value: 'account:aa' });
  });
});
