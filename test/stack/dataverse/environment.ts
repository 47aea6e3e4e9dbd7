import { createHash, randomUUID } from 'node:crypto';
import { type Behaviour, defaultBehaviour } from './behaviour.js';
import { Collation, type CollationSettings, usualCollation } from './reading/collation.js';
import type { UniqueKey } from './tables/keys.js';
import { addColumn, type Column, removeColumn, type TableDefinition } from './tables/schema.js';
import { type Row, TableStore, type Undo } from './tables/table-store.js';
import { allTables } from './tables/tables.js';
import { Outbox } from './webhooks/events.js';
import { messageRows } from './webhooks/webhook-tables.js';
import type { PlugIn } from './writing/plug-ins.js';

export type UserState =
  | 'ok'
  | 'none'
  | 'noRole'
  | 'missingPrivilege'
  | 'disabled'
  | 'noGlobalRead'
  | 'notCustomizer';

export interface ApplicationUser {
  appId: string;
  fullName: string;
  userId: string;
  state: UserState;
  privilege?: string | undefined;
  /** Columns under column security that the user may not use, as `table.column`. */
  securedColumns: ReadonlySet<string>;
  /** Ids of rows that are not shared with the user. */
  deniedRows: ReadonlySet<string>;
}

/** The rights of a user as long as nothing was taken away. */
const unrestricted = {
  state: 'ok' as const,
  privilege: undefined,
  securedColumns: new Set<string>(),
  deniedRows: new Set<string>(),
};

export interface EnvironmentOptions {
  domain: string;
  applicationUsers: readonly { appId: string; fullName: string }[];
  now(): Date;
}

