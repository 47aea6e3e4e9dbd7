import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { cut, reply, type Step } from '../http/script.js';
import { rejection, type ScriptBench, startScriptBench } from './support.js';

const id = 'c0000000-0000-4000-8000-000000000001';
const company = 'a0000000-0000-4000-8000-000000000001';
const ETAG = { '@odata.etag': 'W/"1"' };
const benches: ScriptBench[] = [];

async function play(...steps: readonly [Step, ...Step[]]): Promise<ScriptBench> {
  const bench = await startScriptBench(...steps);
  benches.push(bench);
  return bench;
}

function rowRequests(bench: ScriptBench) {
  return bench.server.seen.filter((request) => !request.path.includes('EntityDefinitions'));
}

afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.close()));
});

describe('requests', () => {
  it('carry version, form and token, and a body only where there is one', async () => {
    const bench = await play(reply(200, { contactid: id, statecode: 0, ...ETAG }));
    await bench.system.update('contact', id, 'W/"7"', { firstname: 'Bjørn' }, ['firstname']);
    const [request] = rowRequests(bench);
    expect(request).toMatchObject({
      method: 'PATCH',
      path: `/api/data/v9.2/contacts(${id})?$select=firstname,statecode,modifiedon`,
      body: '{"firstname":"Bjørn"}',
      headers: {
        authorization: 'Bearer token-1',
        accept: 'application/json',
        'odata-version': '4.0',
        'odata-maxversion': '4.0',
        'content-type': 'application/json; charset=utf-8',
        'if-match': 'W/"7"',
        prefer: 'return=representation',
      },
    });
  });

  it('ask for annotations only when a lookup is wanted', async () => {
    const bench = await play(reply(200, { contactid: id }));
    await bench.system.get('contact', id, ['firstname']);
    await bench.system.get('contact', id, ['parentcustomerid']);
    const [plain, annotated] = rowRequests(bench);
    expect(plain?.headers.prefer).toBeUndefined();
    expect(annotated?.headers.prefer).toBe(
      'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"',
    );
    expect(annotated?.path).toContain('_parentcustomerid_value');
  });
});

describe('what Dynamics says and an address is made of', () => {
  const table = (EntitySetName: string) => ({
    LogicalName: 'lead',
    EntitySetName,
    PrimaryIdAttribute: 'leadid',
    PrimaryNameAttribute: 'fullname',
  });

  it.each(['http://evil.test/x', '//evil.test/x', '../x', 'leads?x=', 'leads/$batch', "leads('x')", ''])(
    'a table whose set is called %j is none',
    async (name) => {
      const bench = await play(reply(200, { value: [table(name)] }));
      expect(await bench.system.listTables()).toEqual([]);
    },
  );

  it('a set that begins like an address is one of this environment', async () => {
    const bench = await play(reply(200, { value: [table('http_contacts')] }));
    expect(await bench.system.listTables()).toMatchObject([{ entitySetName: 'http_contacts' }]);
  });

  it.each(['WhoAmI', "x' or 1 eq 1", 'http://evil.test'])('an identity %j is no id', async (text) => {
    const bench = await play(reply(200, { OrganizationId: text, UserId: id }));
    expect(await rejection(bench.system.identity())).toMatchObject({ code: 'dynamics_error' });
  });

  it('a row whose id is no GUID is none', async () => {
    const bench = await play(reply(200, { value: [{ contactid: '../accounts' }, { contactid: id }] }));
    const rows = await bench.system.findBy('contact', [{ firstname: null }], ['firstname'], 'usual');
    expect(rows.map((row) => row.id)).toEqual([id]);
  });
});

describe('pages', () => {
  it('of a question end when a link comes again', async () => {
    let count = 0;
    const bench = await play((response, request) => {
      count += 1;
      const host = `http://${request.headers.host}/api/data/v9.2/contacts`;
      const next = `${host}?$skiptoken=${count % 3}`;
      response.writeHead(200).end(JSON.stringify({ value: [{ contactid: id }], '@odata.nextLink': next }));
    });
    const search = bench.system.findBy('contact', [{ firstname: 'A' }], ['firstname'], 'any');
    expect(await rejection(search)).toMatchObject({ code: 'dynamics_error' });
    expect(count).toBeLessThan(15);
  });
});

