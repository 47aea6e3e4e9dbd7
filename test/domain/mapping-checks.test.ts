import { describe, expect, it } from 'vitest';
import { BUILT_IN_FIELDS } from '../../src/adapters/authscape/fields.js';
import { defaultFields } from '../../src/domain/default-mappings.js';
import { checkMapping } from '../../src/domain/mapping-checks.js';
import type { AuthScapeEntity, Direction, EntityMapping, FieldMapping } from '../../src/domain/model.js';
import type { EntityField, TableSchema } from '../../src/domain/schema.js';
import {
  aColumn,
  aContactTable,
  aFieldMapping,
  aMapping,
  anAccountTable,
  anEntityField,
} from '../support/builders.js';

const CUSTOM: readonly EntityField[] = [
  anEntityField('customFields.Score', { key: 'customFields.1', type: 'number' }),
  anEntityField('customFields.Born', { key: 'customFields.2', type: 'date' }),
  anEntityField('customFields.Tier', { key: 'customFields.3', type: 'choice' }),
  anEntityField('customFields.Photo', { key: 'customFields.4', type: 'image' }),
  anEntityField('customFields.Hidden', { key: 'customFields.5', readable: false }),
];

function faults(
  mapping: EntityMapping,
  table: TableSchema = aContactTable(),
  connectionDirection: Direction = 'Bidirectional',
): readonly string[] {
  const fields = [...BUILT_IN_FIELDS[mapping.authScapeEntity], ...CUSTOM];
  const entity = { entity: mapping.authScapeEntity, fields };
  return checkMapping(mapping, { connectionDirection, table, entity }).map(
    ({ path, message }) => `${path}: ${message}`,
  );
}

const withField = (field: Partial<FieldMapping>, mapping: Partial<EntityMapping> = {}) =>
  aMapping({ ...mapping, fields: [aFieldMapping(field)] });

describe('the default mappings', () => {
  it.each([
    ['User', 'contact', aContactTable()],
    ['Company', 'account', anAccountTable()],
    ['Location', 'account', anAccountTable()],
  ] as const)('of %s and %s pass all checks', (authScapeEntity, crmEntity, table) => {
    const fields = defaultFields(authScapeEntity, crmEntity).map((field, index) => ({
      ...field,
      id: `f_${index}`,
    }));
    const matchBy = [fields[0]?.authScapeField ?? ''];
    expect(fields).not.toEqual([]);
    expect(faults(aMapping({ authScapeEntity, crmEntity, fields, matchBy }), table)).toEqual([]);
  });
});

