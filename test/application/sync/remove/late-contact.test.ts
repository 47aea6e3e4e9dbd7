import { expect, it } from 'vitest';
import { aUser, contact, linkOf } from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';
import { companyMapping, USER_COMPANY, userMapping } from '../../support/mappings.js';

it('[D4] an account that gets a contact while it is about to be deleted is left inactive, and the contact stays', async () => {
  const bridge = await createHarness({
    mappings: [userMapping({ relationships: [USER_COMPANY] }), companyMapping()],
    connection: { deletePolicy: 'delete' },
  });
  const company = bridge.a.people.insert('Company', { title: 'Firm' });
  bridge.a.people.insert('Company', { title: 'Stays' });
  const a = aUser(bridge);
  await bridge.sync('full');
  const account = (await linkOf(bridge, company, 'm_company'))?.crmId ?? '';
  const row = (await linkOf(bridge, a))?.crmId ?? '';
  bridge.a.people.remove('Company', company);
  // The account is changed once more as its delete comes, which makes the delete stale; by then the contact belongs to it.
  let isMoved = false;
  bridge.world.before = (call) => {
    if (call.name !== 'remove' || isMoved) return;
    isMoved = true;
    bridge.d.people.set('account', account, { telephone1: '+47 1' });
    bridge.d.people.set('contact', row, { parentcustomerid: `account:${account}` });
  };
  await bridge.sync('incremental');
  expect(isMoved).toBe(true);
  expect(bridge.d.tables.get('account')?.rows.get(account)?.values.statecode).toBe(1);
  expect(contact(bridge, row).statecode).toBe(0);
});
