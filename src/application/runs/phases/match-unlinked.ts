import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import { mapConcurrent } from '../../../lib/map-concurrent.js';
import type { StagingSet } from '../../ports/staging.js';
import { resultOfMark } from '../../sync/context/run-stamp.js';
import { logChanges, type MappingContext } from '../../sync/context/sync-context.js';
import { resolveUnlinked } from '../../sync/pairing/find-partner.js';
import type { UnlinkedResult } from '../../sync/pairing/unlinked-result.js';
import { noteMissed } from '../unit/missed-events.js';
import { toARecord, wholeRow } from '../unit/staged-records.js';
import { LOOK_ROWS, retryTodo, type UnitInput } from '../unit/unit.js';
import { withWholeKeys } from './complete-match-keys.js';
import { eligibilities, type MatchEligibilities, mayJoin } from './match-candidates.js';
import { dueRecords, putMarks } from './retry-marks.js';

/** Incremental runs: partners of the few new records are found by asking both sides directly. */
export async function resolveNewUnit(
  input: UnitInput,
  stagingSet: StagingSet,
  cursor: string | undefined,
): Promise<{ next: string | undefined; worked: boolean }> {
  const { rows, nextCursor } = await eligibilities(input, stagingSet, LOOK_ROWS, cursor);
  const free = rows.filter(({ eligibility, record }) => eligibility !== 'linked' && mayJoin(record));
  if (input.run.cursor.repeated) await takeUpLinked(input, stagingSet, rows);
  if (stagingSet === 'authScape') {
    // An inactive record gets no partner made; should one wait on the other side, the next full run links them.
    const active = free.filter(({ record, eligibility }) => record.active && eligibility === 'free');
    const { due, resting } = await dueRecords(
      input,
      active.map(({ record }) => record),
    );
    await tallyUnlinked(input, resting);
    await resolveInChunks(input, await withWholeKeys(input, due.map(toARecord)), []);
  } else {
    // The survivor of a tombstone that is not free again waits for a new record of the other side.
    const isDue = ({ eligibility }: MatchEligibilities) =>
      stagingSet === 'dynamics' || eligibility === 'free';
    const due = await input.deps.lanes.map(free.filter(isDue), ({ record }) => wholeRow(input, record));
    const dRows = due.filter((row) => row !== undefined);
    const results = await resolveInChunks(input, [], dRows);
    const brought = new Set(results.flatMap(({ crmId, result }) => (isBrought(result) ? crmId : [])));
    for (const row of dRows) if (brought.has(row.id)) noteMissed(input, row);
  }
  return { next: nextCursor, worked: rows.length > 0 };
}

/** A unit that is repeated: what the attempt that died had linked is counted, and merged where that was not done. */
async function takeUpLinked(
  input: UnitInput,
  stagingSet: StagingSet,
  rows: readonly MatchEligibilities[],
): Promise<void> {
  const { deps, scope, index, resolved, tally, context } = input;
  const byD = await index.byCrmId(resolved.mapping.crmEntity);
  const ids = rows
    .filter(({ eligibility }) => eligibility === 'linked')
    .flatMap(({ record }) =>
      stagingSet === 'authScape' ? record.id : (byD.get(record.id)?.authScapeId ?? []),
    );
  const links = await deps.links.getMany(scope.connectionId, scope.mappingId, ids);
  const todos = [];
  for (const { value: link } of links.values()) {
    const done = resultOfMark(context, link);
    if (done === null) continue;
    tally.pair(`${scope.mappingId}|${link.authScapeId}`, done);
    if (!link.clean) todos.push(retryTodo(scope.mappingId, link.authScapeId, link.crmId, 'pair'));
  }
  await deps.staging.putTodos(scope, todos);
}

const KEYS_PER_QUESTION = 50;

async function resolveInChunks(
  input: UnitInput,
  aRecords: readonly AuthScapeRecord[],
  dRows: readonly DynamicsRow[],
): Promise<readonly UnlinkedResult[]> {
  const all: UnlinkedResult[] = [];
  const { deps } = input;
  const chunks: { a: readonly AuthScapeRecord[]; d: readonly DynamicsRow[] }[] = [];
  for (let at = 0; at < aRecords.length; at += KEYS_PER_QUESTION) {
    chunks.push({ a: aRecords.slice(at, at + KEYS_PER_QUESTION), d: [] });
  }
  for (let at = 0; at < dRows.length; at += KEYS_PER_QUESTION) {
    chunks.push({ a: [], d: dRows.slice(at, at + KEYS_PER_QUESTION) });
  }
  await mapConcurrent(chunks, Math.max(1, Math.floor(deps.options.concurrency / 2)), async ({ a, d }) => {
    const results = await unmet(input, await resolveUnlinked(listingUnmet(input), a, d));
    await tallyUnlinked(input, results);
    all.push(...results);
  });
  return all;
}

/**
 * A dry run links nothing: a pair that is new on both sides and was planned from its A record is met again from its row.
 * It is neither listed nor counted twice.
 */
async function unmet<T extends { readonly authScapeId: string | null; readonly crmId: string | null }>(
  { context, deps, run, scope }: UnitInput,
  items: readonly T[],
): Promise<readonly T[]> {
  if (!context.dryRun) return items;
  const keyOf = ({ authScapeId }: T) => `${scope.mappingId}|${authScapeId}`;
  const met = await deps.staging.getOutcomes(run.id, items.map(keyOf));
  return items.filter((item) => item.authScapeId === null || !met.has(keyOf(item)));
}

function listingUnmet(input: UnitInput): MappingContext {
  const { context } = input;
  if (!context.dryRun) return context;
  const append: MappingContext['logs']['append'] = async (entries) =>
    context.logs.append(await unmet(input, entries));
  return { ...context, logs: { ...context.logs, append } };
}

function isBrought({ outcome }: UnlinkedResult['result']): boolean {
  return outcome === 'created' || outcome === 'linked';
}

/** Counts what unlinked records came to and makes sure that nothing unfinished is forgotten. */
export async function tallyUnlinked(input: UnitInput, results: readonly UnlinkedResult[]): Promise<void> {
  if (results.length === 0) return;
  const { deps, scope, resolved, tally, context, index } = input;
  const { id: mappingId } = resolved.mapping;
  const skips = results.flatMap(({ result }) => (result.outcome === 'skipped' ? result.changes : []));
  await logChanges(context, skips);
  const known = await index.byAuthScapeId(mappingId);
  for (const { authScapeId, crmId, result } of results) {
    const key = authScapeId === null ? `${mappingId}|d:${crmId ?? ''}` : `${mappingId}|${authScapeId}`;
    // The survivor of a tombstone was counted with its link.
    const survivor = authScapeId !== null && known.get(authScapeId)?.link.state === 'tombstone';
    tally.pair(key, result, survivor ? 'unchanged' : null);
  }
  const unfinished = results.filter(
    ({ result }) => result.busyUntil !== null || result.waiting || result.outcome === 'failed',
  );
  if (unfinished.length === 0 || context.dryRun) return;
  await deps.staging.putTodos(
    scope,
    unfinished
      .filter(({ result }) => result.busyUntil !== null || result.waiting)
      .map(({ authScapeId, crmId }) => retryTodo(mappingId, authScapeId, crmId, 'unlinked')),
  );
  await putMarks(input, unfinished);
}
