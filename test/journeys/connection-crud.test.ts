import { TableClient, TableServiceClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchStack, type Stack } from '../stack/launch/stack.js';

/** A connection's life over HTTP, on the whole stack: real SDKs, real storage rows, a real vault. */

let stack: Stack;
const NO_PORTS = { functions: 0, dataverse: 0, authScape: 0, identity: 0, queues: 0, tables: 0 };

beforeAll(async () => {
  stack = await launchStack({
    ports: NO_PORTS,
    // The timer stays out of the way.
    env: { ...process.env, SYNC_SCHEDULE: '0 0 0 1 1 *' },
    report: () => {},
  });
}, 60_000);

afterAll(async () => {
  await stack?.stop();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${stack.info.functions}/api${path}`, {
    method,
    headers: {
      'x-functions-key': stack.info.functionsKey,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

const create = (name: string, more: Record<string, unknown> = {}) =>
  send('POST', '/connections', {
    name,
    provider: 'Dynamics365',
    environment: stack.info.environment,
    ...more,
  });

/** Everything that the storage account holds, as text. */
/** Of the audit nothing goes: it tells who deleted the connection. */
async function allRows(): Promise<string> {
  const account = 'devstoreaccount1';
  const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};TableEndpoint=${stack.info.tables};`;
  const options = { allowInsecureConnection: true };
  const service = TableServiceClient.fromConnectionString(connectionString, options);
  const rows: unknown[] = [];
  for await (const { name = '' } of service.listTables()) {
    if (name === 'Audit') continue;
    for await (const row of TableClient.fromConnectionString(
      connectionString,
      name,
      options,
    ).listEntities()) {
      rows.push({ table: name, ...row });
    }
  }
  return JSON.stringify(rows);
}

describe('a connection', () => {
  it('is made, read, changed, mapped and deleted, and leaves nothing behind', async () => {
    const secret = stack.info.credentials.clientSecret;
    const made = await create('Journey', { clientSecret: secret, webhookSecret: `${secret}-hook` });
    expect(made.status).toBe(201);
    const path = (made.headers.get('location') ?? '').replace('/api', '');
    const id = String(made.body.id);
    expect(path).toBe(`/connections/${id}`);

    const read = await send('GET', path);
    expect(read.body).toEqual(made.body);
    expect(read.headers.get('etag')).toBe(made.headers.get('etag'));

    const changed = await send(
      'PATCH',
      path,
      { direction: 'Inbound' },
      { 'if-match': read.headers.get('etag') ?? '' },
    );
    expect([changed.status, changed.body.direction]).toEqual([200, 'Inbound']);
    const late = await send(
      'PATCH',
      path,
      { direction: 'Outbound' },
      { 'if-match': read.headers.get('etag') ?? '' },
    );
    expect([late.status, late.body.code]).toEqual([412, 'precondition_failed']);

    const mapping = await send('POST', `${path}/mappings`, { authScapeEntity: 'User', crmEntity: 'contact' });
    expect(mapping.status).toBe(201);
    expect(mapping.body.fields).toHaveLength(5);

    const rows = await allRows();
    expect(rows).toContain(id);
    expect(rows).not.toContain(secret);

    expect((await send('DELETE', path)).status).toBe(204);
    expect((await send('GET', path)).body.code).toBe('connection_not_found');
    expect(await allRows()).not.toContain(id);
    expect((await create('Journey')).status).toBe(201);
  });

  it('passes its test with the credentials of the app settings, and names what is wrong with others', async () => {
    const good = await create('Good');
    const passed = await send('POST', `/connections/${String(good.body.id)}/test`);
    expect(passed.body).toMatchObject({
      ok: true,
      organizationId: expect.any(String),
      userId: expect.any(String),
    });

    const wrong = await create('Wrong', { clientSecret: 'not-the-secret-of-anybody' });
    const failed = await send('POST', `/connections/${String(wrong.body.id)}/test`);
    expect([failed.status, failed.body.ok]).toEqual([200, false]);
    const [first] = failed.body.steps as { name: string; ok: boolean; code?: string; hint?: string }[];
    expect(first).toMatchObject({
      name: 'token',
      ok: false,
      code: 'invalid_client_credentials',
      hint: expect.stringMatching(/\S/),
    });
    await send('PATCH', `/connections/${String(wrong.body.id)}`, { clientSecret: null });
    const mended = await send('POST', `/connections/${String(wrong.body.id)}/test`);
    expect(mended.body.ok).toBe(true);
  });

  it('is checked against the real schemas of both sides', async () => {
    const made = await create('Checked');
    const path = `/connections/${String(made.body.id)}`;
    const reply = await send('POST', `${path}/mappings`, {
      authScapeEntity: 'Company',
      crmEntity: 'account',
      filter: 'colour eq 1',
    });
    expect(reply.body).toMatchObject({ code: 'mapping_invalid', errors: [{ path: 'filter' }] });
    const mapping = await send('POST', `${path}/mappings`, {
      authScapeEntity: 'Company',
      crmEntity: 'account',
    });
    const field = await send('POST', `${path}/mappings/${String(mapping.body.id)}/fields`, {
      authScapeField: 'description',
      crmField: 'primarycontactid',
      direction: 'Inbound',
    });
    expect(field.status).toBe(422);
    expect(field.body.errors).toMatchObject([
      { path: 'fields[3].crmField' },
      { path: 'fields[3].direction' },
    ]);
  });
});

describe('the doors', () => {
  it('open with the key only, but for health', async () => {
    const bare = await fetch(`${stack.info.functions}/api/connections`);
    expect(bare.status).toBe(401);
    const health = await fetch(`${stack.info.functions}/api/health`);
    expect([health.status, await health.json()]).toMatchObject([
      200,
      {
        status: 'healthy',
        checks: [
          { name: 'storage', ok: true },
          { name: 'keyVault', ok: true },
        ],
      },
    ]);
  });

  it('answer a wrong webhook secret alike for known and unknown connections', async () => {
    const made = await create('Hooked', { webhookSecret: 'right-secret-of-16' });
    const event = {
      MessageName: 'Update',
      PrimaryEntityName: 'contact',
      PrimaryEntityId: 'c0000000-0000-4000-8000-000000000001',
    };
    const post = (id: string, secret: string) =>
      send('POST', `/crm/webhook/dynamics/${id}`, event, { 'x-authscape-webhook-secret': secret });
    const known = await post(String(made.body.id), 'wrong-secret');
    const unknown = await post('c_unknown', 'wrong-secret');
    expect([known.status, unknown.status]).toEqual([401, 401]);
    expect(unknown.body.detail).toBe(known.body.detail);
    expect((await post(String(made.body.id), 'right-secret-of-16')).status).toBe(202);
  });
});
