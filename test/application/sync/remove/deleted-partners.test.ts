import { describe, expect, it } from 'vitest';
import { UnknownOutcomeError } from '../../../../src/application/ports/systems.js';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
import { aUser, contact, contacts, linkOf, logged, user } from '../../support/actors.js';
import { crashAt, dieAtCreation } from '../../support/crash.js';
import { createHarness, type Harness, LEASE_MS } from '../../support/harness.js';

/** A pair whose user is gone, which one complete scan has lacked: the next run deletes the contact. */
async function bereaved() {
  const bridge = await createHarness({ connection: { deletePolicy: 'delete' } });
  const a = aUser(bridge);
  aUser(bridge);
  await bridge.sync('full');
  const d = (await linkOf(bridge, a))?.crmId ?? '';
  bridge.a.people.remove('User', a);
  await bridge.sync('incremental');
  return { bridge, a, d };
}

const deletes = async (bridge: Harness, a: string) =>
  (await logged(bridge, a)).filter((line) => line.includes('-> deleted (deletePolicy)')).length;

describe('a contact that is deleted after its user', () => {
  it('was deleted by us although the answer was lost', async () => {
    const { bridge, a } = await bereaved();
    bridge.world.after = ({ side, name }) => {
      if (side !== 'dynamics' || name !== 'remove') return;
      bridge.world.after = undefined;
      throw new UnknownOutcomeError('The answer was lost.');
    };
    await bridge.sync('incremental');
    bridge.clock.advance(120_000);
    const run = await bridge.sync('incremental');
    expect((await linkOf(bridge, a))?.tombstone?.act).toBe('deleted');
    expect(run.counts.deleted).toBe(1);
    expect(await deletes(bridge, a)).toBe(1);
  });

  it.each(['before', 'after'] as const)(
    'leaves the user to come back to a new one, wherever the worker dies (%s)',
    async (when) => {
      for (let effect = 1, happened = true; happened; effect += 1) {
        const { bridge, a, d } = await bereaved();
        const crash = crashAt(bridge, effect, when);
        await bridge.sync('incremental');
        happened = crash.happened() !== null;
        bridge.clock.advance(LEASE_MS);
        await bridge.sync('incremental');
        const what = `${effect}: ${crash.happened()}`;
        expect(contacts(bridge), what).not.toContain(d);
        expect(await deletes(bridge, a), what).toBeGreaterThan(0);
        bridge.a.people.restore('User', a);
        await bridge.sync('incremental');
        await bridge.sync('incremental');
        const link = await linkOf(bridge, a);
        expect(link, what).toMatchObject({ state: 'linked', clean: true });
        expect([user(bridge, a).isActive, contact(bridge, link?.crmId ?? '').statecode], what).toEqual([
          true,
          0,
        ]);
      }
    },
  );
});

describe('the return of both records after the contact was deleted', () => {
  const WAYS = ['full', 'incremental', 'event'] as const;
  it.each(WAYS.flatMap((how) => [[how, 'together'] as const, [how, 'contact first'] as const]))(
    'links them again with their old base (%s, %s)',
    async (how, order) => {
      const { bridge, a, d } = await bereaved();
      const see = async () => {
        bridge.clock.advance(60_000);
        if (how !== 'event') return bridge.sync(how);
        await bridge.event('authScape', 'User', a);
        await bridge.event('dynamics', 'contact', d);
        return bridge.drain();
      };
      await bridge.sync('incremental');
      expect((await linkOf(bridge, a))?.tombstone?.act).toBe('deleted');
      bridge.d.people.restore('contact', d);
      if (order === 'contact first') await see();
      expect((await linkOf(bridge, a))?.state).toBe('tombstone');
      bridge.a.people.restore('User', a);
      bridge.a.people.set('User', a, { firstName: 'Augusta' });
      await see();
      expect(await linkOf(bridge, a)).toMatchObject({
        state: 'linked',
        crmId: d,
        generation: 0,
        clean: true,
      });
      expect(user(bridge, a)).toMatchObject({ firstName: 'Augusta', isActive: true });
      expect(contact(bridge, d)).toMatchObject({ firstname: 'Augusta', statecode: 0 });
      expect(contacts(bridge)).toHaveLength(2);
    },
  );
});

describe('a user that is gone before its contact was seen made', () => {
  it('fails alone while the contact may not be read, and takes it along when it may', async () => {
    const bridge = await createHarness({ connection: { deletePolicy: 'delete' } });
    aUser(bridge);
    await bridge.sync('full');
    const a = aUser(bridge);
    dieAtCreation(bridge, 'dynamics');
    await bridge.event('authScape', 'User', a);
    const job = bridge.storage.jobs.take();
    if (job === undefined) throw new Error('no job');
    await bridge.deliver(job, { name: 'mortal', dead: false });
    const d = (await linkOf(bridge, a))?.crmId ?? '';
    expect(contacts(bridge)).toContain(d);
    bridge.a.people.remove('User', a);
    bridge.clock.advance(LEASE_MS);
    bridge.world.before = ({ side, name, id }) => {
      if (side === 'dynamics' && name === 'get' && id === d)
        throw new RecordRejectedError('forbidden', 'The principal may not read the row.');
    };
    for (const status of ['succeeded', 'partiallySucceeded', 'partiallySucceeded']) {
      expect((await bridge.sync('incremental')).status).toBe(status);
    }
    expect((await linkOf(bridge, a))?.state).toBe('linked');
    bridge.world.before = undefined;
    await bridge.sync('incremental');
    expect((await linkOf(bridge, a))?.tombstone?.act).toBe('deleted');
    expect(contacts(bridge)).not.toContain(d);
  });
});
