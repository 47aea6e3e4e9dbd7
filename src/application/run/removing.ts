import { heldCategories } from '../../domain/deletes.js';
import type { ResolvedMapping } from '../../domain/fields.js';
import type { Side } from '../../domain/model.js';
import type { HeldChange, StagedTodo } from '../ports/staging.js';
import { changeOf, NOTHING, type PairResult } from '../sync/context.js';
import { applyGone, confirmGone, policyRemoves } from '../sync/removal.js';
import { resultOfExisting } from '../sync/run-mark.js';
import { applyAllowed, type LoginRounds, NO_ROUNDS, nextRound, roundOfLogins } from './logins.js';
import { groupBy, inPool } from './pool.js';
import { readPosition, scopeOf, UNIT_ROWS, type UnitInput, type UnitResult } from './step-state.js';

interface RemovalPosition {
  readonly pass: 'count' | 'apply' | 'logins';
  readonly mapping: number;
  readonly cursor: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly held: readonly string[];
  readonly rounds: LoginRounds;
}

const START: RemovalPosition = {
  pass: 'count',
  mapping: 0,
  cursor: null,
  counts: {},
  held: [],
  rounds: NO_ROUNDS,
};

/**
 * Deletes, deactivations, clearings and changed match keys of a run come last, over all mappings: first they are
 * confirmed and counted, then every category that is not too large is carried out, and the rest waits for a person.
 * Logins that wait for each other are carried out in further rounds.
 */
export async function removeUnit(input: UnitInput): Promise<UnitResult> {
  const at = readPosition(input.position, START);
  const resolved = input.mappings[at.mapping];
  if (resolved === undefined) return endPass(input, at);
  if (at.pass === 'logins') {
    const round = await roundOfLogins(input, resolved, at.rounds.last, at.cursor);
    return turn(at, round.cursor, { rounds: withWaiting(at.rounds, round.waiting) });
  }
  const scope = scopeOf(input.run, resolved.mapping.id);
  const page = await input.deps.staging.scanTodos(scope, 'removal', UNIT_ROWS, at.cursor ?? undefined);
  const todos = await withoutHeld(input, resolved, page.items);
  const counts = at.pass === 'count' ? await countTodos(input, resolved, todos, at.counts) : at.counts;
  const waiting = at.pass === 'apply' ? await applyTodos(input, resolved, todos, new Set(at.held)) : 0;
  return turn(at, page.nextCursor ?? null, { counts, rounds: withWaiting(at.rounds, waiting) });
}

/** Goes on with the next page, or with the next mapping. */
function turn(at: RemovalPosition, cursor: string | null, more: Partial<RemovalPosition>): UnitResult {
  const mapping = cursor === null ? at.mapping + 1 : at.mapping;
  return { position: JSON.stringify({ ...at, ...more, mapping, cursor }) };
}

function withWaiting(rounds: LoginRounds, more: number): LoginRounds {
  return { ...rounds, waiting: rounds.waiting + more };
}

/** Starts the next round of logins; the phase is over when there is none. */
function loginsAfter(at: RemovalPosition): string | null {
  const rounds = nextRound(at.rounds);
  return rounds && JSON.stringify({ ...at, pass: 'logins', mapping: 0, cursor: null, rounds });
}

