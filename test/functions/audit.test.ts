import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { withRoutes } from '../../src/functions/routes/per-route.js';
import {
  call,
  createTestBridge,
  givenConnection,
  givenMapping,
  type TestBridge,
  textAt,
} from '../support/bridge.js';
import { aLink, aRun } from '../support/builders.js';

const SECRET = 'correct-horse-battery-staple';
const KEY = 'the-key-of-operations';

let bridge: TestBridge;
let id: string;
beforeEach(async () => {
  bridge = createTestBridge({
    signIn: { apiKeys: { operations: createHash('sha256').update(KEY).digest('hex') } },
  });
  id = textAt(await givenConnection(bridge, { clientSecret: SECRET }), 'id');
});

interface Entry {
  readonly action: string;
  readonly target: string;
  readonly connectionId?: string;
  readonly actor: { readonly kind: string; readonly name: string };
  readonly changes: readonly { readonly path: string; readonly from: unknown; readonly to: unknown }[];
}
const entries = async (query: Record<string, string> = {}) =>
  ((await call(bridge.audit.list, { query })).body as { items: readonly Entry[] }).items;

describe('the audit', () => {
  it('names who made a connection, and with which settings', async () => {
    const [entry] = await entries();

    expect(entry).toMatchObject({
      actor: { kind: 'key', name: 'function key' },
      action: 'connection.create',
      connectionId: id,
    });
    expect(entry?.changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ from: null, to: expect.objectContaining({ name: 'Production Dynamics' }) }),
      ]),
    );
  });

  it('shows what a change changed, by the caller whose key is known', async () => {
    bridge.clock.advance(1_000);
    await call(bridge.connections.patch, {
      params: { id },
      method: 'PATCH',
      headers: { 'x-functions-key': KEY },
      body: { syncIntervalMinutes: 30, clientSecret: 'another-secret-1', massDeleteGuard: null },
    });
    const [entry] = await entries();

    expect(entry).toMatchObject({
      actor: { kind: 'key', name: 'operations' },
      action: 'connection.update',
      changes: [
        { path: 'syncIntervalMinutes', from: 15, to: 30 },
        { path: 'massDeleteGuard', from: { count: 50, percent: 5 }, to: null },
        { path: 'clientSecret', from: '***', to: '***' },
      ],
    });
  });

  it('never holds a secret', async () => {
    await call(bridge.connections.patch, {
      params: { id },
      method: 'PATCH',
      body: { clientSecret: 'another-secret-1', webhookSecret: 'another-secret-2' },
    });
    const text = JSON.stringify(await entries());

    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('another-secret');
  });

  it('shows mappings, fields and what is done by hand', async () => {
    const mappingId = textAt(await givenMapping(bridge, id), 'id');
    await bridge.storage.links.insert(aLink({ connectionId: id, mappingId }));
    const run = aRun({ connectionId: id, status: 'running' });
    await bridge.storage.runs.open(run);
    await call(bridge.runs.cancel, { params: { runId: run.id }, method: 'POST' });
    await call(bridge.deadLetters.replayAll, { params: { id }, method: 'POST' });
    await call(bridge.mappings.patch, {
      params: { id, mappingId },
      query: { validate: 'false' },
      method: 'PATCH',
      body: { direction: 'Inbound' },
    });
    const found = await entries({ connectionId: id });

    expect(found.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['mapping.create', 'run.cancel', 'deadLetters.replay', 'mapping.update']),
    );
    expect(found.find(({ action }) => action === 'mapping.update')?.changes).toEqual([
      { path: `mappings.${mappingId}.direction`, from: 'Bidirectional', to: 'Inbound' },
    ]);
    expect(found.find(({ action }) => action === 'run.cancel')).toMatchObject({
      connectionId: id,
      changes: [],
    });
  });

  it('has no entry for what failed, what was read, and what was only answered again', async () => {
    const body = { name: 'Once', provider: 'Dynamics365', environment: 'other.crm.dynamics.com' };
    const options = { body, headers: { 'idempotency-key': 'k' } };
    await call(bridge.connections.create, options);
    await call(bridge.connections.create, options);
    await call(bridge.connections.patch, { params: { id }, method: 'PATCH', body: { enabled: 'yes' } });
    await call(bridge.connections.get, { params: { id } });

    expect((await entries()).map(({ action }) => action)).toEqual(['connection.create', 'connection.create']);
  });

  it('stays when the connection goes', async () => {
    await call(bridge.connections.remove, { params: { id }, method: 'DELETE' });
    await bridge.storage.eraser.erase(id, Number.POSITIVE_INFINITY);

    expect((await entries({ connectionId: id })).map(({ action }) => action).sort()).toEqual([
      'connection.create',
      'connection.delete',
    ]);
  });

  it('is filtered by time and by actor, page by page', async () => {
    bridge.clock.advance(60_000);
    await call(bridge.connections.patch, {
      params: { id },
      method: 'PATCH',
      headers: { 'x-functions-key': KEY },
      body: { enabled: false },
    });

    expect(await entries({ since: '2026-03-01T08:00:30Z' })).toHaveLength(1);
    expect(await entries({ actor: 'operations' })).toMatchObject([{ action: 'connection.update' }]);
    const first = (await call(bridge.audit.list, { query: { limit: '1' } })).body as { nextCursor: string };
    expect(await entries({ limit: '1', cursor: first.nextCursor })).toMatchObject([
      { action: 'connection.create' },
    ]);
  });
});

it('every route that changes something is audited, but for events, tests, plans and previews', () => {
  const silent = withRoutes(bridge)
    .map(({ route }) => route)
    .filter(({ audit, method }) => method !== 'GET' && audit === undefined);

  expect(silent.map(({ name }) => name).sort()).toEqual([
    'configurationPlan',
    'connectionsTest',
    'eventsAuthScape',
    'eventsDynamics',
    'recordsPreview',
  ]);
});
