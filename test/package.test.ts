import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.js';
import { readHostSettings } from './stack/functions/settings.js';
import { bundleIn } from './stack/launch/bundle.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** No port is served there: what is tested needs no storage, and must not meet an emulator that another process started. */
const nowhere =
  'DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=bm9ib2R5;BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a';
const settings = {
  PATH: process.env.PATH,
  SYNC_SCHEDULE: '0 0 0 1 1 *',
  AzureWebJobsStorage: nowhere,
  KEY_VAULT_URI: 'https://127.0.0.1:1',
  AuthScape__ApiUrl: 'http://127.0.0.1:1',
  AuthScape__IdpUrl: 'http://127.0.0.1:1',
  AuthScape__ClientId: 'bridge',
  AuthScape__ClientSecret: 'placeholder',
};

/** The files of the bundle. */
const built = readdirSync(path.join(root, 'dist')).filter((name) => name.endsWith('.js'));

function sourcesOf(name: string): string[] {
  return (JSON.parse(read(`dist/${name}.map`)) as { sources: string[] }).sources;
}

function packageOf(source: string): string | undefined {
  return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
}

/** The file that the host loads and those that it loads with it; `import()` comes later. */
function loadedAtStart(): readonly string[] {
  const loaded = new Set(['main.js']);
  for (const name of loaded) {
    for (const [, next = ''] of read(`dist/${name}`).matchAll(/\b(?:from|import)\s*"\.\/([^"]+)"/g)) {
      loaded.add(next);
    }
  }
  return [...loaded];
}

const runScript = async (script: string, ...given: string[]): Promise<string> => {
  const file = path.join(root, script);
  const options = { cwd: root, env: settings, maxBuffer: 10_000_000 };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', file, ...given],
    options,
  );
  return stdout;
};

describe('the built app', () => {
  let directory: string;
  let host: ChildProcess | undefined;

  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'deployed-app-'));
    cpSync(path.join(root, 'dist'), path.join(directory, 'dist'), { recursive: true });
    for (const file of ['host.json', 'package.json']) {
      copyFileSync(path.join(root, file), path.join(directory, file));
    }
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => host?.once('exit', resolve) ?? resolve(undefined));
    host?.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true });
  });

  it('registers all functions of the source, with no package installed beside it', async () => {
    const [built, source] = await Promise.all([
      runScript('test/support/registered-functions.ts', path.join(directory, 'dist/main.js')),
      runScript('test/support/registered-functions.ts'),
    ]);
    const functions = JSON.parse(built) as { name: string }[];
    expect(functions.map(({ name }) => name)).toContain('workerRuns');
    expect(functions).toEqual(JSON.parse(source));
  }, 30_000);

  it('is served by a host that gets nothing but its folder', async () => {
    const env = {
      ...settings,
      PORT: '0',
      APP_DIR: directory,
      FUNCTIONS_KEY: 'key',
      FUNCTIONS_MASTER_KEY: 'master',
    };
    const main = bundleIn(process.env.STACK_BUNDLES ?? '', 'functions');
    host = spawn(process.execPath, [main], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const url = await listeningUrl(host);
    const refused = await fetch(`${url}/api/connections`);
    expect(refused.status).toBe(401);
    const broken = await fetch(`${url}/api/runs/%20`, { headers: { 'x-functions-key': 'key' } });
    expect(broken.headers.get('content-type')).toBe('application/problem+json');
  }, 30_000);

  it('holds no test code, no simulator and no package that only development needs', () => {
    const sources = built.flatMap(sourcesOf);
    expect(sources).toContain('../src/main.ts');
    expect(sources.filter((file) => file.startsWith('../test/'))).toEqual([]);
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: object };
    const packages = new Set(sources.map(packageOf));
    expect(Object.keys(devDependencies).filter((name) => packages.has(name))).toEqual([]);
    for (const name of built) expect(read(`dist/${name}`)).not.toContain('/_sim');
  });

  it('loads at its start only what every process needs', () => {
    const loaded = loadedAtStart();
    const packages = new Set(loaded.flatMap(sourcesOf).map(packageOf));
    // @azure/functions names its own sources without saying whose they are.
    expect([...packages].sort()).toEqual(['cookie', 'croner', 'zod', undefined]);
    const later = new Set(built.flatMap(sourcesOf).map(packageOf));
    for (const name of [
      '@azure/data-tables',
      '@azure/identity',
      '@opentelemetry/sdk-metrics',
      'axios',
      'jose',
    ]) {
      expect(later).toContain(name);
    }
    const bytes = loaded.reduce((sum, name) => sum + read(`dist/${name}`).length, 0);
    expect(bytes).toBeLessThan(900_000);
  });
});

