import type { Connection } from '../../domain/model.js';
import { keepNewest } from '../../lib/keep-newest.js';
import type { Stored } from '../ports/stores.js';
import type { EngineDeps } from '../shared/engine-deps.js';
import { openContext } from '../sync/context/open-context.js';
import { createMappingReader } from '../sync/context/present-mappings.js';
import type { SyncContext } from '../sync/context/sync-context.js';

/** Far less than a step of a run works with the context that it has opened. */
const LIFETIME_MS = 1_000;
const MOST_CONNECTIONS = 200;
const EVENT = { runId: null, trigger: 'event', dryRun: false, fullRun: false } as const;
/** Values that rest because they went to and fro are tried once more. */
const BY_HAND = { runId: null, trigger: 'record', dryRun: false, fullRun: true } as const;

interface Opened {
  /** Of the connection and of its mappings. */
  readonly etag: string;
  readonly at: number;
  readonly context: Promise<SyncContext | null>;
}

/**
 * Opens the context in which events of a connection are worked on; null before the connection's first full run. Events
 * that come within a second share one, so that a crowd of them does not ask both systems who they are each time. A
 * change of the connection or of one of its mappings counts at once. `byHand`: a person asked for the work, so that there is always
 * a context.
 */
export function createContextCache(
  deps: EngineDeps,
  { byHand }: { readonly byHand: boolean } = { byHand: false },
): (connection: Stored<Connection>) => Promise<SyncContext | null> {
  const opened = new Map<string, Opened>();
  const readers = new Map<string, ReturnType<typeof createMappingReader>>();

  async function etagOf({ etag, value: { id } }: Stored<Connection>): Promise<string> {
    const read = readers.get(id) ?? createMappingReader(deps.mappings, id);
    keepNewest(readers, MOST_CONNECTIONS, [id, read]);
    const mappings = await read();
    return [etag, ...mappings.map((stored) => `${stored.value.id} ${stored.etag}`).sort()].join('\n');
  }

  async function open(connectionId: string): Promise<SyncContext | null> {
    if (byHand) return openContext(deps, connectionId, BY_HAND);
    const { firstFullSyncAt } = await deps.connections.getState(connectionId);
    return firstFullSyncAt === null ? null : openContext(deps, connectionId, EVENT);
  }

  function remember(connectionId: string, entry: Opened): void {
    keepNewest(opened, MOST_CONNECTIONS, [connectionId, entry]);
    const forget = () => {
      if (opened.get(connectionId) === entry) opened.delete(connectionId);
    };
    entry.context.then((context) => {
      if (context === null) forget();
    }, forget);
  }

  return async (connection) => {
    const { id } = connection.value;
    const etag = await etagOf(connection);
    const [held, now] = [opened.get(id), deps.clock.now()];
    if (held?.etag === etag && now >= held.at && now - held.at < LIFETIME_MS) return held.context;
    const entry = { etag, at: now, context: open(id) };
    remember(id, entry);
    return entry.context;
  };
}
