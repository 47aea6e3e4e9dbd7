import type { Side } from '../../../src/domain/model.js';
import { CrashError } from '../../support/memory-systems-world.js';
import type { Harness } from './harness.js';

export const TABLE_WRITES: readonly string[] = ['insert', 'put', 'replace', 'remove', 'transact'];

/**
 * Lets the process that works die at its n-th effect, before it takes effect or directly after, when its answer is not
 * heard any more. Returns how to look whether it came to that.
 */
export function crashAt(bridge: Harness, n: number, when: 'before' | 'after'): { happened(): string | null } {
  let count = 0;
  let happened: string | null = null;
  const meet = (at: 'before' | 'after', what: string): void => {
    const worker = bridge.world.worker();
    if (at !== when || worker === undefined || happened !== null) return;
    count += 1;
    if (count !== n) return;
    happened = what;
    worker.dead = true;
    throw new CrashError(`Died ${when} ${what}.`);
  };
  bridge.world.before = (call) => {
    if (call.effect) meet('before', `${call.side} ${call.name}`);
  };
  bridge.world.after = (call) => {
    if (call.effect) meet('after', `${call.side} ${call.name}`);
  };
  bridge.storage.tables.before = (request) => {
    bridge.world.breathe();
    if (TABLE_WRITES.includes(request.kind)) meet('before', `${request.table} ${request.kind}`);
  };
  bridge.storage.tables.after = (request) => {
    if (TABLE_WRITES.includes(request.kind)) meet('after', `${request.table} ${request.kind}`);
    bridge.world.breathe();
  };
  return { happened: () => happened };
}

/** The worker that makes the next record on this side dies directly afterwards. */
export function dieAtCreation(bridge: Harness, side: Side): void {
  bridge.world.after = (call) => {
    if (call.side !== side || call.name !== 'create') return;
    bridge.world.after = undefined;
    const worker = bridge.world.worker();
    if (worker !== undefined) worker.dead = true;
    throw new CrashError('The process died.');
  };
}

/** A worker dies directly after it made the user for a contact. */
export async function dieAfterCreate(bridge: Harness, crmId: string): Promise<void> {
  dieAtCreation(bridge, 'authScape');
  await bridge.event('dynamics', 'contact', crmId);
  const job = bridge.storage.jobs.take();
  if (job === undefined) throw new Error('no job');
  await bridge.deliver(job, { name: 'mortal', dead: false });
}
