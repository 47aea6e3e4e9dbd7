import { beforeEach, describe, expect, it } from 'vitest';
import {
  call,
  createTestBridge,
  faultsOf,
  givenConnection,
  givenMapping,
  type TestBridge,
  textAt,
} from '../support/bridge.js';
import { aLink } from '../support/builders.js';
import { connectionCalls } from './support/openings.js';

const SECRET = 'correct-horse-battery-staple';

let bridge: TestBridge;
beforeEach(() => {
  bridge = createTestBridge();
});

const { get, patch } = connectionCalls(() => bridge);

describe('creating a connection', () => {
  it('answers 201 with Location, ETag and the defaults', async () => {
    const reply = await givenConnection(bridge);
    expect(reply.status).toBe(201);
    const id = textAt(reply, 'id');
    expect(id).toMatch(/^c_[a-z0-9]{10}$/);
    expect(reply.headers.location).toBe(`/api/connections/${id}`);
    expect(reply.headers.etag).toMatch(/^"[\w-]+"$/);
    expect(reply.body).toEqual({
      id,
      name: 'Production Dynamics',
      provider: 'Dynamics365',
      environment: 'contoso.crm.dynamics.com',
      tenantId: null,
      clientId: null,
      hasClientSecret: false,
      credential: { kind: 'clientSecret' },
      credentialExpiresAt: null,
      direction: 'Bidirectional',
      enabled: true,
      syncIntervalMinutes: 15,
      fullSyncSchedule: '0 0 2 * * *',
      conflictPolicy: 'lastWriteWins',
      deletePolicy: 'deactivate',
      massDeleteGuard: { count: 50, percent: 5 },
      logValues: 'all',
      hasWebhookSecret: false,
      lastSyncAt: null,
      firstFullSyncAt: null,
      alertsTo: null,
      lastSyncError: null,
      messages: [],
      createdAt: '2026-03-01T08:00:00.000Z',
      updatedAt: '2026-03-01T08:00:00.000Z',
    });
  });

  it('takes the environment of the app settings when none is named', async () => {
    bridge = createTestBridge({ environment: 'fallback.crm4.dynamics.com' });
    const reply = await givenConnection(bridge, { environment: undefined });
    expect(reply.body).toMatchObject({ environment: 'fallback.crm4.dynamics.com' });
  });

  it('keeps a secret in the vault only: not in a row, a reply or a log line', async () => {
    const reply = await givenConnection(bridge, { clientSecret: SECRET, webhookSecret: `${SECRET}-hook` });
    expect(reply.body).toMatchObject({ hasClientSecret: true, hasWebhookSecret: true });
    const id = textAt(reply, 'id');
    const stored = await bridge.storage.connections.get(id);
    const seen = JSON.stringify([reply, await get(id), stored, bridge.lines]);
    expect(seen).not.toContain(SECRET);
    const ref = stored?.value.clientSecret;
    expect(ref && (await bridge.secrets.get(ref))).toBe(SECRET);
  });

  it('refuses a name that is taken, without case, and stores no secret for it', async () => {
    await givenConnection(bridge);
    const reply = await givenConnection(bridge, { name: 'PRODUCTION dynamics', clientSecret: SECRET });
    expect(faultsOf(reply)).toEqual(['409 connection_name_taken']);
    expect(bridge.secrets.values.size).toBe(0);
  });

  it('names every fault at once', async () => {
    const reply = await call(bridge.connections.create, {
      body: {
        name: '',
        provider: 'Salesforce',
        direction: 'Both',
        colour: 'red',
        environment: 'https://contoso.crm.dynamics.com',
        syncIntervalMinutes: 0,
        fullSyncSchedule: 'daily',
        massDeleteGuard: { count: -1, percent: 101 },
      },
    });
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(faultsOf(reply).map((fault) => fault.split(':')[0])).toEqual([
      '400 invalid_request',
      'name',
      'provider',
      'environment',
      'direction',
      'syncIntervalMinutes',
      'fullSyncSchedule',
      'massDeleteGuard.count',
      'massDeleteGuard.percent',
      'colour',
    ]);
  });

  it.each([
    ['https://contoso.crm.dynamics.com', 'a URL'],
    ['contoso.crm.dynamics.com/', 'a path'],
    ['contoso.crm.dynamics.com:443', 'a port'],
    ['contoso.example.com', 'a host outside of Dynamics'],
    ['', 'nothing'],
  ])('refuses the environment "%s": %s', async (environment) => {
    const [status, fault] = faultsOf(await givenConnection(bridge, { environment }));
    expect(status).toBe('400 invalid_request');
    expect(fault).toMatch(/^environment: .*crm\.dynamics\.com"/);
  });

  it.each(['a\u0000b', 'two\nlines', 'ends\n', '\u001b[31mred'])('refuses the name %j', async (name) => {
    const [status, fault] = faultsOf(await givenConnection(bridge, { name }));
    expect(status).toBe('400 invalid_request');
    expect(fault).toMatch(/^name: .*control characters/);
  });

  it.each([
    ['', 'nothing'],
    [' ', 'blanks'],
    ['0 2 * * *', 'five fields'],
    ['@daily', 'a nickname'],
    ['0 0 2 L * *', 'the last day'],
    ['0 0 2 15W * *', 'the nearest weekday'],
    ['0 0 2 * * 5#2', 'the second Friday'],
    ['0 0 2 1 * 1', 'both day fields'],
    ['0 0 2 31 2 *', 'a day that never comes'],
    ['0 0 25 * * *', 'an hour that is none'],
  ])('refuses the schedule "%s": %s', async (fullSyncSchedule) => {
    const [status, fault] = faultsOf(await givenConnection(bridge, { fullSyncSchedule }));
    expect([status, fault?.split(':')[0]]).toEqual(['400 invalid_request', 'fullSyncSchedule']);
  });

  it('takes weekday and month names, and null for no scheduled full runs', async () => {
    expect((await givenConnection(bridge, { fullSyncSchedule: '0 30 1 * JUL WED' })).status).toBe(201);
    expect((await givenConnection(bridge, { name: 'Other', fullSyncSchedule: null })).status).toBe(201);
  });

  it('refuses numbers out of range', async () => {
    const reply = await givenConnection(bridge, {
      syncIntervalMinutes: 0,
      massDeleteGuard: { count: -1, percent: 101 },
    });
    expect(faultsOf(reply).map((fault) => fault.split(':')[0])).toEqual([
      '400 invalid_request',
      'syncIntervalMinutes',
      'massDeleteGuard.count',
      'massDeleteGuard.percent',
    ]);
  });
});

describe('changing a connection', () => {
  it('changes what is named, leaves the rest, and answers with a new ETag', async () => {
    const made = await givenConnection(bridge);
    const reply = await patch(textAt(made, 'id'), { direction: 'Inbound', massDeleteGuard: null });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      direction: 'Inbound',
      massDeleteGuard: null,
      syncIntervalMinutes: 15,
    });
    expect(reply.headers.etag).not.toBe(made.headers.etag);
  });

  it('goes back to the app settings for what becomes null', async () => {
    const made = await givenConnection(bridge, {
      tenantId: 'tenant',
      clientId: 'client',
      clientSecret: SECRET,
    });
    const reply = await patch(textAt(made, 'id'), { tenantId: null, clientId: null, clientSecret: null });
    expect(reply.body).toMatchObject({ tenantId: null, clientId: null, hasClientSecret: false });
  });

  it('honours If-Match, also before a secret is stored', async () => {
    const made = await givenConnection(bridge);
    const id = textAt(made, 'id');
    const stale = { 'if-match': made.headers.etag ?? '' };
    const first = await patch(id, { enabled: false }, stale);
    expect(first.status).toBe(200);
    expect(faultsOf(await patch(id, { clientSecret: SECRET }, stale))).toEqual(['412 precondition_failed']);
    expect(bridge.secrets.values.size).toBe(0);
    expect((await patch(id, { enabled: true }, { 'if-match': '*' })).status).toBe(200);
    expect(
      (await patch(id, { enabled: true }, { 'if-match': `"x", W/${(await get(id)).headers.etag}` })).status,
    ).toBe(200);
  });

  it('makes a new version of a secret', async () => {
    const made = await givenConnection(bridge, { clientSecret: SECRET });
    const id = textAt(made, 'id');
    const before = (await bridge.storage.connections.get(id))?.value.clientSecret;
    await patch(id, { clientSecret: `${SECRET}-2` });
    const after = (await bridge.storage.connections.get(id))?.value.clientSecret;
    expect(after?.name).toBe(before?.name);
    expect(after?.version).not.toBe(before?.version);
  });

  it('leaves the row as it was when the vault is down', async () => {
    const id = textAt(await givenConnection(bridge), 'id');
    bridge.secrets.isDown = true;
    expect(faultsOf(await patch(id, { clientSecret: SECRET, enabled: false }))).toEqual([
      '503 secret_store_unavailable',
    ]);
    expect((await get(id)).body).toMatchObject({ enabled: true, hasClientSecret: false });
  });

  it('[C10] refuses another environment while links exist', async () => {
    const id = textAt(await givenConnection(bridge), 'id');
    const mappingId = textAt(await givenMapping(bridge, id), 'id');
    const inserted = await bridge.storage.links.insert(aLink({ connectionId: id, mappingId }));
    expect(inserted.kind === 'inserted').toBe(true);
    const other = { environment: 'fabrikam.crm.dynamics.com' };
    expect(faultsOf(await patch(id, other))).toEqual(['409 connection_has_links']);
    if (inserted.kind === 'inserted')
      await bridge.storage.links.remove(inserted.link.value, inserted.link.etag);
    expect((await patch(id, other)).body).toMatchObject(other);
  });

  it('[P9] takes its tables along to another environment, or is told that they are mapped there', async () => {
    const mine = textAt(await givenConnection(bridge), 'id');
    await givenMapping(bridge, mine);
    const other = textAt(
      await givenConnection(bridge, { name: 'Other', environment: 'fabrikam.crm.dynamics.com' }),
      'id',
    );
    await givenMapping(bridge, other);
    expect(faultsOf(await patch(mine, { environment: 'fabrikam.api.crm.dynamics.com' }))).toEqual([
      '409 table_already_mapped',
    ]);
    await call(bridge.connections.remove, { params: { id: other }, method: 'DELETE' });
    expect((await patch(mine, { environment: 'fabrikam.crm.dynamics.com' })).status).toBe(200);
    const third = textAt(await givenConnection(bridge, { name: 'Third' }), 'id');
    expect((await givenMapping(bridge, third)).status).toBe(201);
  });
});

describe('reading connections', () => {
  it('lists page by page', async () => {
    for (const name of ['A', 'B', 'C']) await givenConnection(bridge, { name });
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const query: Record<string, string> = cursor === undefined ? { limit: '2' } : { limit: '2', cursor };
      const page = await call(bridge.connections.list, { query });
      const body = page.body as { items: { name: string }[]; nextCursor?: string };
      names.push(...body.items.map(({ name }) => name));
      cursor = body.nextCursor;
    } while (cursor !== undefined);
    expect(names.sort()).toEqual(['A', 'B', 'C']);
  });

  it.each([{ limit: '0' }, { limit: '501' }, { limit: 'x' }, { colour: 'red' }])(
    'refuses the query %o',
    async (query) => {
      expect(faultsOf(await call(bridge.connections.list, { query }))[0]).toBe('400 invalid_request');
    },
  );

  it('takes no notice of the function key in the query', async () => {
    expect((await call(bridge.connections.list, { query: { code: 'key' } })).status).toBe(200);
  });

  it('answers 404 for an id that is none', async () => {
    expect(faultsOf(await get('nobody'))).toEqual(['404 connection_not_found']);
  });
});
