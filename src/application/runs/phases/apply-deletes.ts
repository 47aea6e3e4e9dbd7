import { heldCategories, heldMessage } from '../../../domain/deletes.js';
import type { Side } from '../../../domain/model.js';
import { type GoneDetail, goneSideOf } from '../../../domain/todo-detail.js';
import { dueAgain, mayRest } from '../../../domain/waits.js';
import type { HeldChange, RemovalTodo } from '../../ports/staging.js';
import { groupBy } from '../../shared/group-by.js';
import { resultOfExisting } from '../../sync/context/run-stamp.js';
import { NOTHING, type PairResult } from '../../sync/context/sync-context.js';
import { applyGone, policyRemoves } from '../../sync/remove/apply-delete-policy.js';
import {
  atMapping,
  countLinks,
  readPosition,
  UNIT_ROWS,
  type UnitInput,
  type UnitResult,
} from '../unit/unit.js';
import { applyAllowed } from './apply-allowed.js';
import { isConfirmed, isRemoval } from './confirm-gone.js';
import { holdChanges, holdOf, withoutHeld } from './hold-changes.js';

export interface Waiting {
  /** Pairs of this pass that wait, and how many waited in the pass before. */
  readonly waiting: number;
  readonly waitedBefore: number;
}

interface RemovalPosition extends Waiting {
  /** `again`: changed match keys that waited for a login which another record had. */
  readonly pass: 'count' | 'apply' | 'again';
  readonly mapping: number;
  readonly cursor: string | null;
  readonly counts: Readonly<Record<string, number>>;
  /** What the run has put down for this phase; absent in positions of earlier versions. */
  readonly found?: number | undefined;
  readonly held: readonly string[];
  /** Runs that held something when it was counted: a person may end one while this run goes on. */
  readonly holders: readonly string[];
}

/** Where the passes begin: nothing is known of a pass before. */
export const FIRST_PASS: Waiting = { waiting: 0, waitedBefore: Number.MAX_SAFE_INTEGER };

const START: RemovalPosition = {
  pass: 'count',
  mapping: 0,
  cursor: null,
  counts: {},
  found: 0,
  held: [],
  holders: [],
  ...FIRST_PASS,
};

/**
 * Deletes, deactivations, clearings and changed match keys of a run come last, over all mappings: first they are
 * confirmed and counted, then every category that is not too large is carried out, and the rest waits for a person.
 */
export async function removeUnit(input: UnitInput): Promise<UnitResult> {
  const at = readPosition(input.position, START);
  const resolved = input.mappings[at.mapping];
  if (resolved === undefined) return endPass(input, at);
  const here = atMapping(input, resolved);
  const page = await input.deps.staging.scanRemovals(here.scope, UNIT_ROWS, at.cursor ?? undefined);
  const { todos, holders } = await withoutHeld(here, page.items, at.holders);
  const counts = at.pass === 'count' ? await countTodos(here, todos, at.counts) : at.counts;
  const waiting = at.pass === 'count' ? 0 : await applyTodos(here, todos, at);
  const more = page.nextCursor !== undefined;
  return {
    position: JSON.stringify({
      ...at,
      counts,
      ...(at.found === undefined ? {} : { found: at.found + page.items.length }),
      holders,
      waiting: at.waiting + waiting,
      mapping: more ? at.mapping : at.mapping + 1,
      cursor: page.nextCursor ?? null,
    }),
  };
}

/** A login is free once its holder has moved on: passes go on as long as each brings one forward, and a last one fails. */
export function waitingNext(at: Waiting): Waiting | null {
  if (at.waiting === 0 || isLast(at)) return null;
  return { waiting: 0, waitedBefore: at.waiting >= at.waitedBefore ? 0 : at.waiting };
}

/** Nothing moved in the pass before. */
export const isLast = (at: Waiting): boolean => at.waitedBefore === 0;

function nextPass(at: RemovalPosition): RemovalPosition | null {
  const next = waitingNext(at);
  return next === null ? null : { ...at, ...next, pass: 'again', mapping: 0, cursor: null };
}

async function endPass(input: UnitInput, at: RemovalPosition): Promise<UnitResult> {
  if (at.pass !== 'count') {
    const next = nextPass(at);
    if (next !== null) return { position: JSON.stringify(next) };
    const held = at.held.length > 0 && !input.context.dryRun;
    return {
      position: null,
      facts: { held },
      messages: at.held.map((category) => heldMessage(at.counts[category] ?? 0, describe(category))),
    };
  }
  let links = 0;
  for (const { mapping } of input.mappings) links += await countLinks(input, mapping.id);
  if (at.found === 0) return { position: null, facts: { held: false } };
  const held = heldCategories(
    new Map(Object.entries(at.counts)),
    input.context.connection.massDeleteGuard,
    links,
  );
  return {
    position: JSON.stringify({ ...at, pass: 'apply', mapping: 0, cursor: null, held: [...held] }),
  };
}

function describe(category: string): string {
  if (category === 'removal') return 'deletes and deactivations';
  return category.startsWith('clear') ? 'clearings of one field' : 'changed match keys';
}

