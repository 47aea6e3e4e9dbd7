import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
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

const plugIn = (body: object) => client.control('POST', 'plugin', { table: 'contact', ...body });
const patch = (body: object, headers: Record<string, string> = {}) =>
  client.ask('PATCH', `contacts(${id})`, { body, headers: { 'if-match': '*', ...headers } });
const read = async () => (await client.get(`contacts(${id})`)).json;

describe('a plug-in that alters what is written', () => {
  it('changes or ignores it', async () => {
    await plugIn({ column: 'lastname', to: 'uppercase' });
    await plugIn({ column: 'jobtitle', to: 'ignore' });
    await plugIn({ column: 'nickname', to: 'append', text: '!' });
    expect((await patch({ lastname: 'Lie', jobtitle: 'CEO', nickname: 'A' })).status).toBe(204);
    expect(await read()).toMatchObject({
      lastname: 'LIE',
      fullname: 'Ada LIE',
      jobtitle: null,
      nickname: 'A!',
    });
  });
});

describe('a plug-in that throws', () => {
  it.each([
    ['refuse', 400, '0x80040265', /./],
    ['crash', 500, '0x80040224', /plug-in \(Execute\)/],
    ['missing', 404, '0x80040217', /^systemuser With Id = [0-9a-f-]{36} Does Not Exist$/],
    ['timeout', 500, '0x8004418d', /timed-out/],
  ])('undoes the write: %s', async (throws, status, code, text) => {
    await plugIn({ throws });
    const before = await read();
    const answer = await patch({ firstname: 'Eva' });
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    expect(answer.json.error.message).toMatch(text);
    expect(answer.json.error.message).not.toContain(id);
    expect(await read()).toEqual(before);
    expect((await client.ask('POST', 'contacts', { body: {} })).status).toBe(status);
    expect((await client.ask('DELETE', `contacts(${id})`)).status).toBe(status);
    expect((await client.get('contacts')).json.value).toHaveLength(1);
  });

  it('answers whatever status, code and text it is given', async () => {
    await plugIn({ throws: 'crash', status: 400, message: 'Boom.' });
    const answer = await patch({ firstname: 'Eva' });
    expect([answer.status, answer.json.error]).toEqual([400, { code: '0x80040224', message: 'Boom.' }]);
  });

  it.each<[string, object, object]>([
    ['another message', { on: ['Create', 'Delete'] }, { firstname: 'Eva' }],
    ['another row', { row: 'c0000000-0000-4000-8000-000000000011' }, { firstname: 'Eva' }],
    ['rows with other values', { where: { lastname: 'Lie' } }, { firstname: 'Eva' }],
    ['other columns', { columns: ['lastname'] }, { firstname: 'Eva' }],
  ])('leaves %s alone', async (_what, step, body) => {
    await plugIn({ throws: 'refuse', ...step });
    expect((await patch(body)).status).toBe(204);
  });

  it.each([{ row: 'ID' }, { where: { firstname: 'Eva' } }, { columns: ['firstname'] }, { on: ['Update'] }])(
    'acts where its step says: %j',
    async (step) => {
      await plugIn({ throws: 'refuse', ...step, ...('row' in step ? { row: id } : {}) });
      expect((await patch({ firstname: 'Eva' })).status).toBe(400);
    },
  );

  it('stops after so many times, can be bypassed, and ends with the reset', async () => {
    await plugIn({ throws: 'refuse', times: 1 });
    expect([(await patch({})).status, (await patch({})).status]).toEqual([400, 204]);
    await plugIn({ throws: 'refuse' });
    expect((await patch({}, { 'MSCRM.BypassBusinessLogicExecution': 'CustomSync' })).status).toBe(204);
    await client.control('POST', 'reset');
    expect((await client.ask('POST', 'contacts', { body: {} })).status).toBe(204);
  });
});

describe('a plug-in that changes the row afterwards', () => {
  it('does so within the write, with a version of its own', async () => {
    await plugIn({ sets: { jobtitle: 'Set by a rule', firstname: 'Ann' }, on: ['Update'] });
    const answer = await client.ask('PATCH', `contacts(${id})`, {
      body: { firstname: 'Eva' },
      headers: { prefer: 'return=representation' },
    });
    const row = await read();
    expect(row).toMatchObject({ firstname: 'Ann', fullname: 'Ann Berg', jobtitle: 'Set by a rule' });
    expect(answer.json).toMatchObject({ firstname: 'Ann', '@odata.etag': row['@odata.etag'] });
  });

  it('does so later, as another user', async () => {
    await plugIn({ sets: { jobtitle: 'Later' }, afterMs: 20 });
    const answer = await patch({ firstname: 'Eva' }, { prefer: 'return=representation' });
    const written = answer.json;
    expect(written).toMatchObject({ firstname: 'Eva', jobtitle: null });
    const changed = await vi.waitUntil(async () => {
      const row = await read();
      return row.jobtitle === 'Later' ? row : undefined;
    });
    expect(changed._modifiedby_value).not.toBe(written._modifiedby_value);
    expect(changed['@odata.etag']).not.toBe(written['@odata.etag']);
  });
});
