import { mapConcurrent } from '../../../lib/map-concurrent.js';
import type { RetryTodo } from '../../ports/staging.js';
import { failRecord } from '../../sync/context/record-results.js';
import { resultOfMark } from '../../sync/context/run-stamp.js';
import type { PairResult } from '../../sync/context/sync-context.js';
import { ownersOf } from '../../sync/links/row-owners.js';
import { syncPair } from '../../sync/pair/sync-pair.js';
import { resolveUnlinked } from '../../sync/pairing/find-partner.js';
import { orRefused, type UnlinkedResult } from '../../sync/pairing/unlinked-result.js';
import { countingNew, type IsNew, listingNew } from '../unit/dry-run-log.js';
import { toARecord, toDRow } from '../unit/staged-records.js';
import { readPosition, UNIT_ROWS, type UnitInput, type UnitResult } from '../unit/unit.js';
import { todosOf } from './compare-linked.js';
import { tallyUnlinked } from './match-unlinked.js';
import { waitsOn } from './waiting-pairs.js';

interface RetryPosition {
  readonly round: number;
  readonly cursor: string | null;
  /** Latest time until which a pair of this round is held by another worker. */
  readonly busyUntil: number;
  /** Pairs of this round that still wait, and how many waited in the round before. */
  readonly waiting: number;
  readonly waitedBefore: number;
}

interface Retried {
  readonly busyUntil: number;
  readonly waits: boolean;
}

const ROUNDS = 6;
const FIRST_ROUND: RetryPosition = {
  round: 1,
  cursor: null,
  busyUntil: 0,
  waiting: 0,
  waitedBefore: Number.MAX_SAFE_INTEGER,
};

/**
 * What waited for a related record, for a login that another user had, or for another worker's claim is tried again
 * at the end of the run, in rounds as long as each brings something forward. What still waits after the last round (a
 * true swap of two logins, say) fails or keeps its mark in the link, and a later run comes back to it.
 */
export async function retryUnit(input: UnitInput): Promise<UnitResult> {
  const { deps, scope } = input;
  const at = readPosition<RetryPosition>(input.position, FIRST_ROUND);
  // In a dry run nothing moves between two rounds.
  const last = at.round >= ROUNDS || input.context.dryRun;
  const page = await deps.staging.scanRetries(scope, UNIT_ROWS, at.cursor ?? undefined);
  const retried = await deps.lanes.map(page.items, (todo) => retryOne(input, todo, last));
  const busyUntil = Math.max(at.busyUntil, ...retried.map((one) => one.busyUntil), 0);
  const waiting = at.waiting + retried.filter((one) => one.waits).length;
  if (page.nextCursor !== undefined) {
    return { position: JSON.stringify({ ...at, cursor: page.nextCursor, busyUntil, waiting }) };
  }
  if (last || (busyUntil === 0 && waiting === 0)) return { position: null };
  // Nothing moved and no pair is busy: the last round says what fails.
  const stuck = busyUntil === 0 && waiting >= at.waitedBefore;
  const next: RetryPosition = {
    round: stuck ? ROUNDS : at.round + 1,
    cursor: null,
    busyUntil: 0,
    waiting: 0,
    waitedBefore: waiting,
  };
  return { position: JSON.stringify(next), ...(busyUntil > 0 ? { waitUntil: busyUntil } : {}) };
}

async function retryOne(input: UnitInput, todo: RetryTodo, last: boolean): Promise<Retried> {
  const { context, resolved, tally, deps, scope } = input;
  const { id: mappingId } = resolved.mapping;
  if (todo.detail === GIVEN_UP) return NOT_AGAIN;
  if (todo.detail === 'unlinked') return retryUnlinked(input, todo, last);
  const link = await context.links.get(context.connection.id, mappingId, todo.authScapeId);
  if (link === undefined) return retryUnlinked(input, todo, last);
  const waits = await waitsOn(context, link.value, { isLast: last });
  if (waits !== null) {
    tally.pair(`${mappingId}|${todo.authScapeId}`, waits);
    return { busyUntil: 0, waits: true };
  }
  // What the run has read serves again, as long as the link was not written since.
  const [a, d] = await Promise.all([
    deps.staging.getRecords(scope, 'authScape', [todo.authScapeId]),
    deps.staging.getRecords(scope, 'dynamicsLinked', [todo.authScapeId]),
  ]);
  const sa = a.get(todo.authScapeId);
  const sd = d.get(todo.authScapeId);
  const retried: PairResult = await syncPair(listingNew(context, mayHaveWaited), {
    authScapeId: todo.authScapeId,
    a: sa === undefined ? undefined : toARecord(sa),
    d: sd === undefined || !sd.complete ? undefined : toDRow(sd),
    allow: new Set(),
    lastTry: last,
  });
  const ended = await endedNow(input, todo, retried, last);
  const result = countingNew(context, ended, mayHaveWaited);
  // An unfinished creation was taken back: the record is free again, is matched anew, and takes no others along this time.
  const freed =
    result.waiting &&
    (await context.links.get(context.connection.id, mappingId, todo.authScapeId)) === undefined;
  if (freed) return context.dynamics.alone(() => retryUnlinked(input, todo, last));
  tally.pair(`${mappingId}|${todo.authScapeId}`, result);
  const removals = todosOf(resolved, todo, result).filter((entry) => entry.kind === 'removal');
  if (removals.length > 0) await deps.staging.putTodos(scope, removals);
  return { busyUntil: result.busyUntil ?? 0, waits: result.waiting };
}

