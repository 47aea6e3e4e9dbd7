import { RecordRejectedError } from '../../../domain/errors.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import { goneSide, isInsertPending, type Link } from '../../../domain/link.js';
import type { LinkRange } from '../../ports/links.js';
import type { StagedRecord, StagedTodo } from '../../ports/staging.js';
import type { Stored } from '../../ports/stores.js';
import { failRecord } from '../../sync/context/record-results.js';
import { resultOfMark } from '../../sync/context/run-stamp.js';
import { atBase, listHash, type PairResult, pairRef, withEarlier } from '../../sync/context/sync-context.js';
import { keepDue } from '../../sync/links/keep-due.js';
import { noteInactive, revive } from '../../sync/links/tombstones.js';
import { planRevival } from '../../sync/pair/preview-relink.js';
import { leftAlone } from '../../sync/pair/read-pair.js';
import { syncPair } from '../../sync/pair/sync-pair.js';
import { keptIndex } from '../unit/link-index.js';
import { noteMissedEdit } from '../unit/missed-events.js';
import { toARecord, toDRow } from '../unit/staged-records.js';
import { isFullRead, LOOK_ROWS, retryTodo, UNIT_ROWS, type UnitInput } from '../unit/unit.js';
import {
  type Compared,
  missingInA,
  readUnlisted,
  SAME,
  seenAgain,
  suspect,
  UNREADABLE,
} from './missing-records.js';
import { stageRow } from './read-dynamics.js';
import { pairsAtRest, RestingLinks, readLinks } from './resting-links.js';
import { isUnreadable, noteUnreadable, restingUnreadable } from './unreadable-pairs.js';
import { forgetWaits, pairsThatWait } from './waiting-pairs.js';

/** Pages of links that one unit looks at while it finds hardly anything to do. */
const COMPARE_PAGES = 10;

/**
 * Some linked pairs: unchanged ones pass without a request, the others are brought into step. Says how many links there
 * were, and whether there was anything to look at. Of a range, of which much has changed, all links are read.
 */
export async function compareLinksUnit(
  input: UnitInput,
  cursor: string | undefined,
  range?: LinkRange,
): Promise<{ next: string | undefined; worked: boolean; linked: number }> {
  const { scope, tally } = input;
  const isAtRest = await pairsAtRest(input);
  const resting =
    range === undefined
      ? new RestingLinks(await input.index.byAuthScapeId(scope.mappingId, keptIndex(input)), isAtRest)
      : null;
  const others: Stored<Link>[] = [];
  let linked = 0;
  const passOver = (place: number): string | undefined => {
    const { count = 0, next } = resting?.from(place) ?? {};
    tally.unchanged(count);
    linked += count;
    return next;
  };
  let next = cursor ?? passOver(0);
  if (next === undefined && resting !== null) return { next, worked: false, linked };
  // Of one page few pairs have changed: those of several pages are worked on side by side.
  for (let pages = COMPARE_PAGES; pages > 0 && others.length < UNIT_ROWS; pages -= 1) {
    const page = await readLinks(input, next, resting, range);
    const found = page.items.filter(({ value }) => !isAtRest(value.authScapeId));
    tally.unchanged(page.items.length - found.length);
    others.push(...found);
    linked += page.items.filter(({ value }) => value.state === 'linked').length;
    const last = resting?.placeOf(page.items.at(-1)?.value.authScapeId ?? '') ?? -1;
    next = page.nextCursor !== undefined && last >= 0 ? passOver(last + 1) : page.nextCursor;
    if (next === undefined) break;
  }
  for (let at = 0; at < others.length; at += LOOK_ROWS) {
    await compareStaged(input, others.slice(at, at + LOOK_ROWS));
  }
  return { next, worked: others.length > 0, linked };
}