async function countTodos(
  input: UnitInput,
  todos: readonly RemovalTodo[],
  before: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = { ...before };
  const categories = await input.deps.lanes.map(todos, async (todo) => {
    const { category, detail } = todo;
    if (detail.kind !== 'gone') return category;
    if (!policyRemoves(input.context, detail.side)) return null;
    return (await isRemoval(input, todo, detail)) ? 'removal' : null;
  });
  for (const category of categories) {
    if (category !== null) counts[category] = (counts[category] ?? 0) + 1;
  }
  return counts;
}

/** Carries out what is not held and returns how many pairs wait for a login. */
async function applyTodos(
  input: UnitInput,
  all: readonly RemovalTodo[],
  at: RemovalPosition,
): Promise<number> {
  const held = new Set(at.held);
  const todos = at.pass === 'again' ? all.filter(isKeyChange) : all;
  const byPair = groupBy(todos, (todo) => todo.authScapeId);
  const holds: HeldChange[] = [];
  let waiting = 0;
  await input.deps.lanes.map([...byPair.values()], async (entries) => {
    if (at.pass === 'apply') {
      const own = holdsOf(input, entries, held);
      holds.push(...own);
      if (own.some(isGoneInDynamics)) await lookAgain(input, entries);
    }
    const result = await applyPair(input, entries, { held, lastTry: isLast(at) });
    if (result === null) return;
    if (result.waiting && entries.some(isKeyChange)) waiting += 1;
    const first = entries[0];
    if (first !== undefined) input.tally.pair(`${input.resolved.mapping.id}|${first.authScapeId}`, result);
  });
  if (holds.length > 0 && !input.context.dryRun) {
    await holdChanges(input, holds);
  }
  return waiting;
}

export const isKeyChange = ({ category }: Pick<RemovalTodo, 'category'>): boolean =>
  category?.startsWith('key|') === true;

function holdsOf(
  input: UnitInput,
  todos: readonly RemovalTodo[],
  held: ReadonlySet<string>,
): readonly HeldChange[] {
  return todos.flatMap((todo) => {
    const gone = goneSideOf(todo);
    const category = gone === undefined ? todo.category : categoryOfGone(input, gone);
    return category !== null && held.has(category) ? [holdOf(input, todo, category)] : [];
  });
}

function categoryOfGone(input: UnitInput, side: Side): string | null {
  return policyRemoves(input.context, side) ? 'removal' : null;
}

async function applyPair(
  input: UnitInput,
  todos: readonly RemovalTodo[],
  { held, lastTry }: { held: ReadonlySet<string>; lastTry: boolean },
): Promise<PairResult | null> {
  const first = todos[0];
  if (first === undefined) return null;
  for (const todo of todos) {
    const { detail } = todo;
    if (detail.kind === 'gone') return applyGoneRecord(input, todos, { todo, detail, held });
  }
  const allowed = new Set(todos.flatMap((todo) => (todo.category === null ? [] : [todo.category])));
  for (const category of held) allowed.delete(category);
  if (allowed.size === 0) return null;
  return applyAllowed(input, todos, { allowed, lastTry });
}

async function applyGoneRecord(
  input: UnitInput,
  todos: readonly RemovalTodo[],
  { todo, detail, held }: { todo: RemovalTodo; detail: GoneDetail; held: ReadonlySet<string> },
): Promise<PairResult | null> {
  const category = categoryOfGone(input, detail.side);
  if (category !== null && held.has(category)) return null;
  const done = await doneBefore(input, todo.authScapeId);
  if (done !== null) return done;
  if (await isConfirmed(input, todo, detail)) return removeOne(input, todo.authScapeId, detail.side);
  if (detail.side === 'dynamics') await lookAgain(input, todos);
  return null;
}

/** In a repeated unit: what the attempt that died had carried out and not counted. */
async function doneBefore(input: UnitInput, authScapeId: string): Promise<PairResult | null> {
  if (!input.run.cursor.repeated) return null;
  const stored = await input.deps.links.get(input.run.connectionId, input.resolved.mapping.id, authScapeId);
  return stored?.value.state === 'tombstone' ? resultOfExisting(input.context, stored.value) : null;
}

export async function removeOne(input: UnitInput, authScapeId: string, side: Side): Promise<PairResult> {
  const stored = await input.deps.links.get(input.run.connectionId, input.resolved.mapping.id, authScapeId);
  if (stored === undefined) return NOTHING;
  if (stored.value.state !== 'linked') return resultOfExisting(input.context, stored.value);
  const result = await applyGone(input.context, stored, side);
  if (result.busyUntil !== null) await lookAgain(input, [{ authScapeId }]);
  return result;
}

/** The feed will not tell of the delete again: an unclean link is looked at by every run. */
async function lookAgain(
  input: UnitInput,
  [pair]: readonly Pick<RemovalTodo, 'authScapeId'>[],
): Promise<void> {
  if (pair === undefined || input.context.dryRun) return;
  const stored = await input.deps.links.get(
    input.run.connectionId,
    input.resolved.mapping.id,
    pair.authScapeId,
  );
  if (stored !== undefined && mayRest(stored.value))
    await input.deps.links.replace(dueAgain(stored.value), stored.etag);
}

const isGoneInDynamics = (todo: Pick<RemovalTodo, 'detail'>): boolean => goneSideOf(todo) === 'dynamics';
