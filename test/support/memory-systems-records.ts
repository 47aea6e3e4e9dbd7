import type { AuthScapeSystem } from '../../src/application/ports/systems.js';
import type { AuthScapeEntity } from '../../src/domain/model.js';
import type { AuthScapeRecord } from '../../src/domain/records.js';
import type { EntityField } from '../../src/domain/schema.js';
import { type FieldValue, type FieldValues, matchForm } from '../../src/domain/values.js';
import type { ValueChange, World } from './memory-systems-world.js';

export interface MemoryRecord {
  readonly id: string;
  readonly values: Record<string, FieldValue>;
  roles: readonly string[];
}

/** What people do in AuthScape; nothing of it passes the hooks. */
export interface AuthScapePeople {
  insert(entity: AuthScapeEntity, values: FieldValues, roles?: readonly string[]): string;
  set(entity: AuthScapeEntity, id: string, values: FieldValues): void;
  remove(entity: AuthScapeEntity, id: string): void;
  /** Brings a deleted record back under its id, as it was. */
  restore(entity: AuthScapeEntity, id: string): void;
}

export interface MemoryAuthScape {
  readonly system: AuthScapeSystem;
  readonly people: AuthScapePeople;
  readonly records: Readonly<Record<AuthScapeEntity, Map<string, MemoryRecord>>>;
  readonly customFields: EntityField[];
  ownUserId: string | null;
  address: string;
  clockOffset: number;
  pageSize: number;
  /** Milliseconds after which a call gives up; a write that comes later does not happen. */
  writeTimeoutMs: number;
  /** E-mail addresses that creation and update refuse. */
  readonly refusedEmails: Set<string>;
  /** Users that no list shows although they count and can be read: one of their permissions is broken. */
  readonly unlisted: Set<string>;
  /** Users that lists show and that cannot be read. */
  readonly unreadable: Set<string>;
  /** Says why a full replace of ours is refused, or with an empty id a creation; null: it is taken. */
  refuses: ((id: string, values: FieldValues) => Error | null) | undefined;
}

export function stateKeyOf(entity: AuthScapeEntity): 'isActive' | 'isDeactivated' {
  return entity === 'User' ? 'isActive' : 'isDeactivated';
}

export function writeValues(
  world: World,
  entity: AuthScapeEntity,
  record: MemoryRecord,
  values: FieldValues,
  by: ValueChange['by'],
): void {
  for (const [field, value] of Object.entries(values)) {
    const from = record.values[field] ?? null;
    const to = typeof value === 'string' && value.trim() === '' ? null : value;
    if (from === to) continue;
    record.values[field] = to;
    world.note({ side: 'authScape', entity, id: record.id, field, from, to, by });
  }
}

export function detailOf(entity: AuthScapeEntity, record: MemoryRecord, readAt: number): AuthScapeRecord {
  const flag = record.values[stateKeyOf(entity)] === true;
  return {
    id: record.id,
    values: { ...record.values },
    active: entity === 'User' ? flag : !flag,
    ...(entity === 'User' ? { roles: record.roles } : {}),
    complete: true,
    readAt,
  };
}

export function isTaken(memory: MemoryAuthScape, email: string, exceptId: string | null): boolean {
  return [...memory.records.User.values()].some(
    (user) => user.id !== exceptId && matchForm(user.values.email) === email,
  );
}
