/** A GUID in its usual form takes 16 bytes behind this one, with which no UTF-8 begins. */
const GUID_MARK = 0xff;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const LAST_ASCII = 0x7f;
const FIRST_ROOM = 1_024;
/** Less than double: of the largest arrays half would lie idle. */
const GROWTH = 1.5;

/**
 * Texts under numbers that count up from 0, and the number of a text. Made for millions of short ones: all lie in a few
 * arrays of bytes, without an object for any of them.
 */
export class TextTable {
  #bytes: Uint8Array = new Uint8Array(FIRST_ROOM * 8);
  /** Where each text begins, and where the last one ends. */
  #starts: Uint32Array = new Uint32Array(FIRST_ROOM);
  /** Open addressing: a number and 1, or 0. */
  #slots: Int32Array = new Int32Array(FIRST_ROOM * 2);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Puts the text under the next number, also where it is there already: then the newest one is found. */
  append(text: string): number {
    const number = this.#size;
    const length = encode(text);
    const start = this.#starts[number] ?? 0;
    this.#bytes = grown(this.#bytes, start + length);
    this.#bytes.set(encoded.subarray(0, length), start);
    this.#starts = grown(this.#starts, number + 2);
    this.#starts[number + 1] = start + length;
    this.#size += 1;
    // At most two thirds of the slots are in use.
    if (this.#size * 3 > this.#slots.length * 2) this.#rehash(this.#slots.length * 2);
    else this.#slots[this.#slotOf(encoded, 0, length)] = number + 1;
    return number;
  }

  /** The number of the text; -1: it is not there. */
  find(text: string): number {
    return (this.#slots[this.#slotOf(encoded, 0, encode(text))] ?? 0) - 1;
  }

  at(number: number): string {
    const start = this.#starts[number] ?? 0;
    return decode(this.#bytes.subarray(start, this.#starts[number + 1] ?? start));
  }

  /** The slot in which the text stands, or the free one where it would. */
  #slotOf(bytes: Uint8Array, from: number, length: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(bytes, from, length) & mask;
    for (;;) {
      const found = this.#slots[slot] ?? 0;
      if (found === 0 || this.#isAt(found - 1, bytes, from, length)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isAt(number: number, bytes: Uint8Array, from: number, length: number): boolean {
    const start = this.#starts[number] ?? 0;
    if ((this.#starts[number + 1] ?? 0) - start !== length) return false;
    for (let at = 0; at < length; at += 1) {
      if (this.#bytes[start + at] !== bytes[from + at]) return false;
    }
    return true;
  }

  #rehash(slots: number): void {
    this.#slots = new Int32Array(slots);
    for (let number = 0; number < this.#size; number += 1) {
      const start = this.#starts[number] ?? 0;
      this.#slots[this.#slotOf(this.#bytes, start, (this.#starts[number + 1] ?? start) - start)] = number + 1;
    }
  }
}

/** The array, or one with room for at least so many. */
export function grown<T extends Uint8Array | Uint32Array | Float64Array>(array: T, room: number): T {
  if (room <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => T)(
    Math.max(room, Math.ceil(array.length * GROWTH)),
  );
  larger.set(array);
  return larger;
}

/** Holds the text that was encoded last: most are looked up and not kept, and none is worth an array. */
let encoded: Uint8Array = new Uint8Array(FIRST_ROOM);
const BYTES_PER_UNIT = 3;

/** The number of bytes. */
function encode(text: string): number {
  encoded = grown(encoded, text.length * BYTES_PER_UNIT);
  if (GUID.test(text)) {
    encoded[0] = GUID_MARK;
    return 1 + bufferOf(encoded).write(text.replaceAll('-', ''), 1, 'hex');
  }
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > LAST_ASCII) return bufferOf(encoded).write(text, 'utf8');
    encoded[at] = unit;
  }
  return text.length;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function decode(bytes: Uint8Array): string {
  const buffer = bufferOf(bytes);
  if (bytes[0] !== GUID_MARK) return buffer.toString('utf8');
  const hex = buffer.toString('hex', 1);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** FNV-1a, mixed once more so that its low bits are as good as the others. */
function hashOf(bytes: Uint8Array, from: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < from + length; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
