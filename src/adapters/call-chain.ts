import { AsyncLocalStorage } from 'node:async_hooks';

/** Something that follows the asynchronous call chain. */
export interface OfCallChain<T> {
  /** Does work within which it is this value. */
  run<R>(value: T | undefined, work: () => R): R;
  get(): T | undefined;
}

type Values = ReadonlyMap<object, unknown>;

/** One storage for all: each is handed on to every promise of the process. */
const storage = new AsyncLocalStorage<Values>();

export function createOfCallChain<T>(): OfCallChain<T> {
  const own: OfCallChain<T> = {
    run: (value, work) => storage.run(new Map(storage.getStore()).set(own, value), work),
    // Only `run` sets what is kept under this key.
    get: () => storage.getStore()?.get(own) as T | undefined,
  };
  return own;
}
