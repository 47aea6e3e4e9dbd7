import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimClient } from '../sim-client.js';

let client: SimClient;
let accountId: string;
let adaId: string;

beforeAll(async () => {
  client = await SimClient.start();
  accountId = await client.create('accounts', { name: 'Fjord AS' });
  adaId = await client.create('contacts', {
    firstname: 'Ada',
    lastname: 'Berg',
    gendercode: 2,
    birthdate: '1990-05-01',
    'parentcustomerid_account@odata.bind': `/accounts(${accountId})`,
  });
  for (const lastname of ['Dahl', 'Eide', 'Foss']) {
    await client.create('contacts', { firstname: 'Ola', lastname });
  }
});

afterAll(() => client.sim.close());

describe('a set', () => {
  it('shows key, etag and selected nulls, and nothing that was not asked for', async () => {
    const answer = await client.get(`contacts?$select=jobtitle&$filter=contactid%20eq%20${adaId}`);
    expect(answer.json['@odata.context']).toBe(`${client.root}/$metadata#contacts(jobtitle)`);
    expect(answer.json.value).toEqual([
      { '@odata.etag': expect.stringMatching(/^W\/"\d+"$/), contactid: adaId, jobtitle: null },
    ]);
    expect(Object.keys(answer.json)).toEqual(['@odata.context', 'value']);
  });

  it('shows all columns without $select', async () => {
    const answer = await client.get(`contacts(${adaId})`);
    expect(answer.json).toMatchObject({
      fullname: 'Ada Berg',
      emailaddress1: null,
      statecode: 0,
      statuscode: 1,
    });
    expect(answer.json._parentcustomerid_value).toBe(accountId);
  });

  it('annotates choices, dates and lookups when everything is wanted', async () => {
    const path = 'contacts?$select=gendercode,birthdate,_parentcustomerid_value&$top=1&$orderby=lastname';
    const answer = await client.get(path, 'odata.include-annotations="*"');
    expect(answer.headers['preference-applied']).toBe('odata.include-annotations="*"');
    expect(answer.json['@Microsoft.Dynamics.CRM.totalrecordcount']).toBe(-1);
    expect(answer.json.value[0]).toMatchObject({
      'gendercode@OData.Community.Display.V1.FormattedValue': 'Female',
      'birthdate@OData.Community.Display.V1.FormattedValue': '5/1/1990',
      '_parentcustomerid_value@OData.Community.Display.V1.FormattedValue': 'Fjord AS',
      '_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'account',
      '_parentcustomerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty':
        'parentcustomerid_account',
    });
  });

  it('annotates only what a list names', async () => {
    const wanted = 'odata.include-annotations="Microsoft.Dynamics.CRM.lookup*"';
    const answer = await client.get(`contacts(${adaId})?$select=gendercode,_parentcustomerid_value`, wanted);
    const names = Object.keys(answer.json).filter((name) => name.includes('@') && !name.startsWith('@'));
    expect(names).toEqual(['_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname']);
  });

  it('expands a lookup, and gives null for the table it does not point to', async () => {
    const expand = 'parentcustomerid_account($select=name),parentcustomerid_contact($select=fullname)';
    const answer = await client.get(`contacts(${adaId})?$select=lastname&$expand=${expand}`);
    expect(answer.json.parentcustomerid_account).toMatchObject({ name: 'Fjord AS', accountid: accountId });
    expect(answer.json.parentcustomerid_contact).toBeNull();
  });

  it('brings the currency with money', async () => {
    const answer = await client.get('contacts?$select=creditlimit&$top=1');
    expect(answer.json.value[0]).toHaveProperty('_transactioncurrencyid_value');
  });

  it.each(['parentcustomerid', 'Lastname', 'nothing'])(
    'does not know the property %s in $select, $filter and $orderby',
    async (name) => {
      for (const option of [`$select=${name}`, `$filter=${name}%20eq%20null`, `$orderby=${name}`]) {
        const answer = await client.get(`contacts?${option}`);
        expect([answer.status, answer.json.error.code]).toEqual([400, '0x80060888']);
      }
    },
  );

  it.each(['$skip=1', '$search=x', '$format=json', '$Select=lastname'])('refuses %s', async (option) => {
    expect((await client.get(`contacts?${option}`)).status).toBe(400);
  });
});

