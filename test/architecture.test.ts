import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../src/functions/routes/document.js';
import { allRoutes } from '../src/functions/routes/table.js';
import { compileRoute } from './stack/functions/routes.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = path.join(root, 'src');

interface Source {
  /** From src, with slashes. */
  readonly file: string;
  readonly text: string;
  /** What it imports: files from src, or package names. */
  readonly imports: readonly string[];
}

const sources: readonly Source[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => {
    const text = readFileSync(path.join(src, name), 'utf8');
    const imports = [...text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'/gms)].map(
      ([, target = '']) =>
        target.startsWith('.') ? path.posix.join(path.posix.dirname(name), target) : target,
    );
    return { file: name, text, imports };
  });

const layerOf = (file: string): string =>
  file.includes('/') ? (file.split('/')[0] ?? '') : path.basename(file, '.ts');

interface Rule {
  readonly layer: string;
  readonly may: (target: string) => boolean;
  readonly instead: string;
}

const RULES: readonly Rule[] = [
  {
    layer: 'lib',
    may: () => false,
    instead: 'The helpers in lib know nothing of the product: pass in what they need.',
  },
  {
    layer: 'domain',
    may: (target) => target.startsWith('domain/') || target === 'node:crypto',
    instead: 'The domain is pure: pass plain data in, and move effects behind a port in application/ports.',
  },
  {
    layer: 'application',
    may: (target) => /^(application|domain|lib)\//.test(target) || target === 'node:crypto',
    instead:
      'Use cases talk to ports only: declare what you need in application/ports, implement it in adapters.',
  },
  {
    layer: 'adapters',
    may: (target) => /^(adapters|domain|lib|application\/ports)\//.test(target) || isPackage(target),
    instead: 'Adapters see application/ports, domain and lib only.',
  },
  {
    layer: 'functions',
    may: (target) =>
      /^(functions|application|domain)\//.test(target) ||
      ['@azure/functions', 'zod'].includes(target) ||
      target.startsWith('node:'),
    instead: 'Functions parse, call one use case and answer: adapters are wired in app.ts.',
  },
  {
    layer: 'console',
    may: (target) => !/^(?:node:|@azure\/|(?:domain|application|adapters|functions)\/|\w+\.js$)/.test(target),
    instead: 'The console runs in a browser and knows the service by its API only: use api/client.',
  },
  {
    layer: 'config',
    may: (target) => target === 'zod',
    instead: 'The settings know nothing of what they configure.',
  },
  {
    layer: 'main',
    may: (target) => ['app.js', 'config.js', '@azure/functions'].includes(target),
    instead: 'The entry file holds the route table only: build things in app.ts.',
  },
];

function isPackage(target: string): boolean {
  return target.startsWith('node:') || /^(@[^/]+\/)?[a-z][^/]*$/.test(target);
}

describe('imports go one way', () => {
  it.each(RULES)('$layer', ({ layer, may, instead }) => {
    const files = sources.filter(({ file }) => layerOf(file) === layer);
    expect(files).not.toEqual([]);
    const wrong = files.flatMap(({ file, imports }) =>
      imports.filter((target) => !may(target)).map((target) => `${file} imports ${target}. ${instead}`),
    );
    expect(wrong).toEqual([]);
  });

  it('only app.ts, engine.ts, parts.ts and sides.ts wire: only they themselves and main.ts import them', () => {
    const wrong = sources
      .filter(({ file }) => !['main.ts', 'app.ts', 'engine.ts', 'parts.ts', 'sides.ts'].includes(file))
      .filter(({ imports }) => imports.some((target) => /^(app|engine|main|parts|sides)\.js$/.test(target)))
      .map(({ file }) => `${file} imports the composition root: take what it needs as an argument.`);
    expect(wrong).toEqual([]);
  });
});

