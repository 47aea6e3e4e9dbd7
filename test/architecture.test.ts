import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

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
    may: (target) => target === 'zod' || target.startsWith('config/'),
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
  mappings: ['connections', 'sync/links'],
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

  it('no file grows beyond 300 lines, nor does one of the tests', () => {
    const tests = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => ({ file: `test/${name}`, text: readFileSync(path.join(root, 'test', name), 'utf8') }));
    const long = [...sources, ...tests]
      .filter(({ file, text }) => !file.endsWith('.d.ts') && text.split('\n').length > 301)
      .map(({ file, text }) => `${file} has ${text.split('\n').length} lines: split it by subject.`);
    expect(long).toEqual([]);
  });
});
