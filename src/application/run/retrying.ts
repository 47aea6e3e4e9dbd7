import type { StagedTodo } from '../ports/staging.js';
import type { PairResult } from '../sync/context.js';
import { resolveUnlinked } from '../sync/group.js';
import { syncPair } from '../sync/pair.js';
import { todosOf } from './comparing.js';
import { inPool } from './pool.js';
import { readPosition, UNIT_ROWS, type UnitInput, type UnitResult } from './step-state.js';
import { tallyUnlinked } from './unlinked.js';

interface RetryPosition {
  readonly round: number;
  readonly cursor: string | null;
  /** Latest time until which a pair of this round is held by another worker. */
  readonly busyUntil: number;
}

const ROUNDS = 4;

/**
 * What waited for a related record, for a login that somebody else had, or for another worker's claim is tried again
 * at the end of the run, in a few rounds. What still waits then keeps its mark in the link and waits for the next run.
 */
export async function retryUnit(input: UnitInput): Promise<UnitResult> {
  const { deps, scope } = input;
  const at = readPosition<RetryPosition>(input.position, { round: 1, cursor: null, busyUntil: 0 });
  const page = await deps.staging.scanTodos(scope, 'retry', UNIT_ROWS, at.cursor ?? undefined);
  const busy = await inPool(page.items, deps.options.concurrency, (todo) => retryOne(input, todo));
  const busyUntil = Math.max(at.busyUntil, ...busy, 0);
  if (page.nextCursor !== undefined) {
    return { position: JSON.stringify({ ...at, cursor: page.nextCursor, busyUntil }) };
  }
  if (busyUntil <= deps.clock.now() && busyUntil === 0) return { position: null };
  if (at.round >= ROUNDS) return { position: null };
  const next: RetryPosition = { round: at.round + 1, cursor: null, busyUntil: 0 };
  return { position: JSON.stringify(next), waitUntil: busyUntil };
}

/** Returns until when the pair is busy, 0 when it is not. */
async function retryOne(input: UnitInput, todo: StagedTodo): Promise<number> {
  const { context, resolved, tally, deps, scope } = input;
  const { id: mappingId } = resolved.mapping;
  if (todo.detail === 'unlinked') return retryUnlinked(input, todo);
  const link = await context.links.get(context.connection.id, mappingId, todo.authScapeId);
  if (link === undefined) return retryUnlinked(input, todo);
  const result: PairResult = await syncPair(context, resolved, {
    authScapeId: todo.authScapeId,
    allow: new Set(),
  });
  tally.pair(`${mappingId}|${todo.authScapeId}`, result);
  const removals = todosOf(resolved, todo, result).filter((entry) => entry.kind === 'removal');
  if (removals.length > 0) await deps.staging.putTodos(scope, removals);
  return result.busyUntil ?? 0;
}

async function retryUnlinked(input: UnitInput, todo: StagedTodo): Promise<number> {
  const { context, resolved } = input;
  const { crmEntity, authScapeEntity, id: mappingId } = resolved.mapping;
  if (todo.authScapeId !== '') {
    const link = await context.links.get(context.connection.id, mappingId, todo.authScapeId);
    if (link?.value.state === 'linked') return retryOne(input, { ...todo, detail: 'pair' });
    const record = await context.authScape.get(authScapeEntity, todo.authScapeId, resolved.keys);
    if (record === undefined) return 0;
    const results = await resolveUnlinked(context, resolved, [record], []);
    await tallyUnlinked(input, results);
    return Math.max(0, ...results.map(({ result }) => result.busyUntil ?? 0));
  }
  const row = await context.dynamics.get(crmEntity, todo.crmId, resolved.columns);
  if (row === undefined) return 0;
  const results = await resolveUnlinked(context, resolved, [], [row]);
  await tallyUnlinked(input, results);
  return Math.max(0, ...results.map(({ result }) => result.busyUntil ?? 0));
}
