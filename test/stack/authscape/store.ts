import { randomUUID } from 'node:crypto';
import {
  type CompanyRow,
  type CustomFieldRow,
  type EntityName,
  type HookCall,
  type LocationRow,
  type Notice,
  neverDate,
  type Platform,
  serverTime,
  type UserRow,
} from './model.js';
import type { Ties } from './paging.js';
import { ReplaceJournal } from './replace-journal.js';
import { UserTable } from './user-table.js';

/** Values of custom fields by record id, then by field id; the records need not exist. */
type FieldValues = Map<number, Map<string, string>>;

/** The rows and the last ids given out. */
export interface StoreState {
  users: UserRow[];
  companies: CompanyRow[];
  locations: LocationRow[];
  permissions: [string, string][];
  roles: [number, string][];
  customFields: [string, CustomFieldRow][];
  fieldValues: Record<Platform, FieldValues>;
  lastIds: { user: number; company: number; location: number; role: number };
}

/** The database behind the simulated AuthScape, in memory. Ids are never used twice, not even after a reset, but for `load`. */
export class Store {
  readonly users = new UserTable();
  readonly replaces = new ReplaceJournal();
  readonly companies = new Map<number, CompanyRow>();
  readonly locations = new Map<number, LocationRow>();
  readonly roles = new Map<number, string>();
  readonly permissions = new Map<string, string>();
  readonly customFields = new Map<string, CustomFieldRow>();
  readonly fieldValues: Record<Platform, FieldValues> = { 1: new Map(), 2: new Map(), 3: new Map() };
  hooks: HookCall[] = [];
  ties: Ties = 'byLength';
  readonly now: () => Date;
  readonly #serviceIds: number[];
  #listener: ((notice: Notice) => unknown) | undefined;
  #lastUser = 0;
  #lastCompany = 0;
  #lastLocation = 0;
  #lastRole = 0;
  readonly #shippedRoles = new Set<number>();

  /** @param serviceIds ids of the users the machine clients act as */
  constructor(serviceIds: number[], now: () => Date) {
    this.#serviceIds = serviceIds;
    this.now = now;
    this.reset();
  }

