/**
 * A local Functions host: loads a built app through the real `@azure/functions` library and gives it HTTP, timers
 * and queue triggers with the semantics of the real host, also where it is odd: an app that cannot be loaded leaves a
 * host that runs without functions. What differs: one worker, no scaling (the stack starts more hosts when it is told
 * to), and a function that runs out of time fails alone where the real host restarts the worker.
 */
import { setMaxListeners } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type LoadedApp, type LoadedFunction, sortFunctions } from './app.js';
import { type AppCore, loadApp, runHooks } from './core-api.js';
import { createHttpServer, type HostKeys } from './http.js';
import { createInvoker, type Invoker } from './invocation.js';
import { createOutputs } from './outputs.js';
import { createQueueListener, type QueueFunction } from './queues.js';
import type { LogEntry } from './rpc.js';
import { type HostSettings, readEntryFile, readHostSettings } from './settings.js';
import { createQueues, describeError, messageOf, type Queues } from './storage.js';
import { createStorageWatch } from './storage-watch.js';
import { createTimerStatusStore } from './timer-status.js';
import { createTimer, type Timer } from './timers.js';

export interface FunctionsHostOptions {
  /** The folder with host.json and package.json, whose `main` is the built app. */
  appDir: string;
  /** 0: any free port. Always on loopback. */
  port: number;
  /** Settings for bindings, `%NAME%` and the host itself. The app reads `process.env` on its own. */
  env: NodeJS.ProcessEnv;
  keys: HostKeys;
  /** How long a received message stays invisible when its worker dies; 600 as in Azure. */
  invisibilitySeconds?: number;
  onLog?: (entry: LogEntry) => void;
  /** `queues`: timers rest; `none`: queues too. HTTP and `runTimer` work anyway. */
  listeners?: 'all' | 'queues' | 'none';
  /** How long `close` lets running functions finish; 5,000. */
  graceMs?: number;
  /** Called when storage has refused connections for `storageRefusedMs` (20,000): the process has to end. */
  onStorageLost?: () => void;
  storageRefusedMs?: number;
}

export interface FunctionsHost {
  url: string;
  port: number;
  functions: LoadedFunction[];
  /** Functions that could not be loaded, and why; the others run. */
  errors: Record<string, string>;
  /** Why no function could be loaded at all. */
  loadError?: string;
  /** Runs a timer once, after a run under way. Rejects with the function's error, or when there is no such timer. */
  runTimer(name: string): Promise<void>;
  /** Stops listening, lets running functions finish within the grace time, then cuts what is left. */
  close(): Promise<void>;
}

const STORAGE_REFUSED_MS = 20_000;

let loads = 0;

/** A second host in one process must run the entry file again, which an import under its own name does. */
const importEntry = async (file: string): Promise<unknown> => {
  const { href } = pathToFileURL(file);
  const specifier = loads === 0 ? href : `${href}?host=${loads}`;
  loads += 1;
  return import(specifier);
};

const listenOn = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

const closeServer = async (server: Server, finished: Promise<unknown>): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await finished;
  // Answers that are still being written get a moment; kept-alive connections are cut as soon as they are idle.
  const idle = setInterval(() => server.closeIdleConnections(), 10);
  const cut = setTimeout(() => server.closeAllConnections(), 500);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
};

const within = async (work: Promise<unknown>, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
};

/** Starts the timer and queue loops of the functions that are not disabled. */
const startListeners = (
  app: LoadedApp,
  timers: Map<string, Timer>,
  createListener: (queue: QueueFunction) => ReturnType<typeof createQueueListener>,
) => {
  const stop = new AbortController();
  const abandon = new AbortController();
  // Each message at work listens to it.
  setMaxListeners(0, abandon.signal);
  const loops: Promise<void>[] = [];
  for (const [name, timer] of timers) if (!app.disabled.has(name)) loops.push(timer.listen(stop.signal));
  for (const queue of app.queues) {
    if (!app.disabled.has(queue.fn.metadata.name)) {
      loops.push(createListener(queue).listen(stop.signal, abandon.signal));
    }
  }
  return {
    stop: async (graceMs: number): Promise<void> => {
      stop.abort();
      await within(Promise.all(loops), graceMs);
      abandon.abort();
    },
  };
};

