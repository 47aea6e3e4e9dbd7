/**
 * The process entry of the local Functions host; everything comes from the environment. Prints one line when it
 * serves, then the app's log. Ends with 1 when the app or one of its functions cannot be loaded, and, as the real
 * worker does, on an uncaught exception; SIGTERM and SIGINT end it with 0.
 */
import { z } from 'zod';
import { type FunctionsHost, startFunctionsHost } from './host.js';
import type { LogEntry } from './rpc.js';
import { describeError } from './storage.js';

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(7071),
  FUNCTIONS_KEY: z.string().min(1),
  FUNCTIONS_MASTER_KEY: z.string().min(1),
  APP_DIR: z.string().min(1).optional(),
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
    keys: { master: settings.FUNCTIONS_MASTER_KEY, host: { default: settings.FUNCTIONS_KEY } },
    invisibilitySeconds: settings.STACK_QUEUE_INVISIBLE_S,
    onLog: printLog,
  });
  const errors = Object.entries(host.errors).map(([name, reason]) => `function ${name}: ${reason}`);
  if (errors.length > 0) fail(errors.join('\n'));
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
