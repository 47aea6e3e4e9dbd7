import { expect, it } from 'vitest';
import { listLogs } from '../../../src/application/inspection/links-and-logs.js';
import { aContact, aPair, aUser, contact, user } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';

/** What the log answers to "why is this value here?" */
async function why(bridge: Harness, authScapeId: string, field: string) {
  const { items } = await listLogs(bridge.storage)(
    bridge.connection.id,
    { entity: 'User', authScapeId },
    100,
  );
  return items.flatMap((entry) =>
    entry.fields.filter((change) => change.field === field).map((change) => ({ ...entry, ...change })),
  );
}

it('[R8] names run, rule, old and new value, time and both records of a written field', async () => {
  const bridge = await createHarness();
  const { a, d } = await aPair(bridge);
  bridge.a.people.set('User', a, { firstName: 'Mine' });
  bridge.d.people.set('contact', d, { firstname: 'Yours' });
  const before = bridge.clock.now();
  const run = await bridge.sync('incremental');
  const [newest] = await why(bridge, a, 'firstName');
  expect(newest).toMatchObject({
    runId: run.id,
    trigger: 'run',
    side: 'authScape',
    authScapeId: a,
    crmId: d,
    from: 'Mine',
    to: 'Yours',
    rule: 'conflict',
    winner: 'dynamics',
    estimated: true,
  });
  expect(Date.parse(newest?.at ?? '')).toBeGreaterThanOrEqual(before);
});

it('[R8] names the event or the call by hand that wrote, which belong to no run', async () => {
  const bridge = await createHarness();
  const { a, d } = await aPair(bridge);
  bridge.d.people.set('contact', d, { firstname: 'Told' });
  await bridge.event('dynamics', 'contact', d);
  await bridge.drain();
  bridge.d.people.set('contact', d, { firstname: 'By hand' });
  bridge.clock.advance(1_000);
  await bridge.engine.records.dynamics(bridge.connection.id, 'contact', d);
  expect(await why(bridge, a, 'firstName')).toMatchObject([
    { trigger: 'record', runId: null, from: 'Told', to: 'By hand' },
    { trigger: 'event', runId: null, from: 'Ada', to: 'Told' },
  ]);
});

it('[R8] explains each value of a record that a run made or changed, on either side', async () => {
  const bridge = await createHarness();
  const a = aUser(bridge, { firstName: 'Grace', phoneNumber: '1' });
  const d = aContact(bridge, { firstname: 'Eve', telephone1: '2' });
  await bridge.sync('full');
  const links = await bridge.links();
  const row = contact(bridge, links.find((link) => link.authScapeId === a)?.crmId ?? '');
  for (const column of ['firstname', 'lastname', 'emailaddress1', 'telephone1']) {
    expect(await why(bridge, a, column), column).toMatchObject([
      { from: null, to: row[column], rule: 'created' },
    ]);
  }
  const made = links.find((link) => link.crmId === d)?.authScapeId ?? '';
  for (const key of ['firstName', 'lastName', 'email', 'phoneNumber']) {
    expect(
      (await why(bridge, made, key)).map(({ to }) => to),
      key,
    ).toEqual([user(bridge, made)[key]]);
  }
});
