import { organizationKey } from '../../domain/connection-rules.js';
import { BridgeError } from '../../domain/errors.js';
import type { Connection, EntityMapping } from '../../domain/model.js';
import type { LinkStore } from '../ports/links.js';
import type { ConnectionStore, FeedStore, MappingStore, RunStore } from '../ports/stores.js';
import { pagesOf } from '../shared/pages.js';

export interface EnvironmentDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly links: LinkStore;
  readonly feeds: FeedStore;
  readonly runs: RunStore;
}

type TableDeps = Pick<EnvironmentDeps, 'mappings'>;

/**
 * Makes sure that a connection may go to another environment and reserves its mapped tables there. Returns what gives
 * the old reservations free; to be called when the connection has moved. Throws `run_in_progress`,
 * `connection_has_links`, `table_already_mapped`.
 */
export async function moveTables(
  deps: EnvironmentDeps,
  connection: Connection,
  environment: string,
): Promise<() => Promise<void>> {
  await refuseDuringRun(deps, connection.id);
  const mappings = (await deps.mappings.list(connection.id)).map((stored) => stored.value);
  await refuseLinked(deps, mappings);
  const tables = new Set(mappings.map((mapping) => mapping.crmEntity));
  if (organizationKey(environment) === organizationKey(connection.environment)) return async () => {};
  for (const table of tables) await reserveTable(deps, environment, table, connection.id);
  return async () => {
    for (const table of tables) await releaseTable(deps, connection.environment, table, connection.id);
  };
}

/** Throws `connection_has_links` where records of one of the mappings are linked. */
export async function refuseLinked(
  deps: Pick<EnvironmentDeps, 'links'>,
  mappings: readonly EntityMapping[],
): Promise<void> {
  for (const { connectionId, id } of mappings) {
    if (!(await hasLinks(deps, connectionId, id))) continue;
    throw new BridgeError(
      'connection_has_links',
      'The environment cannot change while records of the present one are linked.',
      { hint: 'Make a new connection for the other environment, or delete the mappings of this one first.' },
    );
  }
}

/** Throws `run_in_progress`, with the run's address, while a run holds the connection. */
export async function refuseDuringRun(
  deps: Pick<EnvironmentDeps, 'runs'>,
  connectionId: string,
): Promise<void> {
  const run = await deps.runs.blocking(connectionId);
  if (!run) return;
  throw new BridgeError('run_in_progress', 'A run of this connection is in progress.', {
    hint: 'Wait until it has ended, or cancel it.',
    location: `/api/runs/${run.id}`,
  });
}

/** Throws `table_already_mapped` when another connection to the same organization has the table. */
export async function reserveTable(
  deps: TableDeps,
  environment: string,
  table: string,
  connectionId: string,
): Promise<void> {
  const holder = await deps.mappings.reserveTable(organizationKey(environment), table, connectionId);
  if (holder === undefined || holder === connectionId) return;
  throw new BridgeError(
    'table_already_mapped',
    `The table ${table} of ${environment} is mapped by the connection ${holder} already.`,
    { hint: 'Two connections never map one table: each would see the other one’s writes as edits.' },
  );
}

export async function releaseTable(
  deps: TableDeps,
  environment: string,
  table: string,
  connectionId: string,
): Promise<void> {
  await deps.mappings.releaseTable(organizationKey(environment), table, connectionId);
}

/** What runs learned of the old organization does not hold for the new one: feeds start over, the first full run too. */
export async function forgetEnvironment(deps: EnvironmentDeps, connectionId: string): Promise<void> {
  for (const { value } of await deps.mappings.list(connectionId)) {
    await deps.feeds.put(connectionId, value.id, NO_FEED);
  }
  await deps.connections.updateState(connectionId, (state) => ({
    ...state,
    organizationId: null,
    firstFullSyncAt: null,
    lastEventAt: null,
    webhookSilence: null,
    writerChecks: {},
  }));
}

export const NO_FEED = { deltaLink: null, columns: [], scannedFrom: null };

async function hasLinks(
  deps: Pick<EnvironmentDeps, 'links'>,
  connectionId: string,
  mappingId: string,
): Promise<boolean> {
  for await (const page of pagesOf((cursor) => deps.links.scan(connectionId, mappingId, 1, cursor))) {
    if (page.items.length > 0) return true;
  }
  return false;
}
