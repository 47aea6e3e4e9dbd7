import { describe, expect, it } from 'vitest';
import { aContact, aPair, contact, linkOf, user } from '../../support/actors.js';
import { dieAfterCreate } from '../../support/crash.js';
import { createHarness, LEASE_MS } from '../../support/harness.js';

/** A pair, and a contact without key whose user was made by a worker that died. */
async function withUnfinishedMaster() {
  const bridge = await createHarness();
  const { a, d } = await aPair(bridge);
  const master = aContact(bridge, { emailaddress1: 'old@x.test' });
  await dieAfterCreate(bridge, master);
  const [made = ''] = [...bridge.a.records.User.keys()].filter((id) => id !== a);
  bridge.d.people.set('contact', master, { emailaddress1: null });
  return { bridge, a, d, master, made };
}

describe('[D8] the link of a row that was merged into one whose partner is being made', () => {
  it('moves to a master for which a partner was to be made, once its maker is given up', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    const master = aContact(bridge, { emailaddress1: null });
    const pendingCreation = {
      owner: 'dead',
      madeAt: 0,
      until: 1,
      criteria: { email: 'old@x.test' },
      base: {},
    };
    const row = { table: 'contact', crmId: master, mappingId: 'm_1234567890' };
    expect(await bridge.storage.links.putPendingCreation(bridge.connection.id, row, pendingCreation)).toEqual(
      { kind: 'reserved' },
    );
    bridge.d.people.merge('contact', d, master);
    await bridge.sync('incremental');
    await bridge.sync('incremental');
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', crmId: master });
  });

  it.each(['event', 'incremental', 'full'] as const)(
    'stays behind where a user came of that, who becomes the partner of the master (%s)',
    async (how) => {
      const { bridge, a, d, master, made } = await withUnfinishedMaster();
      bridge.clock.advance(LEASE_MS);
      bridge.d.people.merge('contact', d, master);
      await bridge.event('dynamics', 'contact', d);
      if (how === 'event') await bridge.drain();
      else await bridge.sync(how);
      expect(await linkOf(bridge, made)).toMatchObject({ state: 'linked', crmId: master });
      await bridge.sync('incremental');
      expect(await linkOf(bridge, a)).toMatchObject({ tombstone: { reason: 'merged', masterId: master } });
    },
  );

  it.each(['event', 'incremental', 'full'] as const)(
    'stays behind where that user is inactive by now (%s)',
    async (how) => {
      const { bridge, a, d, master, made } = await withUnfinishedMaster();
      bridge.a.people.set('User', made, { isActive: false });
      bridge.clock.advance(LEASE_MS);
      bridge.d.people.merge('contact', d, master);
      await bridge.event('dynamics', 'contact', d);
      if (how === 'event') await bridge.drain();
      else await bridge.sync(how);
      expect(await linkOf(bridge, a)).toMatchObject({ tombstone: { reason: 'merged', masterId: master } });
      await bridge.sync('incremental');
      expect(await linkOf(bridge, made)).toMatchObject({ state: 'linked', crmId: master, clean: true });
      // Creation did not fill the state, so that it has no base: one that differs is settled as active.
      expect([user(bridge, made).isActive, contact(bridge, master).statecode]).toEqual([true, 0]);
    },
  );

  it('is looked at again while another worker makes a partner for the master', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    const master = aContact(bridge, { emailaddress1: null });
    const until = bridge.clock.now() + 100 * LEASE_MS;
    const pendingCreation = { owner: 'slow', madeAt: 0, until, criteria: { email: 'old@x.test' }, base: {} };
    const row = { table: 'contact', crmId: master, mappingId: 'm_1234567890' };
    await bridge.storage.links.putPendingCreation(bridge.connection.id, row, pendingCreation);
    bridge.d.people.merge('contact', d, master);
    await bridge.event('dynamics', 'contact', d);
    await bridge.deliver(bridge.storage.jobs.take() ?? { v: 1, kind: 'run', connectionId: '', runId: '' });
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', crmId: d, clean: false });
  });
});
