import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimClient } from '../sim-client.js';

let client: SimClient;

beforeEach(async () => {
  client = await SimClient.start();
});

afterEach(() => client.sim.close());

const columns = (body: object) => client.control('POST', 'columns', { table: 'contact', ...body });
const attributes = async (query: string, table = 'contact') =>
  (await client.get(`EntityDefinitions(LogicalName='${table}')/Attributes${query}`)).json.value;
const attribute = async (name: string) => (await attributes(`?$filter=LogicalName eq '${name}'`))[0] ?? {};
const patch = (id: string, body: object) => client.ask('PATCH', `contacts(${id})`, { body });
const read = async (id: string) => (await client.get(`contacts(${id})`)).json;

describe('columns while the environment runs', () => {
  it('go away with their values', async () => {
    const id = await client.create('contacts', { jobtitle: 'CEO', firstname: 'Ada' });
    const version = (await read(id))['@odata.etag'];
    await client.control('DELETE', 'columns', { table: 'contact', column: 'jobtitle' });
    expect(await read(id)).not.toHaveProperty('jobtitle');
    expect((await read(id))['@odata.etag']).toBe(version);
    expect((await client.get('contacts?$select=jobtitle')).json.error).toEqual({
      code: '0x80060888',
      message: "Could not find a property named 'jobtitle' on type 'Microsoft.Dynamics.CRM.contact'.",
    });
    expect((await patch(id, { jobtitle: 'CFO' })).json.error.code).toBe('0x80048d19');
    expect(await attributes("?$filter=LogicalName eq 'jobtitle'")).toEqual([]);
    await columns({ column: { name: 'jobtitle', type: 'string' } });
    expect((await read(id)).jobtitle).toBeNull();
  });

  it('take their delta links along', async () => {
    const first = await client.get('contacts?$select=jobtitle', 'odata.track-changes');
    await client.control('DELETE', 'columns', { table: 'contact', column: 'jobtitle' });
    expect((await client.get(String(first.json['@odata.deltaLink']))).status).toBe(400);
  });

  it('get other labels and limits', async () => {
    await columns({ change: { name: 'firstname', label: 'Given Name', maxLength: 3, required: 'None' } });
    expect((await client.ask('POST', 'contacts', { body: { firstname: 'Anna' } })).status).toBe(400);
    const [shown] = await attributes(
      "/Microsoft.Dynamics.CRM.StringAttributeMetadata?$select=MaxLength,DisplayName&$filter=LogicalName eq 'firstname'",
    );
    expect(shown).toMatchObject({
      MaxLength: 3,
      DisplayName: { UserLocalizedLabel: { Label: 'Given Name' } },
    });
  });

  it.each([
    ['columns', { table: 'contact', change: { name: 'nothing' } }],
    ['columns', { table: 'contact', column: { name: 'lastname', type: 'string' } }],
    ['options', { table: 'contact', column: 'lastname', remove: [1] }],
    ['tables', { name: 'contact', setName: 'others' }],
  ])('must make sense: %s %j', async (route, body) => {
    await expect(client.control('POST', route, body)).rejects.toThrow('400');
  });
});

describe('options while the environment runs', () => {
  it('come, go and change their labels; rows keep their values', async () => {
    const id = await client.create('contacts', { gendercode: 2 });
    await client.control('POST', 'options', {
      ...{ table: 'contact', column: 'gendercode', add: [{ value: 3, label: 'Diverse' }], remove: [2] },
      rename: { 1: 'Man' },
    });
    expect((await patch(id, { gendercode: 2 })).json.error.code).toBe('0x8004431a');
    expect((await patch(id, { firstname: 'Ada' })).status).toBe(204);
    expect((await read(id)).gendercode).toBe(2);
    expect((await patch(id, { gendercode: 3 })).status).toBe(204);
    const [shown] = await attributes(
      "/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$filter=LogicalName eq 'gendercode'&$expand=OptionSet",
    );
    expect(JSON.stringify(shown)).toMatch(/"Value":1,"Label":.*"Man".*"Value":3.*"Diverse"/);
  });

  it('of the status belong to a state', async () => {
    const id = await client.create('contacts', {});
    await client.control('POST', 'options', {
      ...{ table: 'contact', column: 'statuscode' },
      add: [{ value: 100_000_001, label: 'On leave', state: 0 }],
    });
    expect((await patch(id, { statecode: 1, statuscode: 100_000_001 })).json.error.code).toBe('0x80048408');
    expect((await patch(id, { statuscode: 100_000_001 })).status).toBe(204);
    expect(await read(id)).toMatchObject({ statecode: 0, statuscode: 100_000_001 });
    expect((await patch(id, { statecode: 1 })).status).toBe(204);
    await patch(id, { statecode: 0 });
    expect((await read(id)).statuscode).toBe(1);
  });
});