async function compareStaged(input: UnitInput, links: readonly Stored<Link>[]): Promise<void> {
  const { deps, scope, tally, resolved } = input;
  const ids = links.map((stored) => stored.value.authScapeId);
  const [a, staged] = await Promise.all([
    deps.staging.getRecords(scope, 'authScape', ids),
    deps.staging.getRecords(scope, 'dynamicsLinked', ids),
  ]);
  const d = await withRowsAtRest(input, links, a, staged);
  const waiting = await pairsThatWait(input, links, { a, d });
  const todos: StagedTodo[] = [];
  await deps.lanes.map(links, async (stored) => {
    const id = stored.value.authScapeId;
    const waits = waiting.get(id);
    const compared = waits
      ? { result: waits, todos: [] }
      : await comparePair(input, stored, a.get(id), d.get(id));
    const before = input.run.cursor.repeated ? resultOfMark(input.context, stored.value) : null;
    if (before !== null) tally.pair(`${scope.mappingId}|${id}`, before);
    tally.pair(`${scope.mappingId}|${id}`, compared.result);
    todos.push(...compared.todos, ...todosOf(resolved, stored.value, compared.result));
  });
  if (todos.length > 0) await deps.staging.putTodos(scope, todos);
}

/** Rows that were left out as unchanged and whose record of A changed: read again, many with one request. */
async function withRowsAtRest(
  { context, seen, scope, resolved }: UnitInput,
  links: readonly Stored<Link>[],
  a: ReadonlyMap<string, StagedRecord>,
  staged: ReadonlyMap<string, StagedRecord>,
): Promise<ReadonlyMap<string, StagedRecord>> {
  const atRest = await seen.of(scope, 'dynamics');
  const wanted = links.filter(
    ({ value: { authScapeId } }) => a.has(authScapeId) && !staged.has(authScapeId) && atRest.has(authScapeId),
  );
  if (wanted.length === 0) return staged;
  const ids = wanted.map(({ value }) => value.crmId);
  const rows = await context.dynamics.getMany(resolved.mapping.crmEntity, ids, resolved.columns);
  const all = new Map(staged);
  for (const { value } of wanted) {
    const row = rows.get(value.crmId);
    if (row !== undefined) all.set(value.authScapeId, stageRow(resolved, row, value.authScapeId));
  }
  return all;
}

async function comparePair(
  input: UnitInput,
  stored: Stored<Link>,
  sa: StagedRecord | undefined,
  sd: StagedRecord | undefined,
): Promise<Compared> {
  if (stored.value.state === 'tombstone') return compareTombstone(input, stored, sa, sd);
  const resting = restingUnreadable(input, stored.value, { sa, sd });
  if (resting !== null) return { result: await leftAlone(input.context, stored.value, resting), todos: [] };
  const compared = await compareReadable(input, stored, sa, sd);
  if (isUnreadable(compared.result)) await noteUnreadable(input, stored.value.authScapeId, { sa, sd });
  return compared;
}

async function compareReadable(
  input: UnitInput,
  stored: Stored<Link>,
  sa: StagedRecord | undefined,
  sd: StagedRecord | undefined,
): Promise<Compared> {
  const found = sa === undefined ? await readUnlisted(input, stored) : { kind: 'found' as const, record: sa };
  if (found.kind === 'missing') return missingInA(input, stored, sd);
  if (found.kind === 'failed') {
    await keepDue(input.context, stored.value.authScapeId);
    return { result: found.result, todos: [] };
  }
  const isBack = stored.value.missing !== null && !input.context.dryRun;
  return compareFound(input, isBack ? await seenAgain(input, stored) : stored, found.record, sd);
}

async function compareFound(
  input: UnitInput,
  stored: Stored<Link>,
  sa: StagedRecord,
  sd: StagedRecord | undefined,
): Promise<Compared> {
  const { resolved, context } = input;
  const link = stored.value;
  const lacksRow = sd?.deleted === true || (isFullRead(input) && sd === undefined);
  if (lacksRow && !isInsertPending(link)) return suspect(resolved, link, 'dynamics', 0);
  if (isUnchanged(resolved, link, sa, sd)) return SAME;
  noteMissedEdit(input, link, sd);
  await forgetWaits(context, stored);
  const result = await syncPair(context, {
    authScapeId: link.authScapeId,
    a: toARecord(sa),
    d: sd === undefined || !sd.complete ? undefined : toDRow(sd),
    stored: isUntouched(link) ? stored : undefined,
    allow: new Set(),
    lastTry: false,
    leavesCreation: true,
  });
  if (result.gone === null) return { result, todos: [] };
  if (result.gone === 'authScape' && link.entity === 'User') {
    await keepDue(context, link.authScapeId);
    return { result: await failRecord(context, pairRef(link), UNREADABLE), todos: [] };
  }
  return { ...suspect(resolved, link, result.gone, 0), result };
}

