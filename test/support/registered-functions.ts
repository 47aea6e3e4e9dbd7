/**
 * Loads an entry file, the app's source or the one that is named, as the host does and prints what it registers.
 * A process of its own: the library asks for the host once and remembers the answer.
 */
import Module from 'node:module';

const registered: unknown[] = [];
const core = {
  version: '4.0.0',
  hostVersion: '4.0.0',
  registerFunction: (metadata: unknown) => {
    registered.push(metadata);
    return { dispose: () => {} };
  },
  registerHook: () => ({ dispose: () => {} }),
  setProgrammingModel: () => {},
  getProgrammingModel: () => ({}),
  log: () => {},
  Disposable: class {},
};

const prototype = Module.prototype as { require: (id: string) => unknown };
const original = prototype.require;
prototype.require = function (this: unknown, id: string) {
  return id === '@azure/functions-core' ? core : original.call(this, id);
};

await import(process.argv[2] ?? '../../src/main.js');
process.stdout.write(JSON.stringify(registered));
