import { describe, expect, it } from 'vitest';
import { interruption } from '../../../../src/adapters/interruption.js';
import { cancelRun } from '../../../../src/application/runs/manage-runs.js';
import { BridgeError } from '../../../../src/domain/errors.js';
import type { Job } from '../../../../src/domain/job.js';
import { createHarness, LEASE_MS } from '../../support/harness.js';

type Bridge = Awaited<ReturnType<typeof createHarness>>;

const take = (bridge: Bridge): Job => {
  const job = bridge.storage.jobs.take('run');
  if (job === undefined) throw new Error('There is no job.');
  return job;
};
const cancel = (bridge: Bridge, runId: string) =>
  cancelRun({ ...bridge.parts, ...bridge.storage, queue: bridge.storage.jobs })(runId);
const person = { firstName: 'Ada', lastName: 'L', email: 'ada@x.test', isActive: true };

/** A run whose worker died in its first call, and the message that looks after that worker. */
async function givenDeadWorker() {
  const bridge = await createHarness();
  bridge.a.people.insert('User', person);
  const run = await bridge.start('full');
  const worker = { name: 'victim', dead: false };
  bridge.world.before = () => {
    worker.dead = true;
  };
  await bridge.deliver(take(bridge), worker);
  bridge.world.before = undefined;
  const [watch] = bridge.storage.jobs.watches();
  if (watch === undefined) throw new Error('No worker watches the run.');
  return { bridge, run, watch };
}

describe('the message that looks after a step', () => {
  it('comes when the lease ends, and takes the run over where the worker is gone', async () => {
    const { bridge, run, watch } = await givenDeadWorker();
    expect(watch.visibleAt - bridge.clock.now()).toBeLessThanOrEqual(LEASE_MS + 1_000);
    bridge.clock.advance(LEASE_MS + 1_000);
    await bridge.deliver(watch.job);
    expect(await bridge.getRun(run.id)).toMatchObject({ status: 'succeeded' });
  });

  it('comes again at the end of a lease that was renewed, and does not touch the run', async () => {
    const { bridge, run, watch } = await givenDeadWorker();
    bridge.clock.advance(1_000);
    const before = bridge.storage.jobs.watches().length;
    await bridge.deliver(watch.job);
    expect(bridge.storage.jobs.watches()).toHaveLength(before + 1);
    expect(await bridge.getRun(run.id)).toMatchObject({ status: 'running' });
  });

  it('does nothing where the run has another holder, or has ended', async () => {
    const { bridge, run, watch } = await givenDeadWorker();
    bridge.clock.advance(LEASE_MS + 1_000);
    await bridge.deliver({ ...watch.job, watches: 'somebody else' } as Job);
    expect(await bridge.getRun(run.id)).toMatchObject({ status: 'running' });
    await bridge.finish(run.id);
    const ended = await bridge.getRun(run.id);
    await bridge.deliver(watch.job);
    expect(await bridge.getRun(run.id)).toEqual(ended);
  });
});

describe('cancelling', () => {
  it('wakes a run up that waits between two steps', async () => {
    const bridge = await createHarness();
    bridge.a.people.insert('User', person);
    const run = await bridge.start('full');
    bridge.world.before = () => {
      throw new BridgeError('service_protection_limit', 'Wait.', { retryAfterSeconds: 900 });
    };
    await bridge.deliver(take(bridge));
    expect(bridge.storage.jobs.take()).toBeUndefined();
    await cancel(bridge, run.id);
    await bridge.deliver(take(bridge));
    expect(await bridge.getRun(run.id)).toMatchObject({ status: 'cancelled' });
  });

  it('is seen within a step, whose requests are then refused', async () => {
    const bridge = await createHarness();
    bridge.a.people.insert('User', person);
    const run = await bridge.start('full');
    let isSeen: boolean | undefined;
    bridge.world.before = async () => {
      bridge.world.before = undefined;
      await cancel(bridge, run.id);
      bridge.clock.advance(5_000);
      await new Promise((resolve) => setImmediate(resolve));
      isSeen = interruption()?.aborted;
      throw new BridgeError('connection_timeout', 'Stopped.');
    };
    await bridge.deliver(take(bridge));
    expect(isSeen).toBe(true);
    expect(await bridge.getRun(run.id)).toMatchObject({ status: 'cancelled' });
  });

  it('a step whose lease ran out unnoticed sends nothing more', async () => {
    const bridge = await createHarness();
    bridge.a.people.insert('User', person);
    await bridge.start('full');
    let isStopped: boolean | undefined;
    bridge.world.before = async () => {
      bridge.world.before = undefined;
      bridge.storage.tables.before = () => {
        throw new BridgeError('storage_unavailable', 'Away.');
      };
      bridge.clock.advance(LEASE_MS + 5_000);
      await new Promise((resolve) => setImmediate(resolve));
      isStopped = interruption()?.aborted;
      bridge.storage.tables.before = () => undefined;
    };
    await bridge.deliver(take(bridge));
    expect(isStopped).toBe(true);
  });
});
