import { beforeEach, describe, expect, it } from 'vitest';
import { createConnectionCache } from '../../../src/application/connections/connection-cache.js';
import {
  receiveAuthScapeEvents,
  receiveDynamicsEvent,
} from '../../../src/application/events/receive-events.js';
import { BridgeError } from '../../../src/domain/errors.js';
import { parseDynamicsEvent } from '../../../src/functions/dynamics-event.js';
import { aConnection, aMapping } from '../../support/builders.js';
import { createMemoryClock } from '../../support/memory-clock.js';
import { createMemorySecrets } from '../../support/memory-secrets.js';
import { createMemoryStorage } from '../../support/memory-stores.js';

const ROW = 'c0000000-0000-4000-8000-000000000001';
const ORGANIZATION = '20000000-0000-4000-8000-000000000001';

async function setUp() {
  // No test here waits for the time to go by.
  const clock = { ...createMemoryClock(), sleep: () => new Promise<void>(() => {}) };
  const storage = createMemoryStorage(clock);
  const secrets = createMemorySecrets();
  const recent = createConnectionCache(storage.connections, clock);
  const logger = { info: () => {}, warn: () => {}, error: () => {} };
  const deps = {
    ...storage,
    connections: recent.store,
    connectionCache: recent,
    queue: storage.jobs,
    ...{ secrets, clock, logger, elapsed: () => clock.now() },
  };
  const old = await secrets.put('hook', 'old-secret');
  const connection = aConnection({
    webhookSecret: await secrets.put('hook', 'new-secret'),
    previousWebhookSecret: { ref: old, until: new Date(clock.now() + 3_600_000).toISOString() },
  });
  await storage.connections.create(connection);
  await storage.mappings.create(aMapping({ connectionId: connection.id }));
  await storage.connections.updateState(connection.id, (state) => ({
    ...state,
    organizationId: ORGANIZATION,
  }));
  const receive = receiveDynamicsEvent(deps, parseDynamicsEvent);
  return { clock, storage, secrets, deps, connection, receive };
}

let bench: Awaited<ReturnType<typeof setUp>>;
beforeEach(async () => {
  bench = await setUp();
});

const text = (more: Record<string, unknown> = {}) =>
  JSON.stringify({
    ...{ MessageName: 'Update', PrimaryEntityName: 'contact', PrimaryEntityId: ROW, ...more },
  });
const receive = (body: string, secret: string | undefined = 'new-secret', id = bench.connection.id) =>
  bench.receive({ connectionId: id, secret, body: async () => body });

describe('a notification of Dynamics', () => {
  it('is stored under ids only', async () => {
    await receive(text({ OrganizationId: ORGANIZATION }));
    expect(bench.storage.jobs.take()).toEqual({
      ...{ v: 1, kind: 'record', connectionId: bench.connection.id, source: 'dynamics' },
      ...{ entity: 'contact', id: ROW, receivedAt: new Date(bench.clock.now()).toISOString() },
    });
  });

  it.each([
    ['a wrong secret', 'wrong', undefined],
    ['an empty secret', '', undefined],
    ['no secret', undefined, undefined],
    ['an unknown connection', 'new-secret', 'c_unknown'],
  ])('with %s is refused before its body is read', async (_what, secret, id) => {
    const connectionId = id ?? bench.connection.id;
    const body = () => Promise.reject(new Error('read'));
    await expect(bench.receive({ connectionId, secret, body })).rejects.toMatchObject({
      code: 'unauthorized',
    });
  });

  it('may carry the former secret as long as its time runs', async () => {
    await receive(text(), 'old-secret');
    bench.clock.advance(3_600_000);
    await expect(receive(text(), 'old-secret')).rejects.toMatchObject({ code: 'unauthorized' });
    await receive(text());
  });

  it('counts a change of the secret at once in this process, within a second from elsewhere', async () => {
    await receive(text());
    const { deps, secrets, storage } = bench;
    const change = async (store: typeof storage.connections, secret: string) => {
      const stored = await storage.connections.get(bench.connection.id);
      if (stored === undefined) throw new Error('The connection is gone.');
      const webhookSecret = await secrets.put('hook', secret);
      await store.replace({ ...stored.value, webhookSecret, previousWebhookSecret: null }, stored.etag);
    };
    await change(deps.connections, 'third-secret');
    await expect(receive(text(), 'new-secret')).rejects.toMatchObject({ code: 'unauthorized' });
    await receive(text(), 'third-secret');
    await change(storage.connections, 'fourth-secret');
    await receive(text(), 'fourth-secret');
    bench.clock.advance(1_000);
    await expect(receive(text(), 'third-secret')).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('of another organization is refused; one that names none is taken', async () => {
    const other = text({ OrganizationId: '20000000-0000-4000-8000-000000000009' });
    await expect(receive(other)).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'OrganizationId' }],
    });
    await receive(text({ OrganizationId: '' }));
    expect(bench.storage.jobs.waiting()).toHaveLength(1);
  });

  it('about a table that is not mapped is counted and dropped, until it is mapped', async () => {
    const account = text({ PrimaryEntityName: 'account' });
    await receive(account);
    expect(bench.storage.jobs.waiting()).toEqual([]);
    expect(await bench.storage.connections.getState(bench.connection.id)).toMatchObject({ ignoredEvents: 1 });
    const { id } = bench.connection;
    const companies = aMapping({ id: 'm_2', connectionId: id, crmEntity: 'account' });
    await bench.storage.mappings.create(companies);
    await receive(account);
    expect(bench.storage.jobs.waiting()).toHaveLength(1);
  });

  it('that cannot be stored is to be sent again later', async () => {
    bench.storage.jobs.enqueue = async () => {
      throw new BridgeError('storage_unavailable', 'Down.');
    };
    const down = { code: 'storage_unavailable', retryAfterSeconds: 10 };
    await expect(
      receiveDynamicsEvent(
        { ...bench.deps, queue: bench.storage.jobs },
        parseDynamicsEvent,
      )({
        ...{ connectionId: bench.connection.id, secret: 'new-secret', body: async () => text() },
      }),
    ).rejects.toMatchObject(down);
    bench.secrets.isDown = true;
    await expect(receive(text())).rejects.toMatchObject({
      code: 'secret_store_unavailable',
      retryAfterSeconds: 10,
    });
  });
});

