import type { ResolvedField } from '../../../domain/fields.js';
import { goneSide } from '../../../domain/link.js';
import { keyHash, matchKey } from '../../../domain/match.js';
import type { Side } from '../../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import type { Sample } from '../../../domain/run.js';
import { mapConcurrent } from '../../../lib/map-concurrent.js';
import type { StagedKey, StagedRecord, StagingSet } from '../../ports/staging.js';
import { resultOfMark } from '../../sync/context/run-stamp.js';
import { logChanges, type MappingContext } from '../../sync/context/sync-context.js';
import { type MatchEligibility, matchEligibility } from '../../sync/links/match-eligibility.js';
import { isSurvivorThere } from '../../sync/links/tombstones.js';
import { matchFieldsFor } from '../../sync/pair/resolve-lookups.js';
import { resolveUnlinked } from '../../sync/pairing/find-partner.js';
import { keyless, skippedD, type UnlinkedResult } from '../../sync/pairing/unlinked-result.js';
import type { IndexedLink } from '../unit/compact-links.js';
import { noteMissed } from '../unit/missed-events.js';
import { toARecord, wholeRow } from '../unit/staged-records.js';
import { KEY_ROWS, LOOK_ROWS, retryTodo, type UnitInput } from '../unit/unit.js';
import { isReturn } from './compare-linked.js';
import { withStagedKeys, withWholeKeys } from './complete-match-keys.js';
import { dueRecords, putMarks } from './retry-marks.js';

interface MatchEligibilities {
  readonly record: StagedRecord;
  readonly eligibility: MatchEligibility;
}

/** Records of one staging set with how they stand towards matching. */
async function eligibilities(
  input: UnitInput,
  stagingSet: StagingSet,
  limit: number,
  cursor: string | undefined,
): Promise<{ rows: readonly MatchEligibilities[]; nextCursor: string | undefined }> {
  const { deps, scope, index, resolved } = input;
  const page = await deps.staging.scanRecords(scope, stagingSet, limit, cursor);
  // Most runs stage nothing here, and the links take a request for each thousand.
  if (page.items.length === 0) return { rows: [], nextCursor: page.nextCursor };
  const byA = await index.byAuthScapeId(scope.mappingId);
  const byD = await index.byCrmId(resolved.mapping.crmEntity);
  const side = stagingSet === 'authScape' ? 'authScape' : 'dynamics';
  const found = page.items
    .filter((record) => !record.deleted)
    .map((record) => {
      const known = side === 'authScape' ? byA.get(record.id) : byD.get(record.id);
      return { record, known, eligibility: matchEligibility(known?.link, side, record) };
    });
  const back = await plannedBack(
    input,
    found.flatMap(({ known, eligibility }) => (known !== undefined && eligibility === 'free' ? known : [])),
  );
  const rows = found.map(({ record, known, eligibility }) => ({
    record,
    eligibility: known !== undefined && back.has(known.authScapeId) ? 'linked' : eligibility,
  }));
  return { rows, nextCursor: page.nextCursor };
}

/** A row that was merged away is no candidate. */
const mayJoin = ({ inFilter, mergedInto }: StagedRecord): boolean => inFilter && mergedInto === null;

/**
 * A dry run revives no link: what a real run would have linked again by now is no newcomer, neither the record that is
 * back nor its partner. By A id.
 */
async function plannedBack(
  { context, deps, scope }: UnitInput,
  free: readonly IndexedLink[],
): Promise<ReadonlySet<string>> {
  const back = new Set<string>();
  if (!context.dryRun) return back;
  for (const side of ['authScape', 'dynamics'] as const) {
    const ended = free.filter(
      ({ link: { tombstone } }) => tombstone !== null && goneSide(tombstone) === side,
    );
    const stagingSet = side === 'authScape' ? 'authScape' : 'dynamicsLinked';
    const ids = ended.map(({ authScapeId }) => authScapeId);
    const staged = await deps.staging.getRecords(scope, stagingSet, ids);
    for (const { authScapeId, crmId, link } of ended) {
      const record = staged.get(authScapeId);
      if (record === undefined || !isReturn(record, link)) continue;
      const { tombstone } = link;
      const isThere = await isSurvivorThere(context, { authScapeId, crmId, tombstone });
      if (isThere) back.add(authScapeId);
    }
  }
  return back;
}

/**
 * Full runs: puts every record of a staging set that has a key into its match group; rows that were merged away stand
 * are no candidates and are in none. `which` keeps the free ones and the
 * linked ones apart, since the linked ones are only needed where anything is free.
 */
export async function stageKeysUnit(
  input: UnitInput,
  stagingSet: StagingSet,
  which: 'unlinked' | 'linked',
  cursor: string | undefined,
): Promise<{ next: string | undefined; found: number; worked: boolean }> {
  if (which === 'linked' && !(await hasLinks(input))) return { next: undefined, found: 0, worked: false };
  const { rows, nextCursor } = await eligibilities(input, stagingSet, KEY_ROWS, cursor);
  const side = stagingSet === 'authScape' ? 'authScape' : 'dynamics';
  const wanted = rows.filter(({ eligibility }) => (eligibility === 'linked') === (which === 'linked'));
  const inFilter = wanted.filter(({ record }) => mayJoin(record));
  const joining = side === 'authScape' ? await withStagedKeys(input, inFilter) : inFilter;
  const fields = await matchFieldsFor(
    input.context,
    side === 'authScape' ? joining.map(({ record }) => record) : [],
    side === 'dynamics' ? joining.map(({ record }) => record) : [],
  );
  const staged = joining.map((row) => ({ ...row, key: stagedKey(fields, side, row) }));
  const keys = staged.flatMap(({ key }) => key ?? []);
  const without = staged
    .filter(({ key, eligibility }) => key === null && eligibility === 'free')
    .map(({ record }) => record);
  await input.deps.staging.putKeys(input.scope, keys);
  const { context, resolved, run } = input;
  const told = run.sample === undefined ? without : namedIn(run.sample, side, without);
  const results = told.map((record) =>
    side === 'authScape' ? keyless(context, fields, record) : skippedD(resolved, record.id, 'no_match_key'),
  );
  await tallyUnlinked(input, await Promise.all(results));
  return { next: nextCursor, found: keys.length, worked: rows.length > 0 };
}

/** The place of a record in its match group; null where it has no key. */
function stagedKey(
  fields: readonly ResolvedField[],
  side: Side,
  { eligibility, record }: MatchEligibilities,
): StagedKey | null {
  const key = matchKey(fields, { side, values: record.values });
  if (key === null) return null;
  return {
    keyHash: keyHash(key),
    side,
    id: record.id,
    linked: eligibility === 'linked',
    tombstone: eligibility === 'tombstone',
    active: record.active,
    ...(eligibility !== 'linked' && isSmall(record) ? { record } : {}),
  };
}

async function hasLinks({ index, resolved, scope }: UnitInput): Promise<boolean> {
  const { size } = await index.byAuthScapeId(scope.mappingId);
  return size > 0 || (await index.byCrmId(resolved.mapping.crmEntity)).size > 0;
}

/** Characters of a record that is kept with its key. */
const SMALL_RECORD = 8_000;

function isSmall(record: StagedRecord): boolean {
  return JSON.stringify(record).length <= SMALL_RECORD;
}

/** A sample tells of the records that it was asked for. */
function namedIn(sample: Sample, side: Side, records: readonly StagedRecord[]): readonly StagedRecord[] {
  if (typeof sample === 'number' || side === 'dynamics') return [];
  return records.filter(({ id }) => sample.includes(id));
}

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
