import { company, contactVariant, oddContactAt } from '../../seed.js';
import { type ApplicationUser, type Environment, guidOf } from '../environment.js';
import type { Scalar } from '../tables/schema.js';
import type { TableStore } from '../tables/table-store.js';
import { createRow, updateRow } from '../writing/row-writer.js';

export interface SeedCounts {
  contacts: number;
  accounts: number;
  seed: number;
}

/** Adds rows; seeding once more with the same seed goes on where the last time ended. */
export class Seeder {
  readonly #environment: Environment;
  readonly #next = new Map<string, number>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  seed({ contacts, accounts, seed }: SeedCounts): void {
    const user = this.#environment.importer;
    this.#batch('account', seed, accounts, (store, index) => this.#addAccount(user, store, seed, index));
    this.#batch('contact', seed, contacts, (store, index, position) => {
      this.#addContact(user, store, seed, index, position, contacts);
    });
  }

  forget(): void {
    this.#next.clear();
  }

  #batch(
    table: string,
    seed: number,
    count: number,
    add: (store: TableStore, index: number, position: number) => void,
  ): void {
    const key = `${table} ${seed}`;
    const first = this.#next.get(key) ?? 0;
    const store = this.#environment.table(table);
    for (let position = 0; position < count; position += 1) {
      add(store, first + position, position);
    }
    this.#next.set(key, first + count);
    store.settle();
  }

  #addAccount(user: ApplicationUser, store: TableStore, seed: number, index: number): void {
    const data = company(seed, index);
    this.#add(user, store, guidOf(`account ${seed} ${index}`), data.active, {
      name: data.name,
      description: data.description,
      telephone1: data.phone,
      websiteurl: data.website,
      address1_line1: data.street,
      address1_city: data.city,
      address1_stateorprovince: data.state,
      address1_postalcode: data.zipCode,
      address1_country: data.country,
    });
  }

  #addContact(
    user: ApplicationUser,
    store: TableStore,
    seed: number,
    index: number,
    position: number,
    count: number,
  ): void {
    const data = contactVariant(seed, index);
    this.#add(user, store, guidOf(`contact ${seed} ${index}`), data.active, {
      firstname: data.firstName,
      lastname: data.lastName,
      emailaddress1: contactEmail(seed, index, position, count),
      telephone1: data.phone,
      mobilephone: data.phone,
    });
  }

  #add(
    user: ApplicationUser,
    store: TableStore,
    id: string,
    isActive: boolean,
    columns: Record<string, string>,
  ): void {
    const filled = Object.entries(columns).filter(([, value]) => value !== '');
    const values = new Map<string, Scalar>(filled);
    const change = { id: undefined, values, lookups: new Map() };
    const row = createRow(this.#environment, user, store, change, id);
    if (!isActive) {
      const state = new Map<string, Scalar>([['statecode', 1]]);
      updateRow(this.#environment, user, store, row, { id: undefined, values: state, lookups: new Map() });
    }
  }
}

function contactEmail(seed: number, index: number, position: number, count: number): string {
  const { email } = contactVariant(seed, index);
  switch (oddContactAt(position, count)) {
    case 'noEmail':
      return '';
    case 'refusedEmail':
      return `o'brien.${email}`;
    case 'previousEmail':
      return contactVariant(seed, index - 1).email;
    case undefined:
      return email;
  }
}