/** Had no worker the pair in hand when its link was scanned? Where one has begun since, the etag of the link tells. */
function isUntouched({ claim, plan, waits }: Link): boolean {
  return claim === null && plan === null && !waits;
}

/**
 * Only of a clean link may a fingerprint or a row version stand for the fields; where the row version moved, the mapped
 * columns are compared with the base (another column may have changed, or our own write came back).
 */
function isUnchanged(
  resolved: ResolvedMapping,
  link: Link,
  sa: StagedRecord,
  sd: StagedRecord | undefined,
): boolean {
  if (!link.clean || link.plan !== null || link.mappingVersion !== resolved.mapping.version) return false;
  if (sd !== undefined && sd.mergedInto !== null) return false;
  const sameA = sa.complete
    ? atBase(resolved.fields, link.base, sa.values, null)
    : link.aHash !== null && link.aHash === listHash(resolved, sa.values);
  if (!sameA) return false;
  if (sd === undefined) return true;
  return (
    (sd.etag !== null && sd.etag === link.dVersion) || atBase(resolved.fields, link.base, null, sd.values)
  );
}

/** What was read before the tombstone was made is no return. */
export function isReturn(staged: StagedRecord, { changedAt }: Pick<Link, 'changedAt'>): boolean {
  return !staged.deleted && staged.mergedInto === null && staged.readAt > changedAt;
}

async function compareTombstone(
  input: UnitInput,
  stored: Stored<Link>,
  sa: StagedRecord | undefined,
  sd: StagedRecord | undefined,
): Promise<Compared> {
  const link = stored.value;
  const isThere = (staged: StagedRecord | undefined) => staged !== undefined && isReturn(staged, link);
  const gone = link.tombstone === null ? null : goneSide(link.tombstone);
  const returned = (gone === 'dynamics' && isThere(sd)) || (gone === 'authScape' && isThere(sa));
  const result = returned ? await takeBackAlone(input, stored) : null;
  const survivor = gone === 'dynamics' ? sa : sd;
  if (!returned && survivor !== undefined && !survivor.deleted) {
    await noteInactive(input.context, stored, survivor);
  }
  if (result === null) return SAME;
  return { result: withEarlier({ outcome: 'linked', changes: [] }, result), todos: [] };
}

/** What is refused of a return concerns this pair alone; its tombstone stays, and the next run tries again. */
async function takeBackAlone(input: UnitInput, stored: Stored<Link>): Promise<PairResult | null> {
  try {
    return await takeBack(input, stored);
  } catch (error) {
    if (!(error instanceof RecordRejectedError)) throw error;
    const pair = { authScapeId: stored.value.authScapeId, crmId: stored.value.crmId };
    return failRecord(input.context, pair, {
      code: error.reason,
      message: error.message,
    });
  }
}

async function takeBack(input: UnitInput, stored: Stored<Link>): Promise<PairResult | null> {
  const { context } = input;
  if (context.dryRun) return planRevival(context, stored);
  const revived = await revive(context, stored);
  if (revived === null) return null;
  const { authScapeId } = stored.value;
  const result = await syncPair(context, { authScapeId, allow: new Set() });
  return { ...result, changes: [...revived, ...result.changes] };
}

/** What has to be looked at again: guarded writes in the last phase, busy and waiting pairs before it. */
export function todosOf(
  resolved: ResolvedMapping,
  link: Pick<Link, 'authScapeId' | 'crmId'>,
  result: PairResult,
): readonly StagedTodo[] {
  const todos: StagedTodo[] = result.guarded.map(({ category, detail }) => ({
    kind: 'removal',
    mappingId: resolved.mapping.id,
    authScapeId: link.authScapeId,
    crmId: link.crmId,
    category,
    detail: { kind: 'write', write: detail },
  }));
  if (result.busyUntil !== null || result.waiting) {
    todos.push(retryTodo(resolved.mapping.id, link.authScapeId, link.crmId, 'pair'));
  }
  return todos;
}
