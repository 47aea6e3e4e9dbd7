import type { AuthScapeEntity, EntityMapping } from '../../domain/model.js';

/**
 * Removes what is old, in steps that end at a deadline (milliseconds) and may be repeated; each answers true when nothing of its
 * kind is left to remove. Rows of a layout that this version does not know stop a step before it removes them.
 */
export interface Pruner {
  /** Log entries from before `before` (ms), with their copies and what runs list of that time. */
  logs(connectionId: string, before: number, deadline: number): Promise<boolean>;
  /** Ended runs whose ids do not sort before `fromId`, with their changes. One that waits for a person stays. */
  runs(connectionId: string, fromId: string, deadline: number): Promise<boolean>;
  /** Noted failures of jobs that were not tried since `before` (ms). */
  failures(connectionId: string, before: number): Promise<void>;
  /** Idempotency keys that do not count any more, in one part of the table; `part` may be any whole number. */
  answers(part: number): Promise<void>;
}

/** A record by the ids that it has, or has had, on both sides. */
export interface ErasedRecord {
  readonly connectionId: string;
  readonly entity: AuthScapeEntity;
  /** The mappings of the entity. */
  readonly mappings: readonly Pick<EntityMapping, 'id' | 'crmEntity'>[];
  readonly authScapeIds: readonly string[];
  readonly crmIds: readonly string[];
}

export const ERASED_STORES = [
  'links',
  'claims',
  'logs',
  'changes',
  'problems',
  'reservations',
  'deadLetters',
  'staged',
  'answers',
] as const;

/** How many rows lost values, or went, by store; `changes` are what runs alone list. */
export type ErasedCounts = Readonly<Record<(typeof ERASED_STORES)[number], number>>;

/** Takes the values of a record out of everything but its links. Repeated it finds nothing any more. */
export interface RecordEraser {
  /** The Dynamics ids that the log knows beside an AuthScape id. */
  idsInLog(connectionId: string, entity: AuthScapeEntity, authScapeId: string): Promise<readonly string[]>;
  erase(record: ErasedRecord): Promise<Omit<ErasedCounts, 'links'>>;
}
