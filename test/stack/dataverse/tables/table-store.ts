import type { Scalar, TableDefinition } from './schema.js';

/** Never changed in place: a write puts a new object with a new version. */
export interface Row {
  id: string;
  version: number;
  /** By property name; a missing one is null. */
  values: Record<string, Scalar>;
  /** Table of each lookup that is set, by property name. */
  lookups: Record<string, string>;
}

export interface Deletion {
  id: string;
  version: number;
}

export type Undo = (revert: () => void) => void;

/** The rows of one table, findable by id, by indexed value and by version. */
export class TableStore {
  readonly definition: TableDefinition;
  readonly #keyOf: (text: string) => string;
  readonly #rows = new Map<string, Row>();
  readonly #indexes = new Map<string, Map<string, Set<string>>>();
  #sortedIds: string[] = [];
  #isSorted = true;
  /** Ids in the sorted list whose row is gone. */
  readonly #goneIds = new Set<string>();
  /** Every version ever put, in order; entries that a later write replaced are dropped now and then. */
  #log: Row[] = [];
  #deletions: Deletion[] = [];

  constructor(definition: TableDefinition, keyOf: (text: string) => string) {
    this.definition = definition;
    this.#keyOf = keyOf;
    for (const item of definition.columns.values()) {
      if (item.indexed === true) {
        this.#indexes.set(item.property, new Map());
      }
    }
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id);
  }

  rows(): Iterable<Row> {
    return this.#rows.values();
  }

  put(row: Row, undo: Undo): void {
    const before = this.#rows.get(row.id);
    this.#set(row);
    this.#log.push(row);
    undo(() => (before === undefined ? this.#drop(row.id) : this.#set(before)));
  }

  remove(id: string, version: number, undo: Undo): void {
    const before = this.#rows.get(id);
    if (before === undefined) {
      return;
    }
    this.#drop(id);
    const deletion = { id, version };
    this.#deletions.push(deletion);
    undo(() => {
      this.#deletions = this.#deletions.filter((other) => other !== deletion);
      this.#set(before);
    });
  }

  /** Sorts what was added, so that the next page does not have to. */
  settle(): void {
    this.#ids();
  }

  /** Looks for values anew after the way in which texts compare was changed. */
  rebuildIndexes(): void {
    for (const index of this.#indexes.values()) {
      index.clear();
    }
    for (const row of this.#rows.values()) {
      this.#reindex(row.id, undefined, row);
    }
  }

  /** Forgets all rows without leaving deletions. */
  clear(): void {
    this.#rows.clear();
    this.#sortedIds = [];
    this.#goneIds.clear();
    this.#log = [];
    this.#deletions = [];
    for (const index of this.#indexes.values()) {
      index.clear();
    }
  }

  /** Takes a property and its index away; the versions of the rows stay. */
  dropProperty(property: string): void {
    this.#indexes.delete(property);
    const fresh = new Map<Row, Row>();
    for (const [id, row] of this.#rows) {
      if (property in row.values) {
        const { [property]: _, ...values } = row.values;
        const without = { ...row, values };
        fresh.set(row, without);
        this.#rows.set(id, without);
      }
    }
    this.#log = this.#log.map((row) => fresh.get(row) ?? row);
  }

  /** Finds this property's values without a scan from now on. */
  index(property: string): void {
    if (!this.#indexes.has(property)) {
      this.#indexes.set(property, new Map());
      this.rebuildIndexes();
    }
  }

  hasIndex(property: string): boolean {
    return this.#indexes.has(property);
  }

  /** Ids of the rows whose indexed value equals this one, as the database compares. */
  idsWith(property: string, value: string): ReadonlySet<string> {
    return this.#indexes.get(property)?.get(this.#keyOf(value)) ?? new Set();
  }

  /** Up to `limit` rows in id order after the given id. */
  pageById(after: string | undefined, limit: number): Row[] {
    const ids = this.#ids();
    let at = after === undefined ? 0 : firstGreater(ids.length, (index) => (ids[index] ?? '') > after);
    const page: Row[] = [];
    for (; at < ids.length && page.length < limit; at += 1) {
      const row = this.#rows.get(ids[at] ?? '');
      if (row !== undefined) {
        page.push(row);
      }
    }
    return page;
  }

  /** Up to `limit` present rows with a version above `after`, by version. */
  changedAfter(after: number, limit = Number.POSITIVE_INFINITY): Row[] {
    if (this.#log.length > 2 * this.#rows.size + 1000) {
      this.#log = this.#log.filter((row) => this.#rows.get(row.id) === row);
    }
    const log = this.#log;
    const from = firstGreater(log.length, (index) => (log[index]?.version ?? 0) > after);
    const changed: Row[] = [];
    for (let at = from; at < log.length && changed.length < limit; at += 1) {
      const row = log[at];
      if (row !== undefined && this.#rows.get(row.id) === row) {
        changed.push(row);
      }
    }
    return changed;
  }

  /** The last deletion of each row deleted after this version and not there again. */
  deletedAfter(after: number): Deletion[] {
    const last = new Map<string, Deletion>();
    const deletions = this.#deletions;
    const from = firstGreater(deletions.length, (index) => (deletions[index]?.version ?? 0) > after);
    for (const deletion of deletions.slice(from)) {
      last.delete(deletion.id);
      if (!this.#rows.has(deletion.id)) {
        last.set(deletion.id, deletion);
      }
    }
    return [...last.values()];
  }

  #set(row: Row): void {
    const before = this.#rows.get(row.id);
    this.#rows.set(row.id, row);
    if (before === undefined && !this.#goneIds.delete(row.id)) {
      this.#sortedIds.push(row.id);
      this.#isSorted = false;
    }
    this.#reindex(row.id, before, row);
  }

  #drop(id: string): void {
    const before = this.#rows.get(id);
    this.#rows.delete(id);
    this.#goneIds.add(id);
    this.#reindex(id, before, undefined);
  }

  #reindex(id: string, before: Row | undefined, after: Row | undefined): void {
    for (const [property, index] of this.#indexes) {
      const old = before?.values[property] ?? null;
      const fresh = after?.values[property] ?? null;
      if (old === fresh) {
        continue;
      }
      if (typeof old === 'string') {
        index.get(this.#keyOf(old))?.delete(id);
      }
      if (typeof fresh === 'string') {
        const key = this.#keyOf(fresh);
        const ids = index.get(key);
        if (ids === undefined) {
          index.set(key, new Set([id]));
        } else {
          ids.add(id);
        }
      }
    }
  }

  #ids(): string[] {
    if (this.#goneIds.size > 1000 && this.#goneIds.size * 2 > this.#rows.size) {
      this.#sortedIds = this.#sortedIds.filter((id) => this.#rows.has(id));
      this.#goneIds.clear();
    }
    if (!this.#isSorted) {
      this.#sortedIds.sort();
      this.#isSorted = true;
    }
    return this.#sortedIds;
  }
}

/** First index for which the test holds, where it holds for all later ones. */
function firstGreater(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
