import type { FieldValues } from './values.js';

/** One AuthScape record as read, in neutral form. */
export interface AuthScapeRecord {
  readonly id: string;
  /** By field key; keys that this reading did not carry are absent. */
  readonly values: FieldValues;
  readonly active: boolean;
  /** Role names of a user; absent for other entities or where the reading lacked them. */
  readonly roles?: readonly string[] | undefined;
  /** True when the reading carried all fields that were asked for. */
  readonly complete: boolean;
  /** Milliseconds (our clock) at which the request that brought it was sent. */
  readonly readAt: number;
}

/** One Dataverse row as read. */
export interface DynamicsRow {
  readonly id: string;
  /** By column logical name; lookups as `"<table>:<id>"`. */
  readonly values: FieldValues;
  readonly active: boolean;
  /** `@odata.etag`, opaque; null for a table without optimistic concurrency. */
  readonly etag: string | null;
  /** UTC by Dynamics' own clock, seconds. */
  readonly modifiedOn: string | null;
  /**
   * The surviving row after a merge in Dynamics; null when it was not merged away. The row itself where the surviving
   * one is gone with the reference to it.
   */
  readonly mergedInto: string | null;
  readonly readAt: number;
}
