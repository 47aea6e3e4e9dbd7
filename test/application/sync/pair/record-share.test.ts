import { describe, expect, it } from 'vitest';
import { UnknownOutcomeError } from '../../../../src/application/ports/systems.js';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
import type { SystemCall } from '../../../support/memory-systems-world.js';
import { aPair, logged, pairs } from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';

const updateOf = (id: string) => (call: SystemCall) => call.name === 'update' && call.id === id;

describe('[E6] the share of a run that one record has', () => {
  const MINUTES = 60_000;

  it('is about two minutes where it times out, with one retry at the end of the run', async () => {
    const bridge = await createHarness();
    const all = await pairs(bridge, 12);
    for (const { a } of all) bridge.a.people.set('User', a, { phoneNumber: '5' });
    const bad = all[5]?.d ?? '';
    const at: number[] = [];
    bridge.world.before = (call) => {
      if (!updateOf(bad)(call)) return;
      at.push(bridge.clock.now());
      bridge.clock.advance(45_000);
      throw new UnknownOutcomeError('No answer.', { timedOut: true });
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { updated: 11, failed: 1 } });
    expect(at).toHaveLength(2);
    const lasted = Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt ?? '');
    expect(lasted).toBeLessThan(4 * MINUTES);
    expect(await logged(bridge, all[5]?.a ?? '')).toContain('failed  outcome_unknown');
  });

  it('ends a slow search for the field that is refused', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'B', lastName: 'C', phoneNumber: '5' });
    let calls = 0;
    bridge.world.before = (call) => {
      if (!updateOf(d)(call)) return;
      calls += 1;
      bridge.clock.advance(40_000);
      throw new RecordRejectedError('plugin_failed', 'A plug-in failed.', { unproven: '500 0x80040224' });
    };
    const before = bridge.clock.now();
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { failed: 1 } });
    expect(calls).toBe(2);
    expect(bridge.clock.now() - before).toBeLessThan(2 * MINUTES);
  });

  it('ends looks at a pair that changes again and again', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { phoneNumber: '5' });
    let looks = 0;
    bridge.world.before = (call) => {
      if (!updateOf(d)(call)) return;
      looks += 1;
      bridge.clock.advance(30_000);
      bridge.d.people.set('contact', d, { jobtitle: String(looks) });
    };
    await bridge.event('authScape', 'User', a);
    const job = bridge.storage.jobs.take('record');
    if (job === undefined) throw new Error('There is no message.');
    const before = bridge.clock.now();
    await bridge.deliver(job);
    expect(bridge.clock.now() - before).toBeLessThan(2.5 * MINUTES);
  });
});
