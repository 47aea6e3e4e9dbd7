import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SimClient } from '../sim-client.js';

let client: SimClient;
let id: string;

beforeAll(async () => {
  client = await SimClient.start();
});

afterAll(() => client.sim.close());

beforeEach(async () => {
  await client.control('POST', 'reset');
  id = await client.create('contacts', { firstname: 'Ada', lastname: 'Berg' });
});

function patch(body: Record<string, unknown>) {
  return client.ask('PATCH', `contacts(${id})`, { body, headers: { 'if-match': '*' } });
}

async function read(): Promise<Record<string, unknown>> {
  return (await client.get(`contacts(${id})`)).json;
}

async function written(body: Record<string, unknown>): Promise<Record<string, unknown>> {
  const answer = await patch(body);
  expect([answer.status, answer.text]).toEqual([204, '']);
  return read();
}

describe('values that do not fit', () => {
  it.each<[string, unknown, string]>([
    ['firstname', 'x'.repeat(51), '0x80044331'],
    ['gendercode', 9, '0x8004431a'],
    ['gendercode', 'Male', '0x80048d19'],
    ['numberofchildren', -1, '0x8004432f'],
    ['numberofchildren', '3', '0x80048d19'],
    ['numberofchildren', 1.5, '0x80048d19'],
    ['new_score', 100.5, '0x80044330'],
    ['creditlimit', 'much', '0x80048d19'],
    ['donotemail', 'true', '0x80048d19'],
    ['birthdate', '1990-05-01T00:00:00Z', '0x80048d19'],
    ['birthdate', '1990-02-30', '0x80048d19'],
    ['birthdate', '1700-01-01', '0x80040239'],
    ['birthdate', '0001-01-01', '0x80040239'],
    ['firstname', 5, '0x80048d19'],
    ['statecode', 3, '0x8004431a'],
    ['statecode', null, '0x80040200'],
    ['shoesize', 43, '0x80048d19'],
    ['parentcustomerid', 'x', '0x80048d19'],
    ['_parentcustomerid_value', 'x', '0x80048d19'],
  ])('%s = %j is a 400', async (column, value, code) => {
    const answer = await patch({ [column]: value });
    expect([answer.status, answer.json.error.code]).toEqual([400, code]);
    expect(await read()).toMatchObject({ firstname: 'Ada', lastname: 'Berg' });
  });

  it('names the column, the table and the limit in the texts', async () => {
    expect((await patch({ firstname: 'x'.repeat(51) })).json.error.message).toBe(
      "A validation error occurred. The length of the 'firstname' attribute of the 'contact' entity exceeded the maximum allowed length of '50'.",
    );
    expect((await patch({ gendercode: 9 })).json.error.message).toContain(
      "The value 9 of 'gendercode' on record of type 'contact' is outside the valid range. Accepted Values: 1,2",
    );
    expect((await patch({ shoesize: 43 })).json.error.message).toContain(
      "Invalid property 'shoesize' was found",
    );
  });
});

describe('characters that XML cannot carry', () => {
  it.each([
    ['firstname', 'a\u000Bb', '0x0B'],
    ['description', '\uD800', '0xD800'],
    ['lastname', '\uFFFF', '0xFFFF'],
  ])('are refused in %s (%j) by their number, without the column', async (column, value, hex) => {
    const answer = await patch({ [column]: value });
    expect([answer.status, answer.json.error.code]).toEqual([400, '0x80040278']);
    expect(answer.json.error.message).toContain(`hexadecimal value ${hex}, is an invalid character`);
    expect(answer.json.error.message).not.toContain(column);
    expect(await read()).toMatchObject({ firstname: 'Ada', lastname: 'Berg' });
  });

  it('do not include the end of a line or a tab', async () => {
    expect(await written({ description: 'a\n\tb' })).toMatchObject({ description: 'a\n\tb' });
  });
});

