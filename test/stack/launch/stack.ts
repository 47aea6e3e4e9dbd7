import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AzuriteAnswer, type AzuriteConfig, azuriteAnswerSchema } from './azurite-config.js';
import { bundleParts } from './bundle.js';
import { startChild } from './child.js';
import { functionsEnvironment, issuerOf } from './environment.js';
import { untilHealthy } from './health.js';
import { createIdentities, environment, functionsKey, type Identities } from './identities.js';
import { type Part, startPart } from './part.js';
import { type SimulatorsAnswer, simulatorsAnswerSchema } from './simulators-config.js';
import type { StackInfo } from './stack-file.js';

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

type RestartedPart = 'functions' | 'azurite';

export interface Stack {
  /** Current: the process ids follow restarts. */
  info: StackInfo;
  /** Where each part's output is kept while the stack runs. */
  logFiles: Record<RestartedPart | 'simulators', string>;
  stop(): Promise<void>;
  /**
   * Resolves when the process has ended (default SIGTERM); the stack is then already starting it again, or does so
   * when `away` is over.
   */
  kill(part: RestartedPart, signal?: NodeJS.Signals, away?: Promise<void>): Promise<void>;
}

const functionsGraceMs = 8000;
const graceMs = 3000;

/** Starts all parts, each as a process of its own, and waits until everything answers. */
export async function launchStack(settings: StackSettings): Promise<Stack> {
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
  const pids = { stack: process.pid, functions: 0, azurite: 0, simulators: 0 };
  let info: StackInfo | undefined;
  /** In the order of starting. */
  const parts: { part: Part<unknown>; grace: number }[] = [];

  function partOf(name: keyof typeof logFiles) {
    return {
      name,
      isRestarted: name !== 'simulators',
      report: settings.report,
      onLost: () => settings.onLost?.(),
      onPid: (pid: number) => {
        pids[name] = pid;
        if (info !== undefined) {
          settings.onChange?.(info);
        }
      },
    };
  }

  function child(name: keyof typeof logFiles, env: NodeJS.ProcessEnv, readyLine?: RegExp) {
    return startChild({
      name,
      entry: name,
      bundles,
      env,
      logFile: logFiles[name],
      onErrorLine: (line) => settings.report(`${name}: ${line}`),
      ...(readyLine === undefined ? {} : { readyLine }),
    });
  }

  async function keep<T>(starting: Promise<Part<T>>, grace: number): Promise<Part<T>> {
    const part = await starting;
    parts.push({ part, grace });
    return part;
  }

  const startSimulators = () =>
    startPart<SimulatorsAnswer>({
      ...partOf('simulators'),
      start: () => {
        const { eventsKey: _, ...known } = identities;
        const config = JSON.stringify({ ...known, ports: simulatorPorts(settings) });
        return child('simulators', { ...settings.env, STACK_SIMULATORS: config });
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

  const startFunctions = (env: NodeJS.ProcessEnv) =>
    startPart<string>({
      ...partOf('functions'),
      start: (first) => {
        const port = first === undefined ? settings.ports.functions : portOf(first);
        const line = /^functions listening on (\S+)$/;
        return child('functions', { ...env, PORT: String(port) }, line);
      },
      confirm: async (told, { isRunning }) => {
        const url = String(told).replace(/\/$/, '');
        await untilHealthy(url, isRunning);
        return url;
      },
    });

  async function stop(): Promise<void> {
    const all = parts.splice(0).reverse();
    for (const { part } of all) {
      part.release();
    }
    for (const { part, grace } of all) {
      await part.stop(grace);
    }
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }

  async function start(): Promise<Stack> {
    if (settings.env.STACK_BUNDLES === undefined) {
      await bundleParts(bundles);
    }
    const [simulators, azurite] = await settleBoth(
      keep(startSimulators(), graceMs),
      keep(startAzurite(), graceMs),
    );
    settings.signal?.throwIfAborted();
    const trustFile = join(directory, 'trusted.pem');
    writeFileSync(trustFile, trustedCertificates(simulators.told.certificate, settings.env));
    const wiring = { identities, simulators: simulators.told, azurite: azurite.told, trustFile };
    const functions = await keep(
      startFunctions(functionsEnvironment(settings.env, wiring)),
      functionsGraceMs,
    );
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
    return {
      info: started,
      logFiles,
      stop,
      kill: (part, signal = 'SIGTERM', away) =>
        (part === 'functions' ? functions : azurite).kill(signal, away),
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

/** Waits for both even when one fails, so that none is left running unseen. */
async function settleBoth<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}

/** Node takes one file of additional authorities: what the machine trusts already comes along. */
function trustedCertificates(certificate: string, env: NodeJS.ProcessEnv): string {
  const present = env.NODE_EXTRA_CA_CERTS;
  return present === undefined || !existsSync(present)
    ? certificate
    : `${readFileSync(present, 'utf8').trimEnd()}\n${certificate}`;
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
