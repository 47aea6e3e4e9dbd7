import type { GoneDetail } from '../../../domain/todo-detail.js';
import type { RemovalTodo } from '../../ports/staging.js';
import { isolateFailure } from '../../sync/context/record-results.js';
import { findSuccessor } from '../../sync/pairing/successor.js';
import { confirmGone } from '../../sync/remove/apply-delete-policy.js';
import { scopeOf, type UnitInput } from '../unit/unit.js';

/** A record that was made anew under another id takes no partner away. */
export async function isRemoval(input: UnitInput, todo: RemovalTodo, detail: GoneDetail): Promise<boolean> {
  if (!(await isConfirmed(input, todo, detail))) return false;
  const stored = await input.deps.links.get(
    input.run.connectionId,
    input.resolved.mapping.id,
    todo.authScapeId,
  );
  if (stored === undefined) return false;
  return (await findSuccessor(input.context, stored.value, detail.side)) === undefined;
}

export async function isConfirmed(input: UnitInput, todo: RemovalTodo, detail: GoneDetail): Promise<boolean> {
  const stored = await input.deps.links.get(
    input.run.connectionId,
    input.resolved.mapping.id,
    todo.authScapeId,
  );
  if (stored === undefined || stored.value.state !== 'linked') return false;
  return provenGone(input.context, stored.value, detail.side, {
    witness: await witnessFor(input, todo.authScapeId),
    scansMissed: detail.scans,
  });
}

/** As `confirmGone`; that one record may not be read proves nothing, and is no fault of the run. */
async function provenGone(...asked: Parameters<typeof confirmGone>): Promise<boolean> {
  return isolateFailure(
    () => confirmGone(...asked),
    () => false,
  );
}

/** Another user that this run has seen: reading it shows that reads by id work at all. */
async function witnessFor(input: UnitInput, missingId: string): Promise<string | null> {
  if (input.resolved.mapping.authScapeEntity !== 'User') return null;
  const scope = scopeOf(input.run, input.resolved.mapping.id);
  for (const unchanged of (await input.seen.of(scope, 'authScape')).keys()) {
    if (unchanged !== missingId) return unchanged;
  }
  const page = await input.deps.staging.scanRecords(scope, 'authScape', 2);
  return page.items.find((record) => record.id !== missingId)?.id ?? null;
}