describe('refusals whose text names no column', () => {
  it.each<[object, string]>([
    [
      { birthdate: '0001-01-01' },
      'DateTime is less than minumum value supported by CrmDateTime. Actual value: 01/01/0001 00:00:00, Minimum value supported: 01/01/1753 00:00:00',
    ],
    [{ firstname: 'a\u0001b' }, "'\u0001', hexadecimal value 0x01, is an invalid character."],
    [
      { numberofchildren: 'x' },
      "Error identified in Payload provided by the user for Entity :'contacts', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : Microsoft.OData.ODataException: Cannot convert the literal 'x' to the expected type 'Edm.Int32'.",
    ],
  ])('%j', async (body, message) => {
    const answer = await patch({ jobtitle: 'CEO', ...body });
    expect([answer.status, answer.json.error.message]).toEqual([400, message]);
    expect((await read()).jobtitle).toBeNull();
  });
});

describe('values that fit', () => {
  it('are stored in the form of their type', async () => {
    const row = await written({
      firstname: '',
      lastname: '😀'.repeat(25),
      description: 'a\tb\r\nc',
      birthdate: '1990-05-01',
      new_score: 12.345,
      creditlimit: 2500.5,
      donotemail: true,
      gendercode: null,
    });
    expect(row).toMatchObject({
      firstname: null,
      lastname: '😀'.repeat(25),
      description: 'a\tb\r\nc',
      birthdate: '1990-05-01',
      new_score: 12.35,
      creditlimit: 2500.5,
      creditlimit_base: 2500.5,
      donotemail: true,
      gendercode: null,
    });
    expect(row._transactioncurrencyid_value).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keep an empty text when told to', async () => {
    await client.control('POST', 'behaviour', { emptyTextIsNull: false });
    expect((await written({ firstname: '' })).firstname).toBe('');
  });

  it('have UTC seconds where they are times', async () => {
    const created = await client.create('new_memberships', {
      new_name: 'M',
      new_lastseen: '2026-03-02T09:15:42.987+02:00',
    });
    const row = (await client.get(`new_memberships(${created})`)).json;
    expect(row).toMatchObject({ new_lastseen: '2026-03-02T07:15:42Z', new_active: false });
  });

  it('leave what was not sent, and drop read-only columns without a word', async () => {
    const row = await written({
      fullname: 'Somebody Else',
      modifiedon: '2001-01-01T00:00:00Z',
      jobtitle: 'CEO',
    });
    expect(row).toMatchObject({ fullname: 'Ada Berg', firstname: 'Ada', jobtitle: 'CEO' });
    expect(row.modifiedon).not.toBe('2001-01-01T00:00:00Z');
  });

  it('recompute the full name and the address', async () => {
    const row = await written({
      lastname: 'Lie',
      address1_line1: 'Storgata 1',
      address1_city: 'Tromsø',
      address1_postalcode: '9008',
      address1_country: 'Norway',
    });
    expect(row.fullname).toBe('Ada Lie');
    expect(row.address1_composite).toBe('Storgata 1\r\nTromsø, 9008\r\nNorway');
    expect((await written({ firstname: null, lastname: null })).fullname).toBeNull();
  });
});

describe('the category of an account (accountcategorycode)', () => {
  it('is one of two options, read with its label, and parts companies from locations in a filter', async () => {
    const company = await client.create('accounts', { name: 'Berg Ltd', accountcategorycode: 1 });
    await client.create('accounts', { name: 'Berg Ltd, Aarhus', accountcategorycode: 2 });
    const list = await client.get(
      'accounts?$select=name,accountcategorycode&$filter=accountcategorycode%20eq%201',
      'odata.include-annotations="*"',
    );
    expect(list.json.value).toEqual([
      expect.objectContaining({
        accountid: company,
        accountcategorycode: 1,
        'accountcategorycode@OData.Community.Display.V1.FormattedValue': 'Preferred Customer',
      }),
    ]);
    const other = await client.ask('POST', 'accounts', { body: { name: 'X', accountcategorycode: 3 } });
    expect([other.status, other.json.error.code]).toEqual([400, '0x8004431a']);
  });
});

