import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AzuriteAnswer, type AzuriteConfig, azuriteAnswerSchema } from './azurite-config.js';
import { bundleParts } from './bundle.js';
import { startChild } from './child.js';
import { functionsEnvironment, issuerOf } from './environment.js';
import { untilHealthy } from './health.js';
import { createIdentities, environment, functionsKey, type Identities } from './identities.js';
import { withLargeHeap, withTables } from './large-stack.js';
import { type Part, startPart } from './part.js';
import { type SimulatorsAnswer, simulatorsAnswerSchema } from './simulators-config.js';
import type { StackInfo } from './stack-file.js';
import { trustedCertificates } from './trusted-certificates.js';
import { isWorker, type Worker, workersOf } from './workers.js';

export interface StackSettings {
  /** 0 picks a free port, which then stays for the life of the stack. */
  ports: {
    functions: number;
    dataverse: number;
    authScape: number;
    identity: number;
    queues: number;
    tables: number;
  };
  /** Environment of the caller, passed on to the Functions process. */
  env: NodeJS.ProcessEnv;
  /** Where `<part>.log` go; left out: a temporary directory that is removed at the end. */
  logDirectory?: string;
  /** One line about a part: an error it printed, or that it ended. */
  report(line: string): void;
  /** After a part was started again: `info.pids` has changed. */
  onChange?(info: StackInfo): void;
  /** The simulators ended unasked: nothing can go on. */
  onLost?(): void;
  signal?: AbortSignal;
}

type RestartedPart = 'functions' | Worker | 'azurite';
type PartName = RestartedPart | 'simulators' | 'tables';

export interface Stack {
  /** Current: the process ids follow restarts. */
  info: StackInfo;
  /** Where output is kept while the stack runs; lines of a worker begin with its name in that of `functions`. */
  logFiles: Record<'functions' | 'azurite' | 'simulators', string>;
  stop(): Promise<void>;
  /**
   * Resolves when the process has ended (default SIGTERM); the stack is then already starting it again, or does so
   * when `away` is over.
   */
  kill(part: RestartedPart, signal?: NodeJS.Signals, away?: Promise<void>): Promise<void>;
  /** How often the part was started again and served. */
  restarts(part: RestartedPart): number;
}

const functionsGraceMs = 8000;
const graceMs = 3000;

