import { BridgeError, ConflictError } from '../../domain/errors.js';
import { EVENT_NOTE_MS } from '../../domain/missed-events.js';
import { keepNewest } from '../../lib/keep-newest.js';
import type { Clock, Logger } from '../ports/runtime.js';
import type { ConnectionStore } from '../ports/stores.js';

export interface EventNoteDeps {
  readonly connections: ConnectionStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MOST_CONNECTIONS = 500;

/**
 * Keeps the time of a connection's newest accepted event of Dynamics, at most once a minute and process. The event
 * counts whether or not its time can be kept.
 */
export function createLastEventTimes(deps: EventNoteDeps): (connectionId: string) => Promise<void> {
  const noted = new Map<string, number>();
  return async (connectionId) => {
    const now = deps.clock.now();
    const last = noted.get(connectionId);
    if (last !== undefined && now - last < EVENT_NOTE_MS) return;
    keepNewest(noted, MOST_CONNECTIONS, [connectionId, now]);
    try {
      await keep(deps, connectionId, now);
    } catch (error) {
      if (!(error instanceof BridgeError) && !(error instanceof ConflictError)) throw error;
      noted.delete(connectionId);
      deps.logger.info('The time of an event could not be kept', { connectionId });
    }
  };
}

async function keep(deps: EventNoteDeps, connectionId: string, now: number): Promise<void> {
  const { lastEventAt } = await deps.connections.getState(connectionId);
  // Another process may have kept it just now.
  if (lastEventAt !== null && now - Date.parse(lastEventAt) < EVENT_NOTE_MS) return;
  const at = new Date(now).toISOString();
  await deps.connections.updateState(connectionId, (state) => ({ ...state, lastEventAt: at }));
}
