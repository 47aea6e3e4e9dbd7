import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { domain, editorId, SimClient } from '../sim-client.js';

const freeId = 'c0000000-0000-4000-8000-000000000011';

let client: SimClient;

beforeEach(async () => {
  client = await SimClient.start();
});

afterEach(() => client.sim.close());

function patch(id: string, body: Record<string, unknown>, headers: Record<string, string> = {}) {
  return client.ask('PATCH', `contacts(${id})`, { body, headers });
}

async function read(id: string): Promise<Record<string, unknown>> {
  return (await client.get(`contacts(${id})`)).json;
}

describe('POST', () => {
  it('takes the id it is given and answers with the address of the row', async () => {
    const answer = await client.ask('POST', 'contacts', {
      body: { contactid: freeId, lastname: 'Nordmann' },
    });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers['odata-entityid']).toBe(`${client.root}/contacts(${freeId})`);
    expect(answer.headers.location).toBe(`${client.root}/contacts(${freeId})`);
  });

  it('refuses an id that is taken', async () => {
    await client.create('contacts', { contactid: freeId });
    const answer = await client.ask('POST', 'contacts', { body: { contactid: freeId } });
    expect([answer.status, answer.json.error]).toEqual([
      412,
      { code: '0x80040237', message: 'A record with matching key values already exists.' },
    ]);
  });

  it('returns the row instead of the address when asked', async () => {
    const answer = await client.ask('POST', 'contacts?$select=lastname', {
      body: { contactid: freeId, lastname: 'Nordmann' },
      headers: { prefer: 'return=representation' },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['odata-entityid']).toBeUndefined();
    expect(answer.headers['preference-applied']).toBe('return=representation');
    expect(answer.json).toEqual({
      '@odata.context': `${client.root}/$metadata#contacts(lastname)/$entity`,
      '@odata.etag': answer.headers.etag,
      contactid: freeId,
      lastname: 'Nordmann',
    });
  });

  it('creates active rows only', async () => {
    const id = await client.create('contacts', { lastname: 'Berg', statecode: 1 });
    expect(await read(id)).toMatchObject({ statecode: 0, statuscode: 1 });
  });

  it('does not insist on columns that only the application requires', async () => {
    expect((await client.ask('POST', 'contacts', { body: {} })).status).toBe(204);
  });

  it('backdates on request, on creation only', async () => {
    const id = await client.create('contacts', { overriddencreatedon: '2001-02-03T04:05:06Z' });
    expect((await read(id)).createdon).toBe('2001-02-03T04:05:06Z');
  });
});

describe('PATCH, by the table of condition headers', () => {
  it('without a header updates the row or creates it with that id', async () => {
    expect((await patch(freeId, { lastname: 'A' })).status).toBe(204);
    expect((await patch(freeId, { firstname: 'B' })).status).toBe(204);
    expect(await read(freeId)).toMatchObject({ firstname: 'B', lastname: 'A' });
    await client.ask('DELETE', `contacts(${freeId})`);
    await patch(freeId, { firstname: 'C' });
    expect(await read(freeId)).toMatchObject({ firstname: 'C', lastname: null });
  });

  it('with If-Match: * updates only', async () => {
    const missing = await patch(freeId, { lastname: 'A' }, { 'if-match': '*' });
    expect([missing.status, missing.json.error.code]).toEqual([404, '0x80040217']);
    await client.create('contacts', { contactid: freeId });
    expect((await patch(freeId, { lastname: 'A' }, { 'if-match': '*' })).status).toBe(204);
  });

  it('with an etag updates that version only', async () => {
    await client.create('contacts', { contactid: freeId });
    const etag = String((await read(freeId))['@odata.etag']);
    expect((await patch(freeId, { lastname: 'A' }, { 'if-match': etag })).status).toBe(204);
    const stale = await patch(freeId, { lastname: 'B' }, { 'if-match': etag });
    expect([stale.status, stale.json.error.code]).toEqual([412, '0x80060882']);
    expect((await read(freeId)).lastname).toBe('A');
    await client.ask('DELETE', `contacts(${freeId})`);
    expect((await patch(freeId, {}, { 'if-match': etag })).status).toBe(404);
    await client.control('POST', 'behaviour', { goneWithEtag: 412 });
    expect((await patch(freeId, {}, { 'if-match': etag })).status).toBe(412);
  });

  it('with If-None-Match: * creates only', async () => {
    const headers = { 'if-none-match': '*' };
    expect((await patch(freeId, { lastname: 'A' }, headers)).status).toBe(204);
    const taken = await patch(freeId, { lastname: 'B' }, headers);
    expect(taken.status).toBe(412);
    expect(taken.json.error.message).toBe('A record with matching key values already exists.');
  });

  it('tells creation from update by the representation', async () => {
    const headers = { prefer: 'return=representation' };
    expect((await patch(freeId, { lastname: 'A' }, headers)).status).toBe(201);
    expect((await patch(freeId, { lastname: 'B' }, headers)).status).toBe(200);
  });

  it('is not for sets', async () => {
    for (const method of ['PATCH', 'DELETE']) {
      expect((await client.ask(method, 'contacts', { body: {} })).status).toBe(405);
    }
  });
});

