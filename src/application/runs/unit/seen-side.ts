import { grown, type TextTable } from '../../../lib/text-table.js';
import { SEEN_HASH, type SeenRecord } from '../../ports/staging.js';

const SEEN = 1;
const ACTIVE = 2;
const HAS_KEY = 4;
const CHANGED = 8;
const WORDS = 2;
const WORD_DIGITS = SEEN_HASH / WORDS;

/**
 * The records of one side that were seen unchanged, in the order in which their ids first came: 9 bytes for each id. Of
 * some it is known that they came and were not: those stay so, since lists that move bring a record twice, and a part that
 * an earlier attempt has stored may be read behind the one that knows better.
 */
export class SeenSide {
  /** Both sides have the same ids: they share them. */
  readonly #ids: TextTable;
  #flags = new Uint8Array(0);
  #keys = new Uint32Array(0);
  #size = 0;

  constructor(ids: TextTable) {
    this.#ids = ids;
  }

  get size(): number {
    return this.#size;
  }

  has(authScapeId: string): boolean {
    const at = this.#ids.find(authScapeId);
    return at >= 0 && this.#isSeen(at);
  }

  hasChanged(authScapeId: string): boolean {
    const at = this.#ids.find(authScapeId);
    return at >= 0 && ((this.#flags[at] ?? 0) & CHANGED) !== 0;
  }

  note({ active, authScapeId, changed, keyHash }: SeenRecord): void {
    const known = this.#ids.find(authScapeId);
    const at = known >= 0 ? known : this.#ids.append(authScapeId);
    this.#flags = grown(this.#flags, at + 1);
    if (changed) this.#put(at, CHANGED);
    if (((this.#flags[at] ?? 0) & CHANGED) !== 0) return;
    this.#put(at, SEEN | (active ? ACTIVE : 0) | (keyHash === null ? 0 : HAS_KEY));
    if (keyHash === null) return;
    this.#keys = grown(this.#keys, (at + 1) * WORDS);
    this.#keys[at * WORDS] = Number.parseInt(keyHash.slice(0, WORD_DIGITS), 16);
    this.#keys[at * WORDS + 1] = Number.parseInt(keyHash.slice(WORD_DIGITS), 16);
  }

  *keys(): Generator<string, void> {
    for (let at = 0; at < this.#ids.size; at += 1) if (this.#isSeen(at)) yield this.#ids.at(at);
  }

  *values(): Generator<SeenRecord, void> {
    for (let at = 0; at < this.#ids.size; at += 1) {
      const flags = this.#flags[at] ?? 0;
      if ((flags & SEEN) === 0) continue;
      const keyHash = (flags & HAS_KEY) === 0 ? null : this.#keyAt(at);
      yield { authScapeId: this.#ids.at(at), keyHash, active: (flags & ACTIVE) !== 0, changed: false };
    }
  }

  #isSeen(at: number): boolean {
    return ((this.#flags[at] ?? 0) & SEEN) !== 0;
  }

  #put(at: number, flags: number): void {
    this.#size += (flags & SEEN) - ((this.#flags[at] ?? 0) & SEEN);
    this.#flags[at] = flags;
  }

  #keyAt(at: number): string {
    const words = [this.#keys[at * WORDS] ?? 0, this.#keys[at * WORDS + 1] ?? 0];
    return words.map((word) => word.toString(16).padStart(WORD_DIGITS, '0')).join('');
  }
}
