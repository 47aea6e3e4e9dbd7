import { createOfCallChain } from './call-chain.js';

/** What a run does is bulk, everything else is urgent. */
const scope = createOfCallChain<true>();

/** Runs work that lets requests of single records and events go first. */
export function inBulk<T>(work: () => Promise<T>): Promise<T> {
  return scope.run(true, work);
}

/** Is the work that is under way bulk? */
export function isBulk(): boolean {
  return scope.get() === true;
}
