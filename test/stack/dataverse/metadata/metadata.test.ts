import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimClient } from '../sim-client.js';

let client: SimClient;

beforeAll(async () => {
  client = await SimClient.start();
});

afterAll(() => client.sim.close());

const contact = "EntityDefinitions(LogicalName='contact')";

async function list(path: string): Promise<Record<string, unknown>[]> {
  const answer = await client.get(path.replaceAll(' ', '%20'));
  expect([answer.status, answer.json.error]).toEqual([200, undefined]);
  return answer.json.value;
}

function named(rows: Record<string, unknown>[], name: string): Record<string, unknown> | undefined {
  return rows.find((row) => row.LogicalName === name);
}

describe('tables', () => {
  it('are listed and filtered', async () => {
    const tracked = await list(
      'EntityDefinitions?$select=LogicalName,EntitySetName,DisplayName&$filter=ChangeTrackingEnabled eq true',
    );
    expect(tracked.map((table) => table.LogicalName)).toEqual(['contact', 'account']);
    expect(tracked[0]).toMatchObject({
      EntitySetName: 'contacts',
      DisplayName: { UserLocalizedLabel: { Label: 'Contact', LanguageCode: 1033 } },
    });
    const owned = await list(
      "EntityDefinitions?$select=LogicalName&$filter=OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned' and IsCustomEntity eq true",
    );
    expect(owned.map((table) => table.LogicalName)).toEqual(['new_membership']);
  });

  it('are described one by one', async () => {
    const names =
      'LogicalName,SchemaName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,ObjectTypeCode';
    const more = 'OwnershipType,ChangeTrackingEnabled,IsOptimisticConcurrencyEnabled,IsValidForAdvancedFind';
    const answer = await client.get(`${contact}?$select=${names},${more},DisplayName`);
    expect(answer.json).toMatchObject({
      LogicalName: 'contact',
      EntitySetName: 'contacts',
      PrimaryIdAttribute: 'contactid',
      PrimaryNameAttribute: 'fullname',
      ObjectTypeCode: 2,
      ChangeTrackingEnabled: true,
      IsOptimisticConcurrencyEnabled: true,
    });
    const custom = await client.get("EntityDefinitions(LogicalName='new_membership')");
    expect(custom.json).toMatchObject({ ChangeTrackingEnabled: false, EntitySetName: 'new_memberships' });
    expect((await client.get("EntityDefinitions(LogicalName='nothing')")).status).toBe(404);
    expect((await client.get(`${contact}?$select=Nothing`)).status).toBe(400);
  });

  it('follow the tracking switch', async () => {
    await client.control('POST', 'tracking', { enabled: { new_membership: true } });
    const answer = await client.get(
      "EntityDefinitions(LogicalName='new_membership')?$select=ChangeTrackingEnabled",
    );
    expect(answer.json.ChangeTrackingEnabled).toBe(true);
  });
});