describe('state', () => {
  it('takes the default reason of the new state', async () => {
    expect(await written({ statecode: 1 })).toMatchObject({ statecode: 1, statuscode: 2 });
    expect(await written({ jobtitle: 'CEO' })).toMatchObject({ statecode: 1, jobtitle: 'CEO' });
    expect(await written({ statecode: 0, statuscode: 1 })).toMatchObject({ statecode: 0, statuscode: 1 });
  });

  it.each([{ statecode: 1, statuscode: 1 }, { statuscode: 2 }])('refuses the mismatch %j', async (body) => {
    const answer = await patch(body);
    expect([answer.status, answer.json.error.code]).toEqual([400, '0x80048408']);
  });
});

describe('lookups', () => {
  let accountId: string;

  beforeEach(async () => {
    accountId = await client.create('accounts', { name: 'Fjord AS' });
  });

  it('are set through the typed name, by any form of address', async () => {
    for (const start of ['/', '', '/api/data/v9.2/', `${client.root}/`]) {
      await written({ 'parentcustomerid_account@odata.bind': null });
      const row = await written({ 'parentcustomerid_account@odata.bind': `${start}accounts(${accountId})` });
      expect(row).toMatchObject({ _parentcustomerid_value: accountId, _accountid_value: accountId });
    }
    const other = await client.create('contacts', { lastname: 'Boss' });
    const row = await written({ 'parentcustomerid_contact@odata.bind': `/contacts(${other})` });
    expect(row).toMatchObject({ _parentcustomerid_value: other, _parentcontactid_value: other });
    expect(row._accountid_value).toBeNull();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['binding null', () => patch({ 'parentcustomerid_account@odata.bind': null })],
    ['the name alone', () => patch({ parentcustomerid_account: null })],
    ['deleting the reference', () => client.ask('DELETE', `contacts(${id})/parentcustomerid_account/$ref`)],
  ])('are cleared by %s', async (_name, clear) => {
    const set = await written({ 'parentcustomerid_account@odata.bind': `/accounts(${accountId})` });
    expect(set._parentcustomerid_value).toBe(accountId);
    await clear();
    expect((await read())._parentcustomerid_value).toBeNull();
  });

  it('have no untyped name when they are polymorphic', async () => {
    const answer = await patch({ 'parentcustomerid@odata.bind': `/accounts(${accountId})` });
    expect([answer.status, answer.json.error.code]).toEqual([400, '0x80048d19']);
    expect(answer.json.error.message).toContain("undeclared property 'parentcustomerid'");
  });

  it('need a row that is there, of the right table', async () => {
    const bind = { 'parentcustomerid_account@odata.bind': `/accounts(${id})` };
    const missing = await patch(bind);
    expect([missing.status, missing.json.error.code]).toEqual([404, '0x80040217']);
    await client.control('POST', 'behaviour', { bindToMissing: 400 });
    expect((await patch(bind)).status).toBe(400);
    expect((await patch({ 'parentcustomerid_account@odata.bind': `/contacts(${id})` })).status).toBe(400);
  });

  it('of custom columns are named like the schema name', async () => {
    const bind = (name: string) => ({ new_name: 'M', [`${name}@odata.bind`]: `/contacts(${id})` });
    const lower = await client.ask('POST', 'new_memberships', { body: bind('new_contactid') });
    expect(lower.status).toBe(400);
    const membership = await client.create('new_memberships', bind('new_ContactId'));
    expect((await client.get(`new_memberships(${membership})`)).json._new_contactid_value).toBe(id);
  });

  it('keep an owner', async () => {
    expect((await patch({ 'ownerid@odata.bind': null })).json.error.code).toBe('0x80040200');
    const [team] = (await client.get('teams?$select=name')).json.value;
    const row = await written({ 'ownerid@odata.bind': `/teams(${String(team?.teamid)})` });
    expect(row).toMatchObject({ _owningteam_value: team?.teamid, _owninguser_value: null });
  });
});
