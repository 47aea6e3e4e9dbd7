import type { Link } from './link.js';
import type { FieldValue } from './values.js';

/**
 * A pair that was seen in order but for lookups whose target has no partner. As long as both records and the partners of
 * the targets are what they were, another look at it comes to the same.
 */
export interface Waits {
  /** `changedAt` of the link as it was stored with this: a later change of the link ends it. */
  readonly at: number;
  readonly runId: string | null;
  /** Of the connection and the fields, digested: what else decides what becomes of a value. */
  readonly rules: string;
  /** As `aHash`, `fullHash` and `dVersion` of a clean link. */
  readonly aHash: string;
  readonly fullHash: string;
  readonly dVersion: string;
  readonly lookups: readonly WaitingLookup[];
}

export interface WaitingLookup {
  readonly fieldId: string;
  /** What both sides show, and what the other side would get for it; null: nothing yet. */
  readonly a: FieldValue;
  readonly d: FieldValue;
  readonly toDynamics: FieldValue;
  readonly toAuthScape: FieldValue;
}

/** The link as every run looks at it anew, whatever was known of the pair. */
export function dueAgain(link: Link): Link {
  return { ...link, clean: false, waits: null };
}

/** Is the pair one that a run may leave alone as long as nothing of it changes? */
export function mayRest({ clean, waits }: Pick<Link, 'clean' | 'waits'>): boolean {
  return clean || (waits ?? null) !== null;
}
