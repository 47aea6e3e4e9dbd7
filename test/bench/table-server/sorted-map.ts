const MAX_LEAF = 1_024;

interface Leaf<V> {
  readonly keys: string[];
  readonly values: V[];
}

/** Values under texts in the order of their code units, in leaves of bounded size: a million stay quick to add to. */
export class SortedMap<V> {
  readonly #leaves: Leaf<V>[] = [];

  get(key: string): V | undefined {
    const leaf = this.#leaves[this.#leafOf(key)];
    if (leaf === undefined) return undefined;
    const at = firstFrom(leaf.keys, key);
    return leaf.keys[at] === key ? leaf.values[at] : undefined;
  }

  set(key: string, value: V): void {
    const index = this.#leafOf(key);
    const leaf = this.#leaves[index];
    if (leaf === undefined) {
      this.#leaves.push({ keys: [key], values: [value] });
      return;
    }
    const at = firstFrom(leaf.keys, key);
    if (leaf.keys[at] === key) {
      leaf.values[at] = value;
      return;
    }
    leaf.keys.splice(at, 0, key);
    leaf.values.splice(at, 0, value);
    if (leaf.keys.length > MAX_LEAF) this.#split(index, leaf);
  }

  delete(key: string): void {
    const index = this.#leafOf(key);
    const leaf = this.#leaves[index];
    if (leaf === undefined) return;
    const at = firstFrom(leaf.keys, key);
    if (leaf.keys[at] !== key) return;
    leaf.keys.splice(at, 1);
    leaf.values.splice(at, 1);
    if (leaf.keys.length === 0) this.#leaves.splice(index, 1);
  }

  get isEmpty(): boolean {
    return this.#leaves.length === 0;
  }

  *from(key: string): Generator<readonly [string, V], void> {
    const first = this.#leafOf(key);
    for (let index = first; index < this.#leaves.length; index += 1) {
      const { keys, values } = this.#leaves[index]!;
      for (let at = index === first ? firstFrom(keys, key) : 0; at < keys.length; at += 1) {
        yield [keys[at]!, values[at]!];
      }
    }
  }

  #split(index: number, { keys, values }: Leaf<V>): void {
    const half = keys.length >>> 1;
    this.#leaves.splice(index + 1, 0, { keys: keys.splice(half), values: values.splice(half) });
  }

  /** The last leaf that begins at or before the key. */
  #leafOf(key: string): number {
    let [low, high] = [0, this.#leaves.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#leaves[middle]!.keys[0]! <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(low - 1, 0);
  }
}

function firstFrom(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
