import { BridgeError } from '../../domain/errors.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { Column, EntityField, Table } from '../../domain/schema.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { ConnectionStore } from '../ports/stores.js';
import type { Systems } from '../ports/systems.js';

export interface SchemaDeps {
  readonly connections: ConnectionStore;
  readonly systems: Systems;
}

/** The tables of the connection's environment, by logical name. */
export const listTables =
  (deps: SchemaDeps) =>
  async (connectionId: string): Promise<readonly Table[]> => {
    const { value: connection } = await requireConnection(deps, connectionId);
    const tables = await (await deps.systems.dynamics(connection)).listTables();
    return [...tables].sort((a, b) => (a.logicalName < b.logicalName ? -1 : 1));
  };

/** The columns of one table, read afresh, by name; `not_found` for an unknown table. */
export const listColumns =
  (deps: SchemaDeps) =>
  async (connectionId: string, logicalName: string): Promise<readonly Column[]> => {
    const { value: connection } = await requireConnection(deps, connectionId);
    const dynamics = await deps.systems.dynamics(connection);
    const table = await dynamics.table(logicalName.toLowerCase(), { fresh: true });
    if (!table) throw new BridgeError('not_found', `Dynamics has no table "${logicalName}".`);
    return [...table.columns].sort((a, b) => (a.name < b.name ? -1 : 1));
  };

/** The fields of an AuthScape entity, custom fields included, read afresh. */
export const listEntityFields =
  (deps: Pick<SchemaDeps, 'systems'>) =>
  async (entity: AuthScapeEntity): Promise<readonly EntityField[]> => {
    const schema = await (await deps.systems.authScape()).schema(entity, { fresh: true });
    return schema.fields;
  };
