import { ConflictError } from '../../domain/errors.js';
import type { ConnectionState } from '../../domain/model.js';
import type { Logger } from '../ports/runtime.js';
import type { ConnectionStore } from '../ports/stores.js';

export interface EventCountDeps {
  readonly connections: Pick<ConnectionStore, 'updateState'>;
  readonly logger: Logger;
}

type Counter = 'droppedEvents' | 'ignoredEvents' | 'echoes';
type Counts = Partial<Record<Counter, number>>;

/** Counts that wait for the write under way to end. */
interface Batch {
  readonly counts: Counts;
  readonly stored: Promise<void>;
}

/**
 * Counts what became of events, one row per connection. What is counted while a write of that row is under way is stored
 * together by the next one, so that a crowd of events does not race for the row. Resolves when the count is stored.
 */
export function createEventCounts(
  deps: EventCountDeps,
): (connectionId: string, counter: Counter) => Promise<void> {
  const open = new Map<string, Batch>();
  const underWay = new Map<string, Promise<void>>();

  function start(connectionId: string): Batch {
    const counts: Counts = {};
    const before = underWay.get(connectionId) ?? Promise.resolve();
    const stored = before.then(() => {
      open.delete(connectionId);
      return keep(deps, connectionId, counts);
    });
    const settled = stored
      .catch(() => undefined)
      .then(() => {
        if (underWay.get(connectionId) === settled) underWay.delete(connectionId);
      });
    underWay.set(connectionId, settled);
    const batch = { counts, stored };
    open.set(connectionId, batch);
    return batch;
  }

  return (connectionId, counter) => {
    const { counts, stored } = open.get(connectionId) ?? start(connectionId);
    counts[counter] = (counts[counter] ?? 0) + 1;
    return stored;
  };
}

async function keep(deps: EventCountDeps, connectionId: string, counts: Counts): Promise<void> {
  try {
    await deps.connections.updateState(connectionId, (state) => added(state, counts));
  } catch (error) {
    // Nothing is done anew for a count.
    if (!(error instanceof ConflictError)) throw error;
    deps.logger.info('Events could not be counted', { connectionId });
  }
}

function added(state: ConnectionState, counts: Counts): ConnectionState {
  return {
    ...state,
    droppedEvents: state.droppedEvents + (counts.droppedEvents ?? 0),
    ignoredEvents: state.ignoredEvents + (counts.ignoredEvents ?? 0),
    echoes: state.echoes + (counts.echoes ?? 0),
  };
}
