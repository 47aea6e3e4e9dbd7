/**
 * What the Node worker hands to the `@azure/functions` library under the name `@azure/functions-core`. The real
 * worker patches `Module.prototype.require`; so does this one, before the app is imported. The library keeps the
 * object it got for the life of the process, therefore one object is handed out for good and only the app it
 * registers into changes: hosts in one process start one after the other, each with its own functions and hooks.
 */
import Module from 'node:module';
import type { FunctionCallback, FunctionMetadata, LogEntry, LogLevel, ProgrammingModel } from './rpc.js';

export interface RegisteredFunction {
  metadata: FunctionMetadata & { functionId: string };
  callback: FunctionCallback;
}

export type HookCallback = (context: object) => unknown;

/** The registrations of one app. */
export interface AppCore {
  functions: Map<string, RegisteredFunction>;
  hooks: Map<string, HookCallback[]>;
  /** Absent when the app could not be loaded. */
  model?: ProgrammingModel;
  /** Why the app could not be loaded; it then has no functions. */
  loadError?: unknown;
  /** Shared by all hooks of the app for its whole life. */
  appHookData: Record<string, unknown>;
  /** Runs the app's `log` hooks, then the sink. */
  log(entry: LogEntry, invocationContext?: unknown): void;
}

type LoadingCore = Omit<AppCore, 'model' | 'loadError'>;

const HOOKS = new Set(['preInvocation', 'postInvocation', 'appStart', 'appTerminate', 'log']);

class Disposable {
  #release: (() => void) | undefined;

  constructor(release: () => void) {
    this.#release = release;
  }

  static from(...parts: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const part of parts) part.dispose();
    });
  }

  dispose(): void {
    this.#release?.();
    this.#release = undefined;
  }
}

let loading: LoadingCore | undefined;
let latest: LoadingCore | undefined;
let model: ProgrammingModel | undefined;
let patched = false;

const registerFunction = (metadata: FunctionMetadata, callback: FunctionCallback): Disposable => {
  if (loading === undefined) throw new Error('A function can only be registered during app startup.');
  const { functions } = loading;
  const functionId = metadata.functionId ?? metadata.name;
  if (functions.has(functionId)) {
    throw new Error(`A function with id "${functionId}" has already been registered.`);
  }
  functions.set(functionId, { metadata: { ...metadata, functionId }, callback });
  return new Disposable(() => functions.delete(functionId));
};

const registerHook = (name: string, callback: HookCallback): Disposable => {
  if (!HOOKS.has(name)) {
    // The library recognises an unsupported hook by this class and flag.
    throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), { isAzureFunctionsSystemError: true });
  }
  const hooks = (loading ?? latest)?.hooks;
  const list = hooks?.get(name) ?? [];
  list.push(callback);
  hooks?.set(name, list);
  return new Disposable(() => {
    const index = list.indexOf(callback);
    if (index >= 0) list.splice(index, 1);
  });
};

const CORE_API = {
  version: '3.12.0',
  hostVersion: '4.1041.0',
  Disposable,
  registerFunction,
  registerHook,
  setProgrammingModel: (value: ProgrammingModel): void => {
    model = value;
  },
  getProgrammingModel: (): ProgrammingModel | undefined => model,
  log: (level: LogLevel, category: string, message: string): void => {
    (loading ?? latest)?.log({ level, category, message });
  },
};

const patchRequire = (): void => {
  if (patched) return;
  patched = true;
  const prototype = Module.prototype as unknown as { require(this: unknown, id: string): unknown };
  const original = prototype.require;
  prototype.require = function (id) {
    return id === '@azure/functions-core' ? CORE_API : original.call(this, id);
  };
};

const createCore = (onLog: (entry: LogEntry) => void): LoadingCore => {
  const core: LoadingCore = {
    functions: new Map(),
    hooks: new Map(),
    appHookData: {},
    log: (entry, invocationContext) => {
      const context = { hookData: {}, appHookData: core.appHookData, ...entry, invocationContext };
      for (const hook of core.hooks.get('log') ?? []) hook(context);
      // Hooks may rewrite the level and the text, nothing else.
      onLog({ ...entry, level: context.level, message: context.message });
    },
  };
  return core;
};

/**
 * Runs `load`, which imports the app, and returns what the app registered. When the entry file throws or registers
 * nothing there are no functions, as in the real host, which goes on running without any.
 */
export const loadApp = async (options: {
  load: () => Promise<unknown>;
  directory: string;
  onLog: (entry: LogEntry) => void;
}): Promise<AppCore> => {
  if (loading !== undefined) throw new Error('Another app is still being loaded in this process.');
  patchRequire();
  const core = createCore(options.onLog);
  loading = core;
  latest = core;
  try {
    await options.load();
    await runHooks(core, 'appStart', { functionAppDirectory: options.directory });
    if (model === undefined || core.functions.size === 0) throw new Error('The app registered no functions.');
    const capabilities = await model.getCapabilities({ ...WORKER_CAPABILITIES });
    if (capabilities.HttpUri !== undefined) {
      throw new Error('This host does not proxy HTTP streams: leave enableHttpStream off.');
    }
    return Object.assign(core, { model });
  } catch (error) {
    core.functions.clear();
    return Object.assign(core, { loadError: error });
  } finally {
    loading = undefined;
  }
};

/** Runs the hooks of one name one after the other on the same context. */
export const runHooks = async (
  core: Pick<AppCore, 'hooks' | 'appHookData'>,
  name: string,
  context: Record<string, unknown>,
): Promise<void> => {
  context.appHookData = core.appHookData;
  context.hookData ??= {};
  for (const hook of core.hooks.get(name) ?? []) await hook(context);
};

const WORKER_CAPABILITIES = {
  RawHttpBodyBytes: 'true',
  RpcHttpTriggerMetadataRemoved: 'true',
  RpcHttpBodyOnly: 'true',
  IgnoreEmptyValuedRpcHttpHeaders: 'true',
  UseNullableValueDictionaryForHttp: 'true',
  WorkerStatus: 'true',
  TypedDataCollection: 'true',
  HandlesWorkerTerminateMessage: 'true',
};
