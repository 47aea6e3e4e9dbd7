import { describe, expect, it } from 'vitest';
import { aContact, aUser, contact, contacts, logged, mark, user, writesSince } from '../support/actors.js';
import { createHarness, type Harness, type HarnessOptions } from '../support/harness.js';

/** A pair that differs in last name and phone number, tried as a sample. */
async function givenSample(options: HarnessOptions = {}) {
  const bridge = await createHarness(options);
  const a = aUser(bridge, { email: 'ada@x.test', lastName: 'Lovelace', phoneNumber: '1' });
  const d = aContact(bridge, { emailaddress1: 'ada@x.test', lastname: 'Byron', telephone1: null });
  const run = await bridge.sync('full', { sample: 5 });
  expect(run.status).toBe('succeeded');
  expect([user(bridge, a).lastName, contact(bridge, d).telephone1]).toEqual(['Byron', '1']);
  bridge.clock.advance(1_000);
  return { bridge, a, d, run };
}

const takeBack = (bridge: Harness, runId: string) => bridge.engine.takeBackSample(runId);

describe('taking a sample back', () => {
  it('[C14] writes back what was replaced, and leaves no link: the next run matches as for the first time', async () => {
    const { bridge, a, d, run } = await givenSample();
    const back = await takeBack(bridge, run.id);

    expect(back).toEqual({ unlinked: 1, restored: 2, kept: [], busy: 0 });
    expect([user(bridge, a).lastName, contact(bridge, d).telephone1]).toEqual(['Lovelace', null]);
    expect(await bridge.links()).toEqual([]);
    expect(await logged(bridge, a)).toContain('success lastName: Byron -> Lovelace (restored)');
    await bridge.sync('full');
    expect(await bridge.links()).toMatchObject([{ authScapeId: a, crmId: d, state: 'linked' }]);
    expect(user(bridge, a).lastName).toBe('Byron');
  });

  it('[C14] leaves what was changed since', async () => {
    const { bridge, a, d, run } = await givenSample();
    bridge.a.people.set('User', a, { lastName: 'King' });
    const back = await takeBack(bridge, run.id);

    expect(back).toMatchObject({ unlinked: 1, restored: 1 });
    expect(back.kept).toMatchObject([
      { authScapeId: a, crmId: d, side: 'authScape', field: 'lastName', reason: 'changed' },
    ]);
    expect([user(bridge, a).lastName, contact(bridge, d).telephone1]).toEqual(['King', null]);
  });

  it('[C14] says of values that the log does not keep that they stay', async () => {
    const { bridge, a, run } = await givenSample({ connection: { logValues: 'none' } });
    const back = await takeBack(bridge, run.id);
    expect(back).toMatchObject({ unlinked: 1, restored: 0 });
    expect(back.kept.map(({ reason }) => reason)).toEqual(['withheld', 'withheld']);
    expect(user(bridge, a).lastName).toBe('Byron');
  });

  it('[C14] keeps records that the sample created, and finds them again', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge, { email: 'new@x.test' });
    const run = await bridge.sync('full', { sample: 5 });
    expect(contacts(bridge)).toHaveLength(1);
    expect(await takeBack(bridge, run.id)).toMatchObject({ unlinked: 1, restored: 0, kept: [] });
    expect(contacts(bridge)).toHaveLength(1);
    await bridge.sync('full');
    expect(contacts(bridge)).toHaveLength(1);
    expect(await bridge.links()).toMatchObject([{ authScapeId: a }]);
  });

  it('may be repeated: the second time there is nothing to do', async () => {
    const { bridge, run } = await givenSample();
    await takeBack(bridge, run.id);
    const since = mark(bridge);
    expect(await takeBack(bridge, run.id)).toEqual({ unlinked: 0, restored: 0, kept: [], busy: 0 });
    expect(writesSince(bridge, since)).toEqual([]);
  });

  it('goes on where an attempt ended whose write arrived and whose link stayed', async () => {
    const { bridge, a, d, run } = await givenSample();
    bridge.a.people.set('User', a, { lastName: 'Lovelace' });
    expect(await takeBack(bridge, run.id)).toEqual({ unlinked: 1, restored: 1, kept: [], busy: 0 });
    expect(contact(bridge, d).telephone1).toBeNull();
  });

  it('waits for a worker that has the pair', async () => {
    const { bridge, a, run } = await givenSample();
    const { connection, storage } = bridge;
    const stored = await storage.links.get(connection.id, 'm_1234567890', a);
    if (stored === undefined) throw new Error('There is no link.');
    const claim = { owner: 'another', until: bridge.clock.now() + 60_000 };
    await storage.links.replace({ ...stored.value, claim }, stored.etag);
    expect(await takeBack(bridge, run.id)).toEqual({ unlinked: 0, restored: 0, kept: [], busy: 1 });
    expect(user(bridge, a).lastName).toBe('Byron');
  });

  it('is refused for other runs, and once a full run has ended well', async () => {
    const { bridge, run } = await givenSample();
    await expect(takeBack(bridge, 'r_none')).rejects.toMatchObject({ code: 'run_not_found' });
    const dry = await bridge.sync('full', { dryRun: true, sample: 2 });
    await expect(takeBack(bridge, dry.id)).rejects.toMatchObject({ code: 'sample_final' });
    const full = await bridge.sync('full');
    await expect(takeBack(bridge, full.id)).rejects.toMatchObject({ code: 'sample_final' });
    await expect(takeBack(bridge, run.id)).rejects.toMatchObject({ code: 'sample_final' });
  });
});
