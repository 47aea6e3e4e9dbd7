import { describe, expect, it } from 'vitest';
import { createHarness } from '../support/harness.js';

/** A pair that is in step, after the first full run. */
async function givenPair() {
  const bridge = await createHarness();
  const person = { firstName: 'Ada', lastName: 'L', email: 'ada@x.test', isActive: true };
  const userId = bridge.a.people.insert('User', person);
  await bridge.sync('full');
  const [link] = await bridge.links();
  if (link === undefined) throw new Error('There is no pair.');
  bridge.clock.advance(60_000);
  const state = () => bridge.storage.connections.getState(bridge.connection.id);
  const letters = async () =>
    (await bridge.storage.deadLetters.list(bridge.connection.id, 10)).items.map(({ cause, job }) => ({
      cause,
      job,
    }));
  return { bridge, userId, contactId: link.crmId, state, letters };
}

describe('an event', () => {
  it('[C6] brings a change over, and the echo of that write stops here', async () => {
    const { bridge, contactId, state, userId } = await givenPair();
    bridge.d.people.set('contact', contactId, { lastname: 'Lovelace' });
    await bridge.event('dynamics', 'contact', contactId);
    await bridge.drain();
    expect(bridge.a.records.User.get(userId)?.values).toMatchObject({ lastName: 'Lovelace' });
    expect((await state()).echoes).toBe(0);

    const written = bridge.world.changes.length;
    await bridge.event('authScape', 'User', userId);
    await bridge.event('dynamics', 'contact', contactId);
    await bridge.drain();
    expect(bridge.world.changes.length).toBe(written);
    expect((await state()).echoes).toBe(2);
  });

  it('[R6] about what one side refuses is a dead letter, without the refused value', async () => {
    const { bridge, contactId, letters } = await givenPair();
    bridge.d.people.set('contact', contactId, { emailaddress1: 'not an address' });
    await bridge.event('dynamics', 'contact', contactId);
    await bridge.drain();
    const [letter] = await letters();
    expect(letter).toMatchObject({ job: { source: 'dynamics', entity: 'contact', id: contactId } });
    expect(JSON.stringify(letter)).not.toContain('not an address');
    expect(letter?.cause.code).toMatch(/^\w+$/);
  });

  it('among many of one post brings its change over, and each record is looked at once', async () => {
    const { bridge, contactId, userId, state } = await givenPair();
    bridge.a.people.set('User', userId, { lastName: 'Lovelace' });
    const events = [userId, ...Array.from({ length: 40 }, (_, index) => `nobody${index}`)];
    await bridge.engine.receiveAuthScapeEvents(
      events.map((id) => ({ entity: 'User' as const, id, change: 'updated' as const })),
    );
    expect(bridge.storage.jobs.waiting()).toMatchObject([{ job: { kind: 'batch' } }]);
    await bridge.drain();
    expect(bridge.d.tables.get('contact')?.rows.get(contactId)?.values).toMatchObject({
      lastname: 'Lovelace',
    });
    expect([bridge.storage.jobs.waiting(), (await state()).echoes]).toEqual([[], 0]);
  });

  it('about a table without a mapping, or a row that is nowhere, leaves nothing', async () => {
    const { bridge, letters, state } = await givenPair();
    await bridge.event('dynamics', 'account', '00000000-0000-4000-8000-00000000dead');
    await bridge.event('dynamics', 'contact', '00000000-0000-4000-8000-00000000dead');
    await bridge.drain();
    expect([await letters(), (await state()).echoes]).toEqual([[], 0]);
  });
});
