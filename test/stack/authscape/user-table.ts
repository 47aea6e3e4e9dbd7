import type { UserRow } from './model.js';

// Close to the database's usual collation: case does not count, accents do.
const collator = new Intl.Collator('en', { sensitivity: 'accent' });

/** The users, found by id, by user name, and in list order without sorting at every request. */
export class UserTable {
  readonly #byId = new Map<number, UserRow>();
  readonly #byName = new Map<string, UserRow>();
  /** Sorted by name per active state; undefined until the next list is asked for. */
  #sorted: { active: UserRow[]; inactive: UserRow[] } | undefined;
  /** What searches look through, worked out when the first one comes by. */
  readonly #haystacks = new WeakMap<UserRow, string>();
  /** By what `groupOf` says; undefined until the next search for a text with a blank. */
  #named: Map<string, Set<UserRow>> | undefined;

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
    this.#named = undefined;
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
    this.#named = undefined;
    for (const row of rows) {
      this.insert(row);
    }
  }

  update(row: UserRow, patch: Partial<UserRow>): void {
    this.#unplace(row);
    this.#byName.delete(row.userName.toUpperCase());
    Object.assign(row, patch);
    this.#haystacks.delete(row);
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
    const searched = search === undefined ? rows : this.#mayHold(search, isActive, rows);
    return searched.filter(
      (row) =>
        (search === undefined || this.#haystack(row).includes(search)) &&
        (matches === undefined || matches(row)),
    );
  }

  /** Lower-case user name and full name, apart by a character no search text has. */
  #haystack(row: UserRow): string {
    const known = this.#haystacks.get(row);
    if (known !== undefined) {
      return known;
    }
    const text = haystackOf(row);
    this.#haystacks.set(row, text);
    return text;
  }

  /** Those whose names may hold the text, in list order: a text with a blank is hardly ever of a user name. */
  #mayHold(search: string, isActive: boolean, rows: readonly UserRow[]): readonly UserRow[] {
    if (!search.includes(' ')) return rows;
    this.#named ??= this.#grouped();
    const found: UserRow[] = [];
    for (const [name, group] of this.#named) {
      if (name.includes(search)) {
        found.push(...[...group].filter((row) => row.isActive === isActive));
      }
    }
    return found.sort(compareRows);
  }

  #grouped(): Map<string, Set<UserRow>> {
    const named = new Map<string, Set<UserRow>>();
    for (const row of this.people()) {
      addTo(named, row);
    }
    return named;
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
    if (this.#named !== undefined && !row.isService) {
      addTo(this.#named, row);
    }
  }

  #unplace(row: UserRow): void {
    const entries = this.#entriesOf(row);
    entries?.splice(positionOf(entries, row), 1);
    this.#named?.get(groupOf(row))?.delete(row);
  }

  #entriesOf(row: UserRow): UserRow[] | undefined {
    if (row.isService) return undefined;
    return row.isActive ? this.#sorted?.active : this.#sorted?.inactive;
  }
}

function haystackOf(row: UserRow): string {
  return `${row.userName}\u0000${row.firstName} ${row.lastName}`.toLowerCase();
}

/** Where a search for a text with a blank finds it: users of the same full name are one group, as long as their user names have none. */
function groupOf(row: UserRow): string {
  return row.userName.includes(' ') ? haystackOf(row) : `${row.firstName} ${row.lastName}`.toLowerCase();
}

function addTo(named: Map<string, Set<UserRow>>, row: UserRow): void {
  const name = groupOf(row);
  const group = named.get(name);
  if (group === undefined) {
    named.set(name, new Set([row]));
  } else {
    group.add(row);
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