describe('answers to writes', () => {
  it('a write without a representation is read back', async () => {
    const bench = await play(reply(204), reply(200, { contactid: id, firstname: 'Ada', statecode: 0 }));
    const result = await bench.system.update('contact', id, null, { firstname: 'Ada' }, ['firstname']);
    expect(result).toMatchObject({ kind: 'written', row: { values: { firstname: 'Ada' } } });
    expect(rowRequests(bench).map((request) => request.method)).toEqual(['PATCH', 'GET']);
  });

  it('trap: a lookup that survives being cleared through the wrong name is cleared through the right one', async () => {
    const bound = {
      contactid: id,
      ...ETAG,
      _parentcustomerid_value: company,
      '_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'contact',
    };
    const bench = await play(reply(200, bound), reply(200, { ...bound, _parentcustomerid_value: null }));
    const columns = ['parentcustomerid'];
    const result = await bench.system.update('contact', id, null, { parentcustomerid: null }, columns);
    expect(result).toMatchObject({ kind: 'written', row: { values: { parentcustomerid: null } } });
    const [first, second] = rowRequests(bench);
    expect(first?.body).toBe('{"parentcustomerid_account@odata.bind":null}');
    expect(second?.body).toBe('{"parentcustomerid_contact@odata.bind":null}');
    expect(second?.headers['if-match']).toBe('W/"1"');
  });

  it('the first part of an update in two is not forgotten when the second one is not taken', async () => {
    const bound = {
      contactid: id,
      ...ETAG,
      firstname: 'Ada',
      _parentcustomerid_value: company,
      '_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'contact',
    };
    const values = { firstname: 'Ada', parentcustomerid: null };
    const withSecond = async (second: Step, third: Step = second) => {
      const bench = await play(reply(200, bound), second, third);
      return bench.system.update('contact', id, 'W/"0"', values, Object.keys(values));
    };
    const newer = reply(200, { ...bound, '@odata.etag': 'W/"2"' });
    const stale = withSecond(reply(412, { error: { code: '', message: '' } }), newer);
    expect(await rejection(stale)).toMatchObject({ name: 'UnknownFateError' });
    const refused = withSecond(reply(400, { error: { code: '0x80040265', message: 'No.' } }));
    await expect(refused).resolves.toMatchObject({
      kind: 'written',
      row: { values: { firstname: 'Ada', parentcustomerid: `contact:${company}` } },
    });
  });

  it('a token refused after a lost answer does not make the own row another one', async () => {
    const exists = reply(412, { error: { code: '0x80040237', message: 'exists' } });
    const bench = await play(cut, reply(401), exists, reply(200, { contactid: id, firstname: 'Ada' }));
    await expect(
      bench.system.create('contact', id, { firstname: 'Ada' }, ['firstname']),
    ).resolves.toMatchObject({ kind: 'written', row: { values: { firstname: 'Ada' } } });
  });

  it('a token refused after a lost answer leaves the fate of an update unknown', async () => {
    const bench = await play(
      cut,
      reply(401),
      reply(412, { error: { code: '0x80060882', message: '' } }),
      reply(200, { contactid: id, '@odata.etag': 'W/"2"' }),
    );
    const update = bench.system.update('contact', id, 'W/"1"', { firstname: 'Ada' }, []);
    expect(await rejection(update)).toMatchObject({ name: 'UnknownFateError' });
  });

  it('an unknown lookup target is refused before anything is sent', async () => {
    const bench = await play(reply(500));
    const values = { parentcustomerid: `systemuser:${randomUUID()}` };
    const error = await rejection(bench.system.update('contact', id, null, values, []));
    expect(error).toMatchObject({ reason: 'invalid_value', field: 'parentcustomerid' });
    expect(rowRequests(bench)).toHaveLength(0);
  });
});

describe('answers to reads', () => {
  it('[V9] trap: null of a secured column is "not read", never "cleared"', async () => {
    const bench = await play(
      reply(200, { contactid: id, securedtext: null, firstname: null }),
      reply(200, { contactid: id, securedtext: 'seen', firstname: null }),
    );
    const hidden = await bench.system.get('contact', id, ['securedtext', 'firstname']);
    expect(hidden?.values).toEqual({ firstname: null });
    const seen = await bench.system.get('contact', id, ['securedtext', 'firstname']);
    expect(seen?.values).toEqual({ firstname: null, securedtext: 'seen' });
  });

  it('a lookup without the name of its table is not guessed', async () => {
    const bench = await play(reply(200, { contactid: id, _parentcustomerid_value: company }));
    const row = await bench.system.get('contact', id, ['parentcustomerid']);
    expect(row?.values).toEqual({});
  });

  it('a row of a wildcard match that is not equal is left out', async () => {
    const rows = [
      { contactid: id, emailaddress1: 'A_B@example.com' },
      { contactid: randomUUID(), emailaddress1: 'aXb@example.com' },
    ];
    const bench = await play(reply(200, { value: rows }));
    const found = await bench.system.findBy('contact', [{ emailaddress1: 'a_b@example.com' }], [], 'any');
    expect(found.map((row) => row.id)).toEqual([id]);
  });
});
