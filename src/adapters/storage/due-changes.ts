/**
 * Stores whose writes change what is due. The index hears of a write before it is made, for a time by which it is made:
 * a process that dies in between leaves a look too many, never one too few.
 */
import type { DueIndex } from '../../application/ports/due-index.js';
import type { Clock } from '../../application/ports/runtime.js';
import type { ConnectionStore, RunStore } from '../../application/ports/stores.js';

const WRITTEN_AFTER_MS = 5_000;

type Deps = { readonly due: DueIndex; readonly clock: Clock };

/** A changed connection may be due earlier. A new one has nothing due before its first run; a removed one leaves no row. */
export function tellingConnections(store: ConnectionStore, { clock, due }: Deps): ConnectionStore {
  return {
    ...store,
    async replace(connection, etag) {
      await due.bringForward(connection.id, clock.now() + WRITTEN_AFTER_MS);
      return await store.replace(connection, etag);
    },
    async remove(connection, etag) {
      await store.remove(connection, etag);
      await due.forget(connection.id);
    },
  };
}

/** The timer watches a run, as its worker may die, and knows when the next one is due once it has ended. */
export function tellingRuns(store: RunStore, { clock, due }: Deps): RunStore {
  return {
    ...store,
    async open(run) {
      await due.bringForward(run.connectionId, clock.now() + WRITTEN_AFTER_MS);
      return await store.open(run);
    },
    async reopen(run) {
      await due.bringForward(run.value.connectionId, clock.now() + WRITTEN_AFTER_MS);
      return await store.reopen(run);
    },
  };
}
