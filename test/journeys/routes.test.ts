import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, Ask, Reply } from './support/api.js';
import { type Journey, startJourney, startWithinMs } from './support/journey.js';
import { refused } from './support/refused-cases.js';
import { keyedRoutes, missing, relationship } from './support/route-cases.js';
import {
  configurationSchema,
  connectionSchema,
  listSchema,
  partSchema,
  problemSchema,
} from './support/shapes.js';
import { allRows } from './support/storage-scan.js';

describe('the routes', () => {
  let journey: Journey;
  let api: Api;
  let takenBack: Reply;
  /** What the placeholders of the tables stand for. */
  const ids: Record<string, string> = {};

  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name);

  function send(request: string, options: Ask = {}): Promise<Reply> {
    const [method = '', path = ''] = filled(request).split(' ');
    return api.ask(method, path, options);
  }

  beforeAll(async () => {
    journey = await startJourney();
    api = journey.api;
    await journey.dynamics.seed({ contacts: 6, accounts: 2, seed: 41 });
    await journey.authScape.seed({ users: 6, companies: 2, locations: 0, seed: 41, overlap: 0.5 });
    ids.c = await api.createConnection();
    ids.other = await api.createConnection({ name: 'Other', clientSecret: undefined });
    await api.createMapping(ids.c, 'Company', 'account');
    const mapping = await api.createMapping(ids.c, 'User', 'contact');
    ids.m = `connections/${ids.c}/mappings/${mapping.id}`;
    ids.f = mapping.fields[0]?.id ?? '';
    ids.r = (await api.expect(partSchema, 'POST', `${ids.m}/relationships`, relationship)).id;
    const sample = await api.sync(ids.c, { mode: 'full', sample: 1 });
    takenBack = await api.ask('POST', `runs/${sample.id}/take-back`);
    ids.run = (await api.sync(ids.c, { mode: 'full' })).id;
    const [link] = await api.links(ids.c, '?entity=User');
    ids.link = link?.id ?? '';
    ids.user = link?.authScapeId ?? '';
    ids.row = link?.crmId ?? '';
  }, startWithinMs);
  afterAll(() => journey?.stop());

  it.each(keyedRoutes)('want a key: %s', async (request) => {
    const reply = await send(request, { anonymous: true });

    expect(reply.status).toBe(401);
  });

  it('take the key as ?code= too, and none for health', async () => {
    const { functionsKey } = journey.stack.info;

    expect((await send(`GET connections?code=${functionsKey}`, { anonymous: true })).status).toBe(200);
    expect((await send('GET connections?code=wrong', { anonymous: true })).status).toBe(401);
    expect(await send('GET health', { anonymous: true })).toMatchObject({
      status: 200,
      body: { status: 'healthy', checks: [{ ok: true }, { ok: true }] },
    });
  });

  it('take a sample back before the first full run', () => {
    expect(takenBack).toMatchObject({ status: 200, body: { unlinked: 2, kept: [], busy: 0 } });
  });

  it.each(missing)('answer 404 for what there is not: $name', async ({ request, code, body }) => {
    const reply = await send(request, { body });

    expect(problemSchema.parse(reply.body)).toMatchObject({ status: 404, code });
    expect(reply.status).toBe(404);
  });

  it.each(refused)('refuse $name', async ({ request, body, headers = {}, status, code, faults }) => {
    const reply = await send(request, { body, headers });
    const problem = problemSchema.parse(reply.body);

    expect([reply.status, problem.status, problem.code]).toEqual([status, status, code]);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(reply.text).not.toMatch(/\bat \S+:\d+:\d+|node_modules/);
    if (faults !== undefined) {
      expect(problem.errors?.map((fault) => fault.path).sort()).toEqual([...faults].sort());
    }
  });

  it.each([
    'GET connections',
    'GET connections/{c}/mappings',
    'GET {m}/fields',
    'GET {m}/relationships',
    'GET connections/{c}/schema/entities',
    'GET connections/{c}/schema/entities/contact/fields',
    'GET schema/authscape/User/fields',
    'GET connections/{c}/runs',
    'GET runs/{run}/changes',
    'GET connections/{c}/links',
    'GET connections/{c}/logs',
  ])('list page by page: %s', async (request) => {
    const whole = listSchema.parse((await send(`${request}?limit=500`)).body);
    const first = listSchema.parse((await send(`${request}?limit=1`)).body);
    const cursor = encodeURIComponent(first.nextCursor ?? '');
    const second =
      first.nextCursor === undefined ? undefined : await send(`${request}?limit=1&cursor=${cursor}`);

    expect(whole.items.length).toBeGreaterThan(0);
    expect(first.items).toEqual(whole.items.slice(0, 1));
    expect(whole.items.length > 1).toBe(second !== undefined);
    if (second !== undefined) {
      expect(listSchema.parse(second.body).items).toEqual(whole.items.slice(1, 2));
    }
    expect((await send(`${request}?cursor=%21`)).status).toBe(400);
  });

  it.each(['GET connections/{c}', 'GET {m}', 'GET {m}/fields/{f}', 'GET {m}/relationships/{r}'])(
    'answer single resources with an ETag that their change takes: %s',
    async (request) => {
      const reply = await send(request);
      const etag = reply.headers.get('etag') ?? '';
      const change = request.replace('GET', 'PATCH');
      const changed = await send(change, { body: { enabled: true }, headers: { 'if-match': etag } });

      expect(reply).toMatchObject({ status: 200, body: { id: expect.any(String) } });
      expect(etag).toMatch(/^"[^"]+"$/);
      expect(changed).toMatchObject({ status: 200, body: { enabled: true } });
      expect(changed.headers.get('etag')).toMatch(/^"[^"]+"$/);
    },
  );

  it('make a field mapping, change it, replace all and remove one', async () => {
    const made = await send('POST {m}/fields', {
      body: { authScapeField: 'locationName', crmField: 'jobtitle' },
    });
    expect(made).toMatchObject({ status: 422, body: { code: 'mapping_invalid' } });

    const before = listSchema.parse((await send('GET {m}/fields')).body).items;
    const replaced = await send('PUT {m}/fields', { body: { fields: before } });
    expect(replaced).toMatchObject({ status: 200, body: { items: before } });
    const patched = await send('PATCH {m}/fields/{f}', { body: { direction: 'Outbound' } });
    expect(patched).toMatchObject({ status: 200, body: { id: ids.f, direction: 'Outbound' } });
    expect((await send('PATCH {m}/fields/{f}', { body: { direction: 'Bidirectional' } })).status).toBe(200);
  });

  it('create once for one Idempotency-Key', async () => {
    const body = { name: 'Once', provider: 'Dynamics365' };
    const options = { body, headers: { 'idempotency-key': 'key-1' } };
    const [first, second] = [
      await send('POST connections', options),
      await send('POST connections', options),
    ];
    const changed = await send('POST connections', { ...options, body: { ...body, name: 'Twice' } });

    expect(first.status).toBe(201);
    const { id } = connectionSchema.parse(first.body);
    expect(first.headers.get('location')).toBe(`/api/connections/${id}`);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(changed).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect((await send(`DELETE connections/${id}`)).status).toBe(204);
  });

  it('show secrets never, only that there are some', async () => {
    const patched = await send('PATCH connections/{other}', {
      body: { clientSecret: 'a-new-client-secret-1', webhookSecret: 'a-new-webhook-secret-1' },
    });
    const shown = await send('GET connections/{other}');

    expect(patched).toMatchObject({ status: 200, body: { hasClientSecret: true, hasWebhookSecret: true } });
    expect(patched.text + shown.text).not.toContain('a-new-');
    const reset = await send('PATCH connections/{other}', { body: { clientSecret: null } });
    expect(reset.body).toMatchObject({ hasClientSecret: false });
  });

  it('try a full sync with a sample, which leaves linked pairs alone', async () => {
    const run = await api.sync(ids.c ?? '', { mode: 'full', sample: 1 });
    const shown = await send(`GET runs/${run.id}`);

    expect(run.counts).toMatchObject({ created: 0, updated: 0, linked: 0, unchanged: 0, skipped: 0 });
    expect(shown.body).toMatchObject({ sample: 1, status: 'succeeded' });
  });

  it('refuse a sync of a disabled connection', async () => {
    await send('PATCH connections/{other}', { body: { enabled: false } });

    expect(await send('POST connections/{other}/sync', { body: { mode: 'full' } })).toMatchObject({
      status: 409,
      body: { code: 'connection_disabled' },
    });
  });

  it('sync and preview one record, from either side', async () => {
    const contact = `contacts(${ids.row})`;
    await journey.editors.dynamics('PATCH', contact, { telephone1: '+47 700' });
    const preview = await send('POST {m}/preview', { body: { crmId: ids.row } });
    const synced = await send('POST connections/{c}/records/contact/{row}/sync');
    const again = await send('POST users/{user}/sync');

    expect(preview).toMatchObject({ status: 200, body: { results: [{ outcome: 'updated' }] } });
    expect(synced).toMatchObject({
      status: 200,
      body: { results: [{ outcome: 'updated', crmId: ids.row }] },
    });
    expect(again).toMatchObject({ status: 200, body: { results: [{ outcome: 'unchanged', changes: [] }] } });
  });

  it('erase a person: no row of any table has a value any more', async () => {
    const traces = async () => (await allRows(journey.stack.info)).filter((row) => row.includes('+47 700'));
    expect(await traces()).not.toEqual([]);
    const erased = await send('POST connections/{c}/erase', { body: { entity: 'User', crmId: ids.row } });

    expect(erased).toMatchObject({
      status: 200,
      body: { authScapeIds: [ids.user], crmIds: [ids.row], erased: { links: 1 } },
    });
    expect(await traces()).toEqual([]);
    expect(await send('GET audit?limit=1')).toMatchObject({
      body: {
        items: [
          {
            action: 'record.erase',
            target: `/api/connections/${ids.c}/records/User?crmId=${ids.row}`,
          },
        ],
      },
    });
  });

  it('show duplicates, unlink, and clear the log', async () => {
    const duplicates = await send('GET connections/{c}/duplicates');
    const unlinked = await send('DELETE connections/{c}/links/{link}');
    const tombstones = await api.links(ids.c ?? '', '?state=tombstone');
    const cleared = await send('DELETE connections/{c}/logs?olderThan=2000-01-01');

    expect(duplicates.status).toBe(200);
    expect(unlinked.status).toBe(204);
    expect(tombstones.map((link) => link.id)).toEqual([ids.link]);
    expect(cleared).toMatchObject({ status: 200, body: { removed: 0 } });
  });

  it('export the configuration, plan it anew and carry it out', async () => {
    const exported = await send('GET configuration?connection={c}');
    const { connections } = configurationSchema.parse(exported.body);
    expect(await send('POST configuration/plan', { body: exported.body })).toMatchObject({
      status: 200,
      body: { changes: [], problems: [] },
    });

    const body = {
      connections: [
        { ...connections[0], syncIntervalMinutes: 45 },
        {
          name: 'From the file',
          environment: 'fabrikam.crm.dynamics.com',
          mappings: [{ authScapeEntity: 'Company', crmEntity: 'account' }],
        },
      ],
    };
    const plan = await send('POST configuration/plan?validate=false', { body });
    const headers = { 'if-match': plan.headers.get('etag') ?? '' };
    const done = await send('PUT configuration?validate=false', { body, headers });
    expect(done).toMatchObject({ status: 200, body: plan.body });
    expect((await send('PUT configuration?validate=false', { body, headers })).status).toBe(412);
    expect(await send('GET connections/{c}')).toMatchObject({ body: { syncIntervalMinutes: 45 } });

    const pruned = await send('PUT configuration?prune=true', {
      body: { connections: [{ name: connections[0]?.name }, { name: 'Other' }] },
    });
    expect(pruned).toMatchObject({
      status: 200,
      body: { changes: [{ path: 'connections[From the file]', action: 'delete' }] },
    });
  });

  it('know other methods and addresses not', async () => {
    expect((await send('PUT connections')).status).toBe(404);
    expect((await send('GET nothing/here')).status).toBe(404);
  });

  it('remove parts and the whole', async () => {
    const removals = [
      '{m}/relationships/{r}',
      '{m}/fields/{f}',
      '{m}',
      'connections/{other}',
      'connections/{c}',
    ];
    for (const path of removals) {
      expect([path, (await send(`DELETE ${path}`)).status]).toEqual([path, 204]);
    }
    expect(listSchema.parse((await send('GET connections')).body).items).toEqual([]);
  });
});
