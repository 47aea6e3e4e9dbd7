import { describe, expect, it } from 'vitest';
import { UnknownOutcomeError } from '../../../../src/application/ports/systems.js';
import { LIFE } from '../../../support/memory-systems-world.js';
import { aContact, aUser, contact, contacts, linkOf, logged, pairs, user } from '../../support/actors.js';
import { dieAfterCreate, dieAtCreation } from '../../support/crash.js';
import { createHarness, type Harness, LEASE_MS } from '../../support/harness.js';
import { USER_FIELDS, userMapping } from '../../support/mappings.js';

/** AuthScape has no insert that fails on a duplicate: a creation must be found again by the worker that comes after its maker. */

const EMAIL = 'grace@x.test';

async function withContact(policy: 'authScapeWins' | 'dynamicsWins' = 'authScapeWins') {
  const bridge = await createHarness({ connection: { conflictPolicy: policy } });
  await bridge.sync('full');
  const d = aContact(bridge, { firstname: 'Grace', lastname: 'Hopper', emailaddress1: EMAIL });
  return { bridge, d };
}

/** The creation takes effect and its answer does not come; what the read-back would show is not seen either. */
function loseAnswer(bridge: Harness): void {
  let isLost = false;
  bridge.world.after = (call) => {
    if (call.side !== 'authScape' || call.name !== 'create' || isLost) return;
    isLost = true;
    throw new UnknownOutcomeError('The answer was lost.');
  };
}

const users = (bridge: Harness) => [...bridge.a.records.User.keys()];
const bornTo = (bridge: Harness) =>
  bridge.world.changes.filter(({ side, field, to, by }) => {
    return side === 'dynamics' && field === LIFE && to !== null && by === 'bridge';
  });

describe('a creation in AuthScape whose maker never heard of it', () => {
  it.each(['lost answer', 'death'] as const)(
    'is met again with what it was sent as the base: an edit of the row meanwhile is an edit (%s)',
    async (how) => {
      const { bridge, d } = await withContact();
      if (how === 'death') await dieAfterCreate(bridge, d);
      else {
        loseAnswer(bridge);
        await bridge.sync('incremental');
      }
      bridge.d.people.set('contact', d, { firstname: 'Amazing' });
      bridge.clock.advance(LEASE_MS);
      await bridge.sync('incremental');
      await bridge.drain();
      const [a] = users(bridge);
      expect(users(bridge)).toHaveLength(1);
      expect((await linkOf(bridge, a ?? ''))?.crmId).toBe(d);
      // By a first merge AuthScape would win, with the value that we ourselves had sent.
      expect([contact(bridge, d).firstname, user(bridge, a ?? '').firstName]).toEqual(['Amazing', 'Amazing']);
      expect(await logged(bridge, a ?? '')).toContain(
        'success firstName: Grace -> Amazing (dynamicsChanged)',
      );
    },
  );

  it.each(['incremental', 'full'] as const)(
    'is found by what it was sent, not by what the row shows now: no second user (%s)',
    async (mode) => {
      const { bridge, d } = await withContact('dynamicsWins');
      await dieAfterCreate(bridge, d);
      bridge.d.people.set('contact', d, { emailaddress1: 'hopper@x.test' });
      bridge.clock.advance(LEASE_MS);
      await bridge.sync(mode);
      await bridge.drain();
      expect(users(bridge)).toHaveLength(1);
      expect(contacts(bridge)).toEqual([d]);
      expect(bornTo(bridge)).toEqual([]);
      const [a = ''] = users(bridge);
      expect(user(bridge, a).email).toBe('hopper@x.test');
      expect((await linkOf(bridge, a))?.crmId).toBe(d);
    },
  );

  it('keeps others off the row while its maker may still be at work', async () => {
    const { bridge, d } = await withContact('dynamicsWins');
    await dieAfterCreate(bridge, d);
    bridge.d.people.set('contact', d, { emailaddress1: 'hopper@x.test' });
    await bridge.event('dynamics', 'contact', d);
    await bridge.event('authScape', 'User', users(bridge)[0] ?? '');
    const jobs = [bridge.storage.jobs.take(), bridge.storage.jobs.take()];
    for (const job of jobs) if (job !== undefined) await bridge.deliver(job);
    expect(await bridge.links()).toEqual([]);
    expect(users(bridge)).toHaveLength(1);
    expect(contacts(bridge)).toEqual([d]);
    await bridge.drain();
    expect((await bridge.links()).map(({ crmId }) => crmId)).toEqual([d]);
    expect(users(bridge)).toHaveLength(1);
  });

  it.each(['incremental', 'full'] as const)(
    '[P12] shares the end of its row where users are made from contacts only (%s)',
    async (mode) => {
      const bridge = await createHarness({
        connection: { direction: 'Inbound', deletePolicy: 'deactivate' },
      });
      const stranger = aUser(bridge);
      await bridge.sync('full');
      const d = aContact(bridge, { emailaddress1: EMAIL });
      await dieAfterCreate(bridge, d);
      const [made = ''] = users(bridge).filter((id) => id !== stranger);
      bridge.d.people.remove('contact', d);
      await bridge.drain();
      for (let count = 0; count < 2; count += 1) {
        bridge.clock.advance(LEASE_MS);
        await bridge.sync(mode);
      }
      expect((await linkOf(bridge, made))?.tombstone).toMatchObject({ reason: 'goneInDynamics' });
      expect([user(bridge, made).isActive, user(bridge, stranger).isActive]).toEqual([false, true]);
      expect(await linkOf(bridge, stranger)).toBeUndefined();
    },
  );

  it('is made after all when the call had not arrived', async () => {
    const { bridge, d } = await withContact();
    bridge.world.before = (call) => {
      if (call.side !== 'authScape' || call.name !== 'create') return;
      bridge.world.before = undefined;
      throw new UnknownOutcomeError('No answer came.');
    };
    await bridge.sync('incremental');
    await bridge.sync('incremental');
    expect(users(bridge)).toHaveLength(1);
    expect((await bridge.links()).map(({ crmId }) => crmId)).toEqual([d]);
  });

  it('leaves the row free when AuthScape refuses the record', async () => {
    const { bridge, d } = await withContact();
    bridge.a.refusedEmails.add(EMAIL);
    expect((await bridge.sync('incremental')).counts).toMatchObject({ failed: 1, created: 0 });
    bridge.a.refusedEmails.clear();
    bridge.d.people.set('contact', d, { lastname: 'H.' });
    expect((await bridge.sync('incremental')).counts).toMatchObject({ failed: 0, created: 1 });
    expect(users(bridge)).toHaveLength(1);
  });
});

