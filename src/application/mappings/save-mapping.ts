import { BridgeError, type Fault } from '../../domain/errors.js';
import { isCustomFieldKey, shownFieldName, storedFieldName } from '../../domain/field-names.js';
import { checkMapping } from '../../domain/mapping-checks.js';
import type { AuthScapeEntity, Connection, EntityMapping, Transform } from '../../domain/model.js';
import type { EntitySchema } from '../../domain/schema.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { Clock, Ids, Logger } from '../ports/runtime.js';
import type { ConnectionStore, MappingStore, Stored } from '../ports/stores.js';
import type { Systems } from '../ports/systems.js';
import { type Precondition, rewrite } from '../shared/precondition.js';

export interface MappingDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly systems: Systems;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

export interface MappingView {
  /** With AuthScape fields under the names that people see. */
  readonly mapping: EntityMapping;
  readonly etag: string;
}

/** The mapping, `connection_not_found` or `mapping_not_found`. */
export async function requireMapping(
  deps: Pick<MappingDeps, 'connections' | 'mappings'>,
  connectionId: string,
  mappingId: string,
): Promise<Stored<EntityMapping>> {
  const stored = await deps.mappings.get(connectionId, mappingId);
  if (stored) return stored;
  await requireConnection(deps, connectionId);
  throw new BridgeError('mapping_not_found', `The connection has no mapping "${mappingId}".`);
}

/**
 * Brings names into their stored form and checks the mapping against the schemas of both sides. Without `validate` the
 * names are still resolved as far as AuthScape can be asked. Throws `mapping_invalid` with every fault.
 */
export async function validateMapping(
  deps: MappingDeps,
  connection: Connection,
  mapping: EntityMapping,
  validate: boolean,
): Promise<EntityMapping> {
  if (!validate) {
    const entity = await tolerantSchema(deps, mapping.authScapeEntity);
    return entity ? withNames(mapping, (name) => storedFieldName(entity, name)) : mapping;
  }
  const authScape = await deps.systems.authScape();
  const entity = await authScape.schema(mapping.authScapeEntity);
  const settled = withNames(mapping, (name) => storedFieldName(entity, name));
  const dynamics = await deps.systems.dynamics(connection);
  const table = await dynamics.table(settled.crmEntity);
  if (!table) {
    throw invalid([{ path: 'crmEntity', message: `Dynamics has no table "${settled.crmEntity}".` }]);
  }
  const context = { connectionDirection: connection.direction, table, entity };
  const faults = checkMapping(settled, context);
  if (faults.length === 0) return settled;
  // A column or field made a moment ago is not in the cached schemas yet.
  const fresh = await dynamics.table(settled.crmEntity, { fresh: true });
  const freshEntity = await authScape.schema(mapping.authScapeEntity, { fresh: true });
  const again = withNames(mapping, (name) => storedFieldName(freshEntity, name));
  const remaining = checkMapping(again, { ...context, table: fresh ?? table, entity: freshEntity });
  if (remaining.length > 0) throw invalid(remaining);
  return again;
}

export function invalid(faults: readonly Fault[]): BridgeError {
  return new BridgeError('mapping_invalid', 'The mapping does not fit the schemas of both sides.', {
    errors: faults,
  });
}

/**
 * Reads, changes, checks and stores a mapping as a whole. A change that a sync can see raises its version. Throws
 * `mapping_invalid`, `precondition_failed`, `mapping_not_found`.
 */
export async function rewriteMapping(
  deps: MappingDeps,
  options: {
    readonly connectionId: string;
    readonly mappingId: string;
    readonly change: (mapping: EntityMapping) => EntityMapping;
    readonly validate: boolean;
    readonly precondition: Precondition;
  },
): Promise<MappingView> {
  const { value: connection } = await requireConnection(deps, options.connectionId);
  const stored = await rewrite({
    read: () => requireMapping(deps, options.connectionId, options.mappingId),
    change: async (mapping) => {
      const settled = await validateMapping(deps, connection, options.change(mapping), options.validate);
      return {
        ...settled,
        version: mapping.version + 1,
        updatedAt: new Date(deps.clock.now()).toISOString(),
      };
    },
    write: (mapping, etag) => deps.mappings.replace(mapping, etag),
    precondition: options.precondition,
  });
  return showMapping(deps, stored);
}

/** The mapping with custom fields under their names; under their ids when AuthScape cannot be asked. */
export async function showMapping(
  deps: Pick<MappingDeps, 'systems' | 'logger'>,
  stored: Stored<EntityMapping>,
): Promise<MappingView> {
  const { value: mapping, etag } = stored;
  if (!usedNames(mapping).some(isCustomFieldKey)) return { mapping, etag };
  const entity = await tolerantSchema(deps, mapping.authScapeEntity);
  return { mapping: entity ? withNames(mapping, (key) => shownFieldName(entity, key)) : mapping, etag };
}

export async function tolerantSchema(
  deps: Pick<MappingDeps, 'systems' | 'logger'>,
  entity: AuthScapeEntity,
): Promise<EntitySchema | undefined> {
  try {
    return await (await deps.systems.authScape()).schema(entity);
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    deps.logger.warn('Names of AuthScape fields could not be looked up', { code: error.code });
    return undefined;
  }
}

export function usedNames(mapping: EntityMapping): readonly string[] {
  return [
    ...mapping.matchBy,
    ...mapping.fields.flatMap((field) => [field.authScapeField, ...sourcesOf(field.transform)]),
  ];
}

function sourcesOf(transform: Transform | null): readonly string[] {
  return transform?.type === 'concatenate' ? transform.fields : [];
}

export function withNames(mapping: EntityMapping, rename: (name: string) => string): EntityMapping {
  return {
    ...mapping,
    matchBy: mapping.matchBy.map(rename),
    fields: mapping.fields.map((field) => renamedField(field, rename)),
  };
}

export function renamedField<
  T extends {
    readonly authScapeField: string;
    readonly transform?: Transform | null | undefined;
  },
>(field: T, rename: (name: string) => string): T {
  const { transform } = field;
  return {
    ...field,
    authScapeField: rename(field.authScapeField),
    ...(transform?.type === 'concatenate'
      ? { transform: { ...transform, fields: transform.fields.map(rename) } }
      : {}),
  };
}
