import { createOfCallChain } from './call-chain.js';

const scope = createOfCallChain<true>();

/** Does work whose requests share none with those of other work. */
export function sendingAlone<T>(work: () => Promise<T>): Promise<T> {
  return scope.run(true, work);
}

/** Must what is sent now go by itself? */
export function isSentAlone(): boolean {
  return scope.get() === true;
}
