import { describe, expect, it } from 'vitest';
import { createHarness } from '../../support/harness.js';

/** Pairs in step; then the column of the first names is secured and the row of one of them changes. */
async function givenSecured(count = 1) {
  const bridge = await createHarness({ connection: { massDeleteGuard: { percent: 1, count: 1 } } });
  for (let n = 0; n < count; n += 1) {
    const person = { firstName: `F${n}`, lastName: 'L', email: `u${n}@x.test`, isActive: true };
    bridge.a.people.insert('User', person);
  }
  await bridge.sync('full');
  bridge.clock.advance(60_000);
  const ids = (await bridge.links()).map(({ crmId }) => crmId);
  const firstNames = () => [...bridge.a.records.User.values()].map(({ values }) => values.firstName);
  const secure = () => bridge.d.secured.set('firstname', 'hidden');
  const touch = (values: Record<string, string | null>) => {
    for (const id of ids) bridge.d.people.set('contact', id, values);
  };
  return { bridge, ids, firstNames, secure, touch };
}

describe('[V9] a column that was secured a moment ago empties nothing', () => {
  it('when an event comes', async () => {
    const { bridge, ids, firstNames, secure, touch } = await givenSecured();
    secure();
    touch({ lastname: 'New' });
    await bridge.event('dynamics', 'contact', ids[0] ?? '');
    await bridge.drain();
    expect(firstNames()).toEqual(['F0']);
    expect([...bridge.a.records.User.values()][0]?.values.lastName).toBe('New');
  });

  it.each(['incremental', 'full'] as const)('in a run that is %s', async (mode) => {
    const { bridge, firstNames, secure, touch } = await givenSecured(3);
    secure();
    touch({ lastname: 'New' });
    expect(await bridge.sync(mode)).toMatchObject({ status: 'succeeded', counts: { updated: 3 } });
    expect(firstNames()).toEqual(['F0', 'F1', 'F2']);
  });
});

it('[V9] a column that is shown and empty is cleared, by an event and by a run', async () => {
  const { bridge, ids, firstNames, touch } = await givenSecured();
  touch({ firstname: null });
  await bridge.event('dynamics', 'contact', ids[0] ?? '');
  await bridge.drain();
  expect(firstNames().map((name) => name ?? '')).toEqual(['']);
});
