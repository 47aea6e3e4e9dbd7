import { TABLE_WRITES } from '../../application/support/crash.js';
import type { Worker } from '../../support/memory-systems-world.js';
import type { MemoryRequest } from '../../support/memory-tables.js';
import type { Scene } from './scene.js';

/** What pairs are written to; the run itself is kept elsewhere. */
const OF_PAIRS: readonly string[] = ['Links', 'LinkClaims', 'KeyClaims', 'Logs'];

/**
 * The process that is first to work stands still at its n-th effect on pairs, with all that it has under way, before the
 * effect or directly after it. It goes on when the work of others is done. Returns where it came to that.
 */
export function standStillAt(
  { bridge, outside }: Scene,
  n: number,
  when: 'before' | 'after',
  work: () => Promise<void>,
): { happened(): string | null } {
  let count = 0;
  let happened: string | null = null;
  let failure: unknown;
  let first: Worker | undefined;
  let meanwhile: Promise<void> | undefined;
  const meet = async (at: 'before' | 'after', what: string, effect: boolean): Promise<void> => {
    const worker = bridge.world.worker();
    first ??= worker;
    if (worker === undefined || worker !== first) return;
    await meanwhile;
    if (at !== when || !effect || happened !== null) return;
    count += 1;
    if (count !== n) return;
    happened = what;
    meanwhile = outside(work).catch((error: unknown) => {
      failure = error;
    });
    await meanwhile;
  };
  bridge.world.before = ({ effect, name, side }) => meet('before', `${side} ${name}`, effect);
  bridge.world.after = ({ effect, name, side }) => meet('after', `${side} ${name}`, effect);
  const isEffect = ({ kind, table }: MemoryRequest) =>
    TABLE_WRITES.includes(kind) && OF_PAIRS.includes(table);
  bridge.storage.tables.before = (request) =>
    meet('before', `${request.table} ${request.kind}`, isEffect(request));
  bridge.storage.tables.after = (request) =>
    meet('after', `${request.table} ${request.kind}`, isEffect(request));
  return {
    happened() {
      if (failure !== undefined) throw failure;
      return happened;
    },
  };
}
