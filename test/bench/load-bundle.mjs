/**
 * Loads the built app in a plain Node process, without the loader of the tests, and prints the milliseconds and the
 * resident megabytes; then loads all parts that are meant for later, and prints the milliseconds of that. The host's own
 * module is the only one that a bundle does not bring along.
 */
import { readdirSync } from 'node:fs';
import Module from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const core = {
  version: '4.0.0',
  registerFunction: () => ({ dispose: () => {} }),
  registerHook: () => ({ dispose: () => {} }),
  setProgrammingModel: () => {},
  Disposable: class {},
};
const original = Module.prototype.require;
Module.prototype.require = function (id) {
  return id === '@azure/functions-core' ? core : original.call(this, id);
};

const start = performance.now();
await import(pathToFileURL(process.argv[2]).href);
const ms = performance.now() - start;
const megabytes = process.memoryUsage().rss / 1_000_000;
const folder = dirname(process.argv[2]);
const later = performance.now();
for (const name of readdirSync(folder)) {
  if (name.endsWith('.js')) await import(pathToFileURL(join(folder, name)).href);
}
process.stdout.write(JSON.stringify({ ms, megabytes, laterMs: performance.now() - later }));
process.exit();
