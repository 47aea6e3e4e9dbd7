import { expect, it } from 'vitest';
import { aContact, aUser, contact } from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';

it('[R8] what was written in Dynamics is in the log, though its link went before the rest could be written', async () => {
  const bridge = await createHarness({ connection: { conflictPolicy: 'authScapeWins' } });
  const a = aUser(bridge, { email: 'ada@x.test', lastName: 'Lovelace', phoneNumber: null });
  const d = aContact(bridge, { emailaddress1: 'ada@x.test', lastname: 'Byron', telephone1: '+1 555' });
  // Its mapping is made anew while the worker stands still, longer than it has claimed the pair for.
  bridge.world.after = async ({ name, side }) => {
    if (side !== 'dynamics' || name !== 'update') return;
    bridge.world.after = undefined;
    const stored = await bridge.storage.links.get(bridge.connection.id, 'm_1234567890', a);
    if (stored === undefined) throw new Error('no link');
    await bridge.storage.links.remove(stored.value, stored.etag);
    bridge.clock.advance(700_000);
  };
  await bridge.sync('full');
  expect(contact(bridge, d).lastname).toBe('Lovelace');
  const written = (await bridge.logs()).filter(
    ({ action, side }) => side === 'dynamics' && action === 'update',
  );
  expect(written).toMatchObject([
    { crmId: d, fields: [{ field: 'lastname', from: 'Byron', to: 'Lovelace' }] },
  ]);
});
