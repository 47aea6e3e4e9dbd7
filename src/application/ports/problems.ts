import type { NotedProblem, RecordProblem } from '../../domain/problem.js';
import type { Page } from './stores.js';

/** Names a record in a mapping; by the A id where it is known. */
export type ProblemKey = Pick<RecordProblem, 'mappingId' | 'authScapeId' | 'crmId'>;

/** Records that syncs left undone: one row per record and mapping, kept until the record is seen in order. */
export interface ProblemStore {
  /** Inserts, or brings up to date what is there of the same record. */
  note(connectionId: string, problems: readonly NotedProblem[]): Promise<void>;
  /** Those of the named ones that are there. */
  get(connectionId: string, keys: readonly ProblemKey[]): Promise<readonly RecordProblem[]>;
  scan(connectionId: string, limit: number, cursor?: string): Promise<Page<RecordProblem>>;
  /** Missing ones are fine. */
  remove(connectionId: string, keys: readonly ProblemKey[]): Promise<void>;
}
