import { AsyncResource } from 'node:async_hooks';

/**
 * The asynchronous context of the caller, for work that is done in its name later. `AsyncResource.bind` does the same, but
 * gives each function that it makes a deprecated property, which costs more than all the rest.
 */
export function contextOfCaller(): <T>(work: () => T) => T {
  const caller = new AsyncResource('Caller');
  return (work) => caller.runInAsyncScope(work);
}
