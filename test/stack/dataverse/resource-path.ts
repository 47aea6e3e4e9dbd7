import { badRequest } from './errors.js';

/** One part of a resource path: `contacts(…)` has the name and what stands in the parentheses. */
export interface Segment {
  name: string;
  key: string | undefined;
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ROOT = /^\/api\/data\/v9\.\d+(?:\/|$)/;

export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/** The path below the service root, split and decoded; undefined outside the Web API. */
export function parsePath(pathname: string): Segment[] | undefined {
  const root = ROOT.exec(pathname)?.[0];
  if (root === undefined) {
    return undefined;
  }
  const parts = splitOutside(pathname.slice(root.length), '/').filter((part) => part !== '');
  return parts.map(parseSegment);
}

function parseSegment(encoded: string): Segment {
  const text = decode(encoded);
  const open = text.indexOf('(');
  if (open < 0) {
    return { name: text, key: undefined };
  }
  if (!text.endsWith(')')) {
    throw badRequest(`Bad Request - Error in query syntax: '${text}'.`, '0x80060888');
  }
  return { name: text.slice(0, open), key: text.slice(open + 1, -1) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest(`The path segment '${text}' is not encoded correctly.`);
  }
}

/** Splits at a separator that stands outside of quotes and parentheses. */
export function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === "'") {
      isQuoted = !isQuoted;
    } else if (!isQuoted && char === '(') {
      depth += 1;
    } else if (!isQuoted && char === ')') {
      depth -= 1;
    } else if (!isQuoted && depth === 0 && char === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
