import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appId } from '../sim-client.js';
import { WebhookHarness } from './webhook-harness.js';

let hooks: WebhookHarness;

beforeEach(async () => {
  hooks = await WebhookHarness.start();
});

afterEach(() => hooks.close());

const ask = (method: string, path: string, body?: unknown) =>
  hooks.client.ask(method, path, body === undefined ? {} : { body });

describe('messages and filters', () => {
  it('are found by name and by a path through the lookup, with an id of their own', async () => {
    const messages = await hooks.client.get("sdkmessages?$select=sdkmessageid&$filter=name eq 'Update'");
    const filters = await hooks.client.get(
      "sdkmessagefilters?$select=sdkmessagefilterid,_sdkmessageid_value&$filter=primaryobjecttypecode eq 'contact' and sdkmessageid/name eq 'Update'",
    );
    expect([messages.json.value.length, filters.json.value.length]).toEqual([1, 1]);
    expect(filters.json.value[0]?._sdkmessageid_value).toBe(messages.json.value[0]?.sdkmessageid);
    const all = await hooks.client.get('sdkmessages');
    expect(all.json.value.map((row) => row.name).sort()).toEqual([
      ...['Create', 'CreateMultiple', 'Delete', 'Update', 'UpdateMultiple', 'UpsertMultiple'],
    ]);
  });

  it.each([
    ['POST', 'sdkmessages'],
    ['POST', 'asyncoperations'],
  ])('cannot be written: %s %s', async (method, path) => {
    expect((await ask(method, path, {})).status).toBe(501);
  });
});

describe('endpoints', () => {
  it('keep their secret to themselves', async () => {
    const id = await hooks.endpoint();
    for (const path of [
      `serviceendpoints(${id})`,
      `serviceendpoints(${id})?$select=authvalue,isauthvalueset`,
    ]) {
      expect((await hooks.client.get(path)).json).toMatchObject({ authvalue: null, isauthvalueset: true });
    }
    expect(JSON.stringify(await hooks.client.control('GET', 'dump'))).not.toContain('a+key');
  });

  it.each([
    ['https://sync.example.com/hooks/dv/1', 204],
    ['https://sync.example.com:443/hooks', 204],
    ['http://sync.example.com:80/hooks', 204],
    ['http://localhost:7071/hooks', 204],
    ['https://sync.example.com:8443/hooks', 400],
    ['http://sync.example.com:443x/hooks', 400],
    ['/hooks', 400],
  ])('may be at %s: %i', async (url, status) => {
    const columns = { name: 'sync', contract: 8, authtype: 4, authvalue: 'key', url };
    expect((await ask('POST', 'serviceendpoints', columns)).status).toBe(status);
  });

  it.each([
    [5, 'plain', '0x80050203'],
    [6, '<settings></settings>', '0x80050204'],
    [5, '<settings><setting name="x" /></settings>', '0x80050203'],
    [2, 'plain', '0x80040203'],
    [4, null, '0x80050203'],
  ])('refuse for authtype %i the value %s', async (authtype, authvalue, code) => {
    const columns = { name: 'sync', contract: 8, url: 'https://a.example', authtype, authvalue };
    const answer = await ask('POST', 'serviceendpoints', columns);
    expect([answer.status, answer.json.error.code]).toEqual([400, code]);
  });

  it('check the old secret against a new authtype', async () => {
    const id = await hooks.endpoint();
    expect((await ask('PATCH', `serviceendpoints(${id})`, { authtype: 5 })).status).toBe(400);
    const authvalue = '<settings><setting name="x-key" value="s3cret" /></settings>';
    expect((await ask('PATCH', `serviceendpoints(${id})`, { authtype: 5, authvalue })).status).toBe(204);
  });

  it('are webhooks and nothing else', async () => {
    const columns = { name: 'bus', url: 'https://a.example', authtype: 4, authvalue: 'key' };
    expect((await ask('POST', 'serviceendpoints', { ...columns, contract: 5 })).status).toBe(501);
    expect((await ask('POST', 'serviceendpoints', columns)).status).toBe(400);
  });

  it('stay while steps use them, or take these along', async () => {
    const id = await hooks.endpoint();
    const stepId = await hooks.step(id);
    await hooks.image(stepId, { imagetype: 1 });
    const refused = await ask('DELETE', `serviceendpoints(${id})`);
    expect([refused.status, refused.json.error.code]).toEqual([400, '0x8004f01f']);
    await hooks.client.control('POST', 'behaviour', { endpointWithSteps: 'cascade' });
    expect((await ask('DELETE', `serviceendpoints(${id})`)).status).toBe(204);
    for (const set of ['serviceendpoints', 'sdkmessageprocessingsteps', 'sdkmessageprocessingstepimages']) {
      expect((await hooks.client.get(set)).json.value).toEqual([]);
    }
  });

  it('go once their steps are gone', async () => {
    const id = await hooks.endpoint();
    const stepId = await hooks.step(id);
    expect((await ask('DELETE', `sdkmessageprocessingsteps(${stepId})`)).status).toBe(204);
    expect((await ask('DELETE', `serviceendpoints(${id})`)).status).toBe(204);
  });
});

