import type { Connection, EntityMapping } from './model.js';
import type { Actor } from './roles.js';

/** One difference that an act made; values of secrets are `***`. */
export interface AuditChange {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** Who did what, when, and what differs since. */
export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly actor: Actor;
  readonly action: string;
  /** Address of what the act was about. */
  readonly target: string;
  readonly connectionId?: string | undefined;
  readonly changes: readonly AuditChange[];
}

const HIDDEN = '***';

/** The settings of a connection as they are compared: mappings and their parts by id, secrets by their version. */
export function auditedSettings(connection: Connection, mappings: readonly EntityMapping[]): object {
  const {
    createdAt: _created,
    updatedAt: _updated,
    previousWebhookSecret: _previous,
    ...settings
  } = connection;
  return { ...settings, mappings: byId(mappings.map(mappingSettings)) };
}

function mappingSettings(mapping: EntityMapping) {
  const {
    connectionId: _connection,
    createdAt: _created,
    updatedAt: _updated,
    version: _version,
    ...rest
  } = mapping;
  return { ...rest, fields: byId(mapping.fields), relationships: byId(mapping.relationships) };
}

function byId<T extends { readonly id: string }>(parts: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(parts.map((part) => [part.id, part]));
}

/** What differs between two states of the same thing; undefined: there is none. */
export function differences(before: unknown, after: unknown, path = ''): readonly AuditChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isRecord(before) && isRecord(after) && !isSecret(path)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) =>
      differences(before[name], after[name], path === '' ? name : `${path}.${name}`),
    );
  }
  return [{ path, from: shown(before, path), to: shown(after, path) }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSecret(path: string): boolean {
  return /(?:^|\.)(?:clientSecret|webhookSecret|secret)$/.test(path);
}

function shown(value: unknown, path: string): unknown {
  if (value === undefined || value === null) return null;
  if (isSecret(path)) return HIDDEN;
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shown(part, name)]));
}
