import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { BridgeError } from '../../domain/errors.js';
import { cutText } from '../../domain/text-form.js';
import type { Row } from './table.js';

/** A string column takes 32,768 UTF-16 characters. */
const CHUNK = 30_000;
/** A row takes 1 MiB at two bytes a character: above this the text is packed, which few records ever need. */
const PACK_ABOVE = 200_000;
/** What of a row is left to its JSON, in characters, with room for keys, other columns and what the service adds. */
const MOST = 480_000;
/** Characters of each long value that are kept, tried one after the other where the whole does not fit into a row. */
const KEPT = [200_000, 50_000, 5_000, 500, 50];
const PACKED = 'deflate:';

/** A value as JSON text in the columns `name`, `name1`, `name2`, … */
export function jsonColumns(name: string, value: unknown): Record<string, string> {
  const json = asciiJson(value);
  const text =
    json.length > PACK_ABOVE ? PACKED + deflateRawSync(Buffer.from(json, 'utf8')).toString('base64') : json;
  const columns: Record<string, string> = {};
  let start = 0;
  for (let index = 0; start < text.length; index += 1) {
    const end = start + CHUNK;
    columns[index === 0 ? name : `${name}${index}`] = text.slice(start, end);
    start = end;
  }
  return columns;
}

/**
 * The same for a value that may be larger than a row takes: then the first of its shorter forms that fits. `shortened`
 * gives the value with no text above so many characters.
 */
export function fittingColumns(
  name: string,
  value: unknown,
  shortened: (limit: number) => unknown,
): Record<string, string> {
  let columns = jsonColumns(name, value);
  for (const limit of KEPT) {
    if (Object.values(columns).join('').length <= MOST) break;
    columns = jsonColumns(name, shortened(limit));
  }
  return columns;
}

/** A text that is too long for a row: its beginning, its length and a digest that tells it from others. */
export function shortText<T>(value: T, limit: number): T | string {
  if (typeof value !== 'string' || value.length <= limit) return value;
  const digest = createHash('sha256').update(value).digest('hex');
  return `${cutText(value, limit)}… [${value.length} characters, sha256:${digest}]`;
}

/** Reads back what `jsonColumns` wrote. The caller names the type: only this product writes its tables. */
export function fromJsonColumns<T>(row: Row, name: string): T {
  let text = textColumn(row, name);
  for (let index = 1; ; index += 1) {
    const more = row[`${name}${index}`];
    if (typeof more !== 'string') break;
    text += more;
  }
  const json = text.startsWith(PACKED)
    ? inflateRawSync(Buffer.from(text.slice(PACKED.length), 'base64')).toString('utf8')
    : text;
  return JSON.parse(json) as T;
}

/** JSON text within a value. */
export function jsonText<T extends z.ZodType>(shape: T) {
  return z.codec(z.string(), shape, {
    decode: (text, context) => {
      try {
        return JSON.parse(text);
      } catch {
        context.issues.push({ code: 'custom', message: 'Must be JSON.', input: text });
        return z.NEVER;
      }
    },
    encode: (value) => JSON.stringify(value),
  });
}

/** A part of a stored value in its shape. Throws `internal_error` where it has another one; `what` names the row. */
export function parseStored<T extends z.ZodType>(what: string, shape: T, part: unknown): z.output<T> {
  const parsed = shape.safeParse(part);
  if (parsed.success) return parsed.data;
  throw new BridgeError(
    'internal_error',
    `A stored ${what} is not readable: ${z.prettifyError(parsed.error)}`,
    {
      hint: OTHER_VERSION,
    },
  );
}

const OTHER_VERSION = 'The table was written by another version or changed by hand.';

/** A text column that must be there. */
export function textColumn(row: Row, name: string): string {
  const value = row[name];
  if (typeof value === 'string') return value;
  throw new BridgeError('internal_error', `A stored row lacks the text column "${name}".`, {
    hint: OTHER_VERSION,
  });
}

/** The layout version that this version of the product writes. */
const LAYOUT = 1;

/** Refuses rows of a layout that this version does not know. */
export function checkVersion(row: Row): void {
  if (row.v === LAYOUT) return;
  throw new BridgeError(
    'internal_error',
    `A stored row has layout version ${String(row.v)}, not ${LAYOUT}.`,
    {
      hint: 'A newer version of the service has written it: update this one.',
    },
  );
}

/**
 * JSON with everything beyond ASCII escaped. The local emulator garbles a character whose bytes fall on two chunks of a
 * request, and text in columns can then be cut anywhere.
 */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
