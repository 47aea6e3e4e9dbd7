import type { ResolvedMapping } from '../../../domain/fields.js';
import { isInsertPending, type Link } from '../../../domain/link.js';
import type { LinkRange } from '../../ports/links.js';
import type { StagedRecord, StagedTodo } from '../../ports/staging.js';
import type { Stored } from '../../ports/stores.js';
import { resultOfMark } from '../../sync/context/run-stamp.js';
import { atBase, listHash, NOTHING, type PairResult } from '../../sync/context/sync-context.js';
import { keepDue } from '../../sync/links/keep-due.js';
import { leftAlone } from '../../sync/pair/read-pair.js';
import { syncPair } from '../../sync/pair/sync-pair.js';
import { keptIndex } from '../unit/link-index.js';
import { noteMissedEdit } from '../unit/missed-events.js';
import { toARecord, toDRow } from '../unit/staged-records.js';
import { isFullRead, LOOK_ROWS, retryTodo, UNIT_ROWS, type UnitInput } from '../unit/unit.js';
import { compareTombstone } from './compare-tombstone.js';
import {
  type Compared,
  goneSince,
  missingInA,
  readUnlisted,
  SAME,
  seenAgain,
  suspect,
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
  const link = stored.value;
  const isLeftOut = sa === undefined && (await input.seen.of(input.scope, 'authScape')).has(link.authScapeId);
  const known = isLeftOut ? compareWithRow(input, link, null, sd) : null;
  if (known !== null) return known;
  const found = sa === undefined ? await readUnlisted(input, stored) : { kind: 'found' as const, record: sa };
  if (found.kind === 'missing' && isLeftOut) return goneSince(input, link, 'authScape', NOTHING);
  if (found.kind === 'missing') return missingInA(input, stored, sd);
  if (found.kind === 'failed') {
    await keepDue(input.context, link.authScapeId);
    return { result: found.result, todos: [] };
  }
  const isBack = link.missing !== null && !input.context.dryRun;
  return compareFound(input, isBack ? await seenAgain(input, stored) : stored, found.record, sd);
}

/** Of a pair that cannot have changed, or lacks its row; null: it has to be brought into step. */
function compareWithRow(
  input: UnitInput,
  link: Link,
  sa: StagedRecord | null,
  sd: StagedRecord | undefined,
): Compared | null {
  const lacksRow = sd?.deleted === true || (isFullRead(input) && sd === undefined);
  if (lacksRow && !isInsertPending(link)) return suspect(input.resolved, link, 'dynamics', 0);
  return isUnchanged(input.resolved, link, sa, sd) ? SAME : null;
}

async function compareFound(
  input: UnitInput,
  stored: Stored<Link>,
  sa: StagedRecord,
  sd: StagedRecord | undefined,
): Promise<Compared> {
  const { context } = input;
  const link = stored.value;
  const known = compareWithRow(input, link, sa, sd);
  if (known !== null) return known;
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
  return result.gone === null ? { result, todos: [] } : goneSince(input, link, result.gone, result);
}

/** Had no worker the pair in hand when its link was scanned? Where one has begun since, the etag of the link tells. */
function isUntouched({ claim, plan, waits }: Link): boolean {
  return claim === null && plan === null && !waits;
}

/**
 * Only of a clean link may a fingerprint or a row version stand for the fields; where the row version moved, the mapped
 * columns are compared with the base (another column may have changed, or our own write came back). Null for a record
 * that was left out, as it was compared when it was read.
 */
function isUnchanged(
  resolved: ResolvedMapping,
  link: Link,
  sa: StagedRecord | null,
  sd: StagedRecord | undefined,
): boolean {
  if (!link.clean || link.plan !== null || link.mappingVersion !== resolved.mapping.version) return false;
  if (sd !== undefined && sd.mergedInto !== null) return false;
  if (sa !== null && !isAtBase(resolved, link, sa)) return false;
  if (sd === undefined) return true;
  return (
    (sd.etag !== null && sd.etag === link.dVersion) || atBase(resolved.fields, link.base, null, sd.values)
  );
}

function isAtBase(resolved: ResolvedMapping, link: Link, sa: StagedRecord): boolean {
  if (sa.complete) return atBase(resolved.fields, link.base, sa.values, null);
  return link.aHash !== null && link.aHash === listHash(resolved, sa.values);
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
