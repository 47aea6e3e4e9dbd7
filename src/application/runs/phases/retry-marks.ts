import type { RetryMark, StagedRecord } from '../../ports/staging.js';
import { pagesOf } from '../../shared/pages.js';
import { skipped } from '../../sync/context/record-results.js';
import { listHash } from '../../sync/context/sync-context.js';
import { failurePause } from '../../sync/pair/pair-failure.js';
import type { UnlinkedResult } from '../../sync/pairing/unlinked-result.js';
import type { UnitInput } from '../unit/unit.js';

const MARK_DELAY_MS = 60_000;
const MOST_DELAY_MS = 6 * 3_600_000;

/** The longer something fails, the later it is tried again; a person's edit brings it back at once. */
export async function putMarks(input: UnitInput, unfinished: readonly UnlinkedResult[]): Promise<void> {
  const marks = [...(await marksOfRows(input, unfinished)), ...(await marksOfRecords(input, unfinished))];
  if (marks.length > 0) await input.deps.backlog.putMarks(input.scope.connectionId, marks);
}

/** Rows without partner: the feed will not bring them again by itself. */
async function marksOfRows(
  { deps, scope }: UnitInput,
  unfinished: readonly UnlinkedResult[],
): Promise<readonly RetryMark[]> {
  const { connectionId, mappingId } = scope;
  const rows = unfinished.flatMap(({ authScapeId, crmId, result }) =>
    authScapeId === null && crmId !== null ? [{ crmId, result }] : [],
  );
  const ids = rows.map(({ crmId }) => crmId);
  const before = await deps.backlog.getMarks(connectionId, mappingId, 'dynamics', ids);
  return rows.map(({ crmId, result }) => {
    const failed = result.outcome === 'failed';
    const attempts = failed ? (before.get(crmId)?.attempts ?? 0) + 1 : 1;
    return {
      mappingId,
      authScapeId: null,
      crmId,
      reason: reasonOf(result),
      attempts,
      notBefore: deps.clock.now() + Math.min(MARK_DELAY_MS * 2 ** (attempts - 1), MOST_DELAY_MS),
    };
  });
}

/** Records of AuthScape for which no row can be made: each scan brings them again. */
async function marksOfRecords(
  { deps, resolved, scope }: UnitInput,
  unfinished: readonly UnlinkedResult[],
): Promise<readonly RetryMark[]> {
  const { connectionId, mappingId } = scope;
  const failed = unfinished.flatMap(({ authScapeId, crmId, result }) =>
    authScapeId !== null && crmId === null && result.outcome === 'failed' ? [{ authScapeId, result }] : [],
  );
  const ids = failed.map(({ authScapeId }) => authScapeId);
  const [before, staged] = await Promise.all([
    deps.backlog.getMarks(connectionId, mappingId, 'authScape', ids),
    deps.staging.getRecords(scope, 'authScape', ids),
  ]);
  return failed.flatMap(({ authScapeId, result }) => {
    const record = staged.get(authScapeId);
    if (record === undefined) return [];
    const attempts = (before.get(authScapeId)?.attempts ?? 0) + 1;
    return {
      mappingId,
      authScapeId,
      crmId: null,
      reason: reasonOf(result),
      attempts,
      notBefore: deps.clock.now() + failurePause(attempts),
      seen: listHash(resolved, record.values),
    };
  });
}

function reasonOf({ changes }: UnlinkedResult['result']): string {
  return changes.findLast(({ outcome }) => outcome === 'failed')?.error?.code ?? 'busy';
}

const MARKS_PER_PAGE = 1000;

/** Most free records have no mark: to ask for all marks costs less than to ask for each record's. */
async function allMarksOfRecords({ deps, scope }: UnitInput): Promise<ReadonlyMap<string, RetryMark>> {
  const marks = new Map<string, RetryMark>();
  const { connectionId, mappingId } = scope;
  const read = (at?: string) => deps.backlog.scanMarks(connectionId, mappingId, MARKS_PER_PAGE, at);
  for await (const page of pagesOf(read)) {
    for (const mark of page.items) if (mark.authScapeId !== null) marks.set(mark.authScapeId, mark);
  }
  return marks;
}

/** Parts records whose last creation was refused, and which were not edited since, from those that are due. */
export async function dueRecords(
  input: UnitInput,
  records: readonly StagedRecord[],
): Promise<{ readonly due: readonly StagedRecord[]; readonly resting: readonly UnlinkedResult[] }> {
  const { deps, resolved } = input;
  const marks = records.length === 0 ? new Map<string, RetryMark>() : await allMarksOfRecords(input);
  const restOf = (record: StagedRecord) => {
    const mark = marks.get(record.id);
    const isEdited = mark?.seen !== listHash(resolved, record.values);
    return mark === undefined || isEdited || mark.notBefore <= deps.clock.now() ? undefined : mark;
  };
  return {
    due: records.filter((record) => restOf(record) === undefined),
    resting: records.flatMap((record) => {
      const mark = restOf(record);
      if (mark === undefined) return [];
      const pair = { authScapeId: record.id, crmId: null };
      const when = new Date(mark.notBefore).toISOString();
      const message = `The last attempt failed (${mark.reason}); without an edit the next one is made after ${when}.`;
      return { ...pair, result: skipped(resolved, pair, 'retried_later', message) };
    }),
  };
}