/** What each room of the application may import beside `ports` and `shared`, from the ground up. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  ports: [],
  shared: [],
  'sync/context': [],
  'sync/links': ['sync/context'],
  'sync/pair': ['sync/links', 'sync/context'],
  'sync/pairing': ['sync/pair', 'sync/links', 'sync/context'],
  'sync/remove': ['sync/pairing', 'sync/links', 'sync/context'],
  'sync/guard': ['sync/context'],
  sync: ['sync/pairing', 'sync/remove', 'sync/pair', 'sync/links', 'sync/guard', 'sync/context'],
  'runs/unit': ['sync/context'],
  'runs/phases': [
    'runs/unit',
    'sync/pairing',
    'sync/remove',
    'sync/pair',
    'sync/links',
    'sync/guard',
    'sync/context',
  ],
  'runs/step': ['runs/phases', 'runs/unit', 'sync/context'],
  connections: [],
  runs: ['connections'],
  mappings: ['connections'],
  webhooks: ['connections'],
  configuration: ['connections', 'mappings'],
  audit: [],
  alerts: ['connections'],
  inspection: ['connections'],
  events: ['connections'],
  records: [
    'connections',
    'mappings',
    'sync',
    'sync/guard',
    'sync/pairing',
    'sync/pair',
    'sync/links',
    'sync/context',
  ],
  jobs: ['connections', 'events', 'runs/step', 'sync', 'sync/guard', 'sync/context'],
};

const roomOf = (target: string): string | undefined =>
  Object.keys(ROOMS)
    .filter((room) => target.startsWith(`application/${room}/`))
    .sort((one, other) => other.length - one.length)[0];

/** Imports between rooms as they are, without those of `ports` and `shared`. */
function roomImports(): readonly { from: string; to: string; file: string }[] {
  return sources.flatMap(({ file, imports }) => {
    const from = roomOf(file);
    if (from === undefined) return [];
    return imports.flatMap((target) => {
      const to = roomOf(target);
      return to === undefined || to === from || to === 'ports' || to === 'shared' ? [] : [{ from, to, file }];
    });
  });
}

