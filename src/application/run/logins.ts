import type { ResolvedMapping } from '../../domain/fields.js';
import type { StagedTodo } from '../ports/staging.js';
import type { PairResult } from '../sync/context.js';
import { syncPair } from '../sync/pair.js';
import { countingNew, type IsNew, listingNew } from './listing.js';
import { groupBy, inPool } from './pool.js';
import { scopeOf, UNIT_ROWS, type UnitInput } from './step-state.js';

/** Where the rounds of logins that wait for each other stand. */
export interface LoginRounds {
  /** The last round: what still waits (a true swap) is told as failed. */
  readonly last: boolean;
  readonly waiting: number;
  readonly waitedBefore: number;
}

export const NO_ROUNDS: LoginRounds = { last: false, waiting: 0, waitedBefore: Number.MAX_SAFE_INTEGER };

/**
 * Carries out changes that the guard let pass. One that sets a login which another user still has is kept for a later
 * round, since its holder's own change may come in this one. Returns whether it was kept.
 */
export async function applyAllowed(
  input: UnitInput,
  resolved: ResolvedMapping,
  todos: readonly StagedTodo[],
  allowed: ReadonlySet<string>,
  last: boolean,
): Promise<{ result: PairResult; waits: boolean } | null> {
  const [first] = todos;
  if (first === undefined || allowed.size === 0) return null;
  // In a dry run nobody's login changes: one round says all.
  const lastTry = last || input.context.dryRun;
  const named = new Set(todos.map(({ detail }) => (JSON.parse(detail) as { write?: string }).write));
  const isNew: IsNew = (field, side) => named.has(`${side}:${field.aName}`);
  const result = await syncPair(listingNew(input.context, resolved, isNew), resolved, {
    authScapeId: first.authScapeId,
    allow: allowed,
    lastTry,
  });
  const waits = result.waiting && !lastTry;
  if (waits) {
    const kept = todos.filter(({ category }) => category !== null && allowed.has(category));
    await input.deps.staging.putTodos(
      scopeOf(input.run, resolved.mapping.id),
      kept.map((todo) => ({ ...todo, kind: 'retry' })),
    );
  }
  return { result: countingNew(input.context, resolved, result, isNew), waits };
}

/** One page of a round over what was kept. */
export async function roundOfLogins(
  input: UnitInput,
  resolved: ResolvedMapping,
  last: boolean,
  cursor: string | null,
): Promise<{ waiting: number; cursor: string | null }> {
  const scope = scopeOf(input.run, resolved.mapping.id);
  const page = await input.deps.staging.scanTodos(scope, 'retry', UNIT_ROWS, cursor ?? undefined);
  const byPair = groupBy(
    page.items.filter(({ category }) => category !== null),
    (todo) => todo.authScapeId,
  );
  const waits = await inPool([...byPair.values()], input.deps.options.lanes, async (todos) => {
    const allowed = new Set(todos.flatMap(({ category }) => category ?? []));
    const done = await applyAllowed(input, resolved, todos, allowed, last);
    if (done !== null) input.tally.pair(`${resolved.mapping.id}|${todos[0]?.authScapeId}`, done.result);
    return done?.waits === true;
  });
  return { waiting: waits.filter(Boolean).length, cursor: page.nextCursor ?? null };
}

/** The next round; null when nothing waits any more, or the last one is over. */
export function nextRound({ last, waiting, waitedBefore }: LoginRounds): LoginRounds | null {
  if (last || waiting === 0) return null;
  return { last: waiting >= waitedBefore, waiting: 0, waitedBefore: waiting };
}
