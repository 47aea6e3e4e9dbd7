import { describe, expect, it } from 'vitest';
import { aUser, contact, contacts, linkOf, mark, pairs, user, writesSince } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

/** An AuthScape that was restored from a backup gives ids out again: another user has the id of one that was deleted. */

const WAYS = ['incremental', 'full', 'event'] as const;
const STRANGER = { firstName: 'Anna', lastName: 'Other', email: 'anna@x.test', phoneNumber: null };

async function withDeletedUser(deletePolicy: 'deactivate' | 'delete' | 'ignore') {
  const bridge = await createHarness({ connection: { deletePolicy } });
  const [gone] = await pairs(bridge, 3);
  if (gone === undefined) throw new Error('a pair is needed');
  const { firstname, lastname, emailaddress1 } = contact(bridge, gone.d);
  const former = { firstname, lastname, emailaddress1 };
  bridge.a.people.remove('User', gone.a);
  for (let count = 0; count < 2; count += 1) await bridge.sync('incremental');
  expect((await linkOf(bridge, gone.a))?.tombstone?.reason).toBe('goneInAuthScape');
  return { bridge, gone, former };
}

function giveAgain(bridge: Harness, a: string, values: Readonly<Record<string, string | null>>): void {
  bridge.a.people.restore('User', a);
  bridge.a.people.set('User', a, values);
}

async function look(bridge: Harness, how: (typeof WAYS)[number], a: string): Promise<void> {
  for (let count = 0; count < 2; count += 1) {
    if (how !== 'event') await bridge.sync(how);
    else await bridge.event('authScape', 'User', a);
    await bridge.drain();
  }
}

describe('[D7] another user under the id of one that was deleted', () => {
  it.each(WAYS.flatMap((how) => (['deactivate', 'ignore'] as const).map((policy) => [how, policy] as const)))(
    'does not get the contact: it keeps what it has, and both wait for a person (%s, %s)',
    async (how, policy) => {
      const { bridge, gone, former } = await withDeletedUser(policy);
      giveAgain(bridge, gone.a, STRANGER);
      const start = mark(bridge);
      await look(bridge, how, gone.a);
      await bridge.sync('full');
      expect(writesSince(bridge, start)).toEqual([]);
      expect(user(bridge, gone.a)).toMatchObject(STRANGER);
      expect(contact(bridge, gone.d)).toMatchObject({ ...former, statecode: policy === 'ignore' ? 0 : 1 });
      expect((await linkOf(bridge, gone.a))?.tombstone?.reason).toBe('parted');
    },
  );

  it('is told once, by the run that finds it', async () => {
    const { bridge, gone } = await withDeletedUser('deactivate');
    giveAgain(bridge, gone.a, STRANGER);
    const told = [];
    for (let count = 0; count < 2; count += 1) {
      const run = await bridge.sync('incremental');
      const entries = await bridge.logs(run.id);
      told.push(entries.flatMap(({ authScapeId, error }) => (authScapeId === gone.a ? error?.code : [])));
    }
    expect(told).toEqual([['id_given_again'], []]);
  });

  it('is no return in a dry run', async () => {
    const { bridge, gone } = await withDeletedUser('deactivate');
    giveAgain(bridge, gone.a, STRANGER);
    const run = await bridge.sync('full', { dryRun: true });
    expect(run.counts).toMatchObject({ created: 0, linked: 0, updated: 0 });
    expect((await linkOf(bridge, gone.a))?.tombstone?.reason).toBe('goneInAuthScape');
  });

  it('gets a contact of its own where that of the deleted user was deleted', async () => {
    const { bridge, gone } = await withDeletedUser('delete');
    giveAgain(bridge, gone.a, STRANGER);
    await look(bridge, 'incremental', gone.a);
    const link = await linkOf(bridge, gone.a);
    expect(contact(bridge, link?.crmId ?? '')).toMatchObject({
      firstname: 'Anna',
      emailaddress1: STRANGER.email,
    });
    expect(link).toMatchObject({ state: 'linked', generation: 1 });
  });
});

describe('[D7] the user that was deleted is known again', () => {
  it.each([
    ['its e-mail', { firstName: 'Augusta', lastName: 'King' }],
    ['its names', { email: 'augusta@x.test' }],
  ])('by %s', async (_what, edit) => {
    const { bridge, gone } = await withDeletedUser('deactivate');
    giveAgain(bridge, gone.a, edit);
    await look(bridge, 'incremental', gone.a);
    expect(await linkOf(bridge, gone.a)).toMatchObject({ state: 'linked', crmId: gone.d });
    expect(contact(bridge, gone.d).statecode).toBe(0);
  });

  it('by the e-mail that its contact has by now', async () => {
    const { bridge, gone } = await withDeletedUser('deactivate');
    giveAgain(bridge, gone.a, { firstName: 'Augusta', email: 'augusta@x.test' });
    bridge.d.people.set('contact', gone.d, { emailaddress1: 'augusta@x.test' });
    await look(bridge, 'incremental', gone.a);
    expect(await linkOf(bridge, gone.a)).toMatchObject({ state: 'linked', crmId: gone.d });
    expect(contacts(bridge)).toHaveLength(3);
  });
});

it('[D7] a user that comes back with another e-mail and another name is deleted again without harm', async () => {
  const { bridge, gone, former } = await withDeletedUser('deactivate');
  giveAgain(bridge, gone.a, STRANGER);
  await look(bridge, 'incremental', gone.a);
  bridge.a.people.remove('User', gone.a);
  aUser(bridge);
  for (let count = 0; count < 3; count += 1) await bridge.sync('full');
  expect(contact(bridge, gone.d)).toMatchObject(former);
});
