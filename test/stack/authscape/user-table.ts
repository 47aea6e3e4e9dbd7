import type { UserRow } from './model.js';
import { UserSearch } from './user-search.js';

// Close to the database's usual collation: case does not count, accents do.
const collator = new Intl.Collator('en', { sensitivity: 'accent' });

/** The users, found by id, by user name, and in list order without sorting at every request. */
export class UserTable {
  readonly #byId = new Map<number, UserRow>();
  readonly #byName = new Map<string, UserRow>();
  /** Sorted by name per active state; undefined until the next list is asked for. */
  #sorted: { active: UserRow[]; inactive: UserRow[] } | undefined;
  /** Undefined until the next search. */
  #search: UserSearch | undefined;

  get(id: number): UserRow | undefined {
    return this.#byId.get(id);
  }

  findByName(userName: string): UserRow | undefined {
    return this.#byName.get(userName.toUpperCase());
  }

  all(): IterableIterator<UserRow> {
    return this.#byId.values();
  }

  /** Those that lists and dumps show: not the users that clients sign in as, which outlive a reset. */
  people(): UserRow[] {
    return [...this.#byId.values()].filter((row) => !row.isService);
  }

  clear(): void {
    this.#byId.clear();
    this.#byName.clear();
    this.#sorted = undefined;
    this.#search = undefined;
  }

  /** The caller has made sure that id and user name are new. */
  insert(row: UserRow): void {
    this.#byId.set(row.id, row);
    this.#byName.set(row.userName.toUpperCase(), row);
    this.#place(row);
  }

  /** For many rows at once: the order is worked out afterwards. */
  insertMany(rows: readonly UserRow[]): void {
    this.#sorted = undefined;
    this.#search = undefined;
    for (const row of rows) {
      this.insert(row);
    }
  }

  update(row: UserRow, patch: Partial<UserRow>): void {
    this.#unplace(row);
    this.#byName.delete(row.userName.toUpperCase());
    Object.assign(row, patch);
    this.#byName.set(row.userName.toUpperCase(), row);
    this.#place(row);
  }

  delete(row: UserRow): void {
    this.#unplace(row);
    this.#byName.delete(row.userName.toUpperCase());
    this.#byId.delete(row.id);
  }

  /** In list order. `search` is a lower-case part of the user name or of "first last". */
  list(isActive: boolean, search?: string, matches?: (row: UserRow) => boolean): readonly UserRow[] {
    this.#sorted ??= this.#sort();
    const rows = isActive ? this.#sorted.active : this.#sorted.inactive;
    if (search === undefined && matches === undefined) {
      return rows;
    }
    const searched = search === undefined ? rows : this.#found(search, isActive, rows);
    return matches === undefined ? searched : searched.filter(matches);
  }

  #found(search: string, isActive: boolean, rows: readonly UserRow[]): readonly UserRow[] {
    this.#search ??= new UserSearch(this.people());
    const index = this.#search;
    const candidates = index.candidates(search);
    if (candidates === undefined) return rows.filter((row) => index.holds(row, search));
    return candidates
      .filter((row) => row.isActive === isActive && index.holds(row, search))
      .sort(compareRows);
  }

  #sort(): { active: UserRow[]; inactive: UserRow[] } {
    const sorted = { active: [] as UserRow[], inactive: [] as UserRow[] };
    for (const row of inOrder(this.people())) {
      (row.isActive ? sorted.active : sorted.inactive).push(row);
    }
    return sorted;
  }

  #place(row: UserRow): void {
    const entries = this.#entriesOf(row);
    entries?.splice(positionOf(entries, row), 0, row);
    if (!row.isService) this.#search?.add(row);
  }

  #unplace(row: UserRow): void {
    const entries = this.#entriesOf(row);
    entries?.splice(positionOf(entries, row), 1);
    if (!row.isService) this.#search?.remove(row);
  }

  #entriesOf(row: UserRow): UserRow[] | undefined {
    if (row.isService) return undefined;
    return row.isActive ? this.#sorted?.active : this.#sorted?.inactive;
  }
}

/** Sorts rows by the ranks of their names: there are far fewer names than rows, and comparing texts costs most. */
function inOrder(rows: UserRow[]): UserRow[] {
  const first = ranksOf(rows.map((row) => row.firstName));
  const last = ranksOf(rows.map((row) => row.lastName));
  const rank = (ranks: ReadonlyMap<string, number>, name: string) => ranks.get(name) ?? 0;
  return rows.sort(
    (a, b) =>
      rank(first, a.firstName) - rank(first, b.firstName) ||
      rank(last, a.lastName) - rank(last, b.lastName) ||
      a.id - b.id,
  );
}

/** Names that the collation does not tell apart have the same rank. */
function ranksOf(names: readonly string[]): Map<string, number> {
  const ranks = new Map<string, number>();
  let before: string | undefined;
  let rank = 0;
  for (const name of [...new Set(names)].sort(collator.compare)) {
    if (before !== undefined && collator.compare(before, name) !== 0) {
      rank += 1;
    }
    before = name;
    ranks.set(name, rank);
  }
  return ranks;
}

/** Whether the list order does not tell these two apart. */
export function isTied(a: UserRow, b: UserRow): boolean {
  return collator.compare(a.firstName, b.firstName) === 0 && collator.compare(a.lastName, b.lastName) === 0;
}

export function compareTitles(a: { title: string }, b: { title: string }): number {
  return collator.compare(a.title, b.title);
}

function compareRows(a: UserRow, b: UserRow): number {
  return (
    collator.compare(a.firstName, b.firstName) || collator.compare(a.lastName, b.lastName) || a.id - b.id
  );
}

/** Where the row is, or belongs. */
function positionOf(entries: readonly UserRow[], row: UserRow): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareRows(entries[middle] as UserRow, row) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