describe('types', () => {
  const ok: readonly [string, string, FieldMapping['transform']][] = [
    ['firstName', 'lastname', null],
    ['customFields.1', 'numberofchildren', null],
    ['customFields.1', 'creditlimit', null],
    ['customFields.1', 'new_level', null],
    ['customFields.2', 'birthdate', null],
    ['customFields.2', 'lastonholdtime', { type: 'date', timeZone: 'Europe/Berlin' }],
    ['customFields.3', 'new_level', { type: 'optionSet', by: 'label' }],
    ['firstName', 'new_level', { type: 'valueMap', map: { Bronze: 1, Silver: 2 } }],
    ['isActive', 'statecode', { type: 'stateCode' }],
    ['isActive', 'statecode', null],
    ['isActive', 'statecode', { type: 'stateCode', inverted: false }],
    ['isActive', 'donotemail', { type: 'boolean', inverted: true }],
    ['firstName', 'numberofchildren', { type: 'number' }],
    ['firstName', 'lastname', { type: 'titleCase' }],
  ];
  it.each(ok)('let %s go to %s with %o', (authScapeField, crmField, transform) => {
    expect(faults(withField({ authScapeField, crmField, transform }))).toEqual([]);
  });

  const wrong: readonly [string, string, FieldMapping['transform'], string][] = [
    [
      'firstName',
      'numberofchildren',
      null,
      'fields[0]: firstName and numberofchildren: A string field does not fit a integer column as it is',
    ],
    ['firstName', 'donotemail', null, 'fields[0]: '],
    ['firstName', 'new_level', null, 'fields[0]: '],
    ['isActive', 'firstname', null, 'fields[0]: '],
    [
      'customFields.4',
      'firstname',
      null,
      'fields[0]: customFields.Photo and firstname: A image field does not fit a string column.',
    ],
    ['firstName', 'statecode', { type: 'stateCode' }, 'fields[0]: '],
    [
      'isActive',
      'statecode',
      { type: 'stateCode', inverted: true },
      'fields[0].transform: isActive would be the opposite in Dynamics: leave inverted out.',
    ],
    ['customFields.2', 'lastonholdtime', null, 'fields[0].transform: '],
    ['customFields.2', 'lastonholdtime', { type: 'date' }, 'fields[0].transform: '],
    [
      'customFields.2',
      'birthdate',
      { type: 'date', timeZone: 'Mars/Base' },
      'fields[0].transform: "Mars/Base" is no known time zone.',
    ],
    [
      'firstName',
      'new_level',
      { type: 'valueMap', map: { Tin: 9 } },
      'fields[0].transform: new_level cannot hold the value 9.',
    ],
    [
      'firstName',
      'new_level',
      { type: 'valueMap', map: { Tin: 'x' } },
      'fields[0].transform: new_level cannot hold the value "x".',
    ],
  ];
  it.each(wrong)('keep %s from %s with %o', (authScapeField, crmField, transform, start) => {
    const found = faults(withField({ authScapeField, crmField, transform }));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(start);
  });

  it('[V2] want a zone for the days beside a default', () => {
    const transform = { type: 'default', value: '2026-03-01T08:00:00Z' } as const;
    const mapped = { authScapeField: 'customFields.2', crmField: 'lastonholdtime', transform };
    expect(faults(withField({ ...mapped, direction: 'Outbound' }))).toEqual([
      expect.stringContaining('name a timeZone'),
    ]);
  });

  it.each([
    [undefined, []],
    [true, []],
    [false, ['fields[0].transform: isDeactivated would be the opposite in Dynamics: leave inverted out.']],
  ])('[V1] let isDeactivated be the inverse only (inverted: %s)', (inverted, wanted) => {
    const transform = { type: 'stateCode', inverted } as const;
    const mapped = { authScapeField: 'isDeactivated', crmField: 'statecode', transform };
    const company = { authScapeEntity: 'Company', crmEntity: 'account', matchBy: ['title'] } as const;
    expect(faults(withField(mapped, company), anAccountTable())).toEqual(wanted);
  });

  it('[V4] refuse a doubled label', () => {
    const options = [
      { value: 1, label: 'Gold' },
      { value: 2, label: 'gold ' },
    ];
    const table = aContactTable(aColumn('new_metal', { type: 'choice', options }));
    const mapping = withField({ crmField: 'new_metal', transform: { type: 'optionSet', by: 'label' } });
    expect(faults(mapping, table)[0]).toContain('two options labelled');
  });
});

describe('[V4] several options by label', () => {
  it.each([
    ['choice', []],
    [
      'choices',
      [
        'fields[0].transform: new_metal has an option labelled "Gold, old", and commas part them: map by value instead.',
      ],
    ],
  ] as const)('refuse a comma in one of a %s column', (type, wanted) => {
    const options = [{ value: 1, label: 'Gold, old' }];
    const table = aContactTable(aColumn('new_metal', { type, options }));
    const mapping = withField({ crmField: 'new_metal', transform: { type: 'optionSet', by: 'label' } });
    expect(faults(mapping, table)).toEqual(wanted);
  });
});

