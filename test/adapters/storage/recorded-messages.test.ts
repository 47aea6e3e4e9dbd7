import { InvocationContext } from '@azure/functions';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { createStorage, type Storage } from '../../../src/adapters/storage/storage.js';
import { NO_TELEMETRY } from '../../../src/adapters/telemetry/telemetry.js';
import type { Job, RecordJob, UnreadJob } from '../../../src/domain/job.js';
import { poisonHandler, workerHandler } from '../../../src/functions/worker.js';
import { type Azurite, startAzurite } from '../../stack/azurite.js';
import { createMemoryClock } from '../../support/memory-clock.js';
import { recording } from './recorded.js';

let azurite: Azurite;
let stores: Storage;
beforeAll(async () => {
  azurite = await startAzurite();
  const clock = createMemoryClock();
  stores = createStorage({ connectionString: azurite.connectionString, meter: createMeter(), clock });
});
afterAll(() => azurite.close());

describe('messages that an earlier build has put on its queues', () => {
  const context = () => new InvocationContext({ functionName: 'test', logHandler: () => {} });
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  /** The text of what was put on an empty queue. */
  async function sent(queue: string, send: () => Promise<unknown>): Promise<string> {
    const client = new QueueClient(azurite.connectionString, queue);
    await client.createIfNotExists();
    await client.clearMessages();
    await send();
    const { receivedMessageItems } = await client.receiveMessages();
    return Buffer.from(receivedMessageItems[0]?.messageText ?? '', 'base64').toString();
  }

  it('are of every kind', () => {
    const shapes = recording.messages.map(({ queue, text }) => {
      const { kind, source, putOff } = JSON.parse(text) as RecordJob;
      return [queue, kind, source, putOff].filter((part) => part !== undefined).join(' ');
    });
    expect(shapes).toEqual([
      'sync-runs run',
      'sync-records record authScape',
      'sync-records record dynamics',
      'sync-records record authScape 1',
      'sync-records-poison record authScape',
      'sync-runs erase',
    ]);
  });

  it.each(recording.messages)('are understood: $queue $text', async ({ queue, text }) => {
    expect(
      await sent(queue, () => new QueueClient(azurite.connectionString, queue).sendMessage(base64(text))),
    ).toBe(text);
    const jobs: Job[] = [];
    const watch = { clock: createMemoryClock(), telemetry: NO_TELEMETRY };
    const take = async (job: Job) => {
      jobs.push(job);
    };
    const takePoison = async (job: Job | UnreadJob) => {
      if (job.kind !== 'unread') jobs.push(job);
    };
    const handle = queue.endsWith('-poison') ? poisonHandler(takePoison, watch) : workerHandler(take, watch);
    await handle(JSON.parse(text), context());
    expect(jobs).toEqual([JSON.parse(text)]);
    const again = await sent(queue.replace('-poison', ''), () => stores.jobs.enqueue(jobs[0] as Job));
    expect(JSON.parse(again)).toEqual(JSON.parse(text));
  });
});
