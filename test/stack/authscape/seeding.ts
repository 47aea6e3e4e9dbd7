import { z } from 'zod';
import { company, person, place } from '../seed.js';
import { type CompanyRow, type LocationRow, serverTime, type UserRow } from './model.js';
import type { Store } from './store.js';

const seedSchema = z.strictObject({
  users: z.int().min(0).default(0),
  companies: z.int().min(0).default(0),
  locations: z.int().min(0).default(0),
  seed: z.int().default(1),
  overlap: z.number().min(0).max(1).default(1),
});

type Kind = 'users' | 'companies' | 'locations';

/** Far away from the indexes the CRM's rows are made of: these never match. */
const strangers = 10_000_000;

/** Adds made-up rows; seeding again with one seed goes on where the last time ended. */
export class Seeder {
  readonly #store: Store;
  readonly #next = new Map<string, number>();

  constructor(store: Store) {
    this.#store = store;
  }

  reset(): void {
    this.#next.clear();
  }

  /** Answers how many rows of each kind were added. Throws ZodError. */
  add(body: unknown): Record<Kind, number> {
    const { users, companies, locations, seed, overlap } = seedSchema.parse(body ?? {});
    const companyRows = this.#indexes('companies', companies, seed, overlap).map((index) =>
      this.#addCompany(seed, index),
    );
    const locationRows = this.#indexes('locations', locations, seed, 0).map((index, position) =>
      this.#addLocation(seed, index, companyRows[position % companyRows.length]),
    );
    const homes = groupByCompany(locationRows);
    const now = serverTime(this.#store.now());
    const roleIds = this.#store.roleIdsOf(['User']);
    const userRows = this.#indexes('users', users, seed, overlap).map((index, position) =>
      this.#userOf(seed, index, {
        ...homeOf(position, companyRows, homes),
        created: now,
        roleIds: [...roleIds],
      }),
    );
    this.#store.users.insertMany(userRows);
    return { users, companies, locations };
  }

  /** The first round(count x overlap) indexes are those the CRM's rows have too. */
  #indexes(kind: Kind, count: number, seed: number, overlap: number): number[] {
    const key = `${kind} ${seed}`;
    const first = this.#next.get(key) ?? 0;
    this.#next.set(key, first + count);
    const shared = Math.round(count * overlap);
    return Array.from({ length: count }, (_, position) =>
      position < shared ? first + position : first + position + strangers,
    );
  }

  #addCompany(seed: number, index: number): CompanyRow {
    const made = company(seed, index);
    return this.#store.addCompany({
      title: made.name,
      description: made.description || null,
      logo: null,
      isDeactivated: !made.active,
      emailDomains: index % 3 === 0 ? [`c${index}-${seed}.example`] : [],
    });
  }

  #addLocation(seed: number, index: number, owner: CompanyRow | undefined): LocationRow {
    const made = place(seed, index);
    return this.#store.addLocation({
      title: made.title,
      address: made.address || null,
      city: made.city || null,
      state: made.state || null,
      zipCode: made.zipCode || null,
      lat: null,
      lng: null,
      companyId: owner?.id ?? null,
      isDeactivated: index % 20 === 13,
    });
  }

  #userOf(seed: number, index: number, given: Pick<UserRow, 'created' | 'roleIds'>): UserRow {
    const made = person(seed, index);
    const { firstName, lastName, email: userName } = made;
    return this.#store.newUser(
      { firstName, lastName, userName },
      {
        ...given,
        phoneNumber: made.phone || null,
        isActive: made.active,
        emailConfirmed: true,
        archived: made.active ? null : given.created,
        locale: 'Eastern Standard Time',
      },
    );
  }
}

function groupByCompany(rows: readonly LocationRow[]): Map<number, LocationRow[]> {
  const groups = new Map<number, LocationRow[]>();
  for (const row of rows) {
    if (row.companyId !== null) {
      groups.set(row.companyId, [...(groups.get(row.companyId) ?? []), row]);
    }
  }
  return groups;
}

/** Nine of ten users have a company, two of three of those a location of it, where there are any. */
function homeOf(
  position: number,
  companies: readonly CompanyRow[],
  homes: ReadonlyMap<number, readonly LocationRow[]>,
): Pick<UserRow, 'companyId' | 'locationId'> {
  const owner = position % 10 === 9 ? undefined : companies[position % companies.length];
  const places = owner === undefined ? [] : (homes.get(owner.id) ?? []);
  const home = position % 3 === 2 ? undefined : places[position % places.length];
  return { companyId: owner?.id ?? null, locationId: home?.id ?? null };
}