/** Of a todo that this run does not come back to. */
const GIVEN_UP = 'given up';
const NOT_AGAIN: Retried = { busyUntil: 0, waits: false };

/**
 * A write whose outcome is unknown once more is left to later runs. A pair that another worker has in hand to the very
 * end was not brought into step: that is no success.
 */
async function endedNow(
  { context, deps, scope }: UnitInput,
  todo: RetryTodo,
  result: PairResult,
  last: boolean,
): Promise<PairResult> {
  if (context.dryRun || result.busyUntil === null || !(result.unknown || last)) return result;
  await deps.staging.putTodos(scope, [{ ...todo, detail: GIVEN_UP }]);
  const pair = { authScapeId: todo.authScapeId || null, crmId: todo.crmId || null };
  const failed = await failRecord(context, pair, result.unknown ? UNKNOWN : BUSY);
  return { ...failed, changes: [...result.changes, ...failed.changes] };
}

const UNKNOWN = {
  code: 'outcome_unknown',
  message: 'No answer came to a write, twice. Later runs look whether it arrived, and write again if not.',
};
const BUSY = {
  code: 'record_busy',
  message: 'The record was changed again and again, or held by another worker, until the end of the run.',
};

const mayHaveWaited: IsNew = (field) => field.lookup !== null || field.isLogin;

async function retryUnlinked(input: UnitInput, todo: RetryTodo, last: boolean): Promise<Retried> {
  const { context, resolved } = input;
  const { id: mappingId } = resolved.mapping;
  const made = todo.authScapeId === '' ? await madeMeanwhile(input, todo) : undefined;
  if (made !== undefined) return retryOne(input, made, last);
  if (todo.authScapeId !== '') {
    const link = await context.links.get(context.connection.id, mappingId, todo.authScapeId);
    if (link?.value.state === 'linked') return retryOne(input, { ...todo, detail: 'pair' }, last);
  }
  const found = await matchAgain(input, todo);
  const results = await mapConcurrent(found, 1, async (one) => ({
    ...one,
    result: await endedNow(input, todo, one.result, last),
  }));
  await tallyUnlinked(input, results);
  return {
    busyUntil: Math.max(0, ...results.map(({ result }) => result.busyUntil ?? 0)),
    waits: results.some(({ result }) => result.waiting),
  };
}

/**
 * The pair that a row has become since it was put off: by the worker that had it in hand, say, which may have died before
 * the pair was in step. What that one had done in the name of this run was not counted.
 */
async function madeMeanwhile(
  { context, deps, resolved, scope, tally }: UnitInput,
  todo: RetryTodo,
): Promise<RetryTodo | undefined> {
  const link = (await ownersOf(context, resolved.mapping.crmEntity, [todo.crmId])).get(todo.crmId);
  if (link?.state !== 'linked' || link.mappingId !== scope.mappingId) return undefined;
  const done = resultOfMark({ runId: context.runId, unit: link.lastRun?.unit ?? 0 }, link);
  if (done !== null) tally.pair(`${scope.mappingId}|${link.authScapeId}`, done);
  const pair: RetryTodo = { ...todo, authScapeId: link.authScapeId, detail: 'pair' };
  await deps.staging.putTodos(scope, [pair, { ...todo, detail: GIVEN_UP }]);
  return pair;
}

/** A record that may not be read fails alone; a later run comes back to it. */
async function matchAgain(
  { context, resolved }: UnitInput,
  { authScapeId, crmId }: RetryTodo,
): Promise<readonly UnlinkedResult[]> {
  const { crmEntity, authScapeEntity } = resolved.mapping;
  if (authScapeId === '') {
    return orRefused(context, { a: [], d: [crmId] }, async () => {
      const row = await context.dynamics.get(crmEntity, crmId, resolved.columns);
      return row === undefined ? [] : resolveUnlinked(context, [], [row]);
    });
  }
  return orRefused(context, { a: [authScapeId], d: [] }, async () => {
    const record = await context.authScape.get(authScapeEntity, authScapeId, resolved.keys);
    return record === undefined ? [] : resolveUnlinked(context, [record], []);
  });
}
