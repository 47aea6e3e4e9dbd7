/** Sorts what an app registered by trigger, and refuses what the real host would refuse, function by function. */
import type { AppCore, RegisteredFunction } from './core-api.js';
import type { HttpFunction } from './http.js';
import type { QueueFunction } from './queues.js';
import { byName, compileRoute, routeProblem } from './routes.js';
import type { Binding } from './rpc.js';
import { type HostSettings, resolveSettings } from './settings.js';
import { connectionString, messageOf } from './storage.js';
import { parseSchedule, type TimerFunction } from './timers.js';

export interface LoadedFunction {
  name: string;
  /** The binding type, such as `httpTrigger`. */
  type: string;
  /** Without the prefix. */
  route?: string;
  methods?: string[];
  authLevel?: string;
}

export interface LoadedApp {
  functions: LoadedFunction[];
  errors: Record<string, string>;
  http: HttpFunction[];
  timers: TimerFunction[];
  queues: QueueFunction[];
  disabled: Set<string>;
}

interface Trigger extends Binding {
  bindingName: string;
}

const triggerOf = (fn: RegisteredFunction): Trigger => {
  const entry = Object.entries(fn.metadata.bindings).find(([, { type }]) => /trigger$/i.test(type));
  if (entry === undefined) throw new Error('The function has no trigger.');
  return { ...entry[1], bindingName: entry[0] };
};

const isDisabled = (name: string, env: NodeJS.ProcessEnv): boolean =>
  /^(true|1)$/i.test(env[`AzureWebJobs.${name}.Disabled`] ?? env[`AzureWebJobs_${name}_Disabled`] ?? '');

const addHttp = (app: LoadedApp, fn: RegisteredFunction, trigger: Trigger, settings: HostSettings): void => {
  const { name } = fn.metadata;
  const route = trigger.route === undefined || trigger.route === '' ? name : trigger.route;
  const methods = (trigger.methods ?? ['GET', 'POST']).map((method) => method.toUpperCase());
  const earlier = app.http.map((other) => ({ ...other, name: other.fn.metadata.name }));
  const problem = routeProblem(route, methods, earlier);
  if (problem !== undefined) throw new Error(problem);
  const match = compileRoute(settings.routePrefix === '' ? route : `${settings.routePrefix}/${route}`);
  const authLevel = (trigger.authLevel ?? 'anonymous').toLowerCase();
  const disabled = app.disabled.has(name);
  app.http.push({ fn, bindingName: trigger.bindingName, route, match, methods, authLevel, disabled });
  app.functions.push({ name, type: trigger.type, route, methods, authLevel });
};

const addFunction = (
  app: LoadedApp,
  fn: RegisteredFunction,
  settings: HostSettings,
  env: NodeJS.ProcessEnv,
): void => {
  const trigger = triggerOf(fn);
  const { bindingName } = trigger;
  const { name } = fn.metadata;
  const type = trigger.type.toLowerCase();
  if (type === 'httptrigger') {
    addHttp(app, fn, trigger, settings);
  } else if (type === 'timertrigger') {
    const schedule = parseSchedule(resolveSettings(trigger.schedule ?? '', env));
    const runOnStartup = trigger.runOnStartup === true;
    app.timers.push({ fn, bindingName, schedule, runOnStartup, useMonitor: trigger.useMonitor });
    app.functions.push({ name, type: trigger.type });
  } else if (type === 'queuetrigger') {
    const connection = connectionString(trigger.connection, env);
    const queueName = resolveSettings(trigger.queueName ?? '', env);
    app.queues.push({ fn, bindingName, connection, queueName });
    app.functions.push({ name, type: trigger.type });
  } else {
    throw new Error(`The trigger '${trigger.type}' is not supported by the local host.`);
  }
};

/** Sorts the registrations by trigger; one that cannot work becomes an entry in `errors`. */
export const sortFunctions = (
  core: AppCore,
  settings: HostSettings,
  env: NodeJS.ProcessEnv,
  checkOutputs: (fn: RegisteredFunction) => void,
): LoadedApp => {
  const app: LoadedApp = { functions: [], errors: {}, http: [], timers: [], queues: [], disabled: new Set() };
  const registered = [...core.functions.values()].sort((a, b) => byName(a.metadata, b.metadata));
  for (const fn of registered) {
    const { name } = fn.metadata;
    try {
      if (isDisabled(name, env)) app.disabled.add(name);
      checkOutputs(fn);
      addFunction(app, fn, settings, env);
    } catch (error) {
      app.errors[name] = messageOf(error);
    }
  }
  return app;
};
