import { beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../src/domain/errors.js';
import {
  call,
  createTestBridge,
  faultsOf,
  givenConnection,
  givenMapping,
  type TestBridge,
  textAt,
} from '../support/bridge.js';

let bridge: TestBridge;
let id: string;
let mappingId: string;

beforeEach(async () => {
  bridge = createTestBridge({ hostMap: { 'contoso.crm.dynamics.com': 'http://127.0.0.1:7072' } });
  id = textAt(await givenConnection(bridge), 'id');
  mappingId = textAt(await givenMapping(bridge, id), 'id');
});

const BASE_URL = 'https://bridge.example.com';
const params = () => ({ params: { id } });
const register = (baseUrl = BASE_URL) => call(bridge.webhook.register, { ...params(), body: { baseUrl } });
const view = () => call(bridge.webhook.get, params());
const rotate = () => call(bridge.webhook.rotate, { ...params(), method: 'POST' });
const stored = async () => (await bridge.storage.connections.get(id))?.value;
const versions = () => [...(bridge.secrets.values.get(`conn-${id.replace('_', '-')}-webhook-secret`) ?? [])];
const [endpointOf, stepsOf] = [
  () => [...bridge.registry.endpointRows.values()],
  () => [...bridge.registry.stepRows.values()],
];
const codes = async () => {
  const { drift } = (await view()).body as { drift: { code: string }[] };
  return drift.map(({ code }) => code);
};

describe('registering', () => {
  it('makes a secret, an endpoint and the steps, and shows all but the secret', async () => {
    const reply = await register();
    const [secret = ''] = versions().map(([, value]) => value);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    const url = `${BASE_URL}/api/crm/webhook/dynamics/${id}`;
    expect(endpointOf()).toMatchObject([{ name: `AuthScape sync ${id}`, url, secret }]);
    expect(reply).toMatchObject({
      status: 200,
      body: {
        ...{ registered: true, baseUrl: BASE_URL, url, hasWebhookSecret: true, previousSecretUntil: null },
        steps: [{ message: 'Create', crmEntity: 'contact' }, { message: 'Update' }, { message: 'Delete' }],
        ...{ drift: [], lastFailure: null },
      },
    });
    expect(JSON.stringify(reply.body)).not.toContain(secret);
  });

  it('again changes nothing, and repairs what was touched', async () => {
    await register();
    const before = [endpointOf(), stepsOf()];
    await register();
    expect([endpointOf(), stepsOf()]).toEqual(before);

    const [create, update, remove] = stepsOf();
    if (!create || !update || !remove) throw new Error('Three steps are expected.');
    bridge.registry.stepRows.set(create.id, { ...create, enabled: false });
    bridge.registry.stepRows.set(update.id, { ...update, columns: [] });
    await bridge.registry.removeStep(remove.id);
    expect(await codes()).toEqual(['step_missing', 'step_disabled', 'step_differs']);
    await register('https://other.example.com');
    expect(await codes()).toEqual([]);
    expect(endpointOf()).toMatchObject([{ url: expect.stringMatching(/^https:\/\/other\.example\.com\//) }]);
    expect(versions()).toHaveLength(1);
  });

  it.each([
    ['http://bridge.example.com', 'baseUrl: It must start with https://'],
    ['https://bridge.example.com/api', 'baseUrl: It must not contain a path'],
    ['https://bridge.example.com:8443', 'baseUrl: The port must be 443'],
  ])('refuses %s', async (baseUrl, fault) => {
    const [status, found] = faultsOf(await register(baseUrl));
    expect([status, found?.slice(0, fault.length)]).toEqual(['400 invalid_request', fault]);
    expect(endpointOf()).toEqual([]);
  });

  it('takes http on the machine itself only where hosts are mapped', async () => {
    expect((await register('http://127.0.0.1:7071')).status).toBe(200);
    bridge = createTestBridge();
    id = textAt(await givenConnection(bridge), 'id');
    expect(faultsOf(await register('http://127.0.0.1:7071'))[0]).toBe('400 invalid_request');
  });

  it('needs a mapping that is enabled', async () => {
    await call(bridge.mappings.remove, { params: { id, mappingId }, method: 'DELETE' });
    expect(faultsOf(await register())).toEqual(['422 no_enabled_mappings']);
  });

  it('refuses a table that Dynamics sends no events for, before anything is made', async () => {
    bridge.registry.silentTables.add('contact');
    expect(faultsOf(await register())).toEqual(['422 table_without_events']);
    expect([endpointOf(), stepsOf(), versions()]).toEqual([[], [], []]);
  });

  it('keeps the other tables when one without events is mapped later, and says so', async () => {
    await register();
    bridge.registry.silentTables.add('account');
    await givenMapping(bridge, id, { authScapeEntity: 'Company', crmEntity: 'account' });
    expect((await view()).body).toMatchObject({ lastFailure: { code: 'table_without_events' } });
    expect(new Set(stepsOf().map(({ table }) => table))).toEqual(new Set(['contact']));
  });

  it('that failed on the way shows as such, and goes on when it is repeated', async () => {
    const { createEndpoint } = bridge.registry;
    const away = new BridgeError('dynamics_unavailable', 'Dynamics is not available (503).');
    Object.assign(bridge.registry, { createEndpoint: () => Promise.reject(away) });
    expect(faultsOf(await register())).toEqual(['503 dynamics_unavailable']);
    Object.assign(bridge.registry, { createEndpoint });
    expect((await view()).body).toMatchObject({ registered: false, drift: [{ code: 'endpoint_missing' }] });
    expect((await register()).body).toMatchObject({ registered: true, drift: [] });
  });

  it('of an unknown connection is 404 everywhere', async () => {
    id = 'c_unknown';
    for (const reply of [await register(), await view(), await rotate()]) {
      expect(faultsOf(reply)).toEqual(['404 connection_not_found']);
    }
  });
});

describe('what is registered', () => {
  it('is nothing at first', async () => {
    expect((await view()).body).toMatchObject({
      ...{ registered: false, baseUrl: null, url: null, endpointId: null, hasWebhookSecret: false },
      ...{ steps: [], drift: [] },
    });
  });

  it('follows the mappings', async () => {
    await register();
    await call(bridge.fields.replace, {
      params: { id, mappingId },
      query: { validate: 'false' },
      method: 'PUT',
      body: { fields: [{ authScapeField: 'firstName', crmField: 'firstname' }] },
    });
    expect(stepsOf().find(({ message }) => message === 'Update')?.columns).toEqual(['firstname']);
    await call(bridge.mappings.create, {
      ...params(),
      query: { validate: 'false' },
      body: { authScapeEntity: 'Company', crmEntity: 'account' },
    });
    expect(stepsOf()).toHaveLength(6);
    await call(bridge.mappings.remove, { params: { id, mappingId }, method: 'DELETE' });
    expect(stepsOf().map(({ table }) => table)).toEqual(['account', 'account', 'account']);
    expect(await codes()).toEqual([]);
  });

  it('drifts when Dynamics cannot be reached, and says why', async () => {
    await register();
    bridge.registry.isDown = true;
    const reply = await call(bridge.mappings.patch, {
      params: { id, mappingId },
      query: { validate: 'false' },
      method: 'PATCH',
      body: { filter: 'new_level eq 2' },
    });
    expect(reply.status).toBe(200);
    bridge.registry.isDown = false;
    expect((await view()).body).toMatchObject({
      drift: [{ code: 'step_differs' }],
      lastFailure: { code: 'dynamics_unavailable' },
    });
  });

  it('has an ETag, which its removal takes', async () => {
    await register();
    const { etag = '' } = (await view()).headers;
    const remove = (tag: string) =>
      call(bridge.webhook.remove, { ...params(), method: 'DELETE', headers: { 'if-match': tag } });
    expect(etag).toMatch(/^"[^"]+"$/);
    expect((await view()).headers.etag).toBe(etag);
    expect(faultsOf(await remove('"another"'))).toEqual(['412 precondition_failed']);
    expect(endpointOf()).toHaveLength(1);
    expect((await remove(etag)).status).toBe(204);
    expect((await view()).headers.etag).not.toBe(etag);
  });

  it('is removed: steps, endpoint, memory', async () => {
    await register();
    expect((await call(bridge.webhook.remove, { ...params(), method: 'DELETE' })).status).toBe(204);
    expect([endpointOf(), stepsOf()]).toEqual([[], []]);
    expect((await view()).body).toMatchObject({ registered: false, hasWebhookSecret: true });
    expect((await call(bridge.webhook.remove, { ...params(), method: 'DELETE' })).status).toBe(204);
  });

  it.each([false, true])('goes with its connection (Dynamics down: %s)', async (isDown) => {
    await register();
    bridge.registry.isDown = isDown;
    expect((await call(bridge.connections.remove, { ...params(), method: 'DELETE' })).status).toBe(204);
    expect(endpointOf()).toHaveLength(isDown ? 1 : 0);
    expect(bridge.storage.tables.rows('Webhooks')).toEqual([]);
  });
});

describe('the secret', () => {
  it('is replaced in the vault and in Dynamics; the former one is taken for a day', async () => {
    await register();
    const reply = await rotate();
    const until = new Date(bridge.clock.now() + 24 * 3_600_000).toISOString();
    expect(reply).toMatchObject({ status: 200, body: { registered: true, previousSecretUntil: until } });
    const [former, present] = versions();
    expect(endpointOf()).toMatchObject([{ secret: present?.[1] }]);
    expect(await stored()).toMatchObject({
      webhookSecret: { version: present?.[0] },
      previousWebhookSecret: { ref: { version: former?.[0] }, until },
    });
    expect(await codes()).toEqual([]);
  });

  it('whose replacement did not reach Dynamics is not replaced once more', async () => {
    await register();
    bridge.registry.isDown = true;
    expect(faultsOf(await rotate())).toEqual(['503 dynamics_unavailable']);
    bridge.registry.isDown = false;
    expect(await codes()).toEqual(['secret_differs']);
    expect((await rotate()).status).toBe(200);
    expect(versions()).toHaveLength(2);
    expect(endpointOf()).toMatchObject([{ secret: versions()[1]?.[1] }]);
    expect((await stored())?.previousWebhookSecret?.ref.version).toBe(versions()[0]?.[0]);
  });

  it('that a person sets goes to Dynamics at once, and no former one is taken', async () => {
    await register();
    await rotate();
    await call(bridge.connections.patch, {
      ...params(),
      method: 'PATCH',
      body: { webhookSecret: 'set-by-hand-of-16' },
    });
    expect(endpointOf()).toMatchObject([{ secret: 'set-by-hand-of-16' }]);
    expect((await stored())?.previousWebhookSecret).toBeNull();
  });

  it('is made by a rotation where there is none and nothing is registered', async () => {
    expect((await rotate()).body).toEqual({
      ...{ registered: false, hasWebhookSecret: true, previousSecretUntil: null },
    });
    expect(versions()).toHaveLength(1);
  });
});

describe('another environment', () => {
  it('ends the registration in the old one', async () => {
    await register();
    await call(bridge.connections.patch, {
      ...params(),
      method: 'PATCH',
      body: { environment: 'other.crm.dynamics.com' },
    });
    expect(endpointOf()).toEqual([]);
    expect((await view()).body).toMatchObject({ registered: false });
  });
});

describe('the guide for Power Automate', () => {
  it('has a flow for each mapped table, with the registered address', async () => {
    await register();
    const reply = await call(bridge.webhook.powerAutomate, params());
    expect(reply).toMatchObject({
      status: 200,
      body: {
        uri: `${BASE_URL}/api/crm/webhook/dynamics/${id}`,
        flows: [{ table: 'contact', http: { method: 'POST' }, definition: { type: 'Microsoft.Flow/flows' } }],
      },
    });
    expect(textAt(reply, 'flows', 0, 'trigger', 'selectColumns')).toContain('firstname');
  });
});
