import type { Run } from '../../../src/domain/run.js';
import type { SystemCall } from '../../support/memory-systems-world.js';
import { pairs } from './actors.js';
import { createHarness, type Harness, type HarnessOptions } from './harness.js';

/** Linked pairs in step, whose rows come one by one: AuthScape is read before most of them. */
export async function slowRows(count: number, options: HarnessOptions = {}) {
  const bridge = await createHarness(options);
  const all = await pairs(bridge, count);
  await bridge.sync('incremental');
  Object.assign(bridge.d, { pageSize: 1 });
  return { bridge, all };
}

export function callsOf(bridge: Harness): SystemCall[] {
  const calls: SystemCall[] = [];
  bridge.world.before = (call) => {
    calls.push(call);
  };
  return calls;
}

export const named = (calls: readonly SystemCall[], ...names: readonly string[]) =>
  calls.filter(({ name }) => names.includes(name)).length;

/** Works message by message until the run is as wanted; each takes one unit. */
export async function workUntil(bridge: Harness, id: string, isReached: (run: Run) => boolean): Promise<Run> {
  for (;;) {
    const run = await bridge.getRun(id);
    if (isReached(run)) return run;
    const job = bridge.storage.jobs.take();
    if (job === undefined) throw new Error(`The run is ${run.status} in ${run.phase}.`);
    await bridge.deliver(job);
  }
}

/** As another version would have stored the run. */
export async function changeRun(
  bridge: Harness,
  id: string,
  changed: (run: Run) => Partial<Run>,
): Promise<void> {
  const stored = await bridge.storage.runs.get(id);
  if (stored === undefined) throw new Error(`no run ${id}`);
  await bridge.storage.runs.replace({ ...stored.value, ...changed(stored.value) }, stored.etag);
}
