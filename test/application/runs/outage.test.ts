import { describe, expect, it } from 'vitest';
import { BridgeError, type ErrorCode, RecordRejectedError } from '../../../src/domain/errors.js';
import { aPair, contact, user } from '../support/actors.js';
import { createHarness } from '../support/harness.js';

const HOUR = 3_600_000;

/** A pair whose contact has a new name, and the event that says so. */
async function givenEvent() {
  const bridge = await createHarness();
  const person = { firstName: 'Ada', lastName: 'L', email: 'ada@x.test', isActive: true };
  const userId = bridge.a.people.insert('User', person);
  await bridge.sync('full');
  const [link] = await bridge.links();
  if (link === undefined) throw new Error('There is no pair.');
  bridge.clock.advance(60_000);
  bridge.d.people.set('contact', link.crmId, { lastname: 'Lovelace' });
  await bridge.event('dynamics', 'contact', link.crmId);
  const name = () => bridge.a.records.User.get(userId)?.values.lastName;
  const fail = (code: ErrorCode, until: number, details = {}) => {
    bridge.world.before = () => {
      if (bridge.clock.now() < until) throw new BridgeError(code, 'Away.', details);
    };
  };
  return { bridge, fail, name };
}

/** Moves the clock from message to message; answers the pauses between them in seconds. */
async function pauses(bridge: Awaited<ReturnType<typeof createHarness>>): Promise<number[]> {
  const found: number[] = [];
  for (;;) {
    const job = bridge.storage.jobs.take('record');
    if (job !== undefined) await bridge.deliver(job);
    const next = bridge.storage.jobs.waiting()[0];
    if (next === undefined) return found;
    const wait = next.visibleAt - bridge.clock.now();
    if (wait > 0) {
      found.push(wait / 1_000);
      bridge.clock.advance(wait);
    }
  }
}

describe('while a system is away', () => {
  it.each([
    'connection_timeout',
    'dynamics_unavailable',
    'authscape_unreachable',
    'service_protection_limit',
  ] as const)('(%s) an event waits, and arrives when it is back', async (code) => {
    const { bridge, fail, name } = await givenEvent();
    fail(code, bridge.clock.now() + HOUR);
    const waits = await pauses(bridge);
    expect(waits.slice(0, 8)).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
    expect(Math.max(...waits)).toBe(300);
    expect(name()).toBe('Lovelace');
    expect(bridge.poison).toEqual([]);
  });

  it('an event waits as long as the system asks for', async () => {
    const { bridge, fail } = await givenEvent();
    fail('service_protection_limit', bridge.clock.now() + 1_000, { retryAfterSeconds: 120 });
    expect(await pauses(bridge)).toEqual([120]);
  });

  it.each([
    ['authScape', 'write', 'update.write'],
    ['dynamics', 'write', 'update'],
    ['authScape', 'read', 'get'],
    ['dynamics', 'read', 'get'],
  ] as const)(
    'now and then, %s having no time for a %s, the event is no dead letter but arrives',
    async (side, what, name) => {
      const bridge = await createHarness();
      const pair = await aPair(bridge);
      bridge.clock.advance(60_000);
      const edited = side === 'authScape' ? 'dynamics' : 'authScape';
      if (edited === 'dynamics') bridge.d.people.set('contact', pair.d, { lastname: 'Byron' });
      else bridge.a.people.set('User', pair.a, { lastName: 'Byron' });
      let refusals = 2;
      bridge.world.before = (call) => {
        if (call.side !== side || call.name !== name || refusals === 0) return;
        refusals -= 1;
        // A harmless read gets through meanwhile.
        const reason = what === 'read' ? 'record_unreadable' : 'refused';
        throw new RecordRejectedError(reason, 'No.', { unproven: '503 0x80048306' });
      };
      if (edited === 'dynamics') await bridge.event(edited, 'contact', pair.d);
      else await bridge.event(edited, 'User', pair.a);
      expect(await pauses(bridge)).toEqual([5, 10]);
      expect(user(bridge, pair.a).lastName).toBe('Byron');
      expect(contact(bridge, pair.d).lastname).toBe('Byron');
      expect((await bridge.storage.deadLetters.list(bridge.connection.id, 5)).items).toEqual([]);
    },
  );

  it('for more than a day, the event is given up', async () => {
    const { bridge, fail } = await givenEvent();
    fail('dynamics_unavailable', bridge.clock.now() + 48 * HOUR);
    const started = bridge.clock.now();
    await pauses(bridge);
    expect(bridge.poison).toHaveLength(1);
    expect(bridge.clock.now() - started).toBeLessThan(25 * HOUR);
  });
});

describe('a run that cannot even begin', () => {
  it('[R5] waits as long as a service protection limit asks for', async () => {
    const { bridge, fail, name } = await givenEvent();
    const started = bridge.clock.now();
    fail('service_protection_limit', started + 100_000, { retryAfterSeconds: 120 });
    const run = await bridge.sync('full');
    expect(run).toMatchObject({ status: 'succeeded', error: null });
    expect(bridge.clock.now() - started).toBeLessThan(130_000);
    expect(name()).toBe('Lovelace');
  });

  it.each(['storage_unavailable', 'secret_store_unavailable'] as const)(
    'waits for what this service itself stands on (%s), but not where access is denied',
    async (code) => {
      const { bridge, fail, name } = await givenEvent();
      fail(code, bridge.clock.now() + 45_000, { retryAfterSeconds: 10 });
      expect(await bridge.sync('full')).toMatchObject({ status: 'succeeded' });
      expect(name()).toBe('Lovelace');
      fail(code, bridge.clock.now() + HOUR);
      expect(await bridge.sync('full')).toMatchObject({ status: 'failed', error: { code } });
    },
  );

  it('is told so at once where the system does not say when it will be back', async () => {
    const { bridge, fail } = await givenEvent();
    fail('dynamics_unavailable', bridge.clock.now() + HOUR);
    const run = await bridge.sync('full');
    expect(run).toMatchObject({ status: 'failed', error: { code: 'dynamics_unavailable' } });
    expect(Date.parse(String(run.finishedAt)) - Date.parse(String(run.startedAt))).toBeLessThan(1_000);
  });
});

it('a fault that does not pass is not waited out', async () => {
  const { bridge, fail } = await givenEvent();
  fail('access_denied', bridge.clock.now() + HOUR);
  await pauses(bridge);
  expect(bridge.poison).toHaveLength(1);
});
