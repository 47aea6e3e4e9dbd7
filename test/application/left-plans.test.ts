import { describe, expect, it } from 'vitest';
import { CrashError } from '../support/memory-systems-world.js';
import { aPair, logged, user } from './support/actors.js';
import { createHarness, type Harness } from './support/harness.js';

/** The next worker whose write of this name arrives dies with it. */
function dieAfter(bridge: Harness, name: string): void {
  bridge.world.after = (call) => {
    if (call.name !== name) return;
    bridge.world.after = undefined;
    throw new CrashError('The process is dead.');
  };
}

describe('[W3] the plan of a worker that died', () => {
  it('[M10] holds a long value that the write replaced in full, for the log', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.clock.advance(60_000);
    const long = 'x'.repeat(600);
    bridge.a.people.set('User', a, { firstName: long });
    bridge.d.people.set('contact', d, { firstname: 'D' });
    dieAfter(bridge, 'update.write');
    await bridge.sync('incremental');
    await bridge.sync('incremental');
    expect(user(bridge, a).firstName).toBe('D');
    expect(await logged(bridge, a)).toContain(`conflict firstName: ${long} -> D (conflict)`);
  });
});
