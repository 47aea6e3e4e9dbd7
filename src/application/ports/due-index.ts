/** When a connection is looked at next by the timer. */
export interface Look {
  readonly connectionId: string;
  /** Milliseconds. */
  readonly at: number;
}

/**
 * Which connections the timer has to look at, by time. It only says when to look: what is due is then decided from the
 * connection itself, so a look too many does no harm.
 */
export interface DueIndex {
  /** Looks until that time, the oldest first. */
  due(until: number, limit: number): Promise<readonly Look[]>;
  /** Sets the next look of a connection in place of this one; false when another one took its place meanwhile. */
  move(look: Look, at: number): Promise<boolean>;
  /** Takes a connection out. */
  forget(connectionId: string): Promise<void>;
  /** Looks at the connection at that time at the latest, also where an earlier look moves it meanwhile. */
  bringForward(connectionId: string, at: number): Promise<void>;
  /** Which of these connections, a page of `ConnectionStore.list`, no look is set for. */
  missing(connectionIds: readonly string[]): Promise<readonly string[]>;
  /** Where the sweep over all connections goes on: a cursor, null for the beginning; undefined before the first sweep. */
  sweepFrom(): Promise<string | null | undefined>;
  setSweep(cursor: string | null): Promise<void>;
}
