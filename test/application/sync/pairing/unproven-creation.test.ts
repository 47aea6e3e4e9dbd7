import { describe, expect, it } from 'vitest';
import { UnknownOutcomeError } from '../../../../src/application/ports/systems.js';
import { aContact, aUser, contact, contacts, linkOf, pairs, user } from '../../support/actors.js';
import { dieAfterCreate } from '../../support/crash.js';
import { createHarness, type Harness, LEASE_MS } from '../../support/harness.js';

/** What a creation in AuthScape was sent with says for whom a user was made; the e-mail alone does not. */

const FORMER = 'typo@x.test';
const STRANGER = { firstName: 'Anna', lastName: 'Other', email: FORMER };

/** A user was to be made for a contact: AuthScape never heard of it, and nobody knows. */
async function withLostCreation(deletePolicy: 'deactivate' | 'ignore' = 'deactivate') {
  const bridge = await createHarness({ connection: { deletePolicy } });
  const others = await pairs(bridge, 3);
  const d = aContact(bridge, { firstname: 'Grace', lastname: 'Hopper', emailaddress1: FORMER });
  bridge.world.before = (call) => {
    if (call.side !== 'authScape' || call.name !== 'create') return;
    bridge.world.before = undefined;
    throw new UnknownOutcomeError('The call never arrived.');
  };
  await bridge.event('dynamics', 'contact', d);
  const job = bridge.storage.jobs.take();
  if (job === undefined) throw new Error('no job');
  await bridge.deliver(job, { name: 'mortal', dead: false });
  return { bridge, d, others };
}

async function look(bridge: Harness, how: 'incremental' | 'full' | 'event', a: string, d: string) {
  for (let count = 0; count < 3; count += 1) {
    bridge.clock.advance(LEASE_MS);
    if (how === 'event') {
      await bridge.event('authScape', 'User', a);
      await bridge.event('dynamics', 'contact', d);
      await bridge.drain();
    } else await bridge.sync(how);
  }
}

const WAYS = ['incremental', 'full', 'event'] as const;

describe('[P12] a user with the former e-mail of a contact for which one was being made', () => {
  it.each(WAYS)('keeps name and login, and so does the contact: a person decides (%s)', async (how) => {
    const { bridge, d } = await withLostCreation();
    bridge.d.people.set('contact', d, { emailaddress1: 'grace@x.test' });
    const a = aUser(bridge, STRANGER);
    await look(bridge, how, a, d);
    expect(user(bridge, a)).toMatchObject(STRANGER);
    expect(contact(bridge, d)).toMatchObject({ firstname: 'Grace', emailaddress1: 'grace@x.test' });
    expect([await linkOf(bridge, a), contacts(bridge).length]).toEqual([undefined, 4]);
    expect(bridge.a.records.User.size).toBe(4);
  });

  it('is told with both records', async () => {
    const { bridge, d } = await withLostCreation();
    bridge.d.people.set('contact', d, { emailaddress1: 'grace@x.test' });
    const a = aUser(bridge, STRANGER);
    bridge.clock.advance(LEASE_MS);
    const run = await bridge.sync('full');
    expect(await bridge.logs(run.id)).toContainEqual(
      expect.objectContaining({
        ...{ authScapeId: a, crmId: d, status: 'skipped' },
        error: expect.objectContaining({ code: 'ambiguous_match' }),
      }),
    );
  });

  it.each(WAYS)('is not archived when the contact is deleted (%s)', async (how) => {
    const { bridge, d } = await withLostCreation();
    const a = aUser(bridge, STRANGER);
    bridge.d.people.set('contact', d, { emailaddress1: 'grace@x.test' });
    bridge.d.people.remove('contact', d);
    await look(bridge, how, a, d);
    expect(user(bridge, a)).toMatchObject({ ...STRANGER, isActive: true });
    const link = await linkOf(bridge, a);
    expect(contact(bridge, link?.crmId ?? '')).toMatchObject({ firstname: 'Anna', emailaddress1: FORMER });
  });

  it('is not given to the pair whose contact is merged into that one', async () => {
    const { bridge, d, others } = await withLostCreation();
    const a = aUser(bridge, STRANGER);
    bridge.d.people.set('contact', d, { emailaddress1: null });
    bridge.d.people.merge('contact', others[0]?.d ?? '', d);
    await look(bridge, 'incremental', a, d);
    expect(user(bridge, a)).toMatchObject(STRANGER);
    expect((await linkOf(bridge, a))?.crmId).not.toBe(d);
  });

  it('is linked where it shows what was sent, though the contact has another e-mail by now', async () => {
    const bridge = await createHarness({ connection: { conflictPolicy: 'dynamicsWins' } });
    await bridge.sync('full');
    const d = aContact(bridge, { firstname: 'Grace', lastname: 'Hopper', emailaddress1: FORMER });
    await dieAfterCreate(bridge, d);
    bridge.d.people.set('contact', d, { emailaddress1: 'grace@x.test' });
    const [a = ''] = bridge.a.records.User.keys();
    await look(bridge, 'full', a, d);
    expect((await linkOf(bridge, a))?.crmId).toBe(d);
  });
});