describe('a creation in Dynamics that takes longer than its claim', () => {
  it('keeps its link, though another worker took the unconfirmed one back: an edit meanwhile is an edit', async () => {
    const bridge = await createHarness({ connection: { conflictPolicy: 'dynamicsWins' } });
    await bridge.sync('full');
    const a = aUser(bridge, { firstName: 'Ada' });
    let isLate = false;
    bridge.world.before = async (call) => {
      if (call.side !== 'dynamics' || call.name !== 'create' || isLate) return;
      isLate = true;
      bridge.clock.advance(120_000);
      await bridge.event('authScape', 'User', a);
      const job = bridge.storage.jobs.take('record');
      if (job !== undefined) await bridge.deliver(job);
      bridge.a.people.set('User', a, { firstName: 'Augusta' });
    };
    await bridge.sync('incremental');
    await bridge.drain();
    await bridge.sync('incremental');
    const [row = ''] = contacts(bridge);
    expect(contacts(bridge)).toHaveLength(1);
    expect([user(bridge, a).firstName, contact(bridge, row).firstname]).toEqual(['Augusta', 'Augusta']);
  });
});

describe('a creation in Dynamics whose maker never heard of it', () => {
  it('takes part in the end of its user: the row that was made is not left behind', async () => {
    const bridge = await createHarness({ connection: { deletePolicy: 'delete' } });
    await pairs(bridge, 2);
    const before = contacts(bridge);
    const a = aUser(bridge);
    bridge.world.after = (call) => {
      if (call.side !== 'dynamics' || call.name !== 'create') return;
      bridge.world.after = undefined;
      throw new UnknownOutcomeError('The answer was lost.');
    };
    bridge.clock.advance(1_000);
    await bridge.start('incremental');
    await bridge.deliver(bridge.storage.jobs.take() ?? raise('no job'));
    expect(contacts(bridge)).toHaveLength(3);
    bridge.a.people.remove('User', a);
    for (let count = 0; count < 4; count += 1) {
      await bridge.drain();
      bridge.clock.advance(LEASE_MS);
      await bridge.sync('full');
    }
    expect(contacts(bridge)).toEqual(before);
    expect((await linkOf(bridge, a))?.tombstone).toMatchObject({ reason: 'goneInAuthScape', act: 'deleted' });
  });
});

it('[D3] a row that was made without any value takes part in the end of its user', async () => {
  const fields = USER_FIELDS.map((field) => ({ ...field, direction: 'Inbound' as const }));
  const bridge = await createHarness({
    connection: { deletePolicy: 'delete' },
    mappings: [userMapping({ fields })],
  });
  aUser(bridge);
  await bridge.sync('full');
  const before = contacts(bridge);
  const a = aUser(bridge);
  dieAtCreation(bridge, 'dynamics');
  const run = await bridge.start('full');
  await bridge.deliver(bridge.storage.jobs.take() ?? raise('no job'));
  expect(contacts(bridge)).toHaveLength(2);
  bridge.a.people.remove('User', a);
  bridge.clock.advance(LEASE_MS);
  await bridge.finish(run.id);
  for (let count = 0; count < 3; count += 1) await bridge.sync('full');
  expect(contacts(bridge)).toEqual(before);
});

function raise(message: string): never {
  throw new Error(message);
}
