import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../azurite.js';
import { createGate, MASTER_KEY, seen, startFixture, until } from './fixture/fixture.js';

let azurite: Azurite;
let service: QueueServiceClient;
let hosts: Awaited<ReturnType<typeof startFixture>>[] = [];
let queueCount = 0;
let input = '';

beforeAll(async () => {
  azurite = await startAzurite();
  service = QueueServiceClient.fromConnectionString(azurite.connectionString);
});
afterAll(() => azurite.close());
beforeEach(() => {
  queueCount += 1;
  input = `input-${queueCount}`;
});
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  hosts = [];
});

/** A host whose worker listens on a queue of this test's own. Timers rest: their next time is far away. */
const start = async (
  name: 'app' | 'timeout' = 'app',
  options: Parameters<typeof startFixture>[1] = {},
): Promise<(typeof hosts)[number]> => {
  const env = {
    AzureWebJobsStorage: azurite.connectionString,
    INPUT_QUEUE: input,
    TICKS: '0 0 0 1 1 *',
    ...options.env,
  };
  const host = await startFixture(name, { ...options, env });
  hosts.push(host);
  return host;
};

const send = async (queueName: string, ...texts: string[]): Promise<void> => {
  const queue = service.getQueueClient(queueName);
  await queue.createIfNotExists();
  for (const text of texts) await queue.sendMessage(Buffer.from(text).toString('base64'));
};

const waiting = async (queueName: string): Promise<number> => {
  const queue = service.getQueueClient(queueName);
  return (await queue.exists()) ? ((await queue.getProperties()).approximateMessagesCount ?? 0) : 0;
};

const bodies = async (queueName: string): Promise<string[]> => {
  const { peekedMessageItems } = await service
    .getQueueClient(queueName)
    .peekMessages({ numberOfMessages: 32 });
  return peekedMessageItems.map(({ messageText }) => messageText);
};

test('JSON arrives parsed, other text as it is, with the message as metadata; then it is deleted', async () => {
  await start();
  await send(input, '{"connection":"é","nested":{"a":1}}', 'plain text', '123', '"quoted"');
  await until(() => seen().messages.length === 4);
  const [first] = seen().messages;
  expect(first?.message).toEqual({ connection: 'é', nested: { a: 1 } });
  expect(first?.metadata).toMatchObject({
    dequeueCount: 1,
    id: expect.any(String),
    popReceipt: expect.any(String),
    insertionTime: expect.stringMatching(/^\d{4}-/),
    expirationTime: expect.stringMatching(/^\d{4}-/),
    nextVisibleTime: expect.stringMatching(/^\d{4}-/),
    queueTrigger: { connection: 'é', nested: { a: 1 } },
    connection: 'é',
  });
  const rest = seen().messages.slice(1);
  expect(new Set(rest.map(({ message }) => message))).toEqual(new Set(['plain text', 123, 'quoted']));
  await until(async () => (await waiting(input)) === 0);
});

test('a queue that appears later is picked up', async () => {
  await start();
  await send(input, 'first ever');
  await until(() => seen().messages.length === 1);
});

test('a failing message is tried again and ends in the poison queue', async () => {
  const host = await start();
  await send(input, '{"fail":1}', '{"fail":9}');
  await until(async () => (await waiting(`${input}-poison`)) === 1);
  const counts = (fail: number): unknown[] =>
    seen()
      .messages.filter(({ message }) => (message as { fail: number }).fail === fail)
      .map(({ metadata }) => metadata.dequeueCount);
  expect(counts(1)).toEqual([1, 2]);
  expect(counts(9)).toEqual([1, 2, 3]);
  expect(await bodies(`${input}-poison`)).toEqual([Buffer.from('{"fail":9}').toString('base64')]);
  const [poison] = (await service.getQueueClient(`${input}-poison`).peekMessages()).peekedMessageItems;
  const livesMs = (poison?.expiresOn.getTime() ?? 0) - (poison?.insertedOn.getTime() ?? 0);
  expect(livesMs / 86_400_000).toBeCloseTo(7, 2);
  await until(async () => (await waiting(input)) === 0);
  expect(host.log.some(({ message }) => message.includes('MaxDequeueCount of 3'))).toBe(true);
});

test('a message that fails in a poison queue stays there and is tried again, however often', async () => {
  const queue = `${input}-poison`;
  await start('app', { env: { INPUT_QUEUE: queue }, invisibilitySeconds: 1 });
  await send(queue, '{"fail":99}');
  await until(() => seen().messages.length > 3);
  expect(await waiting(queue)).toBe(1);
  expect(await waiting(`${queue}-poison`)).toBe(0);
});

test('a message that is not base64 goes to the poison queue unseen', async () => {
  await start();
  await service.createQueue(input);
  await service.getQueueClient(input).sendMessage('{"not":"base64"}');
  await until(async () => (await waiting(`${input}-poison`)) === 1);
  expect(await bodies(`${input}-poison`)).toEqual(['{"not":"base64"}']);
  expect(seen().messages).toEqual([]);
});