/** A GUID that is always the same for the same words. */
export function guidOf(words: string): string {
  const hex = createHash('sha256').update(words).digest('hex');
  const tail = hex.slice(17, 20);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${tail}-${hex.slice(20, 32)}`;
}

/** One Dataverse environment: tables, users, clock, switches and the organization-wide version counter. */
export class Environment {
  readonly domain: string;
  readonly tables = new Map<string, TableStore>();
  readonly bySet = new Map<string, TableStore>();
  readonly users: ApplicationUser[];
  /** The person who owns seeded rows: none of the application users. */
  readonly importer: ApplicationUser;
  readonly businessUnitId = guidOf('business unit');
  readonly currencyId = guidOf('currency');
  organizationId: string = randomUUID();
  behaviour: Behaviour = { ...defaultBehaviour };
  readonly collation = new Collation();
  plugIns: PlugIn[] = [];
  keys: UniqueKey[] = [];
  /** Tells of changes once they are committed. */
  readonly outbox = new Outbox();
  /** Tables whose change tracking was switched by hand. */
  readonly tracking = new Map<string, boolean>();
  /** Delta tokens of an earlier version than this count as expired. */
  tokensExpireBelow = 0;
  /** Delta tokens of an earlier version than this count as invalid. */
  tokensInvalidBelow = 0;
  readonly expireTrackingDays = 7;
  readonly #now: () => Date;
  #advanceMs = 0;
  /** One text for all rows of a second. */
  #second = Number.NaN;
  #timestamp = '';
  #version = 1_000_000;
  readonly #numbers = new Map<string, number>();
  #reverts: (() => void)[] | undefined;

  constructor(options: EnvironmentOptions) {
    this.domain = options.domain;
    this.#now = options.now;
    this.users = options.applicationUsers.map((user) => ({
      ...user,
      userId: guidOf(`user ${user.appId}`),
      ...unrestricted,
    }));
    this.importer = { appId: '', fullName: 'Data Import', userId: guidOf('importer'), ...unrestricted };
    for (const definition of allTables()) {
      this.#addTable(definition);
    }
    this.#fillSystemTables();
  }

  /** The last version given; the next write gets a higher one. */
  get version(): number {
    return this.#version;
  }

  nextVersion(): number {
    this.#version += 1;
    return this.#version;
  }

  /** The next text of a column that numbers its rows, such as CUST-01000 for `CUST-{SEQNUM:5}`. */
  nextNumber(column: string, format: string): string {
    const number = (this.#numbers.get(column) ?? 999) + 1;
    this.#numbers.set(column, number);
    return format.replace(/\{SEQNUM:(\d+)\}/, (_all, digits: string) =>
      String(number).padStart(Number(digits), '0'),
    );
  }

  now(): Date {
    return new Date(this.#now().getTime() + this.#advanceMs);
  }

  advance(seconds: number): void {
    this.#advanceMs += seconds * 1000;
  }

  /** Present time as rows show it: UTC, whole seconds. */
  timestamp(): string {
    const second = Math.floor(this.now().getTime() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#timestamp = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    }
    return this.#timestamp;
  }

  table(name: string): TableStore {
    const store = this.tables.get(name);
    if (store === undefined) {
      throw new Error(`There is no table ${name}`);
    }
    return store;
  }

  tracks(table: TableDefinition): boolean {
    return this.tracking.get(table.name) ?? table.canTrackChanges;
  }

  readonly undo: Undo = (revert) => {
    this.#reverts?.push(revert);
  };

  /** All of the work or, when it throws, nothing. May be nested: the outermost one decides. */
  atomically<T>(work: () => T): T {
    if (this.#reverts !== undefined) {
      return work();
    }
    const reverts: (() => void)[] = [];
    this.#reverts = reverts;
    this.outbox.open();
    try {
      const result = work();
      this.outbox.commit();
      return result;
    } catch (error) {
      this.outbox.discard();
      for (const revert of reverts.reverse()) {
        revert();
      }
      throw error;
    } finally {
      this.#reverts = undefined;
    }
  }

  /** Changes how the database compares texts. */
  collate(settings: Partial<CollationSettings>): void {
    Object.assign(this.collation.settings, settings);
    for (const store of this.tables.values()) {
      store.rebuildIndexes();
    }
  }

  /** Rows that are there already have no value. */
  addColumn(table: string, item: Column): void {
    const store = this.table(table);
    addColumn(store.definition, item);
    if (item.indexed === true) {
      store.index(item.property);
    }
  }

  removeColumn(table: string, name: string): void {
    const store = this.table(table);
    const property = store.definition.columns.get(name)?.property ?? name;
    removeColumn(store.definition, name);
    store.dropProperty(property);
  }

  /** A further table, about whose rows events can be asked for. */
  addTable(definition: TableDefinition): void {
    this.#addTable(definition);
    this.#fillMessages();
  }

  addCurrency(code: string, precision: number, rate: number): string {
    const id = guidOf(`currency ${code}`);
    this.#fill('transactioncurrency', id, {
      currencyname: code,
      isocurrencycode: code,
      currencyprecision: precision,
      exchangerate: rate,
    });
    return id;
  }

  /** Empties the rows and sets every switch back; the organization, its clock and its columns stay. */
  reset(): void {
    for (const store of this.tables.values()) {
      store.clear();
    }
    for (const user of this.users) {
      Object.assign(user, unrestricted);
    }
    this.behaviour = { ...defaultBehaviour };
    this.collate(usualCollation);
    this.plugIns = [];
    this.keys = [];
    this.tracking.clear();
    this.tokensExpireBelow = this.nextVersion();
    this.tokensInvalidBelow = 0;
    this.#fillSystemTables();
  }

  /** Plays a copy of the environment: the same rows under another organization. */
  becomeCopy(organizationId: string): void {
    this.organizationId = organizationId;
    this.table('organization').clear();
    this.#fillOrganization();
  }

  #addTable(definition: TableDefinition): void {
    const store = new TableStore(definition, this.collation.key);
    this.tables.set(definition.name, store);
    this.bySet.set(definition.setName, store);
  }

  #fillSystemTables(): void {
    this.#fillOrganization();
    this.#fillMessages();
    this.#fill('team', guidOf('team'), { name: this.domain.split('.')[0] ?? '' });
    this.#fill('transactioncurrency', this.currencyId, {
      currencyname: 'US Dollar',
      isocurrencycode: 'USD',
      currencyprecision: 2,
      exchangerate: 1,
    });
    for (const user of [...this.users, this.importer]) {
      const isPerson = user === this.importer;
      this.#fill('systemuser', user.userId, {
        fullname: user.fullName,
        internalemailaddress: `${isPerson ? 'import' : user.appId}@${this.domain}`,
        applicationid: isPerson ? null : user.appId,
        azureactivedirectoryobjectid: guidOf(`object ${user.appId}`),
        isdisabled: false,
      });
    }
  }

  #fillMessages(): void {
    const definitions = [...this.tables.values()].map((store) => store.definition);
    for (const { table, id, values, lookups } of messageRows(definitions, guidOf)) {
      if (this.table(table).get(id) === undefined) {
        this.#fill(table, id, values, lookups);
      }
    }
  }

  #fillOrganization(): void {
    this.#fill('organization', this.organizationId, {
      name: this.domain.split('.')[0] ?? '',
      expirechangetrackingindays: this.expireTrackingDays,
      fullnameconventioncode: 0,
    });
  }

  #fill(table: string, id: string, values: Row['values'], lookups: Row['lookups'] = {}): void {
    const store = this.table(table);
    const version = this.nextVersion();
    const all = { ...values, [store.definition.primaryId]: id, versionnumber: version };
    store.put({ id, version, lookups, values: all }, this.undo);
  }
}
