import {
  type ConfiguredConnection,
  type ConfiguredMapping,
  connectionKey,
  fieldKey,
  pairKey,
  relationshipKey,
  type WantedConnection,
} from './configuration.js';
import { organizationKey } from './connection-rules.js';
import type { Fault } from './errors.js';
import type { EntityMapping } from './model.js';

export interface ConfigurationChange {
  /** `connections[Production].mappings[User:contact].fields[email:emailaddress1].direction`. */
  readonly path: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly from?: unknown;
  readonly to?: unknown;
}

/** What differs between what is stored and what is wanted, part by part; a new or lost part is one change. */
export function configurationChanges(
  stored: readonly ConfiguredConnection[],
  wanted: readonly ConfiguredConnection[],
): readonly ConfigurationChange[] {
  return partChanges(stored, wanted, {
    path: 'connections',
    keyOf: connectionKey,
    nameOf: ({ name }) => name,
    lists: (path, before, after) =>
      partChanges(before.mappings, after.mappings, {
        path: `${path}.mappings`,
        keyOf: pairKey,
        lists: (inside, one, other) => [
          ...partChanges(one.fields, other.fields, { path: `${inside}.fields`, keyOf: fieldKey }),
          ...partChanges(one.relationships, other.relationships, {
            path: `${inside}.relationships`,
            keyOf: relationshipKey,
          }),
        ],
      }),
  });
}

const LISTS = ['mappings', 'fields', 'relationships'];

function partChanges<T extends object>(
  stored: readonly T[],
  wanted: readonly T[],
  options: {
    readonly path: string;
    readonly keyOf: (part: T) => string;
    readonly nameOf?: (part: T) => string;
    readonly lists?: (path: string, before: T, after: T) => readonly ConfigurationChange[];
  },
): readonly ConfigurationChange[] {
  const { keyOf, nameOf = keyOf, lists = () => [] } = options;
  const before = new Map(stored.map((part) => [keyOf(part), part]));
  const after = new Map(wanted.map((part) => [keyOf(part), part]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key): readonly ConfigurationChange[] => {
    const [from, to] = [before.get(key), after.get(key)];
    const named = to ?? from;
    const path = `${options.path}[${named === undefined ? key : nameOf(named)}]`;
    if (from === undefined) return [{ path, action: 'create', to }];
    if (to === undefined) return [{ path, action: 'delete', from }];
    return [...settingChanges(path, from, to), ...lists(path, from, to)];
  });
}

function settingChanges(path: string, before: object, after: object): readonly ConfigurationChange[] {
  const former = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after)
    .filter(([name]) => !LISTS.includes(name))
    .filter(([name, to]) => canonical(former.get(name)) !== canonical(to))
    .map(([name, to]) => ({ path: `${path}.${name}`, action: 'update', from: former.get(name), to }));
}

/** JSON in which the order of members does not count. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Parts that a document names twice, with their paths. */
export function repeatedParts(connections: readonly WantedConnection[]): readonly Fault[] {
  return [
    ...repeats(connections, connectionKey, 'connections', ({ name }) => name),
    ...connections.flatMap(({ name, mappings = [] }) => [
      ...repeats(mappings, pairKey, `connections[${name}].mappings`),
      ...mappings.flatMap((mapping) => {
        const path = mappingPath(name, mapping);
        return [
          ...repeats(mapping.fields ?? [], fieldKey, `${path}.fields`),
          ...repeats(mapping.relationships ?? [], relationshipKey, `${path}.relationships`),
        ];
      }),
    ]),
  ];
}

function repeats<T>(
  parts: readonly T[],
  keyOf: (part: T) => string,
  path: string,
  nameOf: (part: T) => string = keyOf,
): readonly Fault[] {
  const keys = parts.map(keyOf);
  return parts
    .filter((part, index) => keys.indexOf(keyOf(part)) !== index)
    .map((part) => ({ path: `${path}[${nameOf(part)}]`, message: 'The document names it twice.' }));
}

function mappingPath(
  connection: string,
  mapping: Pick<EntityMapping, 'authScapeEntity' | 'crmEntity'>,
): string {
  return `connections[${connection}].mappings[${pairKey(mapping)}]`;
}

/** The fault of a mapping, with the path that changes have: parts by what they join, not by their place. */
export function placedFault(connection: string, mapping: ConfiguredMapping, fault: Fault): Fault {
  const inside = fault.path
    .replace(/^fields\[(\d+)\]/, (_, at: string) => `fields[${keyAt(mapping.fields, Number(at), fieldKey)}]`)
    .replace(
      /^relationships\[(\d+)\]/,
      (_, at: string) => `relationships[${keyAt(mapping.relationships, Number(at), relationshipKey)}]`,
    );
  const path = mappingPath(connection, mapping);
  return { path: inside === '' ? path : `${path}.${inside}`, message: fault.message };
}

function keyAt<T>(parts: readonly T[], index: number, keyOf: (part: T) => string): string {
  const part = parts[index];
  return part === undefined ? String(index) : keyOf(part);
}

/** Faults of tables that two connections to one organization would map. */
export function sharedTables(connections: readonly ConfiguredConnection[]): readonly Fault[] {
  const holders = new Map<string, ConfiguredConnection>();
  return connections.flatMap((connection) =>
    connection.mappings.flatMap((mapping) => {
      const place = `${organizationKey(connection.environment)} ${mapping.crmEntity}`;
      const holder = holders.get(place) ?? connection;
      holders.set(place, holder);
      if (holder === connection) return [];
      const message = `The connection "${holder.name}" maps the table ${mapping.crmEntity} of this organization.`;
      return [{ path: mappingPath(connection.name, mapping), message }];
    }),
  );
}
