import type { LogEntry } from '../../domain/change.js';
import type { AuthScapeEntity, Side } from '../../domain/model.js';
import type { Outcome, Run } from '../../domain/run.js';
import type { LogFilter, LogStore, Page, RunStore } from '../ports/stores.js';
import { pagesOf } from '../shared/pages.js';
import { requireRun } from './manage-runs.js';

export interface ChangeDeps {
  readonly runs: Pick<RunStore, 'get'>;
  readonly logs: Pick<LogStore, 'listByRun'>;
}

export interface ChangeFilter {
  /** `held`: what waits, or has waited, for a person's decision. */
  readonly outcome?: Outcome | 'held' | undefined;
  readonly entity?: AuthScapeEntity | undefined;
  readonly side?: Side | undefined;
  /** Name of a changed field on either side, or of the field that an error names. */
  readonly field?: string | undefined;
}

/** Bounds the work of one page when nearly all changes are others. */
const PAGES_PER_ANSWER = 20;

/** What a run did or would do. A page may be shorter than asked for and still have a successor. */
export const listChanges =
  (deps: ChangeDeps) =>
  async (runId: string, filter: ChangeFilter, limit: number, cursor?: string): Promise<Page<LogEntry>> => {
    const { value: run } = await requireRun(deps, runId);
    const items: LogEntry[] = [];
    let next = cursor;
    for (let pages = 0; pages < PAGES_PER_ANSWER && items.length < limit; pages += 1) {
      const page = await deps.logs.listByRun(run, limit - items.length, next, storedFilter(filter));
      items.push(...page.items.filter((entry) => passes(entry, filter)));
      next = page.nextCursor;
      if (next === undefined) break;
    }
    return { items, nextCursor: next };
  };

const STREAM_PAGE = 1_000;

/** All of them, page by page. Throws `run_not_found` before the first one. */
export const streamChanges =
  (deps: ChangeDeps) =>
  async (runId: string, filter: ChangeFilter): Promise<AsyncIterable<LogEntry>> => {
    const { value: run } = await requireRun(deps, runId);
    return entriesOf(deps, run, filter);
  };

async function* entriesOf(deps: ChangeDeps, run: Run, filter: ChangeFilter): AsyncGenerator<LogEntry, void> {
  for await (const page of pagesOf((cursor) =>
    deps.logs.listByRun(run, STREAM_PAGE, cursor, storedFilter(filter)),
  )) {
    yield* page.items.filter((entry) => passes(entry, filter));
  }
}

/** What the store can tell apart by itself. */
function storedFilter({ entity, outcome }: ChangeFilter): Pick<LogFilter, 'status' | 'entity'> {
  return { entity, status: outcome === undefined ? undefined : (STATUS[outcome] ?? 'success') };
}

const STATUS: Readonly<Partial<Record<Outcome | 'held', string>>> = {
  held: 'held',
  failed: 'failed',
  conflict: 'conflict',
  skipped: 'skipped',
};

function passes(entry: LogEntry, { field, outcome, side }: ChangeFilter): boolean {
  if (side !== undefined && entry.side !== side) return false;
  if (outcome !== undefined && (outcome === 'held' ? entry.status : entry.outcome) !== outcome) return false;
  if (field === undefined) return true;
  const name = field.toLowerCase();
  return (
    entry.fields.some((change) => change.field.toLowerCase() === name) ||
    entry.error?.field?.toLowerCase() === name
  );
}