interface HostParts {
  core: AppCore;
  app: LoadedApp;
  settings: HostSettings;
  queues: Queues;
  invoker: Invoker;
  timers: Map<string, Timer>;
  logFailure: (functionName: string, error: unknown) => void;
}

const assemble = async (options: FunctionsHostOptions): Promise<HostParts> => {
  const { appDir, env } = options;
  const settings = await readHostSettings(appDir);
  const entry = await readEntryFile(appDir);
  const onLog = options.onLog ?? (() => undefined);
  const core = await loadApp({ load: () => importEntry(entry), directory: appDir, onLog });
  if (core.loadError !== undefined) {
    const message = `Worker was unable to load entry point "${path.basename(entry)}": ${messageOf(core.loadError)}`;
    core.log({ level: 'error', category: 'system', message });
  }
  const queues = createQueues();
  const outputs = createOutputs({ env, queues, settings: settings.queues });
  const app = sortFunctions(core, settings, env, outputs.check);
  const { functionTimeoutMs } = settings;
  const invoker = createInvoker({ core, functionTimeoutMs, sendOutputs: outputs.send });
  const logFailure = (functionName: string, error: unknown): void =>
    core.log({ level: 'error', category: 'system', functionName, message: describeError(error) });
  const status = createTimerStatusStore(env.AzureWebJobsStorage, (message) =>
    core.log({ level: 'warning', category: 'system', message }),
  );
  const timers = new Map(
    app.timers.map((timer) => [timer.fn.metadata.name, createTimer(timer, { invoker, status, logFailure })]),
  );
  return { core, app, settings, queues, invoker, timers, logFailure };
};

/** Runs a timer or queue function in the background, for the host's admin route. */
const createRunByName =
  ({ app, timers, invoker, logFailure }: HostParts) =>
  (given: string, input: string): boolean => {
    const same = (name: string): boolean => name.toLowerCase() === given.toLowerCase();
    const timer = [...timers].find(([name]) => same(name))?.[1];
    // A timer logs its own failures, attempt by attempt.
    if (timer !== undefined) timer.run().catch(() => undefined);
    const queue = app.queues.find(({ fn }) => same(fn.metadata.name));
    if (queue !== undefined) {
      const inputData = [{ name: queue.bindingName, data: { string: input } }];
      invoker
        .invoke(queue.fn, { inputData, triggerMetadata: {} })
        .catch((error: unknown) => logFailure(queue.fn.metadata.name, error));
    }
    return timer !== undefined || queue !== undefined;
  };

/**
 * Loads the app and serves it. Rejects when host.json is wrong or the port is taken; a single function that cannot
 * work is listed in `errors`, and when the entry file throws or registers nothing every route is an empty 404.
 */
export const startFunctionsHost = async (options: FunctionsHostOptions): Promise<FunctionsHost> => {
  const parts = await assemble(options);
  const { core, app, settings, queues, invoker, timers, logFailure } = parts;
  const server = createHttpServer({
    functions: app.http,
    settings,
    env: options.env,
    keys: options.keys,
    invoker,
    errors: app.errors,
    logFailure,
    runByName: createRunByName(parts),
  });
  const port = await listenOn(server, options.port);
  const watch = createStorageWatch(
    options.storageRefusedMs ?? STORAGE_REFUSED_MS,
    options.onStorageLost ?? (() => undefined),
  );
  const createListener = (queue: QueueFunction) =>
    createQueueListener(queue, {
      queues,
      settings: settings.queues,
      invoker,
      invisibilitySeconds: options.invisibilitySeconds ?? 600,
      watch,
      log: (level, message) =>
        core.log({ level, category: 'system', functionName: queue.fn.metadata.name, message }),
      logFailure,
    });
  const { listeners: wanted = 'all' } = options;
  const ticking: typeof timers = wanted === 'all' ? timers : new Map();
  const listeners = wanted === 'none' ? undefined : startListeners(app, ticking, createListener);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const graceMs = options.graceMs ?? 5000;
    const drained = invoker.drain(graceMs);
    await Promise.all([listeners?.stop(graceMs), closeServer(server, drained)]);
    await runHooks(core, 'appTerminate', {});
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    functions: app.functions,
    errors: app.errors,
    ...(core.loadError === undefined ? {} : { loadError: describeError(core.loadError) }),
    runTimer: async (name) => {
      const timer = timers.get(name);
      if (timer === undefined) throw new Error(`There is no timer named '${name}'.`);
      return timer.run();
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};
