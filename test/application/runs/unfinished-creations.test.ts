import { describe, expect, it } from 'vitest';
import { CrashError } from '../../support/memory-systems-world.js';
import { aContact, contacts, user } from '../support/actors.js';
import { dieAtCreation } from '../support/crash.js';
import { createHarness } from '../support/harness.js';

describe('a user whose maker died before all of it was written', () => {
  it('[R1] is finished by the same run, though the key was kept free for its maker when the unit was repeated', async () => {
    const bridge = await createHarness();
    aContact(bridge, { emailaddress1: 'ada@x.test', telephone1: '+1 555' });
    // The link stands, and the phone is to follow.
    bridge.world.before = (call) => {
      if (call.side !== 'authScape' || call.name !== 'update.write') return;
      bridge.world.before = undefined;
      const worker = bridge.world.worker();
      if (worker !== undefined) worker.dead = true;
      throw new CrashError('The process died.');
    };
    const { id } = await bridge.start('full');
    const job = bridge.storage.jobs.take();
    if (job === undefined) throw new Error('no job');
    await bridge.deliver(job, { name: 'mortal', dead: false });
    const [link] = await bridge.links();
    expect(link).toMatchObject({ clean: false, plan: { kind: 'update' } });
    // Its lease ends before what it had claimed.
    const stored = await bridge.storage.runs.get(id);
    if (stored === undefined) throw new Error('no run');
    const over = { owner: 'mortal', until: bridge.clock.now() };
    await bridge.storage.runs.replace({ ...stored.value, lease: over }, stored.etag);
    await bridge.storage.jobs.enqueue({ v: 1, kind: 'run', connectionId: bridge.connection.id, runId: id });
    const run = await bridge.finish(id);
    expect(user(bridge, link?.authScapeId ?? '').phoneNumber).toBe('+1 555');
    expect(run).toMatchObject({ status: 'succeeded', counts: { created: 1, unchanged: 0, failed: 0 } });
    expect(await bridge.links()).toMatchObject([{ clean: true, plan: null }]);
    const { counts } = await bridge.sync('full');
    expect(counts).toMatchObject({ unchanged: 1, updated: 0 });
  });

  it('[P6] is the row’s still where the row is removed before the unit is repeated', async () => {
    const bridge = await createHarness();
    aContact(bridge, { emailaddress1: 'eve@x.test' });
    await bridge.sync('full');
    const gone = aContact(bridge, { emailaddress1: 'ada@x.test', firstname: 'Ada' });
    dieAtCreation(bridge, 'authScape');
    const { id } = await bridge.start('full');
    await bridge.deliver(bridge.storage.jobs.take() as never, { name: 'mortal', dead: false });
    bridge.d.people.remove('contact', gone);
    await bridge.finish(id);
    for (let runs = 0; runs < 3; runs += 1) {
      bridge.clock.advance(700_000);
      await bridge.sync('full');
    }
    expect(contacts(bridge)).toHaveLength(1);
    const made = [...bridge.a.records.User.values()].find(({ values }) => values.email === 'ada@x.test');
    expect(made?.values.isActive).toBe(false);
  });
});
