import { defaultSettings } from './connection-rules.js';
import { defaultFields, defaultMatchBy } from './default-mappings.js';
import type { Connection, EntityMapping, FieldMapping, RelationshipMapping } from './model.js';

/**
 * Configuration as a document that means the same in every deployment: connections are named by their name, mappings by
 * their pair of entities, fields and relationships by what they join. It has no ids of ours and no secrets.
 */
export type ConfiguredField = Omit<FieldMapping, 'id'>;
export type ConfiguredRelationship = Omit<RelationshipMapping, 'id'>;

export interface ConfiguredMapping
  extends Pick<
    EntityMapping,
    'authScapeEntity' | 'crmEntity' | 'direction' | 'enabled' | 'filter' | 'matchBy'
  > {
  readonly fields: readonly ConfiguredField[];
  readonly relationships: readonly ConfiguredRelationship[];
}

export const SETTINGS = [
  'environment',
  'tenantId',
  'clientId',
  'direction',
  'enabled',
  'syncIntervalMinutes',
  'fullSyncSchedule',
  'conflictPolicy',
  'deletePolicy',
  'massDeleteGuard',
  'logValues',
] as const satisfies readonly (keyof Connection)[];

export interface ConfiguredConnection
  extends Pick<Connection, 'name' | 'provider' | (typeof SETTINGS)[number]> {
  readonly mappings: readonly ConfiguredMapping[];
}

/** What a document says of a part: what it leaves out stays as it is, and is the default of a part that is new. */
type Wanted<T, Key extends keyof T> = Pick<T, Key> & {
  readonly [K in Exclude<keyof T, Key>]?: T[K] | undefined;
};
export type WantedField = Wanted<ConfiguredField, 'authScapeField' | 'crmField'>;
export type WantedRelationship = Wanted<
  ConfiguredRelationship,
  'authScapeField' | 'relatedEntity' | 'crmLookupField' | 'crmRelatedEntity'
>;
export interface WantedMapping
  extends Wanted<Omit<ConfiguredMapping, 'fields' | 'relationships'>, 'authScapeEntity' | 'crmEntity'> {
  readonly fields?: readonly WantedField[] | undefined;
  readonly relationships?: readonly WantedRelationship[] | undefined;
}
export interface WantedConnection extends Wanted<Omit<ConfiguredConnection, 'mappings'>, 'name'> {
  readonly mappings?: readonly WantedMapping[] | undefined;
}

export const connectionKey = ({ name }: Pick<Connection, 'name'>): string =>
  name.normalize('NFC').trim().toLowerCase();
export const pairKey = ({
  authScapeEntity,
  crmEntity,
}: Pick<EntityMapping, 'authScapeEntity' | 'crmEntity'>): string => `${authScapeEntity}:${crmEntity}`;
export const fieldKey = ({
  authScapeField,
  crmField,
}: Pick<FieldMapping, 'authScapeField' | 'crmField'>): string => `${authScapeField}:${crmField}`;
export const relationshipKey = ({
  authScapeField,
  crmLookupField,
}: Pick<RelationshipMapping, 'authScapeField' | 'crmLookupField'>): string =>
  `${authScapeField}:${crmLookupField}`;

/**
 * A connection as the document wants it. `prune` takes away what the document does not name: mappings, fields and
 * relationships, of those lists that it has at all.
 */
export function settledConnection(
  wanted: WantedConnection,
  stored: ConfiguredConnection | undefined,
  options: { readonly prune: boolean; readonly environment: string },
): ConfiguredConnection {
  const { mappings, ...settings } = wanted;
  const before = stored ?? {
    ...defaultSettings,
    name: wanted.name,
    environment: options.environment,
    mappings: [],
  };
  return {
    ...before,
    ...given(settings),
    mappings: settledParts(mappings, before.mappings, pairKey, options.prune, (mapping, present) =>
      settledMapping(mapping, present, options.prune),
    ),
  };
}

function settledMapping(
  wanted: WantedMapping,
  stored: ConfiguredMapping | undefined,
  prune: boolean,
): ConfiguredMapping {
  const { fields, relationships, ...settings } = wanted;
  const { authScapeEntity, crmEntity } = wanted;
  const before: ConfiguredMapping = stored ?? {
    authScapeEntity,
    crmEntity,
    direction: 'Bidirectional',
    enabled: true,
    filter: null,
    matchBy: defaultMatchBy(authScapeEntity),
    fields: fields === undefined ? defaultFields(authScapeEntity, crmEntity) : [],
    relationships: [],
  };
  return {
    ...before,
    ...given(settings),
    fields: settledParts(fields, before.fields, fieldKey, prune, (field, present) => ({
      ...(present ?? NEW_FIELD),
      ...given(field),
    })),
    relationships: settledParts(
      relationships,
      before.relationships,
      relationshipKey,
      prune,
      (relationship, present) => ({ ...(present ?? NEW_RELATIONSHIP), ...given(relationship) }),
    ),
  };
}

const NEW_FIELD = {
  direction: 'Bidirectional',
  enabled: true,
  required: false,
  syncNullValues: true,
  transform: null,
} as const;

const NEW_RELATIONSHIP = {
  direction: 'Bidirectional',
  enabled: true,
  syncNullValues: true,
  autoCreateRelated: false,
} as const;

/** What was there keeps its place, what is new follows in the order of the document. */
function settledParts<W, T>(
  wanted: readonly W[] | undefined,
  stored: readonly T[],
  keyOf: (part: W | T) => string,
  prune: boolean,
  settle: (wanted: W, stored: T | undefined) => T,
): readonly T[] {
  if (wanted === undefined) return stored;
  const asked = new Map(wanted.map((part) => [keyOf(part), part]));
  const present = new Map(stored.map((part) => [keyOf(part), part]));
  const kept = stored.flatMap((part) => {
    const change = asked.get(keyOf(part));
    if (change === undefined) return prune ? [] : [part];
    return [settle(change, part)];
  });
  const added = [...asked].flatMap(([key, part]) => (present.has(key) ? [] : [settle(part, undefined)]));
  return [...kept, ...added];
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function given<T extends object>(part: T): Given<T> {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Given<T>;
}