describe('pages', () => {
  it('follows links in the order asked for, with an id as the last word', async () => {
    const all = await client.readAll(
      'contacts?$select=lastname&$orderby=firstname%20desc,lastname',
      'odata.maxpagesize=1',
    );
    expect(all.pages).toBe(4);
    expect(all.json.value.map((row) => row.lastname)).toEqual(['Dahl', 'Eide', 'Foss', 'Berg']);
  });

  it('has a skip token whose inner cookie is encoded twice', async () => {
    const answer = await client.get('contacts?$select=lastname', 'odata.maxpagesize=2');
    const link = String(answer.json['@odata.nextLink']);
    expect(link).toContain(`${client.root}/contacts?$select=lastname&$skiptoken=`);
    expect(link).toContain('%253Ccookie');
    expect(decodeURIComponent(link.split('$skiptoken=')[1] ?? '')).toMatch(
      /^<cookie pagenumber="2" pagingcookie="%3Ccookie[^"]+" istracking="False" \/>$/,
    );
    expect(answer.headers['preference-applied']).toBe('odata.maxpagesize=2');
  });

  it('refuses a malformed token', async () => {
    const answer = await client.get('contacts?$skiptoken=garbage');
    expect([answer.status, answer.json.error.code]).toEqual([400, '0x80041129']);
  });

  it('ends at $top without a link, but ignores it when a page size was sent', async () => {
    const top = await client.get('contacts?$top=2');
    expect([top.json.value.length, top.json['@odata.nextLink']]).toEqual([2, undefined]);
    const both = await client.readAll('contacts?$top=2', 'odata.maxpagesize=3');
    expect(both.json.value).toHaveLength(4);
  });

  it('holds 5,000 rows at most, and counts no further', async () => {
    const big = await SimClient.start();
    await big.control('POST', 'seed', { contacts: 5200, seed: 3 });
    const first = await big.get('contacts?$select=contactid&$count=true', 'odata.maxpagesize=9000');
    expect([first.json.value.length, first.json['@odata.count']]).toEqual([5000, 5000]);
    const all = await big.readAll('contacts?$select=contactid');
    expect(new Set(all.json.value.map((row) => row.contactid)).size).toBe(5200);
    expect((await big.get('contacts/$count')).text).toBe('\uFEFF5000');
    await big.sim.close();
  });
});

describe('one row', () => {
  it('is found by id and by its named key', async () => {
    expect((await client.get(`contacts(contactid=${adaId})?$select=lastname`)).json.lastname).toBe('Berg');
    const answer = await client.get(`contacts(${adaId.toUpperCase()})?$select=lastname`);
    expect(answer.json['@odata.context']).toBe(`${client.root}/$metadata#contacts(lastname)/$entity`);
    expect(answer.headers.etag).toBe(answer.json['@odata.etag']);
  });

  it('tells a missing row from an undefined key and a malformed id', async () => {
    const id = 'c0000000-0000-4000-8000-0000000000ff';
    const missing = await client.get(`contacts(${id})`);
    expect([missing.status, missing.json.error]).toEqual([
      404,
      { code: '0x80040217', message: `contact With Id = ${id} Does Not Exist` },
    ]);
    const undefinedKey = await client.get("contacts(emailaddress1='a@x.no')");
    expect(undefinedKey.status).toBe(400);
    expect(undefinedKey.json.error.message).toContain('The key in the request URI is not valid for resource');
    expect((await client.get('contacts(123)')).status).toBe(400);
  });

  it('answers 304 to its etag, unless annotations or $expand are asked for', async () => {
    const { etag = '' } = (await client.get(`contacts(${adaId})`)).headers;
    const headers = { 'if-none-match': etag };
    expect((await client.ask('GET', `contacts(${adaId})`, { headers })).status).toBe(304);
    const prefer = 'odata.include-annotations="*"';
    expect((await client.ask('GET', `contacts(${adaId})`, { headers: { ...headers, prefer } })).status).toBe(
      200,
    );
    const expanded = `contacts(${adaId})?$expand=parentcustomerid_account`;
    expect((await client.ask('GET', expanded, { headers })).status).toBe(200);
    expect(
      (await client.ask('GET', `contacts(${adaId})`, { headers: { 'if-none-match': 'null' } })).status,
    ).toBe(200);
  });

  it('gives single columns and related rows', async () => {
    expect((await client.get(`contacts(${adaId})/lastname`)).json.value).toBe('Berg');
    expect((await client.get(`contacts(${adaId})/lastname/$value`)).text).toBe('Berg');
    expect((await client.get(`contacts(${adaId})/parentcustomerid_account?$select=name`)).json.name).toBe(
      'Fjord AS',
    );
    expect((await client.get(`contacts(${adaId})/jobtitle`)).status).toBe(204);
  });
});