  /** Empty but for the roles Admin and User and the users of the machine clients. */
  reset(): void {
    this.users.clear();
    this.replaces.clear();
    this.companies.clear();
    this.locations.clear();
    this.permissions.clear();
    this.customFields.clear();
    for (const values of Object.values(this.fieldValues)) {
      values.clear();
    }
    this.hooks = [];
    this.ties = 'byLength';
    if (this.roles.size === 0) {
      for (const name of ['Admin', 'User']) {
        this.#shippedRoles.add(this.addRole(name));
      }
    }
    for (const id of this.#serviceIds) {
      this.users.insert(this.#serviceUser(id));
    }
  }

  save(): StoreState {
    return structuredClone({
      users: [...this.users.all()],
      companies: [...this.companies.values()],
      locations: [...this.locations.values()],
      permissions: [...this.permissions],
      roles: [...this.roles],
      customFields: [...this.customFields],
      fieldValues: this.fieldValues,
      lastIds: {
        user: this.#lastUser,
        company: this.#lastCompany,
        location: this.#lastLocation,
        role: this.#lastRole,
      },
    });
  }

  /** Everything is as it was saved, without an event; ids given out since are given out again. */
  load(saved: StoreState): void {
    const state = structuredClone(saved);
    this.users.clear();
    this.users.insertMany(state.users);
    refill(
      this.companies,
      state.companies.map((row) => [row.id, row] as const),
    );
    refill(
      this.locations,
      state.locations.map((row) => [row.id, row] as const),
    );
    refill(this.permissions, state.permissions);
    refill(this.roles, state.roles);
    refill(this.customFields, state.customFields);
    for (const platform of [1, 2, 3] as const) {
      refill(this.fieldValues[platform], state.fieldValues[platform]);
    }
    this.replaces.clear();
    this.#lastUser = state.lastIds.user;
    this.#lastCompany = state.lastIds.company;
    this.#lastLocation = state.lastIds.location;
    this.#lastRole = state.lastIds.role;
  }

  addRole(name: string): number {
    this.#lastRole += 1;
    this.roles.set(this.#lastRole, name);
    return this.#lastRole;
  }

  /** Identity writes capitals; the module's own AddRole does not. */
  normalizedRoleName(id: number, name: string): string {
    return this.#shippedRoles.has(id) ? name.toUpperCase() : name.toLowerCase();
  }

  roleIdsOf(names: readonly string[]): number[] {
    const wanted = new Set(names.map((name) => name.toLowerCase()));
    return [...this.roles].filter(([, name]) => wanted.has(name.toLowerCase())).map(([id]) => id);
  }

  addPermission(name: string): string {
    const id = randomUUID();
    this.permissions.set(id, name);
    return id;
  }

  /** Ids of the permissions of these names, in the order asked for; unknown names drop out. */
  permissionIdsOf(names: readonly string[]): string[] {
    const ids = new Map([...this.permissions].map(([id, name]) => [name.toLowerCase(), id]));
    return names.flatMap((name) => ids.get(name.toLowerCase()) ?? []);
  }

  addCustomField(field: Omit<CustomFieldRow, 'id'>): string {
    const id = randomUUID();
    this.customFields.set(id, { ...field, id });
    return id;
  }

  fieldsOf(platform: Platform): CustomFieldRow[] {
    return [...this.customFields.values()].filter((field) => field.platform === platform);
  }

  /** A new user with AuthScape's defaults for a missing column; not stored yet. */
  newUser(
    names: Pick<UserRow, 'firstName' | 'lastName' | 'userName'>,
    given: Partial<UserRow> = {},
  ): UserRow {
    do {
      this.#lastUser += 1;
    } while (this.users.get(this.#lastUser) !== undefined);
    return { ...blankUser, roleIds: [], permissionClaims: [], ...names, ...given, id: this.#lastUser };
  }

  addCompany(given: Omit<CompanyRow, 'id'>): CompanyRow {
    this.#lastCompany += 1;
    const row = { ...given, id: this.#lastCompany };
    this.companies.set(row.id, row);
    return row;
  }

  addLocation(given: Omit<LocationRow, 'id'>): LocationRow {
    this.#lastLocation += 1;
    const row = { ...given, id: this.#lastLocation };
    this.locations.set(row.id, row);
    return row;
  }

  /** Whether the foreign keys hold; null refers to nothing. */
  hasReferences(companyId: number | null, locationId: number | null): boolean {
    return (
      (companyId === null || this.companies.has(companyId)) &&
      (locationId === null || this.locations.has(locationId))
    );
  }

  locationsOf(companyId: number): LocationRow[] {
    return [...this.locations.values()].filter((location) => location.companyId === companyId);
  }

  setValue(platform: Platform, recordId: number, fieldId: string, value: string): void {
    const values = this.fieldValues[platform];
    const ofRecord = values.get(recordId) ?? new Map<string, string>();
    values.set(recordId, ofRecord.set(fieldId, value));
  }

  valueOf(platform: Platform, recordId: number, fieldId: string): string | undefined {
    return this.fieldValues[platform].get(recordId)?.get(fieldId);
  }

  recordHook(operation: HookCall['operation'], entity: EntityName, id: number): void {
    const occurredAt = this.now().toISOString();
    this.hooks.push({ operation, entity, id, occurredAt });
    this.#listener?.({ entity, id, change: 'updated', occurredAt, seenBy: 'hook' });
  }

  /** A saved row. An archived one is an updated one. */
  recordChange(entity: EntityName, id: number, change: Notice['change']): void {
    this.#listener?.({ entity, id, change, occurredAt: this.now().toISOString(), seenBy: 'save' });
  }

  /** One listener at most; it is called within the operation and must not throw. */
  listen(listener: ((notice: Notice) => unknown) | undefined): void {
    this.#listener = listener;
  }

  #serviceUser(id: number): UserRow {
    const userName = `sync-${id}@authscape.example`;
    return {
      ...blankUser,
      id,
      firstName: 'Sync',
      lastName: 'Robot',
      userName,
      isActive: true,
      emailConfirmed: true,
      created: serverTime(this.now()),
      roleIds: this.roleIdsOf(['Admin']),
      permissionClaims: [],
      isService: true,
    };
  }
}

function refill<K, V>(map: Map<K, V>, entries: Iterable<readonly [K, V]>): void {
  map.clear();
  for (const [key, value] of entries) {
    map.set(key, value);
  }
}

const blankUser: Omit<
  UserRow,
  'id' | 'firstName' | 'lastName' | 'userName' | 'roleIds' | 'permissionClaims'
> = {
  phoneNumber: null,
  companyId: null,
  locationId: null,
  isActive: false,
  emailConfirmed: false,
  archived: null,
  created: neverDate,
  locale: null,
  isService: false,
};
