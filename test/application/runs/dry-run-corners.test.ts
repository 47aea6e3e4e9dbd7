import { expect, it } from 'vitest';
import { aContact, aPair, aUser, contact, linkOf, logged, pairs, user } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';

async function listed(bridge: Harness, runId: string) {
  return (await bridge.logs(runId))
    .flatMap(({ side, action, authScapeId, fields, error }) => [
      ...fields.map(
        ({ field, from, to, rule }) =>
          `${side} ${action} ${authScapeId} ${field}: ${from} -> ${to} (${rule})`,
      ),
      ...(error === undefined ? [] : [`${authScapeId} ${error.code}`]),
    ])
    .sort();
}
async function both(bridge: Harness, isListed: (line: string) => boolean = () => true) {
  const dry = await bridge.sync('full', { dryRun: true });
  const planned = await listed(bridge, dry.id);
  const real = await bridge.sync('full');
  expect(planned.filter(isListed)).toEqual((await listed(bridge, real.id)).filter(isListed));
}

it('[R8] the re-activation of a survivor whose partner came back is in the log', async () => {
  const bridge = await createHarness();
  const { a, d } = await aPair(bridge);
  bridge.d.people.remove('contact', d);
  await bridge.sync('full');
  bridge.d.people.restore('contact', d);
  await bridge.sync('full');
  expect((await logged(bridge, a)).join('\n')).toMatch(/(isActive|state): .*(restored)/);
});

it('[R7] a dry run lists what the return of a deleted row does', async () => {
  const bridge = await createHarness();
  const { d } = await aPair(bridge);
  bridge.d.people.remove('contact', d);
  await bridge.sync('full');
  bridge.d.people.restore('contact', d);
  await both(bridge);
});

it('[R7] a dry run lists no deactivation of a survivor that is inactive already', async () => {
  const bridge = await createHarness();
  const { a, d } = await aPair(bridge);
  bridge.a.people.set('User', a, { isActive: false });
  await bridge.sync('full');
  bridge.d.people.remove('contact', d);
  await both(bridge);
});

it('[R7] a dry run knows that a login becomes free within the run', async () => {
  const bridge = await createHarness();
  const [one, two] = [aUser(bridge, { email: 'one@x.test' }), aUser(bridge, { email: 'two@x.test' })];
  await bridge.sync('full');
  const row = async (a: string) => (await linkOf(bridge, a))?.crmId ?? '';
  bridge.d.people.set('contact', await row(one), { emailaddress1: 'two@x.test' });
  bridge.d.people.set('contact', await row(two), { emailaddress1: 'three@x.test' });
  await both(bridge);
});

it('[R7] a dry run lists what the return of a row does whose partner was activated meanwhile', async () => {
  const bridge = await createHarness();
  const { a, d } = await aPair(bridge);
  bridge.d.people.remove('contact', d);
  await bridge.sync('full');
  expect(user(bridge, a).isActive).toBe(false);
  bridge.a.people.set('User', a, { isActive: true });
  bridge.d.people.restore('contact', d);
  await both(bridge);
});

it('[R7] a dry run lists what a link that follows a merge brings about', async () => {
  const bridge = await createHarness();
  const { a, d } = await aPair(bridge, { phoneNumber: '1' });
  const [middle, master] = [
    aContact(bridge, { emailaddress1: null, lastname: 'Middle' }),
    aContact(bridge, { emailaddress1: null, firstname: 'Grace', telephone1: '2' }),
  ];
  bridge.d.people.merge('contact', d, middle);
  bridge.d.people.merge('contact', middle, master);
  // Why a row without partner is left alone changes when the link leaves it.
  await both(bridge, (line) => !line.startsWith('null'));
  expect(user(bridge, a)).toMatchObject({ firstName: 'Grace', phoneNumber: '2' });
});

it('[R7] a dry run lists the pair that stays behind when its row is merged into that of another pair', async () => {
  const bridge = await createHarness();
  const [one, two] = await pairs(bridge, 2);
  bridge.d.people.merge('contact', one?.d ?? '', two?.d ?? '');
  await both(bridge);
  expect((await linkOf(bridge, one?.a ?? ''))?.tombstone?.reason).toBe('merged');
});

it.each(['contact first', 'user first'] as const)(
  '[R7] a dry run lists what the return of both does, the user and the contact that we deleted (%s)',
  async (order) => {
    const bridge = await createHarness({ connection: { deletePolicy: 'delete' } });
    const { a, d } = await aPair(bridge);
    aUser(bridge);
    await bridge.sync('full');
    bridge.a.people.remove('User', a);
    for (let count = 0; count < 2; count += 1) await bridge.sync('full');
    bridge.clock.advance(60_000);
    if (order === 'user first') bridge.a.people.restore('User', a);
    bridge.d.people.restore('contact', d);
    if (order === 'contact first') bridge.a.people.restore('User', a);
    bridge.a.people.set('User', a, { firstName: 'Augusta' });
    await both(bridge);
    expect(contact(bridge, d).firstname).toBe('Augusta');
  },
);
