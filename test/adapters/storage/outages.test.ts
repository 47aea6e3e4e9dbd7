import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { createStorage, type Storage } from '../../../src/adapters/storage/storage.js';
import { systemClock } from '../../../src/adapters/system.js';
import { azuriteAnswerSchema } from '../../stack/launch/azurite-config.js';
import { bundleIn } from '../../stack/launch/bundle.js';

/** Storage that takes connections and never answers: a process that is stopped, not ended. */

const directory = mkdtempSync(path.join(tmpdir(), 'stopped-'));
let azurite: ChildProcess;
let storage: Storage;

/** On a busy machine an answer may take longer than these tests let a call take. */
const answers = (work: () => Promise<unknown>) => vi.waitFor(work, { timeout: 60_000, interval: 50 });

beforeAll(async () => {
  const config = { directory, temporaryRoot: directory, tablePort: 0, queuePort: 0 };
  azurite = fork(bundleIn(process.env.STACK_BUNDLES ?? '', 'azurite'), {
    env: { ...process.env, STACK_AZURITE: JSON.stringify(config) },
  });
  const told = await new Promise((resolve) => azurite.once('message', resolve));
  storage = createStorage({
    connectionString: azuriteAnswerSchema.parse(told).connectionString,
    meter: createMeter(),
    clock: systemClock,
    retryDelayMs: 5,
    timeLimits: { readMs: 300, writeMs: 300 },
  });
  await answers(() => storage.probe.ping());
  await answers(() => storage.jobs.enqueue({ v: 1, kind: 'erase', connectionId: 'c_1' }));
  await answers(() => storage.connections.updateState('c_1', (state) => state));
}, 90_000);
afterAll(() => {
  azurite.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

it.each<[string, () => Promise<unknown>]>([
  ['reads of a row', () => storage.connections.get('c_1')],
  ['reads of a list', () => storage.connections.list(10)],
  ['writes of a row', () => storage.webhooks.put({ connectionId: 'c_1' } as never)],
  ['messages', () => storage.jobs.enqueue({ v: 1, kind: 'erase', connectionId: 'c_1' })],
  ['the health check', () => storage.probe.ping()],
])('%s of storage that hangs are an outage, and go on when it is over', async (_, work) => {
  azurite.kill('SIGSTOP');
  try {
    await expect(work()).rejects.toMatchObject({ code: 'storage_unavailable', retryAfterSeconds: 10 });
  } finally {
    azurite.kill('SIGCONT');
  }
  await answers(() => storage.probe.ping());
});

it.each([
  ['an object', { nextPartitionKey: { a: 1 } }],
  ['a number', { nextPartitionKey: 5 }],
  ['an array', { nextPartitionKey: ['a'] }],
  ['nothing', { nextPartitionKey: '' }],
  ['a control character', { nextPartitionKey: 'a\r\nx: y' }],
  ['another member', { nextPartitionKey: 'a', other: 1 }],
  ['a row key that is an object', { nextPartitionKey: 'a', nextRowKey: {} }],
  ['a list', []],
])('a cursor with %s is not one of ours', async (_, keys) => {
  const cursor = Buffer.from(JSON.stringify(keys)).toString('base64');
  await expect(storage.connections.list(10, cursor)).rejects.toMatchObject({ code: 'invalid_request' });
});

it('a read that hangs for a moment is repeated', async () => {
  azurite.kill('SIGSTOP');
  const reading = storage.connections.list(10);
  await systemClock.sleep(400);
  azurite.kill('SIGCONT');
  await expect(reading).resolves.toMatchObject({ items: [] });
});
