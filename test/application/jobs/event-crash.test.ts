import { describe, expect, it } from 'vitest';
import { aContact, aUser, contact, contacts, pairs } from '../support/actors.js';
import { crashAt } from '../support/crash.js';
import { createHarness, type Harness } from '../support/harness.js';

/** What events are about: an edit on either side, a new row, a new user and a deleted row. */
async function givenEvents(): Promise<Harness> {
  const bridge = await createHarness();
  const [edited, told, deleted] = await pairs(bridge, 3);
  if (edited === undefined || told === undefined || deleted === undefined) throw new Error('No pairs.');
  bridge.clock.advance(60_000);
  bridge.d.people.set('contact', edited.d, { lastname: 'Edited', telephone1: '7' });
  bridge.a.people.set('User', told.a, { firstName: 'Told' });
  bridge.d.people.remove('contact', deleted.d);
  const row = aContact(bridge, { lastname: 'New', emailaddress1: 'row@x.test' });
  const user = aUser(bridge, { lastName: 'Newer', email: 'user@x.test' });
  await bridge.event('dynamics', 'contact', edited.d);
  await bridge.event('authScape', 'User', told.a);
  await bridge.event('dynamics', 'contact', deleted.d);
  await bridge.event('dynamics', 'contact', row);
  await bridge.event('authScape', 'User', user);
  return bridge;
}

/** Values of both sides without ids, which differ from try to try. */
function allRecords(bridge: Harness): string {
  const users = [...bridge.a.records.User.values()].map(({ values }) =>
    [values.firstName, values.lastName, values.phoneNumber, values.isActive].map((value) => value ?? null),
  );
  const rows = contacts(bridge).map((id) => {
    const { firstname, lastname, statecode, telephone1 } = contact(bridge, id);
    return [firstname, lastname, telephone1, statecode].map((value) => value ?? null);
  });
  const sorted = (all: unknown[]) => all.map((each) => JSON.stringify(each)).sort();
  return JSON.stringify({ users: sorted(users), rows: sorted(rows) });
}

describe.each(['before', 'after'] as const)('a worker that dies %s any effect of an event', (when) => {
  it('changes nothing in the end, and no run is needed', { timeout: 120_000 }, async () => {
    const calm = await givenEvents();
    await calm.drain();
    const wanted = allRecords(calm);
    expect(wanted).toContain('Newer');
    const faults: string[] = [];
    let crashes = 0;
    for (let n = 1; ; n += 1) {
      const bridge = await givenEvents();
      const crash = crashAt(bridge, n, when);
      await bridge.drain();
      const happened = crash.happened();
      if (happened === null) break;
      crashes += 1;
      const now = allRecords(bridge);
      if (now !== wanted) faults.push(`${n} ${happened}: ${now}`);
      const claimed = (await bridge.links()).filter(({ claim, plan }) => claim !== null || plan !== null);
      if (claimed.length > 0) faults.push(`${n} ${happened}: ${claimed.length} links are held`);
    }
    expect(faults).toEqual([]);
    expect(crashes).toBeGreaterThan(20);
  });
});
