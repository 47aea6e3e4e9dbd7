import { AsyncLocalStorage } from 'node:async_hooks';

/** Follows the asynchronous call chain: what a run does is bulk, everything else is urgent. */
const scope = new AsyncLocalStorage<true>();

/** Runs work that lets requests of single records and events go first. */
export function inBulk<T>(work: () => Promise<T>): Promise<T> {
  return scope.run(true, work);
}

/** Is the work that is under way bulk? */
export function isBulk(): boolean {
  return scope.getStore() === true;
}