describe('columns', () => {
  it('are listed with their requirement and writability', async () => {
    const rows = await list(
      `${contact}/Attributes?$select=LogicalName,SchemaName,AttributeType,AttributeTypeName,RequiredLevel,IsValidForCreate,IsValidForUpdate,IsValidForRead,DisplayName`,
    );
    expect(named(rows, 'lastname')).toMatchObject({
      '@odata.type': '#Microsoft.Dynamics.CRM.StringAttributeMetadata',
      AttributeType: 'String',
      AttributeTypeName: { Value: 'StringType' },
      RequiredLevel: { Value: 'ApplicationRequired' },
      IsValidForCreate: true,
    });
    expect(named(rows, 'fullname')).toMatchObject({ IsValidForCreate: false, IsValidForUpdate: false });
    expect(named(rows, 'statecode')).toMatchObject({ IsValidForCreate: false, IsValidForUpdate: true });
    expect(named(rows, 'parentcustomerid')).toMatchObject({ AttributeType: 'Customer' });
    expect(named(rows, 'ownerid')).toMatchObject({ AttributeType: 'Owner' });
    expect(named(rows, 'contactid')).toMatchObject({ AttributeType: 'Uniqueidentifier' });
  });

  it.each<[string, string, string, Record<string, unknown>]>([
    [
      'String',
      'LogicalName,MaxLength,FormatName',
      'emailaddress1',
      { MaxLength: 100, FormatName: { Value: 'Email' } },
    ],
    ['Memo', 'LogicalName,MaxLength', 'description', { MaxLength: 2000 }],
    [
      'Integer',
      'LogicalName,MinValue,MaxValue',
      'numberofchildren',
      { MinValue: 0, MaxValue: 1_000_000_000 },
    ],
    ['Decimal', 'LogicalName,Precision,MaxValue', 'new_score', { Precision: 2, MaxValue: 100 }],
    ['Money', 'LogicalName,Precision', 'creditlimit', { Precision: 2 }],
    [
      'DateTime',
      'LogicalName,Format,DateTimeBehavior',
      'birthdate',
      { DateTimeBehavior: { Value: 'DateOnly' } },
    ],
    ['Lookup', 'LogicalName,Targets', 'parentcustomerid', { Targets: ['account', 'contact'] }],
    ['Boolean', 'LogicalName,DefaultValue', 'donotemail', { DefaultValue: false }],
  ])('show %s properties in a cast', async (type, select, column, expected) => {
    const rows = await list(
      `${contact}/Attributes/Microsoft.Dynamics.CRM.${type}AttributeMetadata?$select=${select}`,
    );
    expect(named(rows, column)).toMatchObject(expected);
  });

  it('have type properties in a cast only', async () => {
    const answer = await client.get(`${contact}/Attributes?$select=LogicalName,MaxLength`);
    expect(answer.status).toBe(400);
  });

  it('expand their choices', async () => {
    const cast = (type: string) =>
      `${contact}/Attributes/Microsoft.Dynamics.CRM.${type}AttributeMetadata?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)`;
    const gender = named(await list(cast('Picklist')), 'gendercode');
    expect(gender).toMatchObject({
      OptionSet: {
        Options: [
          { Value: 1, Label: { UserLocalizedLabel: { Label: 'Male', LanguageCode: 1033 } } },
          { Value: 2, Label: { UserLocalizedLabel: { Label: 'Female', LanguageCode: 1033 } } },
        ],
      },
      GlobalOptionSet: null,
    });
    expect((await list(cast('State')))[0]).toMatchObject({
      OptionSet: {
        Options: [
          { Value: 0, DefaultStatus: 1 },
          { Value: 1, DefaultStatus: 2 },
        ],
      },
    });
    expect((await list(cast('Status')))[0]).toMatchObject({
      OptionSet: {
        Options: [
          { Value: 1, State: 0 },
          { Value: 2, State: 1 },
        ],
      },
    });
  });

  it('can be read singly and filtered by managed property', async () => {
    const one = await client.get(
      `${contact}/Attributes(LogicalName='lastname')/Microsoft.Dynamics.CRM.StringAttributeMetadata`,
    );
    expect(one.json).toMatchObject({ LogicalName: 'lastname', MaxLength: 50 });
    const required = await list(
      `${contact}/Attributes?$select=LogicalName&$filter=RequiredLevel/Value eq Microsoft.Dynamics.CRM.AttributeRequiredLevel'ApplicationRequired'`,
    );
    expect(required.map((row) => row.LogicalName)).toEqual(['lastname']);
  });

  it('may be added', async () => {
    const column = { name: 'new_shoesize', type: 'integer', label: 'Shoe size', min: 10, max: 60 };
    await client.control('POST', 'columns', { table: 'contact', column });
    const rows = await list(`${contact}/Attributes/Microsoft.Dynamics.CRM.IntegerAttributeMetadata`);
    expect(named(rows, 'new_shoesize')).toMatchObject({
      MinValue: 10,
      MaxValue: 60,
      IsCustomAttribute: true,
    });
    const id = await client.create('contacts', { new_shoesize: 43 });
    expect((await client.get(`contacts(${id})?$select=new_shoesize`)).json.new_shoesize).toBe(43);
    expect((await client.ask('POST', 'contacts', { body: { new_shoesize: 5 } })).status).toBe(400);
  });
});

describe('relationships and keys', () => {
  it('name the navigation property of each lookup', async () => {
    const rows = await list(
      `${contact}/ManyToOneRelationships?$select=SchemaName,ReferencingAttribute,ReferencedEntity,ReferencedAttribute,ReferencingEntityNavigationPropertyName`,
    );
    expect(rows).toContainEqual(
      expect.objectContaining({
        SchemaName: 'contact_customer_accounts',
        ReferencingAttribute: 'parentcustomerid',
        ReferencedEntity: 'account',
        ReferencedAttribute: 'accountid',
        ReferencingEntityNavigationPropertyName: 'parentcustomerid_account',
      }),
    );
    const custom = await list("EntityDefinitions(LogicalName='new_membership')/ManyToOneRelationships");
    expect(custom.map((row) => row.ReferencingEntityNavigationPropertyName)).toContain('new_ContactId');
  });

  it('are no alternate keys', async () => {
    expect(await list(`${contact}/Keys?$select=LogicalName,KeyAttributes,EntityKeyIndexStatus`)).toEqual([]);
  });
});
