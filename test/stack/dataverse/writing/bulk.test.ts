import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { editorId, SimClient } from '../sim-client.js';

const first = 'c0000000-0000-4000-8000-000000000021';
const second = 'c0000000-0000-4000-8000-000000000022';
const unknown = 'c0000000-0000-4000-8000-0000000000ff';

let client: SimClient;

beforeEach(async () => {
  client = await SimClient.start();
});

afterEach(() => client.sim.close());

function send(message: string, targets: readonly Record<string, unknown>[]) {
  const Targets = targets.map((target) => ({ '@odata.type': 'Microsoft.Dynamics.CRM.contact', ...target }));
  return client.ask('POST', `contacts/Microsoft.Dynamics.CRM.${message}`, { body: { Targets } });
}

async function names(): Promise<unknown[]> {
  const { json } = await client.get('contacts?$select=firstname,lastname&$orderby=contactid asc');
  return json.value.map(({ contactid, firstname, lastname }) => [contactid, firstname, lastname]);
}

async function givenTwo(): Promise<void> {
  await client.create('contacts', { contactid: first, firstname: 'Ada', lastname: 'Berg' });
  await client.create('contacts', { contactid: second, firstname: 'Ola', lastname: 'Dahl' });
}

describe('CreateMultiple', () => {
  it('makes all rows and answers their ids in the order sent', async () => {
    const answer = await send('CreateMultiple', [
      { contactid: second, firstname: 'Ola', lastname: 'Dahl' },
      { firstname: 'Kari' },
      { contactid: first, lastname: 'Berg' },
    ]);
    expect(answer.status).toBe(200);
    const ids = answer.json.Ids as string[];
    expect([ids.length, ids[0], ids[2]]).toEqual([3, second, first]);
    expect(answer.json['@odata.context']).toBe(
      `${client.root}/$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse`,
    );
    expect(await names()).toHaveLength(3);
  });

  it('makes none when one is refused, and does not say which', async () => {
    const answer = await send('CreateMultiple', [
      { contactid: first, lastname: 'Berg' },
      { lastname: 'x'.repeat(51) },
    ]);
    expect([answer.status, answer.json.error.code]).toEqual([400, '0x80044331']);
    expect(Object.keys(answer.json.error)).toEqual(['code', 'message']);
    expect(await names()).toEqual([]);
  });
});

describe('UpdateMultiple', () => {
  it('updates the rows that it names in either form', async () => {
    await givenTwo();
    const answer = await send('UpdateMultiple', [
      { contactid: first, firstname: 'Eva' },
      { '@odata.id': `contacts(${second})`, lastname: 'Lie' },
    ]);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await names()).toEqual([
      [first, 'Eva', 'Berg'],
      [second, 'Ola', 'Lie'],
    ]);
  });

  it('of several targets with one id only the first counts', async () => {
    await givenTwo();
    const id = first.toUpperCase();
    const targets = [
      { contactid: first, firstname: 'one' },
      { contactid: id, firstname: 'two', lastname: 'two' },
    ];
    expect((await send('UpdateMultiple', targets)).status).toBe(204);
    expect((await names())[0]).toEqual([first, 'one', 'Berg']);
  });

  it('fails as a whole for an id that is not there', async () => {
    await givenTwo();
    const answer = await send('UpdateMultiple', [
      { contactid: first, firstname: 'Eva' },
      { contactid: unknown, firstname: 'Nobody' },
    ]);
    expect(answer.json.error).toEqual({
      code: '0x80040217',
      message: `Contact With Ids = ${unknown} Do Not Exist`,
    });
    expect((await names())[0]).toEqual([first, 'Ada', 'Berg']);
  });

  it('needs to know the rows', async () => {
    expect((await send('UpdateMultiple', [{ firstname: 'Eva' }])).status).toBe(400);
  });
});

describe('UpsertMultiple', () => {
  it('updates what is there, makes the rest, and says neither', async () => {
    await client.create('contacts', { contactid: first, firstname: 'Ada', lastname: 'Berg' });
    const answer = await send('UpsertMultiple', [
      { contactid: first, firstname: 'Eva' },
      { contactid: second, firstname: 'Ola' },
    ]);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await names()).toEqual([
      [first, 'Eva', 'Berg'],
      [second, 'Ola', null],
    ]);
  });

  it('refuses a row that comes twice', async () => {
    const answer = await send('UpsertMultiple', [{ contactid: first }, { contactid: first }]);
    expect(answer.status).toBe(400);
    expect(await names()).toEqual([]);
  });
});

describe('each of the messages', () => {
  it.each(['CreateMultiple', 'UpdateMultiple', 'UpsertMultiple'])(
    '%s needs types and targets',
    async (name) => {
      const path = `contacts/Microsoft.Dynamics.CRM.${name}`;
      for (const body of [
        { Targets: [{ contactid: first, lastname: 'Berg' }] },
        { Targets: [{ '@odata.type': 'Microsoft.Dynamics.CRM.account', contactid: first }] },
        { Targets: {} },
        {},
      ]) {
        expect((await client.ask('POST', path, { body })).status).toBe(400);
      }
      expect((await client.get(path)).status).toBe(404);
      expect(await names()).toEqual([]);
    },
  );

  it('is offered as the probe for it asks', async () => {
    for (const message of ['CreateMultiple', 'UpdateMultiple', 'UpsertMultiple']) {
      for (const table of ['contact', 'account']) {
        const filter = `sdkmessageid/name eq '${message}' and primaryobjecttypecode eq '${table}'`;
        const { json } = await client.get(
          `sdkmessagefilters?$select=sdkmessagefilterid&$filter=${encodeURIComponent(filter)}`,
        );
        expect(json.value).toHaveLength(1);
      }
    }
  });

  it('counts as one request of a batch and needs the privilege of its kind', async () => {
    await client.control('POST', 'users', {
      ...{ appId: editorId, state: 'missingPrivilege', privilege: 'prvCreateContact' },
    });
    const body = { Targets: [{ '@odata.type': 'Microsoft.Dynamics.CRM.contact', lastname: 'Berg' }] };
    const token = `${editorId}|https://contoso.crm.dynamics.com`;
    for (const message of ['CreateMultiple', 'UpsertMultiple']) {
      const path = `contacts/Microsoft.Dynamics.CRM.${message}`;
      const answer = await client.ask('POST', path, { body, token });
      expect([answer.status, answer.json.error.code]).toEqual([403, '0x80040220']);
    }
  });
});
