import {
  type ConfiguredConnection,
  type ConfiguredMapping,
  connectionKey,
  SETTINGS,
} from '../../domain/configuration.js';
import { BridgeError } from '../../domain/errors.js';
import { isCustomFieldKey, shownFieldName } from '../../domain/field-names.js';
import { type Connection, dependencyOrder, type EntityMapping } from '../../domain/model.js';
import { usedNames, withNames } from '../mappings/save-mapping.js';
import type { ConnectionStore, MappingStore, Stored } from '../ports/stores.js';
import type { Systems } from '../ports/systems.js';
import { pagesOf } from '../shared/pages.js';

export interface ReadDeps {
  readonly connections: Pick<ConnectionStore, 'list'>;
  readonly mappings: Pick<MappingStore, 'list'>;
  readonly systems: Pick<Systems, 'authScape'>;
}

/** One connection as it is stored, and as a document shows it. */
export interface StoredConfiguration {
  readonly connection: Connection;
  readonly etag: string;
  readonly mappings: readonly Stored<EntityMapping>[];
  /** The same mappings in the same order, custom fields under their names. */
  readonly named: readonly EntityMapping[];
  readonly shown: ConfiguredConnection;
}

/**
 * All connections, or the one of that name or id, as a document without ids and secrets. Throws
 * `connection_not_found`, and what AuthScape throws when it is asked for the names of custom fields.
 */
export const exportConfiguration =
  (deps: ReadDeps) =>
  async (connection?: string): Promise<readonly ConfiguredConnection[]> => {
    const all = await readConfiguration(deps);
    if (connection === undefined) return all.map(({ shown }) => shown);
    const key = connectionKey({ name: connection });
    const found = all.find((one) => one.connection.id === connection || connectionKey(one.shown) === key);
    if (found) return [found.shown];
    throw new BridgeError('connection_not_found', `There is no connection "${connection}".`);
  };

/** All connections, by name. */
export async function readConfiguration(deps: ReadDeps): Promise<readonly StoredConfiguration[]> {
  const found: StoredConfiguration[] = [];
  for await (const page of pagesOf((cursor) => deps.connections.list(500, cursor))) {
    for (const stored of page.items) found.push(await readOne(deps, stored));
  }
  return found.sort((a, b) => (connectionKey(a.shown) < connectionKey(b.shown) ? -1 : 1));
}

async function readOne(
  deps: ReadDeps,
  { value: connection, etag }: Stored<Connection>,
): Promise<StoredConfiguration> {
  const mappings = [...(await deps.mappings.list(connection.id))].sort((a, b) =>
    dependencyOrder(a.value, b.value),
  );
  const named: EntityMapping[] = [];
  for (const { value } of mappings) named.push(await withShownNames(deps, value));
  const settings = Object.fromEntries(SETTINGS.map((name) => [name, connection[name]])) as Pick<
    Connection,
    (typeof SETTINGS)[number]
  >;
  const { name, provider } = connection;
  const shown = { name, provider, ...settings, mappings: named.map(shownMapping) };
  return { connection, etag, mappings, named, shown };
}

async function withShownNames(deps: ReadDeps, mapping: EntityMapping): Promise<EntityMapping> {
  if (!usedNames(mapping).some(isCustomFieldKey)) return mapping;
  const schema = await (await deps.systems.authScape()).schema(mapping.authScapeEntity);
  return withNames(mapping, (key) => shownFieldName(schema, key));
}

function shownMapping({
  id: _id,
  connectionId: _connection,
  version: _version,
  createdAt: _created,
  updatedAt: _updated,
  ...mapping
}: EntityMapping): ConfiguredMapping {
  return {
    ...mapping,
    fields: mapping.fields.map(({ id: _field, ...field }) => field),
    relationships: mapping.relationships.map(({ id: _relationship, ...relationship }) => relationship),
  };
}
