import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { QueueServiceClient } from '@azure/storage-queue';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../azurite.js';
import { bundleIn } from '../launch/bundle.js';
import { fixtureDir, HOST_KEY, MASTER_KEY, until } from './fixture/fixture.js';
import { startFunctionsHost } from './host.js';

interface HostProcess {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  exit: Promise<number | null>;
  /** The address it printed. */
  url(): Promise<string>;
}

/** Built by the global set-up. */
const MAIN = bundleIn(process.env.STACK_BUNDLES ?? '', 'functions');
const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());

const startProcess = (appDir: string, extra: NodeJS.ProcessEnv = {}): HostProcess => {
  const child = spawn(process.execPath, [MAIN], {
    cwd: REPOSITORY,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      APP_DIR: appDir,
      FUNCTIONS_KEY: HOST_KEY,
      FUNCTIONS_MASTER_KEY: MASTER_KEY,
      AzureWebJobsStorage: azurite.connectionString,
      ...extra,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const url = async (): Promise<string> => {
    const ended = exit.then((code) => Promise.reject(new Error(`ended with ${code}: ${stderr}`)));
    const printed = until(() => /^functions listening on (\S+)$/m.exec(stdout)?.[1], 20_000);
    return (await Promise.race([printed, ended])) ?? '';
  };
  return { child, stdout: () => stdout, stderr: () => stderr, exit, url };
};

test('serves, finishes what runs on SIGTERM, and ends with 0', async () => {
  const host = startProcess(fixtureDir('timeout'));
  const url = await host.url();
  expect(await (await fetch(`${url}/quick`)).text()).toBe('quick');
  const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
  const queue = service.getQueueClient('originals');
  await queue.createIfNotExists();
  await queue.sendMessage('{"pauseMs":800}');
  // Invisible: the worker has it.
  await until(async () => (await queue.peekMessages()).peekedMessageItems.length === 0);
  host.child.kill('SIGTERM');
  expect(await host.exit).toBe(0);
  expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
  expect((await service.getQueueClient('copies').getProperties()).approximateMessagesCount).toBe(1);
});

test('SIGINT, also twice, ends with 0', async () => {
  const host = startProcess(fixtureDir('timeout'));
  await host.url();
  host.child.kill('SIGINT');
  host.child.kill('SIGINT');
  expect(await host.exit).toBe(0);
});

test('an uncaught exception ends the process with 1, and the log went to stdout', async () => {
  const host = startProcess(fixtureDir('timeout'));
  const url = await host.url();
  await fetch(`${url}/crash`, { method: 'POST' }).catch(() => undefined);
  expect(await host.exit).toBe(1);
  expect(host.stdout()).toContain('warning crash about to crash\n');
  expect(host.stderr()).toContain('nobody catches this');
});

test('functions that cannot be loaded are named on stderr, the others serve', async () => {
  const host = startProcess(fixtureDir('refused'));
  expect(await (await fetch(`${await host.url()}/api/fine`)).text()).toBe('fine');
  const reasons = [
    'function adminRoute: The specified route conflicts with one or more built in routes.',
    "function clashSecond: The route specified conflicts with the route defined by function 'clashFirst'.",
    "function fiveFields: The schedule expression '0 * * * *' was not recognized",
    "function impossibleDate: The schedule '0 0 0 31 2 *' has no next time.",
    "function noConnection: Storage account connection string 'MISSING_STORAGE' does not exist.",
    "function noQueueName: '%MISSING_QUEUE%' does not resolve to a value.",
    "function outputWithoutSetting: '%MISSING_QUEUE%' does not resolve to a value.",
    'function unknownConstraint: The constraint "colour" is not known.',
  ];
  const lines = host.stderr().trim().split('\n');
  expect(lines).toEqual(reasons.map((reason) => expect.stringContaining(reason)));
  host.child.kill('SIGTERM');
  expect(await host.exit).toBe(0);
});

test('an entry file that throws leaves a host without functions: every route is an empty 404', async () => {
  const host = startProcess(fixtureDir('refused'), { FIXTURE_THROWS: '1' });
  const url = await host.url();
  for (const path of ['/api/fine', '/api/health']) {
    const answer = await fetch(url + path);
    expect([answer.status, await answer.text()]).toEqual([404, '']);
  }
  expect((await fetch(url)).status).toBe(200);
  expect(host.stdout()).toContain(
    'error host Worker was unable to load entry point "app.mjs": bad configuration',
  );
  expect(host.stderr()).toContain('no function is loaded: Error: bad configuration');
  host.child.kill('SIGTERM');
  expect(await host.exit).toBe(0);
});

test('settings that are wrong are named', async () => {
  const host = startProcess(fixtureDir('refused'), { FUNCTIONS_KEY: '', PORT: 'seven' });
  expect(await host.exit).toBe(1);
  expect(host.stderr()).toContain('FUNCTIONS_KEY');
  expect(host.stderr()).toContain('PORT');
});

/** Bundles a fixture with the product's own esbuild options, into a folder of its own. */
const bundleFixture = async (): Promise<string> => {
  const directory = mkdtempSync(path.join(tmpdir(), 'functions-app-'));
  await build({
    entryPoints: [path.join(fixtureDir('refused'), 'app.mjs')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@azure/functions-core'],
    outfile: path.join(directory, 'main.js'),
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    logLevel: 'error',
  });
  writeFileSync(path.join(directory, 'package.json'), '{"type":"module","main":"main.js"}');
  copyFileSync(path.join(fixtureDir('refused'), 'host.json'), path.join(directory, 'host.json'));
  return directory;
};

test('a bundle made the way the product is built serves, in a process and more than once in this one', async () => {
  const appDir = await bundleFixture();
  try {
    const host = startProcess(appDir, { FIXTURE_ONLY_FINE: '1' });
    expect(await (await fetch(`${await host.url()}/api/fine`)).text()).toBe('fine');
    host.child.kill('SIGTERM');
    expect(await host.exit).toBe(0);
    process.env.FIXTURE_ONLY_FINE = '1';
    for (const _ of ['first', 'second']) {
      const keys = { master: MASTER_KEY, host: { default: HOST_KEY } };
      const inProcess = await startFunctionsHost({ appDir, port: 0, env: {}, keys });
      expect(await (await fetch(`${inProcess.url}/api/fine`)).text()).toBe('fine');
      await inProcess.close();
    }
  } finally {
    delete process.env.FIXTURE_ONLY_FINE;
    rmSync(appDir, { recursive: true });
  }
});
