import type { UserRow } from './model.js';

/** What a search looks through: lower-case user name and full name, apart by a character no search text has. */
function haystackOf({ userName, firstName, lastName }: UserRow): string {
  return `${userName}\u0000${firstName} ${lastName}`.toLowerCase();
}

/** The characters before an `@` that addresses are filed under; one text of a search that has as many finds them. */
const BEFORE_AT = 6;

/**
 * Finds the users that a search may mean without looking at each of them: a text with a blank by the full names, of which
 * there are far fewer than users, and an address by the end of its local part. Other texts go through all users.
 */
export class UserSearch {
  readonly #haystacks = new Map<UserRow, string>();
  readonly #byName = new Map<string, Set<UserRow>>();
  readonly #byAddress = new Map<string, Set<UserRow>>();

  constructor(rows: readonly UserRow[]) {
    for (const row of rows) {
      this.add(row);
    }
  }

  add(row: UserRow): void {
    const haystack = haystackOf(row);
    this.#haystacks.set(row, haystack);
    addTo(this.#byName, groupOf(row, haystack), row);
    for (const end of addressEnds(haystack)) {
      addTo(this.#byAddress, end, row);
    }
  }

  /** To be called before the row changes. */
  remove(row: UserRow): void {
    const haystack = haystackOf(row);
    this.#haystacks.delete(row);
    removeFrom(this.#byName, groupOf(row, haystack), row);
    for (const end of addressEnds(haystack)) {
      removeFrom(this.#byAddress, end, row);
    }
  }

  holds(row: UserRow, search: string): boolean {
    return this.#haystacks.get(row)?.includes(search) ?? false;
  }

  /** Those that may hold the text, in no order; undefined for a text of which only a look at all of them tells. */
  candidates(search: string): UserRow[] | undefined {
    const at = search.indexOf('@');
    if (at >= BEFORE_AT) {
      return [...(this.#byAddress.get(search.slice(at - BEFORE_AT, at)) ?? [])];
    }
    if (!search.includes(' ')) return undefined;
    return [...this.#byName].flatMap(([name, group]) => (name.includes(search) ? [...group] : []));
  }
}

/** Users of the same full name are one group, as long as their user names have no blank. */
function groupOf({ userName, firstName, lastName }: UserRow, haystack: string): string {
  return userName.includes(' ') ? haystack : `${firstName} ${lastName}`.toLowerCase();
}

function addressEnds(haystack: string): string[] {
  return [...haystack.matchAll(/@/g)].flatMap(({ index }) =>
    index < BEFORE_AT ? [] : [haystack.slice(index - BEFORE_AT, index)],
  );
}

function addTo(groups: Map<string, Set<UserRow>>, key: string, row: UserRow): void {
  const group = groups.get(key);
  if (group === undefined) {
    groups.set(key, new Set([row]));
  } else {
    group.add(row);
  }
}

function removeFrom(groups: Map<string, Set<UserRow>>, key: string, row: UserRow): void {
  const group = groups.get(key);
  group?.delete(row);
  if (group?.size === 0) {
    groups.delete(key);
  }
}
