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
  id = await client.create('contacts', { employeeid: 'A-17', firstname: 'Zoë', new_score: 5 });
});

const key = (body: object) => client.control('POST', 'keys', { table: 'contact', ...body });
const create = (body: object, headers: Record<string, string> = {}) =>
  client.ask('POST', 'contacts', { body, headers });
const patch = (address: string, body: object, headers: Record<string, string> = {}) =>
  client.ask('PATCH', `contacts(${address})`, { body, headers });
const detecting = { 'MSCRM.SuppressDuplicateDetection': 'false' };

describe('values that no two rows may share', () => {
  it.each([
    ['alternateKey', {}, 412, '0x80060892'],
    ['alternateKey', { status: 400 }, 400, '0x80060892'],
    ['constraint', {}, 412, '0x80040237'],
    ['uniqueIndex', {}, 412, '0x80073002'],
    ['duplicateRule', {}, 412, '0x80040333'],
    ['duplicateRule', { status: 500 }, 500, '0x80040333'],
  ])('%s %j', async (kind, options, status, code) => {
    await key({ kind, columns: ['employeeid'], ...options });
    const answer = await create({ employeeid: 'a-17 ' }, detecting);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    expect((await client.get('contacts')).json.value).toHaveLength(1);
    const other = await client.create('contacts', { employeeid: 'B' });
    expect((await patch(other, { employeeid: 'A-17' }, detecting)).status).toBe(status);
    expect((await client.get(`contacts(${other})`)).json.employeeid).toBe('B');
  });

  it('are compared together, without empty ones, and only when one of them is written', async () => {
    await key({ columns: ['employeeid', 'firstname'], kind: 'constraint' });
    expect((await create({ employeeid: 'A-17', firstname: 'Zo' })).status).toBe(204);
    expect((await create({ employeeid: 'A-17' })).status).toBe(204);
    expect((await create({ employeeid: 'A-17' })).status).toBe(204);
    expect((await patch(id, { jobtitle: 'CEO', employeeid: 'A-17' })).status).toBe(204);
    expect((await create({ employeeid: 'A-17', firstname: 'zoe' })).status).toBe(412);
  });

  it('of numbers are found too', async () => {
    await key({ columns: ['new_score'], kind: 'uniqueIndex' });
    expect((await create({ new_score: 5 })).status).toBe(412);
  });

  it('are no matter of duplicate detection unless the request asks for it', async () => {
    await key({ columns: ['employeeid'], kind: 'duplicateRule' });
    expect((await create({ employeeid: 'A-17' })).status).toBe(204);
    expect(
      (await create({ employeeid: 'A-17' }, { 'MSCRM.SuppressDuplicateDetection': 'true' })).status,
    ).toBe(204);
  });

  it('name no column in the answer of a constraint, and the label in that of a key', async () => {
    await key({ columns: ['employeeid'], kind: 'constraint' });
    expect((await create({ employeeid: 'A-17' })).text).not.toMatch(/employee/i);
    await client.control('DELETE', 'keys');
    await key({ columns: ['employeeid'] });
    expect((await create({ employeeid: 'A-17' })).json.error.message).toMatch(
      /same value for Employee already exists/,
    );
  });
});

describe('alternate keys', () => {
  it('are in the metadata', async () => {
    await key({ columns: ['employeeid'], name: 'new_employee_key', indexStatus: 'Pending' });
    const path =
      "EntityDefinitions(LogicalName='contact')/Keys?$select=LogicalName,KeyAttributes,EntityKeyIndexStatus";
    expect((await client.get(path)).json.value).toEqual([
      {
        MetadataId: expect.any(String),
        LogicalName: 'new_employee_key',
        KeyAttributes: ['employeeid'],
        EntityKeyIndexStatus: 'Pending',
      },
    ]);
    expect((await client.get("contacts(employeeid='A-17')")).status).toBe(400);
  });

  it('address a row', async () => {
    await key({ columns: ['employeeid'] });
    expect((await client.get("contacts(employeeid='a-17')")).json.contactid).toBe(id);
    const missing = await client.get("contacts(employeeid='B')");
    expect([missing.status, missing.json.error.code]).toEqual([404, '0x80060891']);
    expect((await client.get("contacts(employeeid='a%2Fb')")).status).toBe(400);
    expect((await client.ask('DELETE', "contacts(employeeid='A-17')")).status).toBe(204);
    expect((await client.get(`contacts(${id})`)).status).toBe(404);
  });

  it('update or create, and repeat the key in the answer', async () => {
    await key({ columns: ['employeeid'] });
    const changed = await patch("employeeid='A-17'", { jobtitle: 'CEO', employeeid: 'X' });
    expect([changed.status, changed.headers['odata-entityid']]).toEqual([
      204,
      `${client.root}/contacts(employeeid='A-17')`,
    ]);
    expect((await client.get(`contacts(${id})`)).json).toMatchObject({ jobtitle: 'CEO', employeeid: 'A-17' });
    expect((await patch("employeeid='B'", { jobtitle: 'CFO' }, { 'if-match': '*' })).status).toBe(404);
    expect((await patch("employeeid='B'", { jobtitle: 'CFO' })).status).toBe(204);
    expect((await client.get("contacts(employeeid='B')")).json.jobtitle).toBe('CFO');
  });

  it('bind lookups', async () => {
    await client.control('POST', 'keys', { table: 'account', columns: ['accountnumber'] });
    const account = await client.create('accounts', { accountnumber: '7' });
    await patch(id, { 'parentcustomerid_account@odata.bind': "/accounts(accountnumber='7')" });
    expect((await client.get(`contacts(${id})`)).json._parentcustomerid_value).toBe(account);
    const missing = await patch(id, {
      'parentcustomerid_account@odata.bind': "/accounts(accountnumber='8')",
    });
    expect([missing.status, missing.json.error.code]).toEqual([404, '0x80060891']);
  });
});
