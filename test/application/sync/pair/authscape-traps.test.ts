import { describe, expect, it } from 'vitest';
import { aPair, aUser, contact, contacts, linkOf, mark, user, writesSince } from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';
import { companyMapping } from '../../support/mappings.js';

/** What the engine does about the ways in which AuthScape loses data; the adapter's share is tested with it. */
describe('a trap of AuthScape', () => {
  it('trap 8: a user that one scan lacks is not taken for deleted', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    aUser(bridge);
    const record = bridge.a.records.User.get(a);
    bridge.a.records.User.delete(a);
    await bridge.sync('full');
    if (record !== undefined) bridge.a.records.User.set(a, record);
    await bridge.sync('full');
    await bridge.sync('full');
    expect(contact(bridge, d).statecode).toBe(0);
    expect((await linkOf(bridge, a))?.state).toBe('linked');
  });

  it('trap 12: companies of one name are not merged by it', async () => {
    const bridge = await createHarness({ mappings: [companyMapping()] });
    const first = bridge.a.people.insert('Company', { title: 'Moss' });
    await bridge.sync('full');
    const row = (await linkOf(bridge, first, 'm_company'))?.crmId;
    bridge.a.people.insert('Company', { title: 'Moss' });
    const other = bridge.d.people.insert('account', { name: 'Moss' });
    const start = mark(bridge);
    const run = await bridge.sync('full');
    expect(run.counts).toMatchObject({ linked: 0, created: 0, unchanged: 1, skipped: 2 });
    expect(writesSince(bridge, start)).toEqual([]);
    expect((await bridge.links('m_company')).map(({ crmId }) => crmId)).toEqual([row]);
    expect(row).not.toBe(other);
  });

  it('trap 13: a changed e-mail of a contact changes the login, of administrators never', async () => {
    const bridge = await createHarness();
    const plain = aUser(bridge, { email: 'plain@x.test' });
    const admin = bridge.a.people.insert('User', { email: 'admin@x.test', isActive: true }, ['Admin']);
    await bridge.sync('full');
    for (const id of [plain, admin]) {
      const d = (await linkOf(bridge, id))?.crmId ?? '';
      bridge.d.people.set('contact', d, { emailaddress1: `new-${id}@x.test` });
    }
    await bridge.sync('full');
    expect(user(bridge, plain).email).toBe(`new-${plain}@x.test`);
    expect(user(bridge, admin).email).toBe('admin@x.test');
  });

  it('trap 15: an archive, which raises no event, is found by the next incremental run', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { isActive: false });
    await bridge.sync('incremental');
    expect(contact(bridge, d).statecode).toBe(1);
    bridge.a.people.set('User', a, { isActive: true });
    await bridge.sync('incremental');
    expect(contact(bridge, d).statecode).toBe(0);
  });

  it('trap 16: where AuthScape’s own CRM connection writes the same contacts too, both sides come to rest', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    // It pushes the whole user whenever one is saved, and so overwrites what was edited in Dynamics meanwhile.
    const push = () => {
      const { firstName = null, lastName = null, email = null, phoneNumber = null } = user(bridge, a);
      bridge.d.people.set('contact', d, {
        firstname: firstName,
        lastname: lastName,
        emailaddress1: email,
        telephone1: phoneNumber,
      });
    };
    bridge.world.after = ({ name, id }) => {
      if (name === 'update.write' && id === a) push();
    };
    bridge.a.people.set('User', a, { firstName: 'Augusta' });
    push();
    bridge.d.people.set('contact', d, { telephone1: '5' });
    for (let count = 0; count < 3; count += 1) await bridge.sync('incremental');
    const start = mark(bridge);
    await bridge.sync('incremental');
    await bridge.sync('full');
    expect(writesSince(bridge, start)).toEqual([]);
    expect(user(bridge, a)).toMatchObject({ firstName: 'Augusta', phoneNumber: '5' });
    expect(contact(bridge, d)).toMatchObject({ firstname: 'Augusta', telephone1: '5' });
    expect(contacts(bridge)).toEqual([d]);
  });

  it('trap 17: the state is no access switch: an inactive user is synced as any other', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { isActive: false });
    await bridge.sync('incremental');
    bridge.a.people.set('User', a, { firstName: 'Away' });
    bridge.d.people.set('contact', d, { telephone1: '7' });
    const start = mark(bridge);
    await bridge.sync('incremental');
    expect([...writesSince(bridge, start)].sort()).toEqual([
      'authScape phoneNumber: null -> 7',
      'dynamics firstname: Ada -> Away',
    ]);
  });
});
