import { problemId } from '../../../domain/problem.js';
import type { HeldChange, HeldKey, RemovalTodo } from '../../ports/staging.js';
import { changeOf } from '../../sync/context/sync-context.js';
import { heldByRuns } from '../../sync/guard/held-changes.js';
import type { UnitInput } from '../unit/unit.js';

/** A change that waits for a person, as the connection keeps it. */
export function holdOf(input: UnitInput, todo: RemovalTodo, category: string): HeldChange {
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

/** The public id of a held change, in lists of changes and of problems. */
export function heldId({ mappingId, authScapeId, category }: HeldChange): string {
  return problemId({ of: 'held', mappingId, authScapeId, category });
}

/** Keeps changes until a person decides about the run, and says so in the log. */
export async function holdChanges(input: UnitInput, holds: readonly HeldChange[]): Promise<void> {
  await input.deps.backlog.putHeld(input.run.connectionId, holds);
  await input.deps.logs.append(holds.map((hold) => heldEntry(input, hold)));
  for (const { category } of holds) input.deps.telemetry.count('bridge.held_changes', 1, { category });
}

function heldEntry(input: UnitInput, hold: HeldChange) {
  const change = changeOf(
    input.resolved,
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
    // Callers name held changes by it when they decide about some of them.
    id: heldId(hold),
    connectionId: input.run.connectionId,
    at: hold.heldAt,
    runId: input.run.id,
    trigger: 'run' as const,
    runOnly: false,
    status: 'held' as const,
  };
}

/**
 * Changes that an earlier run holds stay with it and do not count again, as long as that run waits for a person. What it
 * held when this run counted is not carried out by this run, even if that one is cancelled meanwhile.
 */
export async function withoutHeld(
  input: UnitInput,
  all: readonly RemovalTodo[],
  holdersBefore: readonly string[],
): Promise<{ todos: readonly RemovalTodo[]; holders: readonly string[] }> {
  const { connectionId, id: ownId } = input.run;
  const found = await heldByRuns(input.deps, connectionId, input.resolved.mapping.id, all.map(heldKeyOf));
  const isKept = ({ runId }: HeldChange) => holdersBefore.includes(runId);
  const kept = [...found.waiting, ...found.left.filter(isKept)].filter(({ runId }) => runId !== ownId);
  const orphans = found.left.filter((entry) => entry.runId !== ownId && !isKept(entry));
  if (orphans.length > 0 && !input.context.dryRun) await input.deps.backlog.removeHeld(connectionId, orphans);
  const names = new Set(kept.map(nameOf));
  return {
    todos: all.filter((todo) => !names.has(nameOf(heldKeyOf(todo)))),
    holders: [...new Set([...holdersBefore, ...kept.map(({ runId }) => runId)])],
  };
}

/** A record that is gone has no category of its own: it is held among the removals. */
function heldKeyOf(todo: RemovalTodo): HeldKey {
  return { authScapeId: todo.authScapeId, category: todo.category ?? 'removal' };
}

const nameOf = ({ authScapeId, category }: HeldKey) => `${authScapeId}|${category}`;
