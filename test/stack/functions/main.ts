/**
 * The process entry of the local Functions host; everything comes from the environment. Prints one line when it
 * serves, then the app's log. As the real host, it goes on without what cannot be loaded, which it names on standard
 * error, and ends with 1 on an uncaught exception and when storage refuses connections for 20 s. SIGTERM and SIGINT end
 * it with 0.
 */
import { z } from 'zod';
import { type FunctionsHost, startFunctionsHost } from './host.js';
import type { LogEntry } from './rpc.js';
import { describeError } from './storage.js';

/** Keys that open one function each, by its name. */
const functionKeys = z.record(z.string(), z.string().min(1));

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(7071),
  FUNCTIONS_KEY: z.string().min(1),
  FUNCTIONS_MASTER_KEY: z.string().min(1),
  APP_DIR: z.string().min(1).optional(),
  FUNCTIONS_OWN_KEYS: z
    .string()
    .default('{}')
    .transform((text) => functionKeys.parse(JSON.parse(text))),
  STACK_TRIGGERS: z.enum(['all', 'queues']).default('all'),
  STACK_QUEUE_INVISIBLE_S: z.coerce.number().int().min(1).max(604_800).default(600),
});

const LEVELS: readonly string[] = ['information', 'warning', 'error', 'critical'];

const printLog = (entry: LogEntry): void => {
  if (!LEVELS.includes(entry.level)) return;
  process.stdout.write(`${entry.level} ${entry.functionName ?? 'host'} ${entry.message}\n`);
};

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const start = async (): Promise<FunctionsHost> => {
  const settings = environment.parse(process.env);
  const host = await startFunctionsHost({
    appDir: settings.APP_DIR ?? process.cwd(),
    port: settings.PORT,
    env: process.env,
    keys: {
      master: settings.FUNCTIONS_MASTER_KEY,
      host: { default: settings.FUNCTIONS_KEY },
      functions: settings.FUNCTIONS_OWN_KEYS,
    },
    onStorageLost: () => fail('Storage has refused connections for 20 s: the host ends.'),
    listeners: settings.STACK_TRIGGERS,
    invisibilitySeconds: settings.STACK_QUEUE_INVISIBLE_S,
    onLog: printLog,
  });
  if (host.loadError !== undefined) process.stderr.write(`no function is loaded: ${host.loadError}\n`);
  for (const [name, reason] of Object.entries(host.errors)) {
    process.stderr.write(`function ${name}: ${reason}\n`);
  }
  process.stdout.write(`functions listening on ${host.url}\n`);
  return host;
};

const starting = start();

let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  starting
    .then((host) => host.close())
    .then(
      () => process.exit(0),
      (error: unknown) => fail(describeError(error)),
    );
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

starting.catch((error: unknown) => fail(describeError(error)));
