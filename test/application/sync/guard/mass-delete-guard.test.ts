import { describe, expect, it } from 'vitest';
import { aPair, aUser, contact, mark, pairs, user, writesSince } from '../../support/actors.js';
import { rowId } from '../../support/deeds.js';
import { createHarness } from '../../support/harness.js';

describe('the mass guard', () => {
  const guarded = { connection: { massDeleteGuard: { count: 5, percent: 50 } } };

  it('[D9] holds all removals of a run when there are too many, and does the rest', async () => {
    const bridge = await createHarness(guarded);
    const all = await pairs(bridge, 12);
    for (const { d } of all.slice(0, 6)) bridge.d.people.remove('contact', d);
    const edited = all[7];
    bridge.a.people.set('User', edited?.a ?? '', { firstName: 'Edited' });
    const run = await bridge.sync('incremental');
    expect(run.status).toBe('awaitingApproval');
    expect(contact(bridge, edited?.d ?? '').firstname).toBe('Edited');
    expect(all.every(({ a }) => user(bridge, a).isActive === true)).toBe(true);
    const later = await bridge.sync('incremental');
    expect(later.status).toBe('succeeded');
    expect(await bridge.decide(run.id, 'approve')).toMatchObject({ counts: { deactivated: 6 } });
    expect(all.filter(({ a }) => user(bridge, a).isActive === false)).toHaveLength(6);
  });

  it('[D11] leaves tombstones where a person rejects', async () => {
    const bridge = await createHarness(guarded);
    const all = await pairs(bridge, 12);
    for (const { d } of all.slice(0, 6)) bridge.d.people.remove('contact', d);
    const run = await bridge.sync('incremental');
    const start = mark(bridge);
    await bridge.decide(run.id, 'reject');
    expect((await bridge.sync('full')).status).toBe('succeeded');
    expect(writesSince(bridge, start)).toEqual([]);
    expect((await bridge.links()).filter(({ tombstone }) => tombstone?.reason === 'rejected')).toHaveLength(
      6,
    );
  });

  it('[D11] asks each id again on approval: what came back stays', async () => {
    const bridge = await createHarness(guarded);
    const all = await pairs(bridge, 12);
    for (const { d } of all.slice(0, 6)) bridge.d.people.remove('contact', d);
    const run = await bridge.sync('incremental');
    bridge.d.people.restore('contact', all[0]?.d ?? '');
    await bridge.decide(run.id, 'approve');
    await bridge.sync('incremental');
    expect(user(bridge, all[0]?.a ?? '').isActive).toBe(true);
    expect(all.filter(({ a }) => user(bridge, a).isActive === false)).toHaveLength(5);
  });

  it('[D9] lets as many pass as it allows', async () => {
    const bridge = await createHarness(guarded);
    const all = await pairs(bridge, 12);
    for (const { d } of all.slice(0, 5)) bridge.d.people.remove('contact', d);
    expect(await bridge.sync('incremental')).toMatchObject({
      status: 'succeeded',
      counts: { deactivated: 5 },
    });
  });

  it.each([
    { what: 'deactivations', values: { statecode: 1 }, key: 'isActive' },
    { what: 'clearings of one field', values: { firstname: null }, key: 'firstName' },
  ])('[D10] holds $what in such numbers', async ({ values, key }) => {
    const bridge = await createHarness(guarded);
    const all = await pairs(bridge, 12);
    const before = all.map(({ a }) => user(bridge, a)[key]);
    for (const { d } of all.slice(0, 6)) bridge.d.people.set('contact', d, values);
    const run = await bridge.sync('incremental');
    expect(run.status).toBe('awaitingApproval');
    expect(all.map(({ a }) => user(bridge, a)[key])).toEqual(before);
    await bridge.decide(run.id, 'reject');
    const start = mark(bridge);
    await bridge.sync('full');
    expect(writesSince(bridge, start)).toEqual([]);
  });

  it('[D10] holds changed match keys in such numbers, and writes them once they are approved', async () => {
    const bridge = await createHarness(guarded);
    const all = await pairs(bridge, 12);
    for (const [index, { d }] of all.slice(0, 6).entries()) {
      bridge.d.people.set('contact', d, { emailaddress1: `new${index}@x.test` });
    }
    const run = await bridge.sync('incremental');
    expect(run.status).toBe('awaitingApproval');
    expect(user(bridge, all[0]?.a ?? '').email).not.toBe('new0@x.test');
    await bridge.decide(run.id, 'approve');
    expect(user(bridge, all[0]?.a ?? '').email).toBe('new0@x.test');
  });

  it('[D10] lets one record have several changes of the kinds that it counts in one run', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge, { phoneNumber: '1' });
    const changes = { firstname: null, telephone1: null, emailaddress1: 'new@x.test', statecode: 1 };
    bridge.d.people.set('contact', d, changes);
    await bridge.sync('incremental');
    expect(user(bridge, a)).toMatchObject({
      firstName: null,
      phoneNumber: null,
      email: 'new@x.test',
      isActive: false,
    });
  });

  it('keeps all changes that it holds of one record, and writes them together on approval', async () => {
    const bridge = await createHarness(guarded);
    const all = await pairs(bridge, 12);
    for (const { d } of all.slice(0, 6)) {
      bridge.d.people.set('contact', d, { firstname: null, lastname: null, statecode: 1 });
    }
    const run = await bridge.sync('incremental');
    await bridge.decide(run.id, 'approve');
    for (const { a } of all.slice(0, 6)) {
      expect(user(bridge, a)).toMatchObject({ firstName: null, lastName: null, isActive: false });
    }
    expect((await bridge.sync('incremental')).status).toBe('succeeded');
  });

  it('[D10] does not count first merges', async () => {
    const bridge = await createHarness(guarded);
    for (let count = 0; count < 8; count += 1) {
      bridge.d.people.insert(
        'contact',
        { emailaddress1: `f${count}@x.test`, firstname: 'D' },
        rowId(900 + count),
      );
      aUser(bridge, { email: `f${count}@x.test`, firstName: 'A', isActive: false });
    }
    expect(await bridge.sync('full')).toMatchObject({ status: 'succeeded', counts: { linked: 8 } });
  });

  it('[D9] counts what events remove within the hour, and leaves the rest to the next run', async () => {
    const bridge = await createHarness(guarded);
    const all = await pairs(bridge, 12);
    for (const { d } of all.slice(0, 7)) {
      bridge.d.people.remove('contact', d);
      await bridge.event('dynamics', 'contact', d);
    }
    await bridge.drain();
    expect(all.filter(({ a }) => user(bridge, a).isActive === false)).toHaveLength(5);
    await bridge.sync('incremental');
    expect(all.filter(({ a }) => user(bridge, a).isActive === false)).toHaveLength(7);
  });
});
