import {
  type ConfiguredConnection,
  type ConfiguredField,
  type ConfiguredMapping,
  connectionKey,
  fieldKey,
  pairKey,
  relationshipKey,
  settledConnection,
  type WantedConnection,
  type WantedMapping,
} from '../../domain/configuration.js';
import {
  type ConfigurationChange,
  canonical,
  configurationChanges,
  placedFault,
  repeatedParts,
  sharedTables,
} from '../../domain/configuration-changes.js';
import { readEnvironment } from '../../domain/connection-rules.js';
import { BridgeError, type Fault } from '../../domain/errors.js';
import { shownFieldName, storedFieldName } from '../../domain/field-names.js';
import type { Connection, EntityMapping } from '../../domain/model.js';
import { refuseLinked } from '../connections/change-environment.js';
import { type ConnectionDeps, connectionFaults, draftConnection } from '../connections/manage-connections.js';
import { type MappingDeps, renamedField, tolerantSchema, validateMapping } from '../mappings/save-mapping.js';
import type { Stored } from '../ports/stores.js';
import { readConfiguration, type StoredConfiguration } from './read-configuration.js';

export type ConfigurationDeps = ConnectionDeps & MappingDeps;

export interface PlanOptions {
  /** Takes away what the document does not name. */
  readonly prune: boolean;
  /** `false` does not check mappings against the schemas of both sides. */
  readonly validate: boolean;
}

/** What has to be done to one connection. */
export interface ConnectionStep {
  /** undefined: the connection is new. */
  readonly stored: StoredConfiguration | undefined;
  /** undefined: the connection goes. */
  readonly wanted: ConfiguredConnection | undefined;
  /** Mappings as they shall be stored; without `etag` new ones. */
  readonly written: readonly { readonly mapping: EntityMapping; readonly etag?: string | undefined }[];
  readonly removed: readonly Stored<EntityMapping>[];
}

export interface ConfigurationPlan {
  readonly changes: readonly ConfigurationChange[];
  /** What is in the way of carrying it out. */
  readonly problems: readonly Fault[];
  /** Another one as soon as the plan, or what it would change, is not the same any more. */
  readonly version: string;
  readonly steps: readonly ConnectionStep[];
}

/**
 * What it takes to make the stored configuration what the document says, and what is in the way; changes nothing. Throws what
 * the two systems throw when they are asked for their schemas.
 */
export const planConfiguration =
  (deps: ConfigurationDeps) =>
  async (document: readonly WantedConnection[], options: PlanOptions): Promise<ConfigurationPlan> => {
    const stored = await readConfiguration(deps);
    const wanted = await Promise.all(document.map((connection) => settledNames(deps, connection, options)));
    const known = new Map(stored.map((one) => [connectionKey(one.shown), one]));
    const settled = new Map(
      wanted.map((connection) => {
        const key = connectionKey(connection);
        const environment = deps.defaultEnvironment ?? '';
        const before = known.get(key)?.shown;
        return [key, settledConnection(connection, before, { ...options, environment })];
      }),
    );
    const kept = options.prune ? [] : stored.filter(({ shown }) => !settled.has(connectionKey(shown)));
    const after = [...kept.map(({ shown }) => shown), ...settled.values()];
    const changes = configurationChanges(
      stored.map(({ shown }) => shown),
      after,
    );
    const problems: Fault[] = [...repeatedParts(wanted), ...sharedTables(after)];
    const steps: ConnectionStep[] = [];
    for (const [key, connection] of settled) {
      const before = known.get(key);
      if (before !== undefined && canonical(before.shown) === canonical(connection)) continue;
      const found = await stepOf(deps, before, connection, options);
      problems.push(...found.problems);
      steps.push(found.step);
    }
    const gone = options.prune ? stored.filter(({ shown }) => !settled.has(connectionKey(shown))) : [];
    steps.push(
      ...gone.map((one) => ({ stored: one, wanted: undefined, written: [], removed: one.mappings })),
    );
    const versions = steps.map(({ stored: before }) =>
      before === undefined ? null : [before.etag, ...before.mappings.map(({ etag }) => etag)],
    );
    return { changes, problems, version: canonical({ changes, versions }), steps };
  };

/** The document with field names, tables and environment in the form in which they are shown. */
async function settledNames(
  deps: ConfigurationDeps,
  wanted: WantedConnection,
  { validate }: PlanOptions,
): Promise<WantedConnection> {
  const environment =
    wanted.environment === undefined ? undefined : readEnvironment(wanted.environment, deps.mappedHosts);
  return {
    ...wanted,
    ...(environment?.ok ? { environment: environment.environment } : {}),
    mappings:
      wanted.mappings &&
      (await Promise.all(wanted.mappings.map((mapping) => named(deps, mapping, validate)))),
  };
}

