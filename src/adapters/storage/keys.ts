import { createHash } from 'node:crypto';

/**
 * Keys of rows. Ids may hold anything, keys may not (`/ \ # ?` and control characters are refused), so every part goes
 * through one reversible encoding; parts are joined with `|`, which the encoding never emits. `!` marks rows that
 * belong to no id.
 */
const PLAIN = /[A-Za-z0-9._-]/;
const ESCAPED = /[^A-Za-z0-9._-]/u;

/** Percent-like, with `~`: UTF-8 bytes outside of `[A-Za-z0-9._-]` become `~XX`. The empty id is a lone `~`. */
export function encodeKey(id: string): string {
  if (id === '') return '~';
  if (!ESCAPED.test(id)) return id;
  let key = '';
  for (const byte of Buffer.from(id, 'utf8')) {
    const character = String.fromCharCode(byte);
    key += PLAIN.test(character) ? character : `~${byte.toString(16).padStart(2, '0').toUpperCase()}`;
  }
  return key;
}

export function decodeKey(key: string): string {
  if (key === '~') return '';
  if (!key.includes('~')) return key;
  const bytes: number[] = [];
  for (let at = 0; at < key.length; at += 1) {
    if (key[at] === '~') {
      bytes.push(Number.parseInt(key.slice(at + 1, at + 3), 16));
      at += 2;
    } else {
      bytes.push(key.charCodeAt(at));
    }
  }
  return Buffer.from(bytes).toString('utf8');
}

/** Encodes each part and joins them with `|`. */
export function joinKey(...parts: readonly string[]): string {
  return parts.map(encodeKey).join('|');
}

/** Part `index` of a joined key, decoded. */
export function keyPart(key: string, index: number): string {
  return decodeKey(key.split('|')[index] ?? '');
}

/** Row ids of Dataverse come in either case; keys have one form. */
export function crmKey(crmId: string): string {
  return encodeKey(crmId.toLowerCase());
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The first key after all that start with the prefix. */
export function prefixEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

const LAST_MOMENT = 9_999_999_999_999;
const TIME_DIGITS = 13;

/** Milliseconds as text that sorts newest first. */
export function reverseTime(ms: number): string {
  return String(LAST_MOMENT - Math.min(Math.max(0, Math.trunc(ms)), LAST_MOMENT)).padStart(TIME_DIGITS, '0');
}

/** Milliseconds as text that sorts oldest first. */
export function forwardTime(ms: number): string {
  return String(Math.min(Math.max(0, Math.trunc(ms)), LAST_MOMENT)).padStart(TIME_DIGITS, '0');
}
