import type { Connection } from '../../domain/model.js';
import { keepNewest } from '../../lib/keep-newest.js';
import type { Clock } from '../ports/runtime.js';
import type { ConnectionStore } from '../ports/stores.js';

/** A connection, and whether it was read just now or a moment ago. */
export interface RecentConnection {
  readonly connection: Connection | undefined;
  readonly isFresh: boolean;
}

export interface ConnectionCache {
  /** The store, with changes that the memory hears of: all use cases of a process have to go through it. */
  readonly store: ConnectionStore;
  find(connectionId: string): Promise<RecentConnection>;
}

const LIFETIME_MS = 1_000;
const MOST_CONNECTIONS = 500;

/**
 * Remembers connections for a second, for receivers that are called many times a second. A change within this process
 * counts at once, one in another process after that second.
 */
export function createConnectionCache(store: ConnectionStore, clock: Clock): ConnectionCache {
  const known = new Map<string, { readonly connection: Connection; readonly until: number }>();
  let changes = 0;

  async function forgetting<T>(connectionId: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      changes += 1;
      known.delete(connectionId);
    }
  }

  return {
    store: {
      ...store,
      replace: (connection, etag) => forgetting(connection.id, store.replace(connection, etag)),
      remove: (connection, etag) => forgetting(connection.id, store.remove(connection, etag)),
    },
    async find(connectionId) {
      const held = known.get(connectionId);
      if (held !== undefined && clock.now() < held.until)
        return { connection: held.connection, isFresh: false };
      const [until, before] = [clock.now() + LIFETIME_MS, changes];
      const connection = (await store.get(connectionId))?.value;
      // What was read while something changed may be from before the change.
      if (connection === undefined || before !== changes) known.delete(connectionId);
      else keepNewest(known, MOST_CONNECTIONS, [connectionId, { connection, until }]);
      return { connection, isFresh: true };
    },
  };
}

/** For stores without listeners. */
export function readEachTime(store: Pick<ConnectionStore, 'get'>): Pick<ConnectionCache, 'find'> {
  return {
    find: async (connectionId) => ({
      connection: (await store.get(connectionId))?.value,
      isFresh: true,
    }),
  };
}
