import type { Column, Scalar } from '../tables/schema.js';
import type { Row } from '../tables/table-store.js';
import { comparable, kindOf, type TextKey } from './filter-values.js';

export interface OrderPart {
  column: Column;
  isDescending: boolean;
}

/** Segments of this length are sorted at once; more than a page, so that a page costs one of them. */
const segmentLength = 8192;

/**
 * Rows in the wanted order, the id deciding between equals. They are sorted only as far as the caller looks: the first
 * page of a large table must not pay for all its pages. Keys lie in one array per column, since an object for each
 * row costs more than the sorting.
 */
export class OrderedRows {
  readonly #order: readonly OrderPart[];
  readonly #keyOf: TextKey;
  readonly #rows: readonly Row[];
  readonly #keys: readonly (readonly Scalar[])[];
  /** Indexes of the rows, in their order as far as `#sorted`. */
  readonly #at: Uint32Array;
  #sorted = 0;
  /** Right ends of the segments that follow the sorted part, nearest last; all of one is below all of the next. */
  readonly #bounds: number[];

  constructor(rows: readonly Row[], order: readonly OrderPart[], keyOf: TextKey) {
    this.#keyOf = keyOf;
    this.#order = order;
    this.#rows = rows;
    this.#keys = order.map(({ column }) => {
      const kind = kindOf(column);
      return rows.map(({ values }) => comparable(values[column.property] ?? null, kind, keyOf));
    });
    this.#at = Uint32Array.from({ length: rows.length }, (_, index) => index);
    this.#bounds = [rows.length];
  }

  get length(): number {
    return this.#rows.length;
  }

  /** How many rows stand at or before the place that the values of the order and an id describe. */
  countUpTo(values: readonly Scalar[], id: string): number {
    const place = this.#order.map(({ column }, at) =>
      comparable(values[at] ?? null, kindOf(column), this.#keyOf),
    );
    const isAfter = (index: number) => {
      const order = this.#compareKeys(
        (part) => this.#keys[part]?.[index] ?? null,
        (part) => place[part] ?? null,
      );
      return order === 0 ? (this.#rows[index]?.id ?? '') > id : order > 0;
    };
    return this.#rows.reduce((count, _, index) => (isAfter(index) ? count : count + 1), 0);
  }

  slice(from: number, to: number): Row[] {
    const end = Math.min(to, this.#rows.length);
    while (this.#sorted < end) {
      this.#sortOn();
    }
    return [...this.#at.subarray(from, end)].map((index) => this.#rows[index]!);
  }

  #sortOn(): void {
    const bound = this.#bounds.at(-1) ?? this.#rows.length;
    if (bound - this.#sorted > segmentLength) {
      this.#split(bound);
      return;
    }
    this.#at.subarray(this.#sorted, bound).sort((a, b) => this.#compare(a, b));
    this.#sorted = bound;
    this.#bounds.pop();
  }

  /** Puts what is below a middle value first; that value is then in its final place. */
  #split(bound: number): void {
    const first = this.#sorted;
    this.#swap(Math.floor((first + bound) / 2), bound - 1);
    const pivot = this.#at[bound - 1]!;
    let place = first;
    for (let position = first; position < bound - 1; position += 1) {
      if (this.#compare(this.#at[position]!, pivot) < 0) {
        this.#swap(position, place);
        place += 1;
      }
    }
    this.#swap(place, bound - 1);
    if (place === first) {
      this.#sorted += 1;
    } else {
      this.#bounds.push(place);
    }
  }

  #swap(one: number, other: number): void {
    const kept = this.#at[one]!;
    this.#at[one] = this.#at[other]!;
    this.#at[other] = kept;
  }

  #compare(a: number, b: number): number {
    const keys = this.#keys;
    const order = this.#compareKeys(
      (part) => keys[part]?.[a] ?? null,
      (part) => keys[part]?.[b] ?? null,
    );
    return order === 0 && a !== b ? (this.#rows[a]!.id < this.#rows[b]!.id ? -1 : 1) : order;
  }

  /** Empty values first, as in SQL; 0 leaves it to the ids. */
  #compareKeys(leftOf: (part: number) => Scalar, rightOf: (part: number) => Scalar): number {
    for (let part = 0; part < this.#order.length; part += 1) {
      const left = leftOf(part);
      const right = rightOf(part);
      if (left === right) {
        continue;
      }
      const isLess = left === null || (right !== null && left < right);
      return isLess === (this.#order[part]?.isDescending ?? false) ? 1 : -1;
    }
    return 0;
  }
}
