import { describe, expect, it } from 'vitest';
import { findDuplicates } from '../../../src/application/inspection/find-duplicates.js';
import { aContact, aUser } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';
import { userMapping } from '../support/mappings.js';

async function found(bridge: Harness) {
  const { storage, clock, connection, parts } = bridge;
  const report = await findDuplicates({ ...storage, clock, systems: parts.systems })(connection.id);
  return report.items.map(({ kind, authScapeIds, crmIds }) => ({ kind, authScapeIds, crmIds }));
}

describe('[P4] the duplicates that are shown', () => {
  it('are not made of rows that may not join', async () => {
    const bridge = await createHarness({ mappings: [userMapping({ filter: 'new_level eq 2' })] });
    aUser(bridge, { email: 'out@x.test' });
    aContact(bridge, { emailaddress1: 'out@x.test', new_level: 1 });
    const a = aUser(bridge, { email: 'in@x.test' });
    const d = aContact(bridge, { emailaddress1: 'in@x.test', new_level: 2 });
    aContact(bridge, { emailaddress1: 'in@x.test', new_level: 1 });
    expect(await found(bridge)).toEqual([{ kind: 'unlinkedPair', authScapeIds: [a], crmIds: [d] }]);
  });

  it('name near matches: what Dynamics takes for one and a run did not link', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge, { email: 'jose@x.test' });
    const d = aContact(bridge, { emailaddress1: ' jos\u00e9@x.test' });
    await bridge.sync('full');
    expect(await found(bridge)).toEqual([{ kind: 'unlinkedPair', authScapeIds: [a], crmIds: [d] }]);
  });

  it('are without the user that the service signs in as', async () => {
    const bridge = await createHarness();
    bridge.a.ownUserId = aUser(bridge, { email: 'service@x.test' });
    aContact(bridge, { emailaddress1: 'service@x.test' });
    expect(await found(bridge)).toEqual([]);
  });
});
