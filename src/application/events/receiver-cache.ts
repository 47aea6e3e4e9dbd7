import { keepNewest } from '../../lib/keep-newest.js';
import type { Clock } from '../ports/runtime.js';
import type { ConnectionStore, MappingStore } from '../ports/stores.js';

/** What receivers check events against. */
export interface ReceiverProfile {
  /** Null before the first run. */
  readonly organizationId: string | null;
  readonly tables: ReadonlySet<string>;
  readonly entities: ReadonlySet<string>;
}

export interface ProfileDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly clock: Clock;
}

const LIFETIME_MS = 30_000;
const MOST_CONNECTIONS = 500;

/**
 * Profiles of connections, remembered for a while. `satisfies` says what the caller hopes to find: a remembered profile
 * without it is read again, so that only a welcome answer can be out of date.
 */
export function createReceiverCache(deps: ProfileDeps) {
  const known = new Map<string, { readonly profile: ReceiverProfile; readonly until: number }>();
  return async (
    connectionId: string,
    satisfies: (profile: ReceiverProfile) => boolean,
  ): Promise<ReceiverProfile> => {
    const held = known.get(connectionId);
    if (held !== undefined && held.until > deps.clock.now() && satisfies(held.profile)) return held.profile;
    const profile = await readProfile(deps, connectionId);
    keepNewest(known, MOST_CONNECTIONS, [connectionId, { profile, until: deps.clock.now() + LIFETIME_MS }]);
    return profile;
  };
}

async function readProfile(deps: ProfileDeps, connectionId: string): Promise<ReceiverProfile> {
  const [state, stored] = await Promise.all([
    deps.connections.getState(connectionId),
    deps.mappings.list(connectionId),
  ]);
  const enabled = stored.map(({ value }) => value).filter((mapping) => mapping.enabled);
  return {
    organizationId: state.organizationId,
    tables: new Set(enabled.map((mapping) => mapping.crmEntity)),
    entities: new Set(enabled.map((mapping) => mapping.authScapeEntity)),
  };
}
