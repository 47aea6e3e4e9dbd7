import type { Store, StoreState } from './store.js';

/** A backup of the database, as an operator takes and restores one: ids that were given out since are given out again. */
export class Backup {
  readonly #store: Store;
  #state: StoreState | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  take(): void {
    this.#state = this.#store.save();
  }

  /** False: no backup was taken. */
  restore(): boolean {
    if (this.#state === undefined) {
      return false;
    }
    this.#store.load(this.#state);
    return true;
  }
}
