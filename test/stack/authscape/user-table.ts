import type { UserRow } from './model.js';

interface Entry {
  row: UserRow;
  /** Lower-case user name and full name, apart by a character no search text has. */
  haystack: string;
}

// Close to the database's usual collation: case does not count, accents do.
const collator = new Intl.Collator('en', { sensitivity: 'accent' });

/** The users, found by id, by user name, and in list order without sorting at every request. */
export class UserTable {
  readonly #byId = new Map<number, UserRow>();
  readonly #byName = new Map<string, UserRow>();
  /** Sorted by name per active state; undefined until the next list is asked for. */
  #sorted: { active: Entry[]; inactive: Entry[] } | undefined;

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
  list(isActive: boolean, search?: string, matches?: (row: UserRow) => boolean): UserRow[] {
    this.#sorted ??= this.#sort();
    const entries = isActive ? this.#sorted.active : this.#sorted.inactive;
    const rows: UserRow[] = [];
    for (const { row, haystack } of entries) {
      if ((search === undefined || haystack.includes(search)) && (matches === undefined || matches(row))) {
        rows.push(row);
      }
    }
    return rows;
  }

  #sort(): { active: Entry[]; inactive: Entry[] } {
    const sorted = { active: [] as Entry[], inactive: [] as Entry[] };
    for (const row of this.people().sort(compareRows)) {
      (row.isActive ? sorted.active : sorted.inactive).push(entryOf(row));
    }
    return sorted;
  }

  #place(row: UserRow): void {
    const entries = this.#entriesOf(row);
    entries?.splice(positionOf(entries, row), 0, entryOf(row));
  }

  #unplace(row: UserRow): void {
    const entries = this.#entriesOf(row);
    entries?.splice(positionOf(entries, row), 1);
  }

  #entriesOf(row: UserRow): Entry[] | undefined {
    if (row.isService) return undefined;
    return row.isActive ? this.#sorted?.active : this.#sorted?.inactive;
  }
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

function entryOf(row: UserRow): Entry {
  return { row, haystack: `${row.userName}\u0000${row.firstName} ${row.lastName}`.toLowerCase() };
}

/** Where the row is, or belongs. */
function positionOf(entries: readonly Entry[], row: UserRow): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareRows((entries[middle] as Entry).row, row) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
