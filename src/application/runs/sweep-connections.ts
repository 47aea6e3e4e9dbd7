import { BridgeError } from '../../domain/errors.js';
import type { DueIndex } from '../ports/due-index.js';
import type { Clock } from '../ports/runtime.js';
import type { ConnectionStore } from '../ports/stores.js';

export interface SweepDeps {
  readonly connections: Pick<ConnectionStore, 'list'>;
  readonly due: DueIndex;
  readonly clock: Clock;
}

/** The connections of one tick. */
const PAGE = 200;

/** Adds connections that the index of due times lacks: all of them the first time, then those of the next page. */
export async function sweepConnections(deps: SweepDeps): Promise<void> {
  const from = await deps.due.sweepFrom();
  let cursor = from ?? undefined;
  do {
    const page = await pageAt(deps, cursor);
    const missing = await deps.due.missing(page.items.map(({ value }) => value.id));
    for (const id of missing) await deps.due.bringForward(id, deps.clock.now());
    cursor = page.nextCursor;
  } while (from === undefined && cursor !== undefined);
  const next = cursor ?? null;
  if (next !== from) await deps.due.setSweep(next);
}

/** A cursor that the storage does not take any more leads to the beginning. */
async function pageAt({ connections }: SweepDeps, cursor: string | undefined) {
  try {
    return await connections.list(PAGE, cursor);
  } catch (error) {
    const isRefused = error instanceof BridgeError && error.code === 'invalid_request';
    if (cursor === undefined || !isRefused) throw error;
    return await connections.list(PAGE);
  }
}
