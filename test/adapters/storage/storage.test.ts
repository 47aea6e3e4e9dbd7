import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { createStorage } from '../../../src/adapters/storage/storage.js';
import type { Job, RecordJob } from '../../../src/domain/job.js';
import { type Azurite, startAzurite } from '../../stack/azurite.js';
import { createMemoryClock } from '../../support/memory-clock.js';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());

const open = (connectionString: string) => {
  const meter = createMeter();
  return {
    meter,
    ...createStorage({ connectionString, meter, clock: createMemoryClock(), retryDelayMs: 5 }),
  };
};

describe('the queues', () => {
  const runJob: Job = { v: 1, kind: 'run', connectionId: 'c_1', runId: 'r_1' };
  const received = async (name: string) => {
    const client = new QueueClient(azurite.connectionString, name);
    const { receivedMessageItems } = await client.receiveMessages({
      numberOfMessages: 32,
      visibilityTimeout: 60,
    });
    return receivedMessageItems.map(({ messageText, expiresOn }) => ({
      job: JSON.parse(Buffer.from(messageText, 'base64').toString('utf8')) as Job,
      lastsYears: expiresOn.getTime() > Date.now() + 365 * 24 * 3_600_000,
    }));
  };

  it('take run and erase jobs apart from record jobs, in base64, for good', async () => {
    const { jobs } = open(azurite.connectionString);
    const record: RecordJob = {
      v: 1,
      kind: 'record',
      connectionId: 'c_1',
      source: 'authScape',
      entity: 'User',
      id: 'é',
      receivedAt: '2026-01-01T00:00:00Z',
    };
    await jobs.enqueue(runJob);
    await jobs.enqueue({ v: 1, kind: 'erase', connectionId: 'c_1' });
    await jobs.enqueue(record);
    const { entity, id, kind: _, ...shared } = record;
    const batch: Job = { ...shared, kind: 'batch', source: 'authScape', records: [{ entity, id }] };
    await jobs.enqueue(batch);
    await jobs.enqueue({ ...runJob, runId: 'later' }, { delaySeconds: 100 });

    expect(await received('sync-runs')).toEqual([
      { job: runJob, lastsYears: true },
      { job: { v: 1, kind: 'erase', connectionId: 'c_1' }, lastsYears: true },
    ]);
    expect(await received('sync-records')).toEqual([
      { job: record, lastsYears: true },
      { job: batch, lastsYears: true },
    ]);
    const later = await new QueueClient(azurite.connectionString, 'sync-runs').getProperties();
    expect(later.approximateMessagesCount).toBe(3);
  });
});

describe('the account', () => {
  it('answers a probe and counts the requests of a measurement', async () => {
    const { probe, connections, meter } = open(azurite.connectionString);
    const creating = await meter.measure(() => probe.ping());
    expect(creating.requests()).toEqual({ dynamics: 0, authScape: 0, storage: 4 });

    const { requests } = await meter.measure(() =>
      Promise.all([connections.get('c_1'), connections.get('c_2')]),
    );
    expect(requests().storage).toBe(2);
  });

  it('says so when it cannot be reached, and is used again afterwards', async () => {
    let isDown = true;
    const proxy = createServer((request, response) => {
      if (isDown) {
        response.writeHead(503).end();
        return;
      }
      // Enough of the service for a table that exists and a row that does not.
      response.writeHead(request.method === 'POST' ? 409 : 404, { 'content-type': 'application/json' });
      const code = request.method === 'POST' ? 'TableAlreadyExists' : 'ResourceNotFound';
      response.end(JSON.stringify({ 'odata.error': { code, message: { value: code } } }));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/devstoreaccount1`;
    const { connections, jobs, meter } = open(
      azurite.connectionString.replace(azurite.tablesUrl, address).replace(azurite.queuesUrl, address),
    );

    const failing = meter.measure(() => connections.get('c_1'));
    await expect(failing).rejects.toMatchObject({ code: 'storage_unavailable', hint: expect.any(String) });
    const enqueue = jobs.enqueue({ v: 1, kind: 'erase', connectionId: 'c_1' });
    await expect(enqueue).rejects.toMatchObject({ code: 'storage_unavailable' });
    isDown = false;
    expect(await connections.get('c_1')).toBeUndefined();
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
    await expect(connections.get('c_1')).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  it('names the roles when it refuses access, and tells nothing of the key', async () => {
    const key = Buffer.from('a wrong key').toString('base64');
    const wrong = azurite.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${key}`);
    const error: unknown = await open(wrong)
      .connections.get('c_1')
      .catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'storage_unavailable', hint: expect.stringContaining('Table Data') });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(key);
  });

  it('needs to be named', () => {
    const meter = createMeter();
    expect(() => createStorage({ meter, clock: createMemoryClock() })).toThrow('connection string');
  });
});
