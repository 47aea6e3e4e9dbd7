import { describe, expect, it } from 'vitest';
import { CrashError } from '../../support/memory-systems-world.js';
import { aContact, aPair, aUser, contact, contacts, linkOf, mark, writesSince } from '../support/actors.js';
import { createHarness, LEASE_MS } from '../support/harness.js';

describe('events', () => {
  it('[R3] are dropped, and counted, before the first full run by hand', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge);
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    expect(contacts(bridge)).toEqual([]);
    expect((await bridge.storage.connections.getState(bridge.connection.id)).droppedEvents).toBe(1);
  });

  it('[C5] bring one record into step, whichever side they come from and however often', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'A' });
    bridge.d.people.set('contact', d, { telephone1: '7' });
    for (const _ of [1, 2, 3]) {
      await bridge.event('dynamics', 'contact', d);
      await bridge.event('authScape', 'User', a);
    }
    const start = mark(bridge);
    await bridge.drain();
    expect(writesSince(bridge, start)).toEqual([
      'dynamics firstname: Ada -> A',
      'authScape phoneNumber: null -> 7',
    ]);
    const added = aContact(bridge);
    await bridge.event('dynamics', 'contact', added);
    await bridge.drain();
    expect((await bridge.links()).map(({ crmId }) => crmId)).toContain(added);
  });

  it('[W2] come again while another worker holds the pair', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'A' });
    bridge.world.after = (call) => {
      if (call.name !== 'update') return;
      bridge.world.after = undefined;
      const worker = bridge.world.worker();
      if (worker !== undefined) worker.dead = true;
      throw new CrashError('died');
    };
    await bridge.event('dynamics', 'contact', d);
    await bridge.drain();
    const link = await linkOf(bridge, a);
    expect(link).toMatchObject({ clean: true, plan: null, claim: null });
    expect(contact(bridge, d).firstname).toBe('A');
    expect(bridge.clock.now()).toBeLessThan(Date.parse('2026-03-01T08:00:00Z') + LEASE_MS);
  });
});
