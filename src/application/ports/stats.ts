import type { Run } from '../../domain/run.js';
import type { StatsPart } from '../../domain/stats.js';

export interface CountedLinks {
  readonly mappingId: string;
  readonly linked: number;
}

/** Counts by connection and UTC day, kept when things happen, so that the log need not be read for them. */
export interface StatsStore {
  /** Counts a run on its day; one that was counted before counts as it is now. */
  putRun(run: Run): Promise<void>;
  /** Adds to a day. Counts may be lost under a crowd of writers, never doubled. */
  add(connectionId: string, day: string, part: StatsPart): Promise<void>;
  /** The days of the range that have counts; both ends included. */
  days(connectionId: string, from: string, to: string): Promise<ReadonlyMap<string, StatsPart>>;
  /** How many links a mapping had when a run counted them last. */
  putLinks(connectionId: string, counted: CountedLinks): Promise<void>;
  links(connectionId: string): Promise<readonly CountedLinks[]>;
  /** Removes days before this one. */
  prune(connectionId: string, before: string): Promise<void>;
}
