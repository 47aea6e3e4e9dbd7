import type { BodyReader, QueryReader } from './binding.js';
import type { Store } from './store.js';

/** The signed-in user as the token's claims describe it. */
export interface Identity {
  id: number;
  email: string;
  firstName: string;
  lastName: string;
  companyId: number | null;
  roles: { id: number; name: string }[];
}

export interface Call {
  store: Store;
  query: QueryReader;
  /** Parses the body as JSON; throws ValidationError. */
  body(): BodyReader;
  identity: Identity | undefined;
}

/**
 * One operation of the emulated API. Undefined becomes 204, `emptyOk` 200 without a body, a string text, anything
 * else JSON without its nulls.
 */
export type Action = (call: Call) => unknown;

/** An item of the change list which the update operations answer with. */
export interface Change {
  name: string;
  value: string | null;
}

/** True and False, as .NET prints them. */
export function booleanText(value: boolean): string {
  return value ? 'True' : 'False';
}
