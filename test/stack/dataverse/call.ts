import type { SimReply } from '../control.js';
import type { ApplicationUser, Environment } from './environment.js';
import { badRequest, noSuchSegment } from './errors.js';
import type { Preferences } from './reading/preferences.js';
import type { Segment } from './resource-path.js';
import type { TableStore } from './tables/table-store.js';

/** One operation of an authenticated user: a request, or one part of a batch. */
export interface Call {
  environment: Environment;
  user: ApplicationUser;
  method: string;
  segments: Segment[];
  /** Raw query text without the question mark, to repeat it in links. */
  search: string;
  /** Decoded query options and parameter aliases. */
  query: ReadonlyMap<string, string>;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
  preferences: Preferences;
  /** Service root with which links begin, without a slash at the end. */
  root: string;
}

/** Options by name; `+` is a space, as in any form-encoded text. */
export function parseQuery(search: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const pair of search.split('&').filter((part) => part !== '')) {
    const at = pair.indexOf('=');
    const name = decodeOption(at < 0 ? pair : pair.slice(0, at));
    options.set(name, at < 0 ? '' : decodeOption(pair.slice(at + 1)));
  }
  return options;
}

function decodeOption(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw badRequest('The query is not encoded correctly.');
  }
}

/** The table behind an entity set name, which is case-sensitive. */
export function storeOfSet(environment: Environment, setName: string): TableStore {
  const store = environment.bySet.get(setName);
  if (store === undefined) {
    throw noSuchSegment(setName);
  }
  return store;
}

export function jsonReply(status: number, value: unknown, headers: Record<string, string> = {}): SimReply {
  return {
    status,
    headers: { 'Content-Type': 'application/json; odata.metadata=minimal', ...headers },
    body: JSON.stringify(value),
  };
}

/** The body as a JSON object. */
export function bodyObject(call: Call): Record<string, unknown> {
  const value = parseJson(call.body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('The payload has to be a JSON object.', '0x80048d19');
  }
  return value as Record<string, unknown>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('Error identified in Payload provided by the user: it is not valid JSON.', '0x80048d19');
  }
}
