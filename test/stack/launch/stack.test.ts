import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TableClient } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { fetchTrusting } from '../entra/trusting-fetch.js';
import { type Stack, startStack } from './stack.js';
import type { StackInfo } from './stack-file.js';

/** A small app in place of the product: these tests are about the stack. */
const appDirectory = { APP_DIR: fileURLToPath(new URL('./fixture', import.meta.url)) };
const patience = { timeout: 20_000, interval: 50 };

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const answers = (url: string) =>
  fetch(url).then(
    async (reply) => {
      await reply.text();
      return reply.status > 0;
    },
    () => false,
  );

describe('a stack on free ports', () => {
  let stack: Stack;
  const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
  const table = () =>
    TableClient.fromConnectionString(
      `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${key};TableEndpoint=${stack.info.tables}`,
      'probe',
      { allowInsecureConnection: true },
    );

  beforeAll(async () => {
    stack = await startStack({ env: appDirectory });
  });
  afterAll(() => stack.stop());

  it('answers at every address', async () => {
    const { info } = stack;
    expect(await answers(`${info.functions}/api/health`)).toBe(true);
    expect(await answers(`${info.dataverse}/_sim/requests`)).toBe(true);
    expect(await answers(`${info.authScape}/_sim/requests`)).toBe(true);
    expect(await answers(info.tables)).toBe(true);
    expect(await answers(info.queues)).toBe(true);
    expect(new Set([process.pid, ...Object.values(info.pids)]).size).toBe(4);
    expect(info.credentials.clientSecret).not.toBe(info.editor.clientSecret);
  });

  it('leads the app to all of them by its settings', async () => {
    const { functions, functionsKey } = stack.info;
    const reply = await fetch(`${functions}/api/reach`, { headers: { 'x-functions-key': functionsKey } });

    expect(await reply.json()).toEqual({ secret: 'kept', whoAmI: 200, authScape: 200 });
  });

  it('starts functions again on its port', async () => {
    const former = stack.info.pids.functions;
    await stack.kill('functions');
    await vi.waitUntil(() => stack.info.pids.functions !== former, patience);

    expect(isAlive(former)).toBe(false);
    expect(await answers(`${stack.info.functions}/api/health`)).toBe(true);
  });

  it('starts azurite again on its ports with its data', async () => {
    await table().createTable();
    await table().createEntity({ partitionKey: 'p', rowKey: 'r', text: 'kept' });
    const former = stack.info.pids.azurite;
    await stack.kill('azurite');
    await vi.waitUntil(() => stack.info.pids.azurite !== former, patience);

    expect(await table().getEntity('p', 'r')).toMatchObject({ text: 'kept' });
  });
});

describe('the stack as a process', () => {
  const directory = mkdtempSync(join(tmpdir(), 'stack-test-'));
  const file = join(directory, 'stack.json');
  let started: ChildProcess | undefined;

  afterEach(() => {
    started?.kill('SIGKILL');
    rmSync(file, { force: true });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function start(
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ child: ChildProcess; info: StackInfo; ended: Promise<number | null> }> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/stack/start.ts', '--no-demo'], {
      env: { ...process.env, ...appDirectory, STACK_PORTS: '0', STACK_FILE: file, ...env },
      stdio: 'ignore',
    });
    started = child;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await vi.waitUntil(() => existsSync(file), patience);
    return { child, info: JSON.parse(readFileSync(file, 'utf8')) as StackInfo, ended };
  }

  const allGone = (info: StackInfo) =>
    vi.waitUntil(
      () =>
        Object.values(info.pids)
          .flat()
          .every((pid) => !isAlive(pid)),
      patience,
    );

  it('writes its file for its owner only and ends cleanly on SIGINT', async () => {
    const { child, info, ended } = await start();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const entra = await fetchTrusting('')(`${info.entra}/_sim/requests`).catch((error: Error) => error);
    expect(String(entra)).toContain('self-signed');
    child.kill('SIGINT');

    expect(await ended).toBe(0);
    await allGone(info);
  });

  it('names the process that serves as soon as it does', async () => {
    const { info } = await start();
    const named = () => (JSON.parse(readFileSync(file, 'utf8')) as StackInfo).pids.functions;
    for (let round = 1; round <= 3; round += 1) {
      const former = named();
      process.kill(former, 'SIGTERM');
      await vi.waitUntil(() => !isAlive(former), { timeout: 20_000, interval: 5 });
      await vi.waitUntil(() => answers(`${info.functions}/api/health`), { timeout: 20_000, interval: 5 });
      expect(named()).not.toBe(former);
      // One that dies within half a second is not started again at once.
      await new Promise((resolve) => setTimeout(resolve, 600));
    }
  });

  it('is left alone by a second one, which ends with one line', async () => {
    const { child, info } = await start();
    const before = readFileSync(file, 'utf8');
    const second = spawnSync(process.execPath, ['--import', 'tsx', 'test/stack/start.ts', '--no-demo'], {
      env: { ...process.env, ...appDirectory, STACK_PORTS: '0', STACK_FILE: file },
      encoding: 'utf8',
    });
    expect([second.status, second.stdout]).toEqual([1, '']);
    expect(second.stderr.trim().split('\n')).toEqual([
      expect.stringContaining(`A stack is running already (process ${info.pids.stack}`),
    ]);
    expect(readFileSync(file, 'utf8')).toBe(before);
    child.kill('SIGKILL');
    await allGone(info);
  });

  it('says at once that the app could not be loaded', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/stack/start.ts', '--no-demo'], {
      env: {
        ...process.env,
        APP_DIR: fileURLToPath(new URL('../functions/fixture/refused', import.meta.url)),
        FIXTURE_THROWS: '1',
        STACK_PORTS: '0',
        STACK_FILE: file,
      },
    });
    started = child;
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(1);
    expect(stderr).toContain('no function is loaded: Error: bad configuration');
    expect(stderr).toContain('functions serves no functions: the app could not be loaded.');
    expect(existsSync(file)).toBe(false);
  });

  it.each(['SIGKILL', 'SIGINT'] as const)('takes all its processes along on %s', async (signal) => {
    const { child, info } = await start({ STACK_WORKERS: '3' });
    expect(info.pids.workers).toHaveLength(2);
    child.kill(signal);

    await allGone(info);
  });

  it('names in its file the process that serves after a worker', async () => {
    const { info } = await start({ STACK_WORKERS: '2' });
    const former = Number(info.pids.workers?.[0]);
    process.kill(former, 'SIGKILL');
    const named = () => (JSON.parse(readFileSync(file, 'utf8')) as StackInfo).pids.workers?.[0];
    await vi.waitUntil(() => named() !== former, patience);

    expect(isAlive(Number(named()))).toBe(true);
  });

  it('ends with one sentence when it is told to start no number of workers', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'test/stack/start.ts', '--no-demo'],
      {
        env: { ...process.env, ...appDirectory, STACK_PORTS: '0', STACK_FILE: file, STACK_WORKERS: 'two' },
        encoding: 'utf8',
      },
    );
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      'STACK_WORKERS has to be a whole number of Functions processes from 1 to 8, not "two".\n',
    ]);
  });
});