describe('[V11] directions', () => {
  const readOnly = { authScapeField: 'firstName', crmField: 'fullname' };

  it.each([
    ['Bidirectional', 'Bidirectional', 1],
    ['Inbound', 'Bidirectional', 0],
    ['Bidirectional', 'Inbound', 0],
    ['Outbound', 'Bidirectional', 1],
    ['Outbound', 'Inbound', 0],
  ] as const)('of a read-only column: field %s, connection %s', (direction, connection, count) => {
    expect(faults(withField({ ...readOnly, direction }), aContactTable(), connection)).toHaveLength(count);
  });

  it('keep the description of a company from AuthScape', () => {
    const field = { authScapeField: 'description', crmField: 'description' };
    const company = {
      authScapeEntity: 'Company' as AuthScapeEntity,
      crmEntity: 'account',
      matchBy: ['title'],
    };
    expect(faults(withField(field, company), anAccountTable())).toEqual([
      'fields[0].direction: description of a Company cannot be written in AuthScape: only Outbound is possible.',
    ]);
    expect(faults(withField({ ...field, direction: 'Outbound' }, company), anAccountTable())).toEqual([]);
  });

  it.each([
    { type: 'concatenate', fields: ['firstName', 'lastName'] },
    { type: 'split', separator: ' ', index: 0 },
    { type: 'default', value: 'x' },
    { type: 'valueMap', map: { a: 'x', b: 'x' } },
  ] as const)('must be Outbound without a way back: %o', (transform) => {
    expect(faults(withField({ transform }))).toEqual([
      `fields[0].direction: The transform ${transform.type} has no way back: the direction must be Outbound.`,
    ]);
    expect(faults(withField({ transform, direction: 'Outbound' }))).toEqual([]);
  });

  it('show what cannot be read', () => {
    expect(faults(withField({ authScapeField: 'customFields.5' }))[0]).toContain('AuthScape does not show');
    const secured = aContactTable(aColumn('new_secured', { readable: false }));
    expect(faults(withField({ crmField: 'new_secured' }), secured)[0]).toContain('only Outbound is possible');
  });
});

describe('names and parts', () => {
  it('every fault of every part is listed with its path', () => {
    const mapping = aMapping({
      filter: 'colour eq 1',
      matchBy: ['email', 'shoeSize'],
      fields: [
        aFieldMapping({ id: 'f_1', crmField: 'nickname' }),
        aFieldMapping({ id: 'f_2', authScapeField: 'companyId', crmField: 'lastname' }),
        aFieldMapping({
          id: 'f_3',
          transform: { type: 'concatenate', fields: ['lastName', 'x'] },
          direction: 'Outbound',
        }),
      ],
    });
    expect(faults(mapping).map((fault) => fault.split(':')[0])).toEqual([
      'filter',
      'matchBy[1]',
      'fields[0].crmField',
      'fields[1].authScapeField',
      'fields[2].transform.fields[1]',
    ]);
  });

  it('parts that are switched off are left alone', () => {
    expect(faults(withField({ crmField: 'nickname', enabled: false }))).toEqual([]);
  });

  it('[V10] a column is written once, an AuthScape field too; reading twice is fine', () => {
    const pair = (first: Direction, second: Direction, crmField: string) =>
      faults(
        aMapping({
          fields: [
            aFieldMapping({ id: 'f_1', direction: first }),
            aFieldMapping({ id: 'f_2', direction: second, crmField }),
          ],
        }),
      );
    expect(pair('Bidirectional', 'Outbound', 'lastname')).toEqual([]);
    expect(pair('Bidirectional', 'Inbound', 'lastname')).toEqual([
      'fields[1].authScapeField: This AuthScape field is written by fields[0] already.',
    ]);
    expect(pair('Outbound', 'Outbound', 'firstname')).toEqual([
      'fields[1].crmField: This column is written by fields[0] already.',
    ]);
  });
});

describe('a filter', () => {
  it.each([
    ["statecode eq 'a'", /statecode \(state\).*text 'a'/],
    ["birthdate gt 'x'", /birthdate \(dateOnly\)/],
    ["not (donotemail eq 'yes')", /donotemail \(boolean\)/],
    ["contains(statecode,'1')", /holds no text/],
  ])('%s compares what cannot be compared', (filter, message) => {
    const table = aContactTable(
      aColumn('birthdate', { type: 'dateOnly' }),
      aColumn('donotemail', { type: 'boolean' }),
    );
    expect(faults(aMapping({ filter }), table)).toEqual([expect.stringMatching(message)]);
  });

  it('takes constants that fit', () => {
    const filter = "statecode eq 0 and lastname ne null and (contains(lastname,'a') or statecode eq null)";
    expect(faults(aMapping({ filter }))).toEqual([]);
  });
});