async function endPass(input: UnitInput, at: RemovalPosition): Promise<UnitResult> {
  if (at.pass === 'logins') return { position: loginsAfter(at) };
  if (at.pass === 'apply') {
    const held = at.held.length > 0 && !input.context.dryRun;
    return {
      position: loginsAfter(at),
      facts: { held: String(held) },
      messages: at.held.map(
        (category) =>
          `The mass-delete guard holds ${at.counts[category] ?? 0} changes (${describe(category)}): approve or reject them.`,
      ),
    };
  }
  let links = 0;
  for (const { mapping } of input.mappings) {
    links += await input.deps.links.count(input.run.connectionId, mapping.id);
  }
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

/** Pairs that an earlier run holds stay with it and do not count again, as long as that run waits for a person. */
async function withoutHeld(
  input: UnitInput,
  resolved: ResolvedMapping,
  todos: readonly StagedTodo[],
): Promise<readonly StagedTodo[]> {
  const { backlog, runs } = input.deps;
  const { connectionId } = input.run;
  const ids = todos.map((todo) => todo.authScapeId);
  const held = await backlog.getHeld(connectionId, resolved.mapping.id, ids);
  const waiting = new Set<string>();
  for (const runId of new Set([...held.values()].map((entry) => entry.runId))) {
    if ((await runs.get(runId))?.value.status === 'awaitingApproval') waiting.add(runId);
  }
  const orphans = [...held.values()].filter(
    (entry) => entry.runId !== input.run.id && !waiting.has(entry.runId),
  );
  if (orphans.length > 0 && !input.context.dryRun) await backlog.removeHeld(connectionId, orphans);
  return todos.filter((todo) => {
    const entry = held.get(todo.authScapeId);
    return entry === undefined || !waiting.has(entry.runId);
  });
}

interface GoneDetail {
  readonly gone?: Side;
  readonly scans?: number;
  readonly write?: string;
}

async function countTodos(
  input: UnitInput,
  resolved: ResolvedMapping,
  todos: readonly StagedTodo[],
  before: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = { ...before };
  const categories = await inPool(todos, input.deps.options.lanes, async (todo) => {
    const detail = JSON.parse(todo.detail) as GoneDetail;
    if (detail.gone === undefined) return todo.category;
    if (!policyRemoves(input.context, resolved, detail.gone)) return null;
    return (await isConfirmed(input, resolved, todo, detail)) ? 'removal' : null;
  });
  for (const category of categories) {
    if (category !== null) counts[category] = (counts[category] ?? 0) + 1;
  }
  return counts;
}

async function isConfirmed(
  input: UnitInput,
  resolved: ResolvedMapping,
  todo: StagedTodo,
  detail: GoneDetail,
): Promise<boolean> {
  const stored = await input.deps.links.get(input.run.connectionId, resolved.mapping.id, todo.authScapeId);
  if (stored === undefined || stored.value.state !== 'linked' || detail.gone === undefined) return false;
  return confirmGone(input.context, resolved, stored.value, detail.gone, {
    witness: await witnessFor(input, resolved, todo.authScapeId),
    scansMissed: detail.scans ?? 0,
  });
}

/** Another user that this run has seen: reading it shows that reads by id work at all. */
async function witnessFor(
  input: UnitInput,
  resolved: ResolvedMapping,
  missingId: string,
): Promise<string | null> {
  if (resolved.mapping.authScapeEntity !== 'User') return null;
  const page = await input.deps.staging.scanRecords(scopeOf(input.run, resolved.mapping.id), 'authScape', 2);
  return page.items.find((record) => record.id !== missingId)?.id ?? null;
}

async function applyTodos(
  input: UnitInput,
  resolved: ResolvedMapping,
  todos: readonly StagedTodo[],
  held: ReadonlySet<string>,
): Promise<number> {
  let waiting = 0;
  const byPair = groupBy(todos, (todo) => todo.authScapeId);
  const holds: HeldChange[] = [];
  await inPool([...byPair.values()], input.deps.options.lanes, async (entries) => {
    for (const todo of entries) {
      const detail = JSON.parse(todo.detail) as GoneDetail;
      const category =
        detail.gone === undefined ? todo.category : categoryOfGone(input, resolved, detail.gone);
      if (category !== null && held.has(category)) holds.push(holdOf(input, todo, category));
    }
    const done = await applyPair(input, resolved, entries, held);
    if (done === null) return;
    if (done.waits) waiting += 1;
    const first = entries[0];
    if (first !== undefined) input.tally.pair(`${resolved.mapping.id}|${first.authScapeId}`, done.result);
  });
  if (holds.length > 0 && !input.context.dryRun) {
    await input.deps.backlog.putHeld(input.run.connectionId, holds);
    await input.deps.logs.append(holds.map((hold) => heldEntry(input, resolved, hold)));
  }
  return waiting;
}

function categoryOfGone(input: UnitInput, resolved: ResolvedMapping, side: Side): string | null {
  return policyRemoves(input.context, resolved, side) ? 'removal' : null;
}

async function applyPair(
  input: UnitInput,
  resolved: ResolvedMapping,
  todos: readonly StagedTodo[],
  held: ReadonlySet<string>,
): Promise<{ result: PairResult; waits: boolean } | null> {
  const gone = todos
    .map((todo) => ({ todo, detail: JSON.parse(todo.detail) as GoneDetail }))
    .find(({ detail }) => detail.gone !== undefined);
  if (gone?.detail.gone !== undefined) {
    const category = categoryOfGone(input, resolved, gone.detail.gone);
    if (category !== null && held.has(category)) return null;
    const done = await doneBefore(input, resolved, gone.todo.authScapeId);
    if (done !== null) return { result: done, waits: false };
    if (!(await isConfirmed(input, resolved, gone.todo, gone.detail))) return null;
    const result = await removeOne(input, resolved, gone.todo.authScapeId, gone.detail.gone);
    return { result, waits: false };
  }
  const allowed = new Set(todos.flatMap((todo) => (todo.category === null ? [] : [todo.category])));
  for (const category of held) allowed.delete(category);
  return applyAllowed(input, resolved, todos, allowed, false);
}

/** In a repeated unit: what the attempt that died had carried out and not counted. */
async function doneBefore(
  input: UnitInput,
  resolved: ResolvedMapping,
  authScapeId: string,
): Promise<PairResult | null> {
  if (!input.run.cursor.repeated) return null;
  const stored = await input.deps.links.get(input.run.connectionId, resolved.mapping.id, authScapeId);
  return stored?.value.state === 'tombstone' ? resultOfExisting(input.context, stored.value) : null;
}

export async function removeOne(
  input: UnitInput,
  resolved: ResolvedMapping,
  authScapeId: string,
  side: Side,
): Promise<PairResult> {
  const stored = await input.deps.links.get(input.run.connectionId, resolved.mapping.id, authScapeId);
  if (stored === undefined) return NOTHING;
  if (stored.value.state !== 'linked') return resultOfExisting(input.context, stored.value);
  const result = await applyGone(input.context, resolved, stored, side);
  if (result.busyUntil !== null && !input.context.dryRun) await markUnclean(input, resolved, authScapeId);
  return result;
}

/** The feed will not tell of the delete again: an unclean link is looked at by every run. */
async function markUnclean(input: UnitInput, resolved: ResolvedMapping, authScapeId: string): Promise<void> {
  const stored = await input.deps.links.get(input.run.connectionId, resolved.mapping.id, authScapeId);
  if (stored?.value.clean === true)
    await input.deps.links.replace({ ...stored.value, clean: false }, stored.etag);
}

function holdOf(input: UnitInput, todo: StagedTodo, category: string): HeldChange {
  return {
    mappingId: todo.mappingId,
    authScapeId: todo.authScapeId,
    crmId: todo.crmId,
    category,
    runId: input.run.id,
    detail: todo.detail,
    heldAt: new Date(input.deps.clock.now()).toISOString(),
  };
}

function heldEntry(input: UnitInput, resolved: ResolvedMapping, hold: HeldChange) {
  const change = changeOf(
    resolved,
    { authScapeId: hold.authScapeId, crmId: hold.crmId },
    {
      side: null,
      action: 'none',
      outcome: 'skipped',
      error: {
        code: 'held_by_guard',
        message: 'The mass-delete guard holds this change until a person decides.',
      },
    },
  );
  return {
    ...change,
    id: input.deps.ids.random(12),
    connectionId: input.run.connectionId,
    at: hold.heldAt,
    runId: input.run.id,
    trigger: 'run' as const,
    runOnly: false,
    status: 'held' as const,
  };
}