async function listeningUrl(process: ChildProcess): Promise<string> {
  if (process.stdout === null) throw new Error('The output of the host is not read.');
  for await (const line of createInterface({ input: process.stdout })) {
    const url = /^functions listening on (\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('The host ended before it served.');
}

describe('what is deployed', () => {
  const ignored = read('.funcignore').split('\n').filter(Boolean);
  const isIgnored = (name: string): boolean =>
    ignored.some((pattern) => {
      const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
      return new RegExp(`^${source}$`).test(name);
    });

  it('is the bundle with its two files', () => {
    expect(readdirSync(root).filter((name) => !isIgnored(name))).toEqual([
      'dist',
      'host.json',
      'package.json',
    ]);
    const deployed = readdirSync(path.join(root, 'dist')).filter((name) => !isIgnored(name));
    expect(deployed.sort()).toEqual(['NOTICES.txt', 'console', ...built].sort());
    for (const name of ['test', 'src', 'node_modules', 'local.settings.json', '.local']) {
      expect(isIgnored(name)).toBe(true);
    }
  });

  it('is found by the host where package.json says', () => {
    expect(JSON.parse(read('package.json'))).toMatchObject({ main: 'dist/main.js', type: 'module' });
  });
});

describe('local.settings.example.json', () => {
  const { Values: values } = JSON.parse(read('local.settings.example.json')) as {
    Values: Record<string, string>;
  };
  /** Set by the platform, never by hand. */
  const platform = ['IDENTITY_ENDPOINT', 'WEBSITE_SITE_NAME', 'WEBSITE_INSTANCE_ID'];
  /** Read by the host, not by the app's code. */
  const host = ['FUNCTIONS_WORKER_RUNTIME', 'SYNC_SCHEDULE'];

  it('names every setting of the app and no other', () => {
    const shape = /^const SETTINGS = z\.object\(\{$(.+?)^\}\);$/ms.exec(read('src/config.ts'))?.[1] ?? '';
    const known = [...shape.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
    expect(known).toContain('KEY_VAULT_URI');
    const wanted = [...host, ...known.filter((name) => !platform.includes(name ?? ''))];
    expect(Object.keys(values).sort()).toEqual(wanted.sort());
  });

  it('starts the app as it is, with the defaults where there are any', () => {
    const { storage, tuning, logLevel, authScape } = readConfig(values);
    const required = Object.fromEntries(
      ['AzureWebJobsStorage', 'KEY_VAULT_URI', 'AuthScape__ApiUrl', 'AuthScape__IdpUrl']
        .concat('AuthScape__ClientId', 'AuthScape__ClientSecret')
        .map((name) => [name, values[name]]),
    );
    const bare = readConfig(required);
    expect({ storage, tuning, logLevel, scope: authScape.scope }).toEqual({
      storage: bare.storage,
      tuning: bare.tuning,
      logLevel: bare.logLevel,
      scope: bare.authScape.scope,
    });
  });
});

it('host.json looks for events each second, and gives what failed half a minute', async () => {
  const { queues } = await readHostSettings(root);
  expect(queues).toMatchObject({
    ...{ maxPollingIntervalMs: 1_000, visibilityTimeoutS: 30, maxDequeueCount: 5 },
    messageEncoding: 'base64',
  });
});
