import { describe, expect, it } from 'vitest';
import { crashAt } from './support/crash.js';
import { createHarness, type Harness } from './support/harness.js';

async function scenario() {
  const bridge = await createHarness();
  const { a, d } = bridge;
  a.people.insert('User', { firstName: 'Ada', lastName: 'L', email: 'ada@x.test' });
  a.people.insert('User', { firstName: 'Eve', lastName: 'K', email: 'eve@x.test', phoneNumber: '1' });
  d.people.insert('contact', {
    firstname: 'Bob',
    lastname: 'M',
    emailaddress1: 'bob@x.test',
    telephone1: '2',
  });
  d.people.insert('contact', { firstname: 'Eva', lastname: 'K', emailaddress1: 'eve@x.test' });
  for (const user of a.records.User.values()) user.values.isActive = true;
  return bridge;
}

function state(bridge: Harness) {
  const users = [...bridge.a.records.User.values()].map(({ values }) => [
    values.email,
    values.firstName,
    values.lastName,
    values.phoneNumber,
    values.isActive,
  ]);
  const rows = [...(bridge.d.tables.get('contact')?.rows.values() ?? [])].map(({ values }) => [
    values.emailaddress1,
    values.firstname,
    values.lastname,
    values.telephone1,
    values.statecode === 0,
  ]);
  return { users: users.sort(), rows: rows.sort() };
}

describe.each(['before', 'after'] as const)('a crash %s any effect of the first full run', (when) => {
  it('changes nothing in the end', async () => {
    const calm = await scenario();
    await calm.sync('full');
    const expected = state(calm);
    const bad: string[] = [];
    for (let n = 1; n < 500; n += 1) {
      const bridge = await scenario();
      const crash = crashAt(bridge, n, when);
      try {
        await bridge.sync('full');
        await bridge.sync('full');
        bridge.clock.advance(700_000);
        await bridge.sync('full');
      } catch (error) {
        bad.push(`${n} ${crash.happened()}: threw ${error}`);
        continue;
      }
      if (crash.happened() === null) break;
      const now = state(bridge);
      if (JSON.stringify(now) !== JSON.stringify(expected))
        bad.push(`${n} ${crash.happened()}: ${JSON.stringify(now)}`);
      else {
        const before = bridge.world.changes.length;
        await bridge.sync('full');
        if (bridge.world.changes.length !== before) bad.push(`${n} ${crash.happened()}: writes again`);
        if ((await bridge.links()).length !== 3)
          bad.push(`${n} ${crash.happened()} links ${JSON.stringify(await bridge.links())}`);
      }
    }
    expect(bad).toEqual([]);
  });
});
