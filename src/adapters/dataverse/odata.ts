import { RecordRejectedError } from '../../domain/errors.js';
import type { FieldValue } from '../../domain/values.js';

/** Pure builders of request texts: what goes into a URL is quoted and encoded here and nowhere else. */

/** Stays well below the 32,768 characters that Dataverse allows, since proxies on the way allow less. */
export const MAX_URL_LENGTH = 8_000;
/** Terms joined by `or` in one filter; deep filters are refused or slow. */
const MAX_TERMS = 100;

/** A condition on one property: `property eq value`, or that it begins with a pattern. */
export interface Condition {
  readonly property: string;
  readonly kind: 'text' | 'prefix' | 'bare';
  readonly value: FieldValue;
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/** `contacts(<guid>)`. Refuses anything that is no GUID, so that an id can never alter a path. */
export function rowPath(entitySet: string, id: string): string {
  if (!isGuid(id)) throw new RecordRejectedError('invalid_id', 'The id of a row must be a GUID.');
  return `${entitySet}(${id.toLowerCase()})`;
}

/** A string literal with its quotes doubled, not yet encoded. */
export function textLiteral(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Percent-encodes for a query option. Quotes too: URL parsers escape them anyway, and lengths are counted here. */
export function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27').replaceAll('%2C', ',');
}

/** `?$select=a,b&$filter=…` in the order given; empty options are left out. */
export function query(options: Readonly<Record<string, string | undefined>>): string {
  const parts = Object.entries(options)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '')
    .map(([name, value]) => `${name}=${encode(value)}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function literal({ kind, value }: Condition): string {
  if (value === null) return 'null';
  return kind === 'bare' ? String(value) : textLiteral(String(value));
}

/**
 * One equality. A text with `[` is asked for in two spellings, because square brackets may act as a pattern: the caller
 * compares what comes back with the plain text.
 */
export function equals(condition: Condition): string {
  const { kind, property, value } = condition;
  if (kind === 'prefix') return `startswith(${property},${literal(condition)})`;
  const plain = `${property} eq ${literal(condition)}`;
  if (kind !== 'text' || typeof value !== 'string' || !value.includes('[')) return plain;
  const escaped = literal({ ...condition, value: value.replaceAll('[', '[[]') });
  return `(${plain} or ${property} eq ${escaped})`;
}

/** All the conditions at once; of several in one place any. */
export function allOf(conditions: readonly (Condition | readonly Condition[])[]): string {
  return conditions
    .map((each) => {
      if ('property' in each) return equals(each);
      const terms = each.map(equals).join(' or ');
      return each.length > 1 ? `(${terms})` : terms;
    })
    .join(' and ');
}

/**
 * Joins alternatives by `or` into as few filters as fit into URLs of `MAX_URL_LENGTH`; `used` counts the characters that
 * the rest of the URL takes. Returns with each filter the alternatives that it covers.
 */
export function anyOf<T>(
  alternatives: readonly T[],
  used: number,
  text: (alternative: T) => string,
): { filter: string; covers: readonly T[] }[] {
  const chunks: { filter: string; covers: T[]; length: number }[] = [];
  for (const alternative of alternatives) {
    const term = `(${text(alternative)})`;
    const length = encode(` or ${term}`).length;
    const last = chunks.at(-1);
    if (
      last !== undefined &&
      last.covers.length < MAX_TERMS &&
      used + last.length + length <= MAX_URL_LENGTH
    ) {
      last.filter += ` or ${term}`;
      last.length += length;
      last.covers.push(alternative);
    } else {
      chunks.push({ filter: term, covers: [alternative], length });
    }
  }
  return chunks.map(({ filter, covers }) => ({ filter, covers }));
}