test('no more than batch size plus threshold run at once', async () => {
  await send(input, '{"wait":"first"}', ...Array.from({ length: 7 }, () => '{"wait":"others"}'));
  await start();
  const first = createGate();
  const others = createGate();
  seen().gates = { first: first.promise, others: others.promise };
  await until(() => seen().running === 2);
  first.open();
  // batchSize 2 and newBatchThreshold 1: the next batch is taken as soon as only one runs.
  await until(() => seen().running === 3);
  others.open();
  await until(() => seen().messages.length === 8);
  expect(seen().most).toBe(3);
});

test('invisibility is renewed while a function runs, so it runs once however long it takes', async () => {
  await start('app', { invisibilitySeconds: 1 });
  const gate = createGate();
  seen().gate = gate.promise;
  await send(input, '{"wait":true}');
  const began = await until(() => (seen().messages.length === 1 ? Date.now() : 0));
  await until(() => Date.now() - began > 2500);
  gate.open();
  await until(async () => (await waiting(input)) === 0);
  expect(seen().messages).toHaveLength(1);
});

test('a message whose worker died comes back after its invisibility', async () => {
  const first = await start('app', { invisibilitySeconds: 1, graceMs: 0 });
  const gate = createGate();
  const before = seen();
  before.gate = gate.promise;
  await send(input, '{"wait":true}');
  await until(() => before.running === 1);
  await first.close();
  await start('app', { invisibilitySeconds: 1 });
  const message = await until(() => seen().messages[0]);
  expect(message?.metadata.dequeueCount).toBe(2);
  gate.open();
});

test('close waits for a running message and deletes it', async () => {
  const host = await start();
  const gate = createGate();
  seen().gate = gate.promise;
  await send(input, '{"wait":true}');
  await until(() => seen().running === 1);
  const closing = host.close();
  gate.open();
  await closing;
  expect(await waiting(input)).toBe(0);
});

test('polling survives storage that goes away, and says so once', async () => {
  const own = await startAzurite();
  const host = await start('app', { env: { AzureWebJobsStorage: own.connectionString } });
  const ports = {
    tablePort: Number(new URL(own.tablesUrl).port),
    queuePort: Number(new URL(own.queuesUrl).port),
  };
  const told = (text: string): number => host.log.filter(({ message }) => message.includes(text)).length;
  await own.close();
  const since = await until(() => (told('cannot be polled') > 0 ? Date.now() : 0));
  await until(() => Date.now() - since > 500);
  const again = await startAzurite(ports);
  const queue = QueueServiceClient.fromConnectionString(again.connectionString).getQueueClient(input);
  await queue.create();
  await queue.sendMessage(Buffer.from('back').toString('base64'));
  await until(() => seen().messages.length === 1);
  expect([told('cannot be polled'), told('answers again')]).toEqual([1, 1]);
  await host.close();
  await again.close();
});

test('storage that refuses connections for the whole limit is lost, and only then', async () => {
  const own = await startAzurite();
  const losses: number[] = [];
  const began = Date.now();
  const host = await start('app', {
    env: { AzureWebJobsStorage: own.connectionString },
    storageRefusedMs: 700,
    onStorageLost: () => losses.push(Date.now()),
  });
  await send(input, 'unused');
  await until(() => Date.now() - began > 1000);
  expect(losses).toEqual([]);
  const closedAt = Date.now();
  await own.close();
  await until(() => losses.length > 0);
  expect((losses[0] ?? 0) - closedAt).toBeGreaterThanOrEqual(700);
  await host.close();
});

test.each<[string, string, string[]]>([
  ['an object is one message', '{"a":"é"}', ['{"a":"é"}']],
  ['a text is one message', '"plain"', ['plain']],
  ['a number is one message', '5', ['5']],
  ['an array fans out', '[{"n":1},"two",3]', ['{"n":1}', 'two', '3']],
  ['a text that is a JSON array fans out', '"[1,2]"', ['1', '2']],
])('output: %s', async (_, body, expected) => {
  const output = `${input}-out`;
  const host = await start('app', { env: { OUTPUT_QUEUE: output } });
  const response = await fetch(`${host.url}/api/send`, { method: 'POST', body });
  expect(response.status).toBe(202);
  const sent = await bodies(output);
  expect(sent.map((text) => Buffer.from(text, 'base64').toString())).toEqual(expected);
});

test('without encoding texts go in and out as they are; a return value can be an output', async () => {
  await start('timeout');
  await service.createQueue('originals');
  await service.getQueueClient('originals').sendMessage('{"id":1}');
  await until(async () => (await waiting('copies')) === 1);
  expect(await bodies('copies')).toEqual(['{"id":1}']);
});

test('a function that runs out of time fails: 500 over HTTP, poison for a message', async () => {
  const host = await start('timeout');
  const slow = await fetch(`${host.url}/slow`, { method: 'POST' });
  expect([slow.status, await slow.text()]).toEqual([500, '']);
  await service.getQueueClient('originals').createIfNotExists();
  await service.getQueueClient('originals').sendMessage('hang');
  await until(async () => (await waiting('originals-poison')) === 1);
  const timeouts = host.log.filter(({ message }) => message.includes('Timeout value of 1000 ms'));
  expect(timeouts.map(({ functionName }) => functionName)).toEqual(['slow', 'copy']);
  expect(await (await fetch(`${host.url}/quick?code=${MASTER_KEY}`)).text()).toBe('quick');
});
