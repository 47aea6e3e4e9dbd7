import { AsyncLocalStorage } from 'node:async_hooks';
import type { InvocationContext } from '@azure/functions';
import type { Telemetry } from '../application/ports/telemetry.js';
import type { Actor } from '../domain/roles.js';

interface Invocation {
  readonly context: InvocationContext;
  actor: Actor;
}

const invocations = new AsyncLocalStorage<Invocation>();
const SYSTEM: Actor = { kind: 'system', name: 'system' };

/**
 * Runs work in such a way that what it logs belongs to this invocation, as a span of the trace that the caller of the
 * function began, or that the message carries whose work it is.
 */
export function inInvocation<T>(
  telemetry: Pick<Telemetry, 'span'>,
  context: InvocationContext,
  work: () => Promise<T>,
  message?: { readonly traceparent: string | undefined },
): Promise<T> {
  const { functionName: name, traceContext } = context;
  const host = traceContext?.traceParent || undefined;
  const start =
    message === undefined
      ? { name, kind: 'internal' as const, parent: host }
      : { name, kind: 'consumer' as const, parent: message.traceparent ?? host, link: host };
  return invocations.run({ context, actor: SYSTEM }, () => telemetry.span(start, work));
}

/** Notes the caller of the invocation under way. */
export function setActor(actor: Actor): void {
  const invocation = invocations.getStore();
  if (invocation) invocation.actor = actor;
}

/** The caller of the work under way: the service itself, where none is known. */
export function currentActor(): Actor {
  return invocations.getStore()?.actor ?? SYSTEM;
}

/** Writes a line to the log of the invocation under way, or to the process's own output when there is none. */
export function writeLog(level: 'info' | 'warn' | 'error', line: string): void {
  const invocation = invocations.getStore();
  if (invocation) invocation.context[level](line);
  else process.stderr.write(`${line}\n`);
}
