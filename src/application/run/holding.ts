import type { ResolvedMapping } from '../../domain/fields.js';
import type { HeldChange, StagedTodo } from '../ports/staging.js';
import { changeOf } from '../sync/context.js';
import type { UnitInput } from './step-state.js';

/** A change that waits for a person, as the connection keeps it. */
export function holdOf(input: UnitInput, todo: StagedTodo, category: string): HeldChange {
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

/** Keeps changes until a person decides about the run, and says so in the log. */
export async function holdChanges(
  input: UnitInput,
  resolved: ResolvedMapping,
  holds: readonly HeldChange[],
): Promise<void> {
  await input.deps.backlog.putHeld(input.run.connectionId, holds);
  await input.deps.logs.append(holds.map((hold) => heldEntry(input, resolved, hold)));
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
