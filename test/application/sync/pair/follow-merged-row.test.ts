import { describe, expect, it } from 'vitest';
import { unlink } from '../../../../src/application/inspection/links-and-logs.js';
import { linkId } from '../../../../src/domain/link.js';
import { aContact, aPair, aUser, contact, contacts, linkOf, pairs, user } from '../../support/actors.js';
import { crashAt } from '../../support/crash.js';
import { createHarness, type Harness, LEASE_MS } from '../../support/harness.js';

/** A person parts the pair of a user, or deletes its tombstone. */
async function part(bridge: Harness, a: string): Promise<void> {
  const { storage, clock, connection } = bridge;
  await unlink({ ...storage, clock })(connection.id, linkId('m_1234567890', a));
}

describe('[D8] the link of a row that was merged away', () => {
  it('moves to a master whose own partner is gone', async () => {
    const bridge = await createHarness({ connection: { deletePolicy: 'ignore' } });
    const [one, two] = await pairs(bridge, 4);
    if (one === undefined || two === undefined) throw new Error('two pairs are needed');
    bridge.a.people.remove('User', two.a);
    await bridge.sync('incremental');
    await bridge.sync('incremental');
    expect((await linkOf(bridge, two.a))?.tombstone?.reason).toBe('goneInAuthScape');
    bridge.d.people.merge('contact', one.d, two.d);
    await bridge.sync('incremental');
    expect(await linkOf(bridge, one.a)).toMatchObject({ state: 'linked', crmId: two.d });
  });

  it('moves to a master that has not been written for long', async () => {
    const bridge = await createHarness();
    const master = aContact(bridge, { emailaddress1: null });
    const { a, d } = await aPair(bridge);
    const loser = bridge.d.tables.get('contact')?.rows.get(d);
    if (loser === undefined) throw new Error('a row is needed');
    loser.mergedInto = master;
    bridge.d.people.set('contact', d, { statecode: 1 });
    expect((await bridge.sync('incremental')).status).toBe('succeeded');
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', crmId: master, clean: true });
  });

  it('does not push another pair out of the row that it was left behind with', async () => {
    const bridge = await createHarness();
    const [one, two, three] = await pairs(bridge, 3);
    if (one === undefined || two === undefined || three === undefined)
      throw new Error('three pairs are needed');
    bridge.d.people.merge('contact', one.d, two.d);
    await bridge.sync('incremental');
    bridge.d.people.merge('contact', three.d, one.d);
    for (const mode of ['incremental', 'full', 'full'] as const) {
      await bridge.sync(mode);
      for (const { a, d } of [one, three]) {
        expect(await linkOf(bridge, a)).toMatchObject({ crmId: d, tombstone: { reason: 'merged' } });
      }
    }
  });

  it('does not stand at a row whose partner has gone on to the same end before', async () => {
    const bridge = await createHarness();
    const [one, two] = await pairs(bridge, 2);
    if (one === undefined || two === undefined) throw new Error('two pairs are needed');
    const last = aContact(bridge, { emailaddress1: null });
    // Its key does not tell whose it is.
    bridge.d.people.set('contact', two.d, { emailaddress1: null });
    bridge.d.people.merge('contact', one.d, two.d);
    bridge.d.people.merge('contact', two.d, last);
    await bridge.event('authScape', 'User', two.a);
    await bridge.drain();
    expect(await linkOf(bridge, two.a)).toMatchObject({ state: 'linked', crmId: last });
    await bridge.event('authScape', 'User', one.a);
    await bridge.drain();
    expect(await linkOf(bridge, one.a)).toMatchObject({ crmId: one.d, tombstone: { reason: 'merged' } });
  });

  it('does not pass over a row whose key another record has', async () => {
    const bridge = await createHarness();
    const [one] = await pairs(bridge, 2);
    const owner = aUser(bridge, { email: 'middle@x.test' });
    const middle = aContact(bridge, { emailaddress1: 'middle@x.test' });
    const master = aContact(bridge, { emailaddress1: null });
    bridge.d.people.merge('contact', one?.d ?? '', middle);
    bridge.d.people.merge('contact', middle, master);
    const holders = new Set<unknown>();
    bridge.storage.tables.after = ({ table }) => {
      for (const row of table === 'LinkClaims' ? bridge.storage.tables.rows(table) : [])
        if (row.rowKey === middle) holders.add(row.authScapeKey);
    };
    await bridge.sync('incremental');
    expect([...holders]).not.toContain(one?.a);
    expect(await linkOf(bridge, one?.a ?? '')).toMatchObject({ tombstone: { reason: 'merged' } });
    expect((await linkOf(bridge, owner))?.crmId).not.toBe(one?.d);
  });

  it('does not wait at a removed row, which is restored for the one that has its key', async () => {
    const bridge = await createHarness({ connection: { deletePolicy: 'deactivate' } });
    const [one] = await pairs(bridge, 2);
    const master = aContact(bridge, { emailaddress1: 'master@x.test' });
    const owner = aUser(bridge, { email: 'master@x.test' });
    bridge.d.people.merge('contact', one?.d ?? '', master);
    bridge.d.people.remove('contact', master);
    await bridge.event('dynamics', 'contact', one?.d ?? '');
    await bridge.drain();
    expect(await linkOf(bridge, one?.a ?? '')).toMatchObject({ crmId: one?.d, state: 'tombstone' });
    bridge.d.people.restore('contact', master);
    for (let count = 0; count < 2; count += 1) await bridge.sync('full');
    expect((await linkOf(bridge, owner))?.crmId).toBe(master);
    expect(user(bridge, owner).email).toBe('master@x.test');
    expect(await linkOf(bridge, one?.a ?? '')).toMatchObject({ crmId: one?.d, state: 'tombstone' });
  });

  it('is made anew for a record that has another key than the row that was merged away', async () => {
    const bridge = await createHarness();
    const [one] = await pairs(bridge, 2);
    const a = aUser(bridge, { email: 'made@x.test' });
    await bridge.sync('full');
    const made = (await linkOf(bridge, a))?.crmId ?? '';
    bridge.d.people.merge('contact', made, one?.d ?? '');
    await bridge.sync('full');
    bridge.a.people.set('User', a, { email: 'other@x.test' });
    await part(bridge, a);
    await bridge.sync('full');
    const link = await linkOf(bridge, a);
    expect(link).toMatchObject({ state: 'linked', generation: 1 });
    expect(contact(bridge, link?.crmId ?? '').emailaddress1).toBe('other@x.test');
  });

  it.each(['incremental', 'full', 'event'] as const)(
    'is not made where the row it was merged into is gone: the user gets a row of its own (%s)',
    async (how) => {
      const bridge = await createHarness({ connection: { deletePolicy: 'deactivate' } });
      await aPair(bridge);
      const email = 'late@x.test';
      const loser = aContact(bridge, { emailaddress1: email });
      const [middle, master] = [
        aContact(bridge, { emailaddress1: null }),
        aContact(bridge, { emailaddress1: null }),
      ];
      bridge.d.people.merge('contact', loser, middle);
      bridge.d.people.merge('contact', middle, master);
      bridge.d.people.remove('contact', master);
      const a = aUser(bridge, { email });
      if (how === 'event') {
        await bridge.event('authScape', 'User', a);
        await bridge.drain();
      } else await bridge.sync(how);
      for (let count = 0; count < 2; count += 1) await bridge.sync('full');
      expect(user(bridge, a).isActive).toBe(true);
      const link = await linkOf(bridge, a);
      expect(link).toMatchObject({ state: 'linked', clean: true });
      expect([loser, middle, master]).not.toContain(link?.crmId);
      expect(contact(bridge, link?.crmId ?? '').emailaddress1).toBe(email);
    },
  );

  it.each(['incremental', 'full', 'event'] as const)(
    'is not made where the row that the service had made for the user was merged and its master is gone (%s)',
    async (how) => {
      const bridge = await createHarness({ connection: { deletePolicy: 'deactivate' } });
      const [one] = await pairs(bridge, 2);
      const a = aUser(bridge, { email: 'made@x.test' });
      await bridge.sync('full');
      const made = (await linkOf(bridge, a))?.crmId ?? '';
      await part(bridge, a);
      bridge.d.people.merge('contact', made, one?.d ?? '');
      bridge.d.people.remove('contact', one?.d ?? '');
      await part(bridge, a);
      if (how === 'event') {
        await bridge.event('authScape', 'User', a);
        await bridge.drain();
      } else await bridge.sync(how);
      for (let count = 0; count < 2; count += 1) await bridge.sync('full');
      const link = await linkOf(bridge, a);
      expect(link).toMatchObject({ state: 'linked', clean: true });
      expect(link?.crmId).not.toBe(made);
      expect(contact(bridge, link?.crmId ?? '').emailaddress1).toBe('made@x.test');
    },
  );

  it.each(['incremental', 'full', 'event'] as const)(
    'is not made where not even the reference to that row is left (%s)',
    async (how) => {
      const bridge = await createHarness();
      await aPair(bridge);
      const email = 'late@x.test';
      const loser = aContact(bridge, { emailaddress1: email });
      const row = bridge.d.tables.get('contact')?.rows.get(loser);
      if (row === undefined) throw new Error('a row is needed');
      row.mergedInto = loser;
      bridge.d.people.set('contact', loser, { statecode: 1 });
      const a = aUser(bridge, { email });
      if (how === 'event') {
        await bridge.event('authScape', 'User', a);
        await bridge.drain();
      } else await bridge.sync(how);
      await bridge.sync('full');
      expect(user(bridge, a).isActive).toBe(true);
      const link = await linkOf(bridge, a);
      expect(link).toMatchObject({ state: 'linked', clean: true });
      expect(link?.crmId).not.toBe(loser);
    },
  );

  it.each<[string, 'deactivate' | 'unlink', boolean]>([
    ['incremental', 'deactivate', false],
    ['event', 'deactivate', false],
    ['full', 'unlink', true],
    ['event', 'unlink', true],
  ])(
    'ends as with a deleted row where not even the reference to the surviving row is left (%s, %s)',
    async (how, deletePolicy, isActive) => {
      const bridge = await createHarness({ connection: { deletePolicy } });
      const { a, d } = await aPair(bridge);
      const row = bridge.d.tables.get('contact')?.rows.get(d);
      if (row === undefined) throw new Error('a row is needed');
      row.mergedInto = d;
      bridge.d.people.set('contact', d, { statecode: 1 });
      if (how === 'event') {
        await bridge.event('dynamics', 'contact', d);
        await bridge.drain();
      } else await bridge.sync(how === 'full' ? 'full' : 'incremental');
      for (let count = 0; count < 2; count += 1) await bridge.sync('full');
      expect(user(bridge, a).isActive).toBe(isActive);
      expect((await linkOf(bridge, a))?.tombstone).toMatchObject({ reason: 'goneInDynamics' });
      expect(contacts(bridge)).toEqual([d]);
    },
  );

  it.each(['before', 'after'] as const)('keeps its base wherever its worker dies (%s)', async (when) => {
    for (let effect = 1, happened = true; happened; effect += 1) {
      const bridge = await createHarness();
      const master = aContact(bridge, { emailaddress1: null, telephone1: '1' });
      const { a, d } = await aPair(bridge, { phoneNumber: '1' });
      bridge.d.people.merge('contact', d, master);
      bridge.a.people.set('User', a, { phoneNumber: '2' });
      await bridge.event('dynamics', 'contact', d);
      const crash = crashAt(bridge, effect, when);
      await bridge.drain();
      happened = crash.happened() !== null;
      bridge.clock.advance(LEASE_MS);
      await bridge.sync('incremental');
      const link = await linkOf(bridge, a);
      expect([link?.crmId, user(bridge, a).phoneNumber], `${effect}: ${crash.happened()}`).toEqual([
        master,
        '2',
      ]);
      expect(contact(bridge, master).telephone1).toBe('2');
    }
  });
});
