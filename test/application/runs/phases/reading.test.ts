import { describe, expect, it } from 'vitest';
import { aFieldMapping } from '../../../support/builders.js';
import {
  aContact,
  aPair,
  aUser,
  contact,
  contacts,
  linkOf,
  logged,
  pairs,
  user,
} from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { changeMapping, companyMapping, USER_COMPANY, userMapping } from '../../support/mappings.js';

function calls(bridge: Harness, name: string): () => number {
  let count = 0;
  bridge.world.before = (call) => {
    if (call.name === name) count += 1;
  };
  return () => count;
}

describe('finding what changed', () => {
  it('[C11] a table without change tracking: edits and deletes arrive all the same, and the run says so', async () => {
    const bridge = await createHarness();
    const table = bridge.d.tables.get('contact');
    if (table !== undefined) table.schema = { ...table.schema, changeTracking: false };
    const [one, two] = await pairs(bridge, 2);
    bridge.d.people.set('contact', one?.d ?? '', { firstname: 'Edited' });
    bridge.d.people.remove('contact', two?.d ?? '');
    const run = await bridge.sync('incremental');
    expect(user(bridge, one?.a ?? '').firstName).toBe('Edited');
    expect(run.messages.join()).toContain('contact');
    await bridge.sync('full');
    expect(user(bridge, two?.a ?? '').isActive).toBe(false);
  });

  it('[C1] an incremental run reads no row that did not change', async () => {
    const bridge = await createHarness();
    await pairs(bridge, 9);
    // Brings the rows that the first run made itself.
    await bridge.sync('incremental');
    const pages = calls(bridge, 'changes');
    await bridge.sync('incremental');
    expect(pages()).toBe(1);
  });

  it('[C3] rows that were deleted before the position was lost are asked by id', async () => {
    const bridge = await createHarness();
    const [one] = await pairs(bridge, 2);
    bridge.d.people.remove('contact', one?.d ?? '');
    bridge.d.expireDeltaLinks();
    await bridge.sync('incremental');
    expect(user(bridge, one?.a ?? '').isActive).toBe(false);
  });

  it('[C3] a position that is lost between two of its pages brings all that any page had, and what none had yet', async () => {
    const bridge = await createHarness();
    const all = await pairs(bridge, 12);
    await bridge.sync('incremental');
    const [deleted, ...edited] = all;
    for (const { d } of edited) bridge.d.people.set('contact', d, { firstname: 'Edited' });
    bridge.d.people.remove('contact', deleted?.d ?? '');
    let pages = 0;
    bridge.world.before = ({ name }) => {
      if (name !== 'changes') return;
      pages += 1;
      if (pages === 2) bridge.d.expireDeltaLinks();
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'succeeded', counts: { updated: 11, failed: 0 } });
    expect(run.messages.join()).toContain('read in full');
    expect(edited.map(({ a }) => user(bridge, a).firstName)).toEqual(edited.map(() => 'Edited'));
    expect(user(bridge, deleted?.a ?? '').isActive).toBe(false);
    expect((await bridge.sync('incremental')).counts).toMatchObject({ updated: 0, failed: 0 });
  });

  it('[C1] the position moves only when all before it is done: a run that fails leaves it', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.set('contact', d, { firstname: 'Kept' });
    bridge.world.before = ({ name }) => {
      if (name === 'update.read') throw new Error('no memory left');
    };
    const failed = await bridge.start('incremental');
    expect((await bridge.finish(failed.id)).status).not.toBe('succeeded');
    bridge.world.before = undefined;
    bridge.clock.advance(700_000);
    await bridge.sync('incremental');
    expect(user(bridge, a).firstName).toBe('Kept');
  });

  it('[C2] a contact that AuthScape refused is tried again though it changed no more', async () => {
    const bridge = await createHarness();
    await bridge.sync('full');
    bridge.a.refusedEmails.add('odd@x.test');
    const d = aContact(bridge, { emailaddress1: 'odd@x.test' });
    await bridge.sync('incremental');
    expect(await bridge.links()).toEqual([]);
    bridge.a.refusedEmails.clear();
    bridge.clock.advance(86_400_000);
    await bridge.sync('incremental');
    await bridge.sync('full');
    expect((await bridge.links()).map(({ crmId }) => crmId)).toEqual([d]);
  });

  it('[C4] a company that only details show arrives within a few incremental runs, and at once in a full one', async () => {
    const bridge = await createHarness({
      mappings: [userMapping({ relationships: [USER_COMPANY] }), companyMapping()],
    });
    const [one, two] = ['One', 'Two'].map((title) => bridge.a.people.insert('Company', { title }));
    const a = aUser(bridge, { companyId: one ?? null });
    await bridge.sync('full');
    const shown = async () => contact(bridge, (await linkOf(bridge, a))?.crmId ?? '').parentcustomerid;
    const row = async (id = '') => `account:${(await linkOf(bridge, id, 'm_company'))?.crmId}`;
    bridge.a.people.set('User', a, { companyId: two ?? null });
    let runs = 0;
    while ((await shown()) !== (await row(two)) && runs < 200) {
      await bridge.sync('incremental');
      runs += 1;
    }
    expect(runs).toBeLessThan(200);
    bridge.a.people.set('User', a, { companyId: one ?? null });
    await bridge.sync('full');
    expect(await shown()).toBe(await row(one));
  });

  it('[C8] a deleted mapping’s table is free: nothing of it is synced any more', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    const stored = await bridge.storage.mappings.get(bridge.connection.id, 'm_1234567890');
    if (stored !== undefined) await bridge.storage.mappings.remove(stored.value, stored.etag);
    bridge.a.people.set('User', a, { firstName: 'After' });
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    expect(contact(bridge, d).firstname).toBe('Ada');
    expect(contacts(bridge)).toEqual([d]);
  });
});

it('[V5] a cut is logged once for each change, with the long text', async () => {
  const bridge = await createHarness();
  const long = 'x'.repeat(120);
  const { a, d } = await aPair(bridge, { phoneNumber: '1' });
  bridge.a.people.set('User', a, { firstName: long });
  for (const mode of ['incremental', 'full', 'incremental'] as const) await bridge.sync(mode);
  expect(contact(bridge, d).firstname).toBe('x'.repeat(100));
  expect(user(bridge, a).firstName).toBe(long);
  expect((await logged(bridge, a)).filter((line) => line.includes('(cut)'))).toEqual([
    `success firstname: Ada -> ${'x'.repeat(100)} (cut)`,
  ]);
  const [entry] = (await bridge.logs()).filter(({ fields }) => fields.some(({ rule }) => rule === 'cut'));
  expect(entry?.fields).toMatchObject([{ dropped: long }]);
});

it('[M20] a required column that would be empty fails the record, and no other', async () => {
  const bridge = await createHarness();
  const [one, two] = await pairs(bridge, 2);
  await changeMapping(bridge, ({ fields }) => ({
    fields: fields.map((field) => aFieldMapping({ ...field, required: field.authScapeField === 'lastName' })),
  }));
  bridge.a.people.set('User', one?.a ?? '', { lastName: null, firstName: 'Not' });
  bridge.a.people.set('User', two?.a ?? '', { firstName: 'Other' });
  const run = await bridge.sync('full');
  expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { failed: 1, updated: 1 } });
  expect(contact(bridge, one?.d ?? '')).toMatchObject({ lastname: 'Lovelace', firstname: 'Ada' });
  expect(contact(bridge, two?.d ?? '').firstname).toBe('Other');
});
