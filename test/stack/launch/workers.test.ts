import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectionString } from '../../journeys/support/storage-scan.js';
import { type Stack, startStack } from './stack.js';
import { workersOf } from './workers.js';

const patience = { timeout: 20_000, interval: 20 };

it.each([
  [undefined, []],
  ['1', []],
  ['3', ['worker 1', 'worker 2']],
  ['8', Array.from({ length: 7 }, (_, index) => `worker ${index + 1}`)],
])('STACK_WORKERS=%s starts %j beside functions', (given, expected) => {
  expect(workersOf({ STACK_WORKERS: given })).toEqual(expected);
});

it.each(['', '0', '9', '10', '-1', '2.5', '2.0', ' 2', '1e0', 'two'])(
  'STACK_WORKERS="%s" is refused',
  (given) => {
    const sentence = `STACK_WORKERS has to be a whole number of Functions processes from 1 to 8, not "${given}".`;
    expect(() => workersOf({ STACK_WORKERS: given })).toThrow(sentence);
  },
);

describe('a stack of three Functions processes', () => {
  let stack: Stack;
  let server: Server;
  let queue: QueueClient;
  /** Requests of the processes that have a message, by process id. Each has one at a time. */
  const atWork = new Map<number, ServerResponse>();

  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => atWork.set(Number(url.slice(1)), response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const appDirectory = fileURLToPath(new URL('./fixture', import.meta.url));
    stack = await startStack({ env: { APP_DIR: appDirectory, STACK_WORKERS: '3' } });
    queue = new QueueClient(connectionString(stack.info), 'work');
    await queue.create();
  });
  afterEach(async () => {
    finishWork();
    await vi.waitUntil(async () => (await queue.getProperties()).approximateMessagesCount === 0, patience);
  });
  afterAll(async () => {
    await stack?.stop();
    server.close();
  });

  const processes = () => [stack.info.pids.functions, ...(stack.info.pids.workers ?? [])];
  const logLines = () => readFileSync(stack.logFiles.functions, 'utf8').split('\n');

  /** One message for each process, which all have one at the same time. */
  async function occupyAll(): Promise<void> {
    const { port } = server.address() as AddressInfo;
    await Promise.all(processes().map(() => queue.sendMessage(`http://127.0.0.1:${port}`)));
    await vi.waitUntil(() => processes().every((pid) => atWork.has(pid)), patience);
  }

  function finishWork(): void {
    for (const response of atWork.values()) response.end();
    atWork.clear();
  }

  it('divides the messages among all of them, and tells their lines apart', async () => {
    await occupyAll();

    expect(new Set(processes()).size).toBe(3);
    for (const prefix of ['', 'worker 1 ', 'worker 2 ']) {
      await vi.waitUntil(() => logLines().includes(`${prefix}information work has a message`), patience);
    }
  });

  it('fires timers in the first only', async () => {
    const ticks = () => logLines().filter((line) => line.endsWith('information tick ticked'));
    const before = ticks().length;
    // A worker that ticked would have done so in the same second as the first of these.
    await vi.waitUntil(() => ticks().length >= before + 2, patience);

    expect(ticks().filter((line) => line.startsWith('worker'))).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'starts a worker again after %s and leaves the others',
    async (signal) => {
      const [functions, first, second] = processes();
      const before = stack.restarts('worker 1');
      await stack.kill('worker 1', signal);
      await vi.waitUntil(() => stack.restarts('worker 1') > before, patience);

      const [functionsNow, firstNow, secondNow] = processes();
      expect([functionsNow, secondNow]).toEqual([functions, second]);
      expect(firstNow).not.toBe(first);
      expect([stack.restarts('functions'), stack.restarts('worker 2')]).toEqual([0, 0]);
      await occupyAll();
    },
  );

  it('knows only the workers that it has', async () => {
    await expect(stack.kill('worker 3')).rejects.toThrow('The stack has no worker 3.');
  });
});
