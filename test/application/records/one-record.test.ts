import { describe, expect, it } from 'vitest';
import type { EntityMapping } from '../../../src/domain/model.js';
import { aFieldMapping, aMapping } from '../../support/builders.js';
import { CrashError } from '../../support/memory-systems-world.js';
import { aPair, aUser, contact, contacts, linkOf, user } from '../support/actors.js';
import { rowId } from '../support/deeds.js';
import { createHarness, type Harness } from '../support/harness.js';
import { companyMapping, locationMapping, userMapping } from '../support/mappings.js';

/** A pair whose user has a new name, held by another worker from now on. */
async function givenHeldPair(forMs: number, mappings: readonly EntityMapping[] = [userMapping()]) {
  const bridge = await createHarness({ mappings });
  const { a, d } = await aPair(bridge);
  bridge.clock.advance(60_000);
  bridge.a.people.set('User', a, { firstName: 'Augusta' });
  const [link] = await bridge.links();
  if (link === undefined) throw new Error('There is no pair.');
  const stored = await bridge.storage.links.get(link.connectionId, link.mappingId, a);
  const claim = { owner: 'another', until: bridge.clock.now() + forMs };
  const held = await bridge.storage.links.replace({ ...link, claim }, stored?.etag ?? '');
  const release = () => bridge.storage.links.replace(link, held.etag);
  return { a, bridge, d, release };
}

/** Lets time pass until the work has ended, doing `at` once the given time is over. */
async function passing<T>(
  { clock }: Harness,
  work: Promise<T>,
  at: { ms: number; act: () => Promise<unknown> } = { ms: Number.POSITIVE_INFINITY, act: async () => {} },
): Promise<PromiseSettledResult<T>> {
  let settled: PromiseSettledResult<T> | undefined;
  void Promise.allSettled([work]).then(([first]) => {
    settled = first;
  });
  const from = clock.now();
  let acted = false;
  for (let n = 0; n < 5_000; n += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (settled !== undefined) return settled;
    if (!acted && clock.now() - from >= at.ms) {
      acted = true;
      await at.act();
    }
    clock.advance(100);
  }
  throw new Error('The work never ends.');
}

describe('a record that another worker has in hand', () => {
  it('is synced when that worker is done within a few seconds', async () => {
    const { a, bridge, d, release } = await givenHeldPair(60_000);
    const work = bridge.engine.records.authScape('User', a);
    const reply = await passing(bridge, work, { ms: 2_000, act: release });
    expect(reply).toMatchObject({ status: 'fulfilled', value: [{ outcome: 'updated' }] });
    expect(contact(bridge, d).firstname).toBe('Augusta');
  });

  it('is refused when it takes longer, with the time that the claim lasts at most', async () => {
    const { a, bridge, d } = await givenHeldPair(60_000);
    const from = bridge.clock.now();
    const reply = await passing(bridge, bridge.engine.records.authScape('User', a));
    expect(reply).toMatchObject({ status: 'rejected', reason: { code: 'record_busy' } });
    const waited = (bridge.clock.now() - from) / 1_000;
    expect(waited).toBeGreaterThan(3);
    expect(waited).toBeLessThan(10);
    const { retryAfterSeconds } = (reply as { reason: { retryAfterSeconds: number } }).reason;
    expect(retryAfterSeconds).toBe(Math.ceil(60 - waited));
    const fromRow = bridge.engine.records.dynamics(bridge.connection.id, 'contact', d);
    expect(await passing(bridge, fromRow)).toMatchObject({ reason: { code: 'record_busy' } });
  });
});

it('a record whose creation was never finished is created', async () => {
  const bridge = await createHarness();
  await aPair(bridge);
  bridge.clock.advance(60_000);
  const a = aUser(bridge);
  await bridge.event('authScape', 'User', a);
  const job = bridge.storage.jobs.take();
  if (job === undefined) throw new Error('There is no event.');
  bridge.world.before = ({ name }) => {
    if (name !== 'create') return;
    bridge.world.before = undefined;
    const worker = bridge.world.worker();
    if (worker !== undefined) worker.dead = true;
    throw new CrashError('died');
  };
  await bridge.deliver(job);
  expect(contacts(bridge)).toHaveLength(1);
  bridge.clock.advance(90_000);
  const reply = await passing(bridge, bridge.engine.records.authScape('User', a));
  expect(reply).toMatchObject({ value: [{ outcome: 'created' }] });
  expect(contacts(bridge)).toHaveLength(2);
});

describe('a sync of one record that hangs', () => {
  it.each(['authScape', 'dynamics'] as const)(
    'is answered before the platform gives up (%s)',
    async (side) => {
      const bridge = await createHarness();
      const { a, d } = await aPair(bridge);
      bridge.world.before = ({ name }) => (name === 'get' ? new Promise(() => {}) : undefined);
      const from = bridge.clock.now();
      const work =
        side === 'authScape'
          ? bridge.engine.records.authScape('User', a)
          : bridge.engine.records.dynamics(bridge.connection.id, 'contact', d);
      expect(await passing(bridge, work)).toMatchObject({ reason: { code: 'connection_timeout' } });
      expect(bridge.clock.now() - from).toBeLessThan(225_000);
    },
  );
});

it('what was done under one mapping is told though another one was busy', async () => {
  const second = aMapping({
    ...{ id: 'm_second', crmEntity: 'account', matchBy: ['lastName'] },
    fields: [aFieldMapping({ authScapeField: 'lastName', crmField: 'name' })],
  });
  const { a, bridge, release } = await givenHeldPair(60_000, [userMapping(), second]);
  bridge.a.people.set('User', a, { lastName: 'King' });
  const work = bridge.engine.records.authScape('User', a);
  const reply = await passing(bridge, work, { ms: 2_000, act: release });
  expect(reply).toMatchObject({
    value: [
      { mappingId: 'm_1234567890', outcome: 'updated', changes: [{ side: 'dynamics' }] },
      { mappingId: 'm_second', outcome: 'updated', changes: [{ side: 'dynamics' }] },
    ],
  });
});

describe('one record', () => {
  it('[V8] is left alone where it is the row of our own user, linked before the service got that user', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.ownUserId = a;
    bridge.d.people.set('contact', d, { firstname: 'Robot' });
    await bridge.event('dynamics', 'contact', d);
    await bridge.drain();
    expect(user(bridge, a).firstName).toBe('Ada');
  });

  it('[R7] is previewed with each write once, those that the guard looks at too', async () => {
    const bridge = await createHarness();
    const { a } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'New', isActive: false });
    const { id } = bridge.connection;
    const [found] = await bridge.engine.records.preview(id, 'm_1234567890', { authScapeId: a });
    const fields = found?.changes.flatMap((change) => change.fields.map(({ field }) => field));
    expect(fields?.sort()).toEqual(['firstname', 'statecode']);
  });

  it('[P7] goes to the next mapping of its table when the first one leaves it alone', async () => {
    const bridge = await createHarness({ mappings: [companyMapping(), locationMapping()] });
    bridge.a.people.insert('Company', { title: 'Firm' });
    await bridge.sync('full');
    const location = bridge.a.people.insert('Location', { title: 'Depot' });
    const account = bridge.d.people.insert('account', { name: 'Depot' }, rowId(7));
    const { id } = bridge.connection;
    const [preview] = await bridge.engine.records.preview(id, 'm_location', { crmId: account });
    expect(preview).toMatchObject({ outcome: 'linked', authScapeId: location });
    await bridge.event('dynamics', 'account', account);
    await bridge.drain();
    expect(await linkOf(bridge, location, 'm_location')).toMatchObject({ crmId: account });
  });
});