describe('versions and stamps', () => {
  it('raise the version on every write of the organization, with equal values too', async () => {
    const version = async (id: string) => Number((await read(id)).versionnumber);
    const first = await client.create('contacts', { lastname: 'A' });
    const second = await client.create('contacts', { lastname: 'B' });
    const before = await version(second);
    expect(before).toBeGreaterThan(await version(first));
    await patch(first, { lastname: 'A' });
    expect(await version(first)).toBeGreaterThan(before);
    expect((await read(first))['@odata.etag']).toBe(`W/"${await version(first)}"`);
  });

  it('show the time in whole seconds and the user who wrote', async () => {
    const id = await client.create('contacts', { lastname: 'A' });
    const before = await read(id);
    await client.control('POST', 'clock', { advanceSeconds: 60 });
    await client.ask('PATCH', `contacts(${id})`, {
      body: { lastname: 'B' },
      token: `${editorId}|https://${domain}`,
    });
    const after = await read(id);
    expect(after.modifiedon).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(
      Date.parse(String(after.modifiedon)) - Date.parse(String(before.modifiedon)),
    ).toBeGreaterThanOrEqual(60_000);
    expect(after.createdon).toBe(before.createdon);
    expect(after._createdby_value).toBe(before._modifiedby_value);
    expect(after._modifiedby_value).not.toBe(before._modifiedby_value);
  });
});

describe('DELETE', () => {
  it('removes a row once', async () => {
    await client.create('contacts', { contactid: freeId });
    const etag = String((await read(freeId))['@odata.etag']);
    await patch(freeId, { lastname: 'A' });
    const headers = { 'if-match': etag };
    expect((await client.ask('DELETE', `contacts(${freeId})`, { headers })).status).toBe(412);
    expect((await client.ask('DELETE', `contacts(${freeId})`)).status).toBe(204);
    const again = await client.ask('DELETE', `contacts(${freeId})`);
    expect([again.status, again.json.error.code]).toEqual([404, '0x80040217']);
  });

  it('of an account takes its contacts along and unlinks its child accounts', async () => {
    const parent = await client.create('accounts', { name: 'Parent' });
    const child = await client.create('accounts', {
      name: 'Child',
      'parentaccountid@odata.bind': `/accounts(${parent})`,
    });
    const own = await client.create('contacts', {
      'parentcustomerid_account@odata.bind': `/accounts(${parent})`,
    });
    const other = await client.create('contacts', {
      'parentcustomerid_account@odata.bind': `/accounts(${child})`,
    });
    const link = String((await client.get('contacts', 'odata.track-changes')).json['@odata.deltaLink']);
    await client.ask('DELETE', `accounts(${parent})`);
    expect((await client.get(`contacts(${own})`)).status).toBe(404);
    expect((await client.get(`contacts(${other})`)).status).toBe(200);
    expect((await client.get(`accounts(${child})`)).json._parentaccountid_value).toBeNull();
    expect((await client.get(link)).json.value).toMatchObject([{ id: own, reason: 'deleted' }]);
  });

  it('and PUT work on single columns', async () => {
    await client.create('contacts', { contactid: freeId, firstname: 'Ada', description: 'x' });
    const put = await client.ask('PUT', `contacts(${freeId})/firstname`, { body: { value: 'Eva' } });
    expect(put.status).toBe(204);
    expect((await client.ask('DELETE', `contacts(${freeId})/description`)).status).toBe(204);
    expect(await read(freeId)).toMatchObject({ firstname: 'Eva', description: null });
  });
});

describe('Merge', () => {
  it('deactivates the loser and points it to the winner: an update, not a deletion', async () => {
    const winner = await client.create('contacts', { lastname: 'Berg' });
    const loser = await client.create('contacts', { lastname: 'Berg', telephone1: '123' });
    const type = 'Microsoft.Dynamics.CRM.contact';
    const answer = await client.ask('POST', 'Merge', {
      body: {
        Target: { contactid: winner, '@odata.type': type },
        Subordinate: { contactid: loser, '@odata.type': type },
        UpdateContent: { '@odata.type': type, telephone1: '123' },
        PerformParentingChecks: false,
      },
    });
    expect(answer.status).toBe(204);
    expect((await read(winner)).telephone1).toBe('123');
    expect(await read(loser)).toMatchObject({
      merged: true,
      statecode: 1,
      statuscode: 2,
      _masterid_value: winner,
    });
  });
});