/** Starts all parts, each as a process of its own, and waits until everything answers. */
export async function launchStack(settings: StackSettings): Promise<Stack> {
  const workers = workersOf(settings.env);
  const directory = mkdtempSync(join(tmpdir(), 'authscape-stack-'));
  const logs = settings.logDirectory ?? directory;
  mkdirSync(logs, { recursive: true });
  const logFiles = {
    functions: join(logs, 'functions.log'),
    azurite: join(logs, 'azurite.log'),
    simulators: join(logs, 'simulators.log'),
  };
  for (const file of Object.values(logFiles)) {
    rmSync(file, { force: true });
  }
  /** A caller that starts many stacks has bundled their parts beforehand. */
  const bundles = settings.env.STACK_BUNDLES ?? join(directory, 'bundles');
  const identities = createIdentities();
  const workerPids = workers.map(() => 0);
  const pids: StackInfo['pids'] = {
    stack: process.pid,
    functions: 0,
    azurite: 0,
    simulators: 0,
    ...(workers.length > 0 && { workers: workerPids }),
  };
  let info: StackInfo | undefined;
  /** In the order of starting. */
  const groups: { parts: Part<unknown>[]; grace: number }[] = [];

  function partOf(name: PartName) {
    return {
      name,
      isRestarted: name !== 'simulators' && name !== 'tables',
      report: settings.report,
      onLost: () => settings.onLost?.(),
      onPid: (pid: number) => {
        if (isWorker(name)) {
          workerPids[workers.indexOf(name)] = pid;
        } else {
          pids[name] = pid;
        }
        if (info !== undefined) {
          settings.onChange?.(info);
        }
      },
    };
  }

  function child(name: PartName, env: NodeJS.ProcessEnv, readyLine?: RegExp) {
    const entry = isWorker(name) ? 'functions' : name;
    const log = entry === 'tables' ? 'azurite' : entry;
    return startChild({
      name,
      entry,
      bundles,
      env,
      logFile: logFiles[log],
      linePrefix: log === name ? '' : `${name} `,
      onErrorLine: (line) => settings.report(`${name}: ${line}`),
      ...(readyLine === undefined ? {} : { readyLine }),
    });
  }

  /** Waits for all even when one fails, so that none is left running unseen. */
  async function together<T extends readonly Promise<Part<unknown>>[] | []>(grace: number, starting: T) {
    const outcomes = await Promise.allSettled<Promise<Part<unknown>>[]>([...starting]);
    const parts = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    groups.push({ parts, grace });
    return Promise.all(starting);
  }

  const startSimulators = () =>
    startPart<SimulatorsAnswer>({
      ...partOf('simulators'),
      start: () => {
        const { eventsKey: _, ...known } = identities;
        const config = JSON.stringify({ ...known, ports: simulatorPorts(settings) });
        return child('simulators', { ...withLargeHeap(settings.env), STACK_SIMULATORS: config });
      },
      confirm: (told) => simulatorsAnswerSchema.parse(told),
    });

  const startAzurite = () =>
    startPart<AzuriteAnswer>({
      ...partOf('azurite'),
      start: (first) => {
        const config: AzuriteConfig = {
          directory: join(directory, 'azurite'),
          temporaryRoot: directory,
          tablePort: first === undefined ? settings.ports.tables : portOf(first.tablesUrl),
          queuePort: first === undefined ? settings.ports.queues : portOf(first.queuesUrl),
        };
        const env = { ...settings.env, STACK_AZURITE: JSON.stringify(config) };
        return child('azurite', env);
      },
      confirm: (told) => azuriteAnswerSchema.parse(told),
    });

  /** Tables for benchmarks of a size that Azurite does not bear, which then serves queues alone. */
  const startTables = () =>
    startPart<string>({
      ...partOf('tables'),
      start: () => child('tables', withLargeHeap(settings.env)),
      confirm: String,
    });

  /** No caller asks a worker: it listens on any port, and only so that its health can be checked. */
  const startFunctions = (name: 'functions' | Worker, env: NodeJS.ProcessEnv) =>
    startPart<string>({
      ...partOf(name),
      start: (first) => {
        const wanted = isWorker(name) ? 0 : settings.ports.functions;
        const port = first === undefined ? wanted : portOf(first);
        const line = /^functions listening on (\S+)$/;
        const triggers = isWorker(name) ? 'queues' : 'all';
        return child(name, { ...env, PORT: String(port), STACK_TRIGGERS: triggers }, line);
      },
      confirm: async (told, { isRunning }) => {
        const url = String(told).replace(/\/$/, '');
        await untilHealthy(name, url, isRunning);
        return url;
      },
    });

  async function stop(): Promise<void> {
    const all = groups.splice(0).reverse();
    for (const part of all.flatMap(({ parts }) => parts)) {
      part.release();
    }
    for (const { parts, grace } of all) {
      await Promise.all(parts.map((part) => part.stop(grace)));
    }
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }

  async function start(): Promise<Stack> {
    if (settings.env.STACK_BUNDLES === undefined) {
      await bundleParts(bundles);
    }
    const [simulators, emulator] = await together(graceMs, [startSimulators(), startAzurite()]);
    settings.signal?.throwIfAborted();
    const hasOwnTables = settings.env.STACK_TABLES === 'own';
    const [tables] = hasOwnTables ? await together(graceMs, [startTables()]) : [];
    const azurite = { told: tables === undefined ? emulator.told : withTables(emulator.told, tables.told) };
    const trustFile = join(directory, 'trusted.pem');
    writeFileSync(trustFile, trustedCertificates(simulators.told.certificate, settings.env));
    const wiring = { identities, simulators: simulators.told, azurite: azurite.told, trustFile };
    const env = functionsEnvironment(settings.env, wiring);
    const [functions] = await together(functionsGraceMs, [
      startFunctions('functions', env),
      ...workers.map((name) => startFunctions(name, env)),
    ]);
    settings.signal?.throwIfAborted();
    await tellReceiver(simulators.told.authScape, functions.told, identities.eventsKey);
    const started = {
      ...describeStack(functions.told, simulators.told, azurite.told, identities, pids),
      ...(settings.env.STACK_AUTH === 'app' && {
        issuer: issuerOf(simulators.told.identity, identities),
        users: identities.application.people,
      }),
    };
    info = started;
    const partNamed = (name: RestartedPart): Part<unknown> => {
      const part = groups.flatMap(({ parts }) => parts).find((candidate) => candidate.name === name);
      if (part === undefined) {
        throw new Error(`The stack has no ${name}.`);
      }
      return part;
    };
    return {
      info: started,
      logFiles,
      stop,
      kill: async (name, signal = 'SIGTERM', away) => partNamed(name).kill(signal, away),
      restarts: (name) => partNamed(name).restarts(),
    };
  }

  try {
    return await start();
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A stack on free ports for tests; nothing is printed and no file is written. */
export function startStack(options: { env?: Record<string, string> } = {}): Promise<Stack> {
  return launchStack({
    ports: { functions: 0, dataverse: 0, authScape: 0, identity: 0, queues: 0, tables: 0 },
    env: { ...process.env, ...options.env },
    report: () => undefined,
  });
}

/** AuthScape's events go to the functions, whose address is known last. Nothing is delivered until a test asks. */
async function tellReceiver(authScape: string, functions: string, key: string): Promise<void> {
  const reply = await fetch(`${authScape}/_sim/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ deliver: false, url: functions, key }),
  });
  if (!reply.ok) {
    throw new Error(`AuthScape's simulator was not told of the functions: ${await reply.text()}`);
  }
}

function simulatorPorts({ ports: { dataverse, authScape, identity } }: StackSettings) {
  return { dataverse, authScape, identity };
}

const portOf = (url: string) => Number(new URL(url).port);

function describeStack(
  functions: string,
  simulators: SimulatorsAnswer,
  azurite: AzuriteAnswer,
  identities: Identities,
  pids: StackInfo['pids'],
): StackInfo {
  return {
    functions,
    functionsKey,
    dataverse: simulators.dataverse,
    authScape: simulators.authScape,
    entra: simulators.identity,
    keyVault: simulators.identity,
    tables: azurite.tablesUrl,
    queues: azurite.queuesUrl,
    environment,
    credentials: identities.credentials,
    editor: identities.editor,
    authScapeCredentials: { ...identities.authScape.editor, scope: 'api1' },
    pids,
  };
}
