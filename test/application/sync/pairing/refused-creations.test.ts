import { describe, expect, it } from 'vitest';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
import type { SystemCall } from '../../../support/memory-systems-world.js';
import { aContact, aUser, contacts, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

/** A user that gets no contact in Dynamics, after a first full run that tried. */
async function refused() {
  const bridge = await createHarness();
  await bridge.sync('full');
  const a = aUser(bridge, { email: 'ada@x.test' });
  const calls: SystemCall[] = [];
  bridge.world.before = (call) => {
    if (call.name !== 'create' || call.side !== 'dynamics') return;
    calls.push(call);
    throw new RecordRejectedError('duplicate_record', 'A key is taken.');
  };
  return { bridge, a, calls };
}

const markOf = async ({ connection, storage }: Harness, a: string) =>
  (await storage.backlog.getMarks(connection.id, 'm_1234567890', 'authScape', [a])).get(a);

describe('[E7] a record of AuthScape for which no row can be made', () => {
  it('is tried later and later by incremental runs, and told meanwhile', async () => {
    const { bridge, a, calls } = await refused();
    const first = await bridge.sync('incremental');
    expect(first).toMatchObject({ status: 'partiallySucceeded', counts: { failed: 1 } });
    const waits: number[] = [];
    for (let run = 2; run <= 12; run += 1) {
      expect((await bridge.sync('incremental')).counts.failed).toBe(1);
      expect(calls).toHaveLength(run);
      const { notBefore = 0 } = (await markOf(bridge, a)) ?? {};
      waits.push(Math.round((notBefore - bridge.clock.now()) / 60_000));
      const early = await bridge.sync('incremental');
      expect(early.counts).toMatchObject({ failed: 0, skipped: 1 });
      expect(calls, 'too early').toHaveLength(run);
      expect(await bridge.logs(early.id)).toMatchObject([
        {
          authScapeId: a,
          error: { code: 'retried_later', message: expect.stringContaining('duplicate_record') },
        },
      ]);
      bridge.clock.advance(notBefore - bridge.clock.now());
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
  });

  async function resting() {
    const given = await refused();
    for (let run = 0; run < 6; run += 1) await given.bridge.sync('incremental');
    given.bridge.world.before = undefined;
    await given.bridge.sync('incremental');
    expect(contacts(given.bridge), 'it rests').toHaveLength(0);
    return given;
  }

  it('is tried at once after an edit in AuthScape', async () => {
    const { bridge, a } = await resting();
    bridge.a.people.set('User', a, { lastName: 'Byron' });
    expect((await bridge.sync('incremental')).counts).toMatchObject({ created: 1, failed: 0 });
    expect(await markOf(bridge, a)).toMatchObject({ attempts: 2 });
    bridge.clock.advance(3_600_000);
    await bridge.sync('incremental');
    expect(await markOf(bridge, a), 'the mark ends').toBeUndefined();
  });

  it('is linked at once where an edit in Dynamics brings its partner', async () => {
    const { bridge, a } = await resting();
    const d = aContact(bridge, { emailaddress1: 'ada@x.test', telephone1: '7' });
    expect((await bridge.sync('incremental')).counts).toMatchObject({ linked: 1, failed: 0 });
    expect(user(bridge, a).phoneNumber).toBe('7');
    expect(contacts(bridge)).toEqual([d]);
  });

  it('is tried by each full run', async () => {
    const { bridge } = await resting();
    expect((await bridge.sync('full')).counts).toMatchObject({ created: 1, failed: 0 });
  });
});

describe('[E7] a row of Dynamics for which no record can be made', () => {
  async function resting() {
    const bridge = await createHarness();
    await bridge.sync('full');
    const d = aContact(bridge, { emailaddress1: 'ada@x.test' });
    const calls: SystemCall[] = [];
    bridge.world.before = (call) => {
      if (call.name !== 'create' || call.side !== 'authScape') return;
      calls.push(call);
      throw new RecordRejectedError('refused', 'No.');
    };
    for (let run = 0; run < 6; run += 1) {
      await bridge.sync('incremental');
      bridge.clock.advance(60_000);
    }
    expect(calls.length).toBeLessThan(5);
    bridge.world.before = undefined;
    await bridge.sync('incremental');
    return { bridge, d };
  }

  it('is tried at once after an edit in Dynamics', async () => {
    const { bridge, d } = await resting();
    expect(await bridge.links(), 'it rests').toHaveLength(0);
    bridge.d.people.set('contact', d, { telephone1: '7' });
    expect((await bridge.sync('incremental')).counts).toMatchObject({ created: 1, failed: 0 });
  });

  it('is linked at once where an edit in AuthScape brings its partner', async () => {
    const { bridge, d } = await resting();
    const a = aUser(bridge, { email: 'ada@x.test' });
    await bridge.sync('incremental');
    expect(await bridge.links()).toMatchObject([{ authScapeId: a, crmId: d }]);
  });
});