describe('steps', () => {
  it('are listed below their endpoint, page by page, and with what they refer to', async () => {
    const id = await hooks.endpoint();
    await hooks.step(await hooks.endpoint(), { message: 'Delete' });
    for (const message of ['Create', 'Update', 'Delete'] as const) {
      await hooks.step(id, { message });
    }
    const path = `serviceendpoints(${id})/serviceendpoint_sdkmessageprocessingstep`;
    const expand = '$expand=sdkmessageid($select=name),eventhandler_serviceendpoint($select=name)';
    const all = await hooks.client.readAll(`${path}?$select=name&${expand}`, 'odata.maxpagesize=2');
    const names = all.json.value.map((row) => (row.sdkmessageid as { name: string }).name);
    expect([all.pages, names.sort()]).toEqual([2, ['Create', 'Delete', 'Update']]);
    expect(all.json.value[0]).toMatchObject({ eventhandler_serviceendpoint: { name: 'sync' } });
    const some = await hooks.client.get(`${path}?$filter=contains(name,'Create') or contains(name,'Delete')`);
    expect(some.json.value).toHaveLength(2);
    expect(
      (await hooks.client.get(`serviceendpoints(${crypto.randomUUID()})/${path.split('/')[1]}`)).status,
    ).toBe(404);
  });

  it('are enabled when they are made, and can be disabled', async () => {
    const path = `sdkmessageprocessingsteps(${await hooks.step(await hooks.endpoint())})`;
    expect((await hooks.client.get(path)).json).toMatchObject({ statecode: 0, statuscode: 1 });
    await ask('PATCH', path, { statecode: 1, statuscode: 2 });
    expect((await hooks.client.get(path)).json).toMatchObject({ statecode: 1, statuscode: 2 });
  });

  it.each([
    [{ stage: 20 }, 400],
    [{ mode: 0 }, 501],
    [{ mode: undefined }, 400],
    [{ 'sdkmessageid@odata.bind': undefined }, 400],
    [{ 'eventhandler_serviceendpoint@odata.bind': undefined }, 400],
    [{ 'eventhandler_serviceendpoint@odata.bind': `/serviceendpoints(${crypto.randomUUID()})` }, 404],
    [{ 'eventhandler@odata.bind': '/serviceendpoints(1)' }, 400],
  ])('need what the platform needs: %j', async (columns, status) => {
    await expect(hooks.step(await hooks.endpoint(), columns)).rejects.toThrow(`: ${status} `);
  });

  it('need a filter of their message', async () => {
    const creation = await hooks.client.get("sdkmessages?$filter=name eq 'Create'");
    const bind = `/sdkmessages(${creation.json.value[0]?.sdkmessageid})`;
    const step = hooks.step(await hooks.endpoint(), { 'sdkmessageid@odata.bind': bind });
    await expect(step).rejects.toThrow(': 400 ');
  });

  it('cannot be about many rows at once', async () => {
    const bulk = await hooks.client.get("sdkmessages?$filter=name eq 'UpdateMultiple'");
    const bind = `/sdkmessages(${bulk.json.value[0]?.sdkmessageid})`;
    const step = hooks.step(await hooks.endpoint(), { 'sdkmessageid@odata.bind': bind });
    await expect(step).rejects.toThrow(': 501 ');
  });
});

describe('images', () => {
  it.each([
    ['Create', 0],
    ['Create', 2],
    ['Delete', 1],
    ['Delete', 2],
  ] as const)('are refused where there is none: %s, type %i', async (message, imagetype) => {
    const stepId = await hooks.step(await hooks.endpoint(), { message });
    await expect(hooks.image(stepId, { imagetype })).rejects.toThrow(': 400 ');
  });

  it('are of the Target', async () => {
    const stepId = await hooks.step(await hooks.endpoint());
    const image = { imagetype: 1, messagepropertyname: 'Id' };
    await expect(hooks.image(stepId, image)).rejects.toThrow(': 400 ');
  });
});

describe('rights', () => {
  it('to customise are needed for writing, not for looking', async () => {
    const id = await hooks.endpoint();
    await hooks.client.control('POST', 'users', { appId, state: 'notCustomizer' });
    const refusals = [
      await ask('POST', 'serviceendpoints', {}),
      await ask('PATCH', `serviceendpoints(${id})`, { name: 'other' }),
      await ask('DELETE', `serviceendpoints(${id})`),
      await ask('POST', 'sdkmessageprocessingsteps', {}),
      await ask('POST', 'sdkmessageprocessingstepimages', {}),
    ];
    const codes = refusals.map((answer) => `${answer.status} ${answer.json.error.code}`);
    expect(new Set(codes)).toEqual(new Set(['403 0x80040220']));
    expect((await hooks.client.get('serviceendpoints')).json.value).toHaveLength(1);
    expect((await ask('POST', 'contacts', {})).status).toBe(204);
  });

  it('can lack for a single table', async () => {
    const privilege = 'prvCreateSdkMessageProcessingStep';
    await hooks.client.control('POST', 'users', { appId, state: 'missingPrivilege', privilege });
    const id = await hooks.endpoint();
    await expect(hooks.step(id)).rejects.toThrow('403');
  });
});
