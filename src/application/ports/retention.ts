/**
 * Removes what is old, in steps that end at a deadline (milliseconds) and may be repeated; each answers true when nothing of its
 * kind is left to remove. Rows of a layout that this version does not know stop a step before it removes them.
 */
export interface Pruner {
  /** Log entries from before `before` (ms), with their copies and what runs list of that time. */
  logs(connectionId: string, before: number, deadline: number): Promise<boolean>;
  /** Ended runs whose ids do not sort before `fromId`, with their changes. One that waits for a person stays. */
  runs(connectionId: string, fromId: string, deadline: number): Promise<boolean>;
  /** Noted failures of jobs that nobody has tried since `before` (ms). */
  failures(connectionId: string, before: number): Promise<void>;
  /** Idempotency keys that do not count any more, in one part of the table; `part` may be any whole number. */
  answers(part: number): Promise<void>;
}
