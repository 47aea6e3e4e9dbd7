import { describe, expect, it } from 'vitest';
import { UnknownOutcomeError } from '../../../../src/application/ports/systems.js';
import { aUser, contact, contacts, linkOf, user } from '../../support/actors.js';
import { createHarness, type Harness, LEASE_MS } from '../../support/harness.js';

/** The row id that belongs to an AuthScape id is the same for every mapping, so a row may wait there from before. */

const ADA = { firstName: 'Ada', lastName: 'Moss', email: 'ada@x.test', phoneNumber: '1' };

/** A user whose contact was made by an earlier life of the mapping, of which no link is left. */
async function withFormerContact() {
  const bridge = await createHarness();
  for (const name of ['Bo', 'Cy']) aUser(bridge, { firstName: name, email: `${name}@x.test` });
  const a = aUser(bridge, ADA);
  await bridge.sync('full');
  const d = (await linkOf(bridge, a))?.crmId ?? '';
  for (const { mappingId, authScapeId } of await bridge.links()) {
    const stored = await bridge.storage.links.get(bridge.connection.id, mappingId, authScapeId);
    if (stored !== undefined) await bridge.storage.links.remove(stored.value, stored.etag);
  }
  return { bridge, a, d };
}

const settle = async (bridge: Harness, a: string, how: 'full' | 'incremental' | 'event') => {
  for (let count = 0; count < 3; count += 1) {
    bridge.clock.advance(LEASE_MS);
    if (how === 'event') {
      await bridge.event('authScape', 'User', a);
      await bridge.drain();
    } else await bridge.sync(how);
  }
};

const WAYS = ['full', 'incremental', 'event'] as const;

describe('[P11] a row under the id of a record', () => {
  it.each(WAYS)('is left to its owner where the id was given to another person (%s)', async (how) => {
    const { bridge, a, d } = await withFormerContact();
    const stranger = { firstName: 'Eve', lastName: 'Stone', email: 'eve@x.test', phoneNumber: '9' };
    bridge.a.people.set('User', a, stranger);
    await settle(bridge, a, how);
    expect(user(bridge, a)).toMatchObject(stranger);
    expect(contact(bridge, d)).toMatchObject({ firstname: 'Ada', emailaddress1: 'ada@x.test' });
    const own = (await linkOf(bridge, a))?.crmId ?? '';
    expect(own).not.toBe(d);
    expect(contact(bridge, own)).toMatchObject({ firstname: 'Eve', emailaddress1: 'eve@x.test' });
  });

  it.each(WAYS)('is joined where the key alone has changed (%s)', async (how) => {
    const { bridge, a, d } = await withFormerContact();
    bridge.a.people.set('User', a, { email: 'ada.moss@x.test' });
    await settle(bridge, a, how);
    expect((await linkOf(bridge, a))?.crmId).toBe(d);
    expect(contacts(bridge)).toHaveLength(3);
  });

  it('is joined after a lost answer, whatever was edited since', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge, ADA);
    bridge.world.after = ({ name, side }) => {
      if (side !== 'dynamics' || name !== 'create') return;
      bridge.world.after = undefined;
      throw new UnknownOutcomeError('The answer was lost.');
    };
    await bridge.sync('full');
    const [d = ''] = contacts(bridge);
    bridge.a.people.set('User', a, { firstName: 'Ida', lastName: 'Berg', email: 'ida@x.test' });
    bridge.d.people.set('contact', d, { firstname: 'A.', lastname: 'M.', emailaddress1: 'am@x.test' });
    await settle(bridge, a, 'full');
    expect(contacts(bridge)).toEqual([d]);
    expect((await linkOf(bridge, a))?.crmId).toBe(d);
  });
});
