import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly scope?: string;
  readonly existing?: boolean;
  readonly condition?: string;
  readonly tags?: unknown;
  readonly copy?: { readonly count: number | string };
  readonly properties?: Readonly<Record<string, unknown>>;
  /** The module that it is in; `main` for the entry. */
  readonly module: string;
}

export interface Template {
  readonly parameters?: Readonly<Record<string, { readonly type?: string; readonly defaultValue?: unknown }>>;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, { readonly value: unknown }>>;
  readonly resources: Readonly<Record<string, Omit<Resource, 'module'>>>;
}

export interface Compiled {
  /** Undefined where no compiler can be had. */
  readonly main: Template | undefined;
  /** What the script said. */
  readonly message: string;
}

let compiled: Promise<Compiled> | undefined;

/**
 * Compiles the infrastructure as continuous integration does, once for all test files of a run. Throws on any error or
 * warning of the compiler.
 */
export function compile(): Promise<Compiled> {
  compiled ??= compiledOnce(path.join(process.env.STACK_BUNDLES ?? tmpdir(), `bicep-${process.ppid}`));
  return compiled;
}

/** The first process of a run to come here compiles; the others read what it leaves in the directory. */
async function compiledOnce(shared: string): Promise<Compiled> {
  const result = path.join(shared, 'result.json');
  if (isFirst(shared)) {
    const outcome = await runCompiler().catch((error: unknown) => ({ error: String(error) }));
    writeFileSync(`${result}.new`, JSON.stringify(outcome));
    renameSync(`${result}.new`, result);
  }
  while (!existsSync(result)) await sleep(50);
  const outcome = JSON.parse(readFileSync(result, 'utf8')) as Compiled | { error: string };
  if ('error' in outcome) throw new Error(outcome.error);
  return outcome;
}

function isFirst(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

async function runCompiler(): Promise<Compiled> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bicep-'));
  try {
    const file = path.join(directory, 'main.json');
    const { stdout } = await promisify(execFile)('bash', [path.join(root, 'infra/compile.sh'), file]);
    const main = readdirSync(directory).includes('main.json')
      ? (JSON.parse(readFileSync(file, 'utf8')) as Template)
      : undefined;
    return { main, message: stdout.trim() };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The templates of all modules by name, `main` among them. */
export function modulesOf(main: Template): ReadonlyMap<string, Template> {
  const modules = new Map([['main', main]]);
  for (const resource of Object.values(main.resources)) {
    if (resource.type === 'Microsoft.Resources/deployments') {
      modules.set(resource.name, resource.properties?.template as Template);
    }
  }
  return modules;
}

/** All resources of all modules that a deployment makes. */
function resourcesOf(main: Template): readonly Resource[] {
  return [...modulesOf(main)].flatMap(([module, template]) =>
    Object.values(template.resources)
      .filter(({ existing, type }) => existing !== true && type !== 'Microsoft.Resources/deployments')
      .map((resource) => ({ ...resource, module })),
  );
}

/** All Bicep sources, by path from `infra`. */
export function bicepTexts(): ReadonlyMap<string, string> {
  const infra = path.join(root, 'infra');
  const files = readdirSync(infra, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.bicep(param)?$/.test(name),
  );
  return new Map(files.map((name) => [name, readFileSync(path.join(infra, name), 'utf8')]));
}

/** Arguments of the first call of a function in an ARM expression, each as text. */
function argumentsOf(expression: string, name: string): readonly string[] {
  const start = expression.indexOf(`${name}(`);
  if (start < 0) throw new Error(`The expression does not call ${name}.`);
  const found: string[] = [];
  let depth = 0;
  let quoted = false;
  let current = '';
  for (const sign of expression.slice(start + name.length + 1)) {
    if (sign === "'") quoted = !quoted;
    if (!quoted && sign === '(') depth += 1;
    if (!quoted && sign === ')') depth -= 1;
    if (depth < 0) break;
    if (!quoted && depth === 0 && sign === ',') {
      found.push(current.trim());
      current = '';
    } else {
      current += sign;
    }
  }
  return [...found, current.trim()];
}

/** Names of the app's settings with the ARM expressions of their values. */
export function settingsOf(main: Template): ReadonlyMap<string, string> {
  const site = resourcesOf(main).find(({ type }) => type === 'Microsoft.Web/sites');
  const siteConfig = site?.properties?.siteConfig as { appSettings: string };
  const pairs = argumentsOf(siteConfig.appSettings, 'createObject');
  const settings = new Map<string, string>();
  for (let index = 0; index < pairs.length; index += 2) {
    settings.set((pairs[index] ?? '').slice(1, -1), pairs[index + 1] ?? '');
  }
  return settings;
}

/** The resources of a template, and the properties of one that there is once. */
export function readingOf(template: Template) {
  const resources = resourcesOf(template);
  const only = (type: string) => {
    const found = resources.filter((resource) => resource.type === type);
    if (found.length !== 1) throw new Error(`${found.length} resources are ${type}.`);
    return found[0]?.properties ?? {};
  };
  return { resources, only };
}
