import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { domain, editorId, SimClient } from '../dataverse/sim-client.js';
import { type Harness, startHarness } from './harness.js';

let authScape: Harness;
let dataverse: SimClient;

beforeEach(async () => {
  [authScape, dataverse] = await Promise.all([startHarness(), SimClient.start()]);
});

afterEach(() => Promise.all([authScape.close(), dataverse.sim.close()]));

const connect = () =>
  authScape.sim('POST', 'crm', { url: dataverse.sim.url, token: `${editorId}|https://${domain}` });
const contacts = async () => (await dataverse.get('contacts?$select=firstname,emailaddress1')).json.value;
const create = async (email: string) =>
  (
    await authScape.api('POST', 'CreateAccount', { firstName: 'Ada', lastName: 'Moss', email })
  ).json<number>();

describe("AuthScape's own CRM connection", () => {
  it('is off until it is switched on', async () => {
    await create('ada@moss.example');
    expect(await contacts()).toEqual([]);
  });

  it('pushes what is created and updated within the request, one row for each record', async () => {
    await connect();
    const id = await create('ada@moss.example');
    expect(await contacts()).toMatchObject([{ firstname: 'Ada', emailaddress1: 'ada@moss.example' }]);
    await authScape.api('PUT', 'UpdateUser', {
      ...{ id, firstName: 'Eva', lastName: 'Moss', email: 'ada@moss.example', customFields: [] },
    });
    expect(await contacts()).toMatchObject([{ firstname: 'Eva' }]);
    await authScape.api('DELETE', `ArchiveUser?id=${id}`);
    expect(await authScape.sim('GET', 'crm')).toEqual({ created: 1, updated: 1, failed: 0 });
  });

  it('does not find the row of another writer, and makes a second one', async () => {
    await dataverse.create('contacts', { firstname: 'Ada', emailaddress1: 'ada@moss.example' });
    await connect();
    await create('ada@moss.example');
    expect(await contacts()).toHaveLength(2);
  });

  it('only counts its failures', async () => {
    await connect();
    await dataverse.control('POST', 'faults', [{ match: 'POST contacts', status: 500 }]);
    expect(await create('ada@moss.example')).toEqual(expect.any(Number));
    expect(await authScape.sim('DELETE', 'crm')).toEqual({ created: 0, updated: 0, failed: 1 });
  });
});

describe('a restored backup', () => {
  it('has what there was, and gives ids out again', async () => {
    await authScape.sim('POST', 'insert', { companies: [{ title: 'Moss' }] });
    const kept = await create('ada@moss.example');
    await authScape.sim('POST', 'backup');
    const lost = await create('bo@moss.example');
    await authScape.api('DELETE', `ArchiveUser?id=${kept}`);
    await authScape.sim('POST', 'restore');
    expect((await authScape.api('GET', `GetUser?userId=${kept}`)).json()).toMatchObject({ isActive: true });
    expect((await authScape.api('GET', `GetUser?userId=${lost}`)).status).toBe(500);
    expect(await create('cy@moss.example')).toBe(lost);
    await authScape.sim('POST', 'restore');
    expect(await create('dee@moss.example')).toBe(lost);
  });

  it('needs a backup', async () => {
    await expect(authScape.sim('POST', 'restore')).rejects.toThrow('400');
  });
});
