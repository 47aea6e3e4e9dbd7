import { AsyncLocalStorage } from 'node:async_hooks';
import type { InvocationContext } from '@azure/functions';

const invocations = new AsyncLocalStorage<InvocationContext>();

/** Runs work in such a way that what it logs belongs to this invocation. */
export function inInvocation<T>(context: InvocationContext, work: () => Promise<T>): Promise<T> {
  return invocations.run(context, work);
}

/** Writes a line to the log of the invocation under way, or to the process's own output when there is none. */
export function writeLog(level: 'info' | 'warn' | 'error', line: string): void {
  const context = invocations.getStore();
  if (context) context[level](line);
  else process.stderr.write(`${line}\n`);
}
