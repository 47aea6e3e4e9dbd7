import type { HeldChange, HeldKey } from '../../ports/staging.js';
import type { EngineDeps } from '../../shared/engine-deps.js';

/** What runs hold of the named changes: for a person who has yet to decide, or left over from a run that has ended. */
export async function heldByRuns(
  { backlog, runs }: Pick<EngineDeps, 'backlog' | 'runs'>,
  connectionId: string,
  mappingId: string,
  keys: readonly HeldKey[],
): Promise<{ waiting: readonly HeldChange[]; left: readonly HeldChange[] }> {
  const held = await backlog.getHeld(connectionId, mappingId, keys);
  const undecided = new Set<string>();
  for (const runId of new Set(held.map((entry) => entry.runId))) {
    if ((await runs.get(runId))?.value.status === 'awaitingApproval') undecided.add(runId);
  }
  return {
    waiting: held.filter(({ runId }) => undecided.has(runId)),
    left: held.filter(({ runId }) => !undecided.has(runId)),
  };
}