describe('special kinds of columns', () => {
  it.each([
    [
      { type: 'decimal', source: 'calculated' },
      { SourceType: 1, IsValidForCreate: false, IsValidForUpdate: false },
    ],
    [
      { type: 'money', source: 'rollup' },
      { SourceType: 2, IsValidForUpdate: false },
    ],
    [
      { type: 'string', autoNumber: 'C-{SEQNUM:5}' },
      { SourceType: 0, AttributeType: 'String' },
    ],
    [{ type: 'file' }, { AttributeType: 'Virtual', AttributeTypeName: { Value: 'FileType' } }],
    [{ type: 'image' }, { AttributeType: 'Virtual', AttributeTypeName: { Value: 'ImageType' } }],
    [
      { type: 'partylist', target: 'systemuser' },
      { AttributeType: 'PartyList', AttributeTypeName: { Value: 'PartyListType' } },
    ],
  ])('%j are told apart in the metadata', async (wanted, expected) => {
    await columns({ column: { name: 'new_special', ...wanted } });
    expect(await attribute('new_special')).toMatchObject(expected);
  });

  it('ignore what is written to computed ones', async () => {
    await columns({ column: { name: 'new_total', type: 'decimal', source: 'rollup' } });
    const id = await client.create('contacts', { new_total: 5 });
    expect(await read(id)).toMatchObject({ new_total: null, new_total_date: null, new_total_state: null });
  });

  it('number new rows', async () => {
    await columns({ column: { name: 'new_number', type: 'string', autoNumber: 'C-{SEQNUM:5}' } });
    const ids = [await client.create('contacts', {}), await client.create('contacts', {})];
    const own = await client.create('contacts', { new_number: 'mine' });
    const numbers = await Promise.all([...ids, own].map(async (id) => (await read(id)).new_number));
    expect(numbers).toEqual(['C-01000', 'C-01001', 'mine']);
  });

  it('are no properties where they are lists of parties', async () => {
    await columns({ column: { name: 'new_to', type: 'partylist', target: 'contact' } });
    const id = await client.create('contacts', {});
    expect(await read(id)).not.toHaveProperty('new_to');
    expect((await client.get('contacts?$select=new_to')).status).toBe(400);
    expect((await patch(id, { new_to: [] })).status).toBe(400);
  });
});

describe('amounts', () => {
  it('have the precision of their currency, unless they have their own', async () => {
    await columns({ column: { name: 'new_bonus', type: 'money', precisionSource: 0, precision: 3 } });
    const { id: yen } = await client.control('POST', 'currencies', { code: 'JPY', precision: 0, rate: 150 });
    const id = await client.create('contacts', {
      'transactioncurrencyid@odata.bind': `/transactioncurrencies(${yen})`,
      ...{ creditlimit: 1000.6, new_bonus: 1.23456 },
    });
    expect(await read(id)).toMatchObject({
      creditlimit: 1001,
      creditlimit_base: 6.6733,
      exchangerate: 150,
      new_bonus: 1.235,
    });
    const shown = await attributes(
      '/Microsoft.Dynamics.CRM.MoneyAttributeMetadata?$select=LogicalName,PrecisionSource',
    );
    const sources = Object.fromEntries(shown.map((item) => [item.LogicalName, item.PrecisionSource]));
    expect(sources).toMatchObject({ creditlimit: 2, new_bonus: 0 });
  });
});

describe('custom tables', () => {
  it('may have any set name, and track changes', async () => {
    await client.control('POST', 'tables', {
      ...{ name: 'new_person', setName: 'new_people' },
      columns: [{ name: 'new_phone', type: 'string' }],
    });
    const id = await client.create('new_people', { new_name: 'Ada', new_phone: '1' });
    expect((await client.get(`new_people(${id})?$select=new_phone`)).json.new_phone).toBe('1');
    expect((await client.get('new_persons')).status).toBe(404);
    expect((await client.get('new_people', 'odata.track-changes')).json).toHaveProperty(['@odata.deltaLink']);
    const [table] = (await client.get("EntityDefinitions?$filter=LogicalName eq 'new_person'")).json.value;
    expect(table).toMatchObject({ EntitySetName: 'new_people', IsCustomEntity: true });
    const filters = await client.get("sdkmessagefilters?$filter=primaryobjecttypecode eq 'new_person'");
    expect(filters.json.value.length).toBeGreaterThanOrEqual(3);
  });

  it.each([
    ['cascade', 204, 404, undefined],
    ['removeLink', 204, 200, null],
    ['restrict', 405, 200, 'ACCOUNT'],
  ])('follow the delete of an account: %s', async (onDelete, status, after, link) => {
    await client.control('POST', 'tables', {
      ...{ name: 'new_contract', setName: 'new_contracts' },
      columns: [{ name: 'new_account', type: 'lookup', target: 'account', onDelete }],
    });
    const account = await client.create('accounts', { name: 'Moss' });
    const id = await client.create('new_contracts', { 'new_account@odata.bind': `/accounts(${account})` });
    expect((await client.ask('DELETE', `accounts(${account})`)).status).toBe(status);
    const left = await client.get(`new_contracts(${id})`);
    expect(left.status).toBe(after);
    expect(left.json._new_account_value).toBe(link === 'ACCOUNT' ? account : link);
    expect((await client.get(`accounts(${account})`)).status).toBe(status === 405 ? 200 : 404);
  });
});

describe('a merge', () => {
  it('gives what belonged to the loser to the winner', async () => {
    const [winner, loser] = [
      await client.create('accounts', { name: 'Moss' }),
      await client.create('accounts', { name: 'Mos' }),
    ];
    const id = await client.create('contacts', {
      'parentcustomerid_account@odata.bind': `/accounts(${loser})`,
    });
    const before = (await read(id))['@odata.etag'];
    const party = (accountid: string) => ({ '@odata.type': 'Microsoft.Dynamics.CRM.account', accountid });
    const merged = await client.ask('POST', 'Merge', {
      body: { Target: party(winner), Subordinate: party(loser), PerformParentingChecks: false },
    });
    expect(merged.status).toBe(204);
    const row = await read(id);
    expect(row).toMatchObject({ _parentcustomerid_value: winner, _accountid_value: winner });
    expect(row['@odata.etag']).not.toBe(before);
    expect((await client.get(`accounts(${loser})`)).json).toMatchObject({ statecode: 1, merged: true });
  });
});