describe('the rooms of the application', () => {
  it('hold every file of it', () => {
    const loose = sources.filter(({ file }) => file.startsWith('application/') && roomOf(file) === undefined);
    expect(loose.map(({ file }) => file)).toEqual([]);
  });

  it('import downwards only', () => {
    const wrong = roomImports().filter(({ from, to }) => ROOMS[from]?.includes(to) !== true);
    expect(wrong).toEqual([]);
    const base = sources.filter(({ file }) => /^application\/(ports|shared)\//.test(file));
    const upwards = base.flatMap(({ imports }) =>
      imports.filter((target) => /^application\/(?!ports|shared)/.test(target)),
    );
    expect(upwards).toEqual([]);
  });

  it('are drawn in src/README.md as they are', () => {
    const [, drawing = ''] =
      /```mermaid\n(flowchart BT.*?)```/s.exec(readFileSync(path.join(src, 'README.md'), 'utf8')) ?? [];
    const drawn = [...drawing.matchAll(/^ {2}(\S+) --> (.+)$/gm)].flatMap(([, from = '', to = '']) =>
      to.split(' & ').map((one) => `${from.replaceAll('.', '/')} > ${one.replaceAll('.', '/')}`),
    );
    const real = new Set(roomImports().map(({ from, to }) => `${from} > ${to}`));
    expect(drawn.sort()).toEqual([...real].sort());
  });
});

describe('effects have homes', () => {
  const bans: readonly { what: string; pattern: RegExp; allowed: RegExp; instead: string }[] = [
    {
      what: 'the environment',
      pattern: /\bprocess\.env\b/,
      allowed: /^main\.ts$/,
      instead: 'Add the setting to config.ts and pass it in.',
    },
    {
      what: 'the clock',
      pattern: /\bDate\.now\(\)|\bnew Date\(\)|\bsetTimeout\(|\bperformance\.now\(/,
      // A page shows times as they are for its viewer.
      allowed: /^(?:adapters|console)\//,
      instead: 'Time comes in through the Clock port.',
    },
    {
      what: 'chance',
      pattern: /\bMath\.random\b|\brandom(?:UUID|Bytes)\b/,
      allowed: /^adapters\//,
      instead: 'Take random ids from the Ids port.',
    },
    {
      what: 'the console',
      pattern: /(?<![./])\bconsole\.\w+\(/,
      allowed: /^$/,
      instead: 'Log through the Logger port.',
    },
  ];
  it.each(bans)('$what', ({ pattern, allowed, instead }) => {
    const wrong = sources
      .filter(({ file, text }) => pattern.test(text) && !allowed.test(file))
      .map(({ file }) => `${file}: ${instead}`);
    expect(wrong).toEqual([]);
  });

  it('no file grows beyond 300 lines', () => {
    const long = sources
      .filter(({ file, text }) => !file.endsWith('.d.ts') && text.split('\n').length > 301)
      .map(({ file, text }) => `${file} has ${text.split('\n').length} lines: split it by subject.`);
    expect(long).toEqual([]);
  });
});

interface Binding {
  readonly type: string;
  readonly authLevel?: string;
  readonly methods?: readonly string[];
  readonly route?: string;
}

interface Registered {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
}

describe('the registered functions', () => {
  let functions: readonly Registered[];
  let triggers: readonly (Binding & { name: string })[];
  beforeAll(async () => {
    const script = path.join(root, 'test/support/registered-functions.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        AzureWebJobsStorage: 'UseDevelopmentStorage=true',
        KEY_VAULT_URI: 'https://vault.vault.azure.net',
        AuthScape__ApiUrl: 'https://api.example',
        AuthScape__IdpUrl: 'https://idp.example',
        AuthScape__ClientId: 'bridge',
        AuthScape__ClientSecret: 'secret',
      },
    });
    functions = JSON.parse(stdout) as Registered[];
    triggers = functions.map(({ name, bindings }) => {
      const trigger = Object.values(bindings).find(({ type }) => type.endsWith('Trigger'));
      if (!trigger) throw new Error(`${name} has no trigger.`);
      return { ...trigger, name };
    });
  }, 30_000);

  it('are open to everybody only where that is meant; all others want a key', () => {
    const open = triggers.filter(({ authLevel }) => authLevel === 'anonymous').map(({ route }) => route);
    expect(open.sort()).toEqual([
      'console/{*path}',
      'crm/webhook/dynamics/{connectionId}',
      'docs',
      'health',
      'openapi.json',
    ]);
    const levels = triggers.filter(({ type }) => type === 'httpTrigger').map(({ authLevel }) => authLevel);
    expect(new Set(levels)).toEqual(new Set(['function', 'anonymous']));
  });

  it('are the operations of the OpenAPI document, all of them', () => {
    const { paths } = openApiDocument(allRoutes(), '1.0.0');
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { operationId }]) => `${operationId}: ${method} ${path}`),
    );
    const registered = triggers
      .filter(({ name, type }) => type === 'httpTrigger' && !['console', 'docs'].includes(name))
      .flatMap(({ methods = [], name, route }) =>
        methods.map((method) => `${name}: ${method.toLowerCase()} /api/${route}`),
      );
    expect(registered.sort()).toEqual(described.sort());
  });

  it('have names and routes of their own, and none that the host keeps for itself', () => {
    expect(new Set(functions.map(({ name }) => name.toLowerCase())).size).toBe(functions.length);
    const keys = triggers.flatMap(({ methods, route }) =>
      (methods ?? []).map((method) => `${method} ${route}`),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => /^\S+ (admin|runtime)/i.test(key))).toEqual([]);
  });

  it('hide none behind another: the host takes the first match in the order of names', () => {
    const http = triggers.filter(({ type }) => type === 'httpTrigger');
    const hidden = http.flatMap((one) =>
      http
        .filter((other) => other.name !== one.name && sharesMethod(one, other) && other.route !== one.route)
        .filter(
          (other) => compileRoute(one.route ?? '')(`${other.route}`.replaceAll(/[{}]/g, 'x')) !== undefined,
        )
        .map((other) => `${one.name} matches the path of ${other.name}`),
    );
    expect(hidden).toEqual([]);
  });

  it('take timer and queues from where the rest of the app puts them', () => {
    const others = triggers.filter(({ type }) => type !== 'httpTrigger');
    expect(others).toMatchObject([
      { name: 'schedule', type: 'timerTrigger', schedule: '%SYNC_SCHEDULE%' },
      { name: 'workerRuns', type: 'queueTrigger', queueName: 'sync-runs', connection: 'AzureWebJobsStorage' },
      {
        name: 'workerRecords',
        type: 'queueTrigger',
        queueName: 'sync-records',
        connection: 'AzureWebJobsStorage',
      },
      { name: 'poisonRuns', queueName: 'sync-runs-poison', connection: 'AzureWebJobsStorage' },
      { name: 'poisonRecords', queueName: 'sync-records-poison', connection: 'AzureWebJobsStorage' },
    ]);
  });
});

function sharesMethod(one: Binding, other: Binding): boolean {
  return (one.methods ?? []).some((method) => other.methods?.includes(method));
}
