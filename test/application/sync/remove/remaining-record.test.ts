import { describe, expect, it } from 'vitest';
import { aPair, aUser, contact, contacts, linkOf, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

const POLICIES = ['deactivate', 'delete', 'unlink', 'ignore'] as const;
const WAYS = ['incremental', 'full', 'event'] as const;

/** Lets the product see what was done to a record, one way or another. */
async function see(bridge: Harness, how: (typeof WAYS)[number], id: string): Promise<void> {
  if (how !== 'event') {
    await bridge.sync(how);
    return;
  }
  bridge.clock.advance(1_000);
  const isUser = bridge.a.records.User.has(id);
  await bridge.event(isUser ? 'authScape' : 'dynamics', isUser ? 'User' : 'contact', id);
  await bridge.drain();
}

describe('the survivor of a deleted row', () => {
  it('[D7] gets a new partner when a person activates the survivor', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.remove('contact', d);
    await bridge.sync('incremental');
    bridge.a.people.set('User', a, { isActive: true });
    await bridge.sync('full');
    const link = await linkOf(bridge, a);
    expect(link).toMatchObject({ state: 'linked', generation: 1 });
    expect(link?.crmId).not.toBe(d);
    expect(contacts(bridge)).toEqual([link?.crmId]);
  });

  it.each(POLICIES)(
    '[D7] gets a new partner also when the survivor was inactive before (%s)',
    async (deletePolicy) => {
      const bridge = await createHarness({ connection: { deletePolicy } });
      const { a, d } = await aPair(bridge);
      bridge.a.people.set('User', a, { isActive: false });
      await bridge.sync('incremental');
      bridge.d.people.remove('contact', d);
      await bridge.sync('full');
      expect(contacts(bridge)).toEqual([]);
      bridge.a.people.set('User', a, { isActive: true });
      await bridge.sync('incremental');
      expect(contacts(bridge)).toEqual([(await linkOf(bridge, a))?.crmId]);
    },
  );

  it('[D7] stays inactive when the row comes back, where it was inactive before', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { isActive: false });
    await bridge.sync('incremental');
    bridge.d.people.remove('contact', d);
    await bridge.sync('full');
    bridge.d.people.restore('contact', d);
    await bridge.sync('full');
    expect([user(bridge, a).isActive, contact(bridge, d).statecode]).toEqual([false, 1]);
  });

  it.each(WAYS)(
    '[D7] gets a new partner when a person deactivates it later and activates it (%s)',
    async (how) => {
      const bridge = await createHarness({ connection: { deletePolicy: 'unlink' } });
      const { a, d } = await aPair(bridge);
      bridge.d.people.remove('contact', d);
      await bridge.sync('incremental');
      await see(bridge, how, a);
      expect(contacts(bridge)).toEqual([]);
      bridge.a.people.set('User', a, { isActive: false });
      await see(bridge, how, a);
      expect(contacts(bridge)).toEqual([]);
      bridge.a.people.set('User', a, { isActive: true });
      await see(bridge, how, a);
      expect(contacts(bridge)).toEqual([(await linkOf(bridge, a))?.crmId]);
    },
  );
});

describe('a tombstone', () => {
  it('[D6] stays whatever events tell of a merged row whose surviving row is gone', async () => {
    const bridge = await createHarness({ connection: { deletePolicy: 'unlink' } });
    const { a, d } = await aPair(bridge);
    const row = bridge.d.tables.get('contact')?.rows.get(d);
    if (row === undefined) throw new Error('a row is needed');
    row.mergedInto = d;
    bridge.d.people.set('contact', d, { statecode: 1 });
    for (let count = 0; count < 3; count += 1) await see(bridge, 'event', d);
    await bridge.sync('full');
    expect(contacts(bridge)).toEqual([d]);
    expect((await linkOf(bridge, a))?.state).toBe('tombstone');
  });

  it('is the reason that is told when one of its records is synced by hand', async () => {
    const bridge = await createHarness({ connection: { deletePolicy: 'unlink' } });
    const { a, d } = await aPair(bridge);
    bridge.d.people.remove('contact', d);
    await bridge.sync('incremental');
    const results = await bridge.engine.records.authScape('User', a);
    expect(results).toMatchObject([{ outcome: 'skipped', crmId: d, error: { code: 'tombstone' } }]);
    expect(contacts(bridge)).toEqual([]);
  });

  it.each(WAYS)(
    '[D7] ends when the user comes back whose contact was deleted: it gets a new one (%s)',
    async (how) => {
      const bridge = await createHarness({ connection: { deletePolicy: 'delete' } });
      const { a } = await aPair(bridge);
      aUser(bridge);
      await bridge.sync('incremental');
      bridge.a.people.remove('User', a);
      for (let count = 0; count < 2; count += 1) await bridge.sync('incremental');
      expect(contacts(bridge)).toHaveLength(1);
      bridge.a.people.restore('User', a);
      await see(bridge, how, a);
      expect(contacts(bridge)).toHaveLength(2);
      expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', generation: 1 });
    },
  );
});

describe('a record that comes back when its partner is gone as well', () => {
  it.each(WAYS)('[D7] gets a new partner, a user whose contact a person deleted (%s)', async (how) => {
    const bridge = await createHarness({ connection: { deletePolicy: 'deactivate' } });
    const { a, d } = await aPair(bridge);
    aUser(bridge);
    await bridge.sync('incremental');
    bridge.a.people.remove('User', a);
    for (let count = 0; count < 2; count += 1) await bridge.sync('incremental');
    bridge.d.people.remove('contact', d);
    await bridge.sync('incremental');
    bridge.a.people.restore('User', a);
    await see(bridge, how, a);
    for (let count = 0; count < 2; count += 1) await bridge.sync('full');
    expect(user(bridge, a).isActive).toBe(true);
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', generation: 1 });
  });
});

describe('the survivor of a deleted user', () => {
  async function bereaved(deletePolicy: (typeof POLICIES)[number]) {
    const bridge = await createHarness({ connection: { deletePolicy } });
    const { a, d } = await aPair(bridge);
    aUser(bridge);
    await bridge.sync('incremental');
    bridge.a.people.remove('User', a);
    for (let count = 0; count < 2; count += 1) await bridge.sync('incremental');
    expect((await linkOf(bridge, a))?.tombstone?.reason).toBe('goneInAuthScape');
    const email = contact(bridge, d).emailaddress1;
    const heir = () => [...bridge.a.records.User.values()].find(({ values }) => values.email === email)?.id;
    return { bridge, d, heir };
  }

  it.each(WAYS)('[D7] gets a new partner when a person activates it (%s)', async (how) => {
    const { bridge, d, heir } = await bereaved('deactivate');
    expect(contact(bridge, d).statecode).toBe(1);
    bridge.d.people.set('contact', d, { statecode: 0 });
    await see(bridge, how, d);
    expect(await linkOf(bridge, heir() ?? '')).toMatchObject({ state: 'linked', crmId: d });
  });

  it.each(WAYS)(
    '[D7] gets a new partner when a person deactivates it later and activates it (%s)',
    async (how) => {
      const { bridge, d, heir } = await bereaved('unlink');
      for (const statecode of [0, 1]) {
        expect(heir()).toBeUndefined();
        bridge.d.people.set('contact', d, { statecode });
        await see(bridge, how, d);
      }
      expect(heir()).toBeUndefined();
      bridge.d.people.set('contact', d, { statecode: 0 });
      await see(bridge, how, d);
      expect(await linkOf(bridge, heir() ?? '')).toMatchObject({ state: 'linked', crmId: d });
    },
  );
});