it('storage that hangs is told of before Dataverse gives up, which comes back after a 503 only', async () => {
  const { connection, deps, storage } = bench;
  const slept: number[] = [];
  const clock = {
    ...deps.clock,
    sleep: async (ms: number) => {
      slept.push(ms);
    },
  };
  const queue = { ...storage.jobs, enqueue: () => new Promise<void>(() => {}) };
  const event = { connectionId: connection.id, secret: 'new-secret', body: async () => text() };
  const hung = receiveDynamicsEvent({ ...deps, clock, queue }, parseDynamicsEvent)(event);
  await expect(hung).rejects.toMatchObject({ code: 'storage_unavailable', retryAfterSeconds: 10 });
  expect(slept).toHaveLength(1);
  expect(slept[0]).toBeLessThan(55_000);
});

describe('events of AuthScape', () => {
  const event = { entity: 'User' as const, id: '17', occurredAt: '2026-03-01T08:00:00Z' };

  it('go to every enabled connection that maps the entity, the newest of each record', async () => {
    await bench.storage.connections.create(aConnection({ id: 'c_off', name: 'Off', enabled: false }));
    await bench.storage.connections.create(aConnection({ id: 'c_two', name: 'Two' }));
    await bench.storage.mappings.create(
      aMapping({ id: 'm_3', connectionId: 'c_two', authScapeEntity: 'Company', crmEntity: 'account' }),
    );
    await receiveAuthScapeEvents(bench.deps)([
      event,
      { ...event, occurredAt: '2026-03-01T08:00:05Z' },
      { ...event, occurredAt: '2026-03-01T08:00:02Z' },
      { ...event, id: '18' },
      { ...event, entity: 'Company' },
    ]);
    const jobs = bench.storage.jobs.waiting().map(({ job }) => job);
    expect(jobs).toMatchObject([
      { connectionId: bench.connection.id, id: '17', occurredAt: '2026-03-01T08:00:05Z' },
      { connectionId: bench.connection.id, id: '18' },
      { connectionId: 'c_two', entity: 'Company', id: '17' },
    ]);
  });

  it('of one post go on the queue together where they are many, in messages that the queue takes', async () => {
    const ids = Array.from({ length: 500 }, (_, index) => `${index}${'客'.repeat(100)}`);
    await receiveAuthScapeEvents(bench.deps)(ids.map((id) => ({ ...event, id })));
    const jobs = bench.storage.jobs.waiting().flatMap(({ job }) => (job.kind === 'batch' ? [job] : []));
    expect(jobs.flatMap(({ records }) => records.map(({ id }) => id))).toEqual(ids);
    expect(jobs).toHaveLength(bench.storage.jobs.waiting().length);
    expect(jobs).toHaveLength(5);
    for (const job of jobs) expect(Buffer.byteLength(JSON.stringify(job))).toBeLessThan(48 * 1024);
  });

  it('of one post that is stored in part are refused as a whole, to be sent again', async () => {
    const enqueue = bench.deps.queue.enqueue;
    let stored = 0;
    const queue = {
      enqueue: async (...parameters: Parameters<typeof enqueue>) => {
        stored += 1;
        if (stored > 1) throw new BridgeError('storage_unavailable', 'Storage does not answer.');
        await enqueue(...parameters);
      },
    };
    const ids = Array.from({ length: 500 }, (_, index) => `${index}${'x'.repeat(190)}`);
    const receive = receiveAuthScapeEvents({ ...bench.deps, queue });
    await expect(receive(ids.map((id) => ({ ...event, id })))).rejects.toMatchObject({
      ...{ code: 'storage_unavailable', retryAfterSeconds: 10 },
    });
  });
});