async function named(
  deps: ConfigurationDeps,
  wanted: WantedMapping,
  validate: boolean,
): Promise<WantedMapping> {
  const { authScapeEntity, fields, matchBy, relationships } = wanted;
  const schema = validate
    ? await (await deps.systems.authScape()).schema(authScapeEntity)
    : await tolerantSchema(deps, authScapeEntity);
  const rename = (name: string) =>
    schema === undefined ? name.trim() : shownFieldName(schema, storedFieldName(schema, name));
  return {
    ...wanted,
    crmEntity: wanted.crmEntity.toLowerCase(),
    matchBy: matchBy?.map(rename),
    fields: fields?.map((field) => ({
      ...renamedField(field, rename),
      crmField: field.crmField.toLowerCase(),
    })),
    relationships: relationships?.map((relationship) => ({
      ...relationship,
      crmLookupField: relationship.crmLookupField.toLowerCase(),
      crmRelatedEntity: relationship.crmRelatedEntity.toLowerCase(),
    })),
  };
}

async function stepOf(
  deps: ConfigurationDeps,
  stored: StoredConfiguration | undefined,
  wanted: ConfiguredConnection,
  { validate }: PlanOptions,
): Promise<{ readonly step: ConnectionStep; readonly problems: readonly Fault[] }> {
  const problems = [...(await environmentFaults(deps, stored, wanted))];
  const { mappings, ...settings } = wanted;
  const connection: Connection = { ...(stored?.connection ?? draftConnection(deps)), ...settings };
  const written: { mapping: EntityMapping; etag?: string | undefined }[] = [];
  for (const mapping of mappings) {
    const place = stored?.shown.mappings.findIndex((one) => pairKey(one) === pairKey(mapping)) ?? -1;
    if (canonical(stored?.shown.mappings[place]) === canonical(mapping)) continue;
    const draft = drafted(deps, connection.id, mapping, stored?.named[place]);
    try {
      const checked = await validateMapping(deps, connection, draft, validate);
      written.push({ mapping: checked, etag: stored?.mappings[place]?.etag });
    } catch (error) {
      if (!(error instanceof BridgeError) || error.code !== 'mapping_invalid') throw error;
      problems.push(...(error.errors ?? []).map((fault) => placedFault(wanted.name, mapping, fault)));
    }
  }
  const kept = new Set(mappings.map(pairKey));
  const removed = stored?.mappings.filter(({ value }) => !kept.has(pairKey(value))) ?? [];
  return { step: { stored, wanted, written, removed }, problems };
}

async function environmentFaults(
  deps: ConfigurationDeps,
  stored: StoredConfiguration | undefined,
  { environment, name }: ConfiguredConnection,
): Promise<readonly Fault[]> {
  const faults = connectionFaults(deps)({ environment }).map(({ path, message }) => ({
    path: `connections[${name}].${path}`,
    message,
  }));
  if (stored === undefined || stored.connection.environment === environment) return faults;
  try {
    await refuseLinked(
      deps,
      stored.mappings.map(({ value }) => value),
    );
    return faults;
  } catch (error) {
    if (!(error instanceof BridgeError) || error.code !== 'connection_has_links') throw error;
    return [...faults, { path: `connections[${name}].environment`, message: error.message }];
  }
}

/** The mapping with ids: those of the parts that it had before, by what they join, new ones for the others. */
function drafted(
  deps: ConfigurationDeps,
  connectionId: string,
  wanted: ConfiguredMapping,
  before: EntityMapping | undefined,
): EntityMapping {
  const now = new Date(deps.clock.now()).toISOString();
  const idOf = (parts: readonly { readonly id: string }[] | undefined, index: number, prefix: string) =>
    parts?.[index]?.id ?? `${prefix}_${deps.ids.random(10)}`;
  const placeOf = <T>(parts: readonly T[] | undefined, key: string, keyOf: (part: T) => string) =>
    parts?.findIndex((part) => keyOf(part) === key) ?? -1;
  return {
    ...wanted,
    id: before?.id ?? `m_${deps.ids.random(10)}`,
    connectionId,
    fields: wanted.fields.map((field: ConfiguredField) => ({
      ...field,
      id: idOf(before?.fields, placeOf(before?.fields, fieldKey(field), fieldKey), 'f'),
    })),
    relationships: wanted.relationships.map((relationship) => ({
      ...relationship,
      id: idOf(
        before?.relationships,
        placeOf(before?.relationships, relationshipKey(relationship), relationshipKey),
        'rel',
      ),
    })),
    version: (before?.version ?? 0) + 1,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
}
