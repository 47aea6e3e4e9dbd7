import { expect, it } from 'vitest';
import { createHarness } from '../support/harness.js';

const HOUR = 3_600_000;
const person = { firstName: 'Ada', lastName: 'L', email: 'ada@x.test', isActive: true };

it('a run drops the reservations of workers that died, and keeps those that are held', async () => {
  const bridge = await createHarness();
  bridge.a.people.insert('User', person);
  await bridge.sync('full');
  const { keyReservations } = bridge.storage;
  const id = bridge.connection.id;
  const now = bridge.clock.now();
  await keyReservations.take(id, 'left', 'dead', now + 1_000, 'c0000000-0000-4000-8000-000000000001');
  await keyReservations.take(id, 'lock', 'dead', now + 1_000, '');
  bridge.clock.advance(HOUR);
  await keyReservations.take(
    id,
    'held',
    'alive',
    bridge.clock.now() + HOUR,
    'c0000000-0000-4000-8000-000000000002',
  );
  await bridge.sync('full');
  const isLeft = await keyReservations.left(id);
  expect(['left', 'lock', 'held'].filter(isLeft)).toEqual(['held']);
});

it('a reservation stays as long as the creation that it tells of is not settled', async () => {
  const bridge = await createHarness();
  const crmId = bridge.d.people.insert('contact', {
    firstname: 'Bo',
    lastname: 'B',
    emailaddress1: 'bo@x.test',
  });
  const worker = { name: 'victim', dead: false };
  bridge.world.after = (call) => {
    if (call.side === 'authScape' && call.name.startsWith('create')) worker.dead = true;
  };
  await bridge.start('full');
  const job = bridge.storage.jobs.take('run');
  if (job === undefined) throw new Error('There is no job.');
  await bridge.deliver(job, worker);
  expect(worker.dead).toBe(true);
  const before = await bridge.storage.keyReservations.abandoned(
    bridge.connection.id,
    Number.MAX_SAFE_INTEGER,
  );
  expect(before.map((each) => each.crmId)).toEqual([crmId]);
  bridge.world.after = undefined;
  bridge.clock.advance(HOUR);
  await bridge.sync('full').catch(() => undefined);
  for (const _ of ['settled', 'dropped']) {
    bridge.clock.advance(HOUR);
    await bridge.tick();
    await bridge.sync('full').catch(() => undefined);
  }
  const after = await bridge.storage.keyReservations.abandoned(bridge.connection.id, Number.MAX_SAFE_INTEGER);
  expect(after).toEqual([]);
  expect(
    [...bridge.a.records.User.values()].filter((user) => user.values.email === 'bo@x.test'),
  ).toHaveLength(1);
});
