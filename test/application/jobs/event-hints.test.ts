import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.js';
import type { Link } from '../../../src/domain/link.js';
import { CrashError } from '../../support/memory-systems-world.js';
import {
  aContact,
  aPair,
  aUser,
  contact,
  contacts,
  linkOf,
  mark,
  pairs,
  user,
  writesSince,
} from '../support/actors.js';
import { createHarness, type Harness, LEASE_MS } from '../support/harness.js';

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
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    const link = await linkOf(bridge, a);
    expect(link).toMatchObject({ clean: true, plan: null, claim: null });
    expect(contact(bridge, d).firstname).toBe('A');
    expect(bridge.clock.now()).toBeLessThan(Date.parse('2026-03-01T08:00:00Z') + LEASE_MS);
  });

  /** What one event of Dynamics about the row asks of the two sides. */
  async function asked(bridge: Harness, d: string): Promise<readonly string[]> {
    const calls: string[] = [];
    bridge.world.after = ({ name, side }) => {
      if (name !== 'identity') calls.push(`${side} ${name}`);
    };
    await bridge.event('dynamics', 'contact', d);
    await bridge.drain();
    bridge.world.after = undefined;
    return calls;
  }

  it('[C6] about a row that is as both sides have agreed cost a look at it, and none at AuthScape', async () => {
    const bridge = await createHarness();
    const { d } = await aPair(bridge);
    expect(await asked(bridge, d)).toEqual(['dynamics get']);
    bridge.d.people.set('contact', d, { telephone1: '7' });
    expect(await asked(bridge, d)).toContain('authScape get');
    expect(await asked(bridge, d)).toEqual(['dynamics get']);
  });

  it.each<[string, Partial<Link>]>([
    ['has not agreed in all fields', { clean: false }],
    ['has agreed under another version of the mapping', { mappingVersion: 0 }],
    ['lacks one of its records', { missing: { scans: 1, lastScanId: 'scan' } }],
    ['knows no version of its row', { dVersion: null }],
    ['has a plan', { plan: { runId: null, madeAt: '2026-03-01T08:00:00.000Z', kind: 'update', fields: [] } }],
  ])('[C6] about a row whose pair %s look at both sides', async (_which, state) => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    const { links } = bridge.storage;
    const [mappingId] = (await bridge.links()).map((link) => link.mappingId);
    const stored = await links.get(bridge.connection.id, mappingId ?? '', a);
    if (stored === undefined) throw new Error('There is no link.');
    await links.replace({ ...stored.value, ...state }, stored.etag);
    expect(await asked(bridge, d)).toContain('authScape get');
  });

  it('[C6] are no matter for a person: a record that is asked for is looked at on both sides', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'A' });
    await bridge.engine.records.dynamics(bridge.connection.id, 'contact', d);
    expect(contact(bridge, d).firstname).toBe('A');
  });

  it('[C6] in a flood end together with one look, and bring over what differs', async () => {
    const bridge = await createHarness();
    const made = await pairs(bridge, 12);
    const [first, second, third] = made;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('There are no pairs.');
    bridge.d.people.set('contact', first.d, { telephone1: '7' });
    bridge.a.people.set('User', second.a, { firstName: 'A' });
    bridge.d.people.remove('contact', third.d);
    const added = aContact(bridge);
    const calls: string[] = [];
    bridge.world.after = ({ name, side }) => {
      if (name !== 'identity') calls.push(`${side} ${name}`);
    };
    const rows = [...made.map(({ d }) => d), added, '00000000-0000-4000-8000-00000000dead'];
    await bridge.flood(rows.map((id) => ({ entity: 'contact', id })));
    const before = bridge.storage.jobs.waiting().length;
    await bridge.drain();

    expect(before).toBe(1);
    expect(calls.filter((call) => call === 'dynamics getMany')).toHaveLength(1);
    // Of the twelve pairs only the two that differ are looked at by themselves.
    expect(calls.filter((call) => call === 'dynamics get').length).toBeLessThan(8);
    expect(user(bridge, first.a).phoneNumber).toBe('7');
    expect((await bridge.links()).map(({ crmId }) => crmId)).toContain(added);
    expect((await linkOf(bridge, third.a))?.state).toBe('tombstone');
    // What is due in AuthScape alone is told of by AuthScape.
    expect(contact(bridge, second.d).firstname).not.toBe('A');
    const { echoes } = await bridge.storage.connections.getState(bridge.connection.id);
    expect(echoes).toBe(10);
  });

  it('[C6] in a flood are looked at one by one where the look at all fails', async () => {
    const bridge = await createHarness();
    const made = await pairs(bridge, 3);
    bridge.d.people.set('contact', made[0]?.d ?? '', { telephone1: '7' });
    bridge.world.before = ({ name }) => {
      if (name === 'getMany') throw new BridgeError('dynamics_unavailable', 'Away.');
    };
    await bridge.flood(made.map(({ d }) => ({ entity: 'contact', id: d })));
    await bridge.drain();
    expect(user(bridge, made[0]?.a ?? '').phoneNumber).toBe('7');
    const { echoes } = await bridge.storage.connections.getState(bridge.connection.id);
    expect(echoes).toBe(2);
  });

  it('[R3] in a flood are dropped, and counted, before the first full run by hand', async () => {
    const bridge = await createHarness();
    await bridge.flood([1, 2, 3].map((n) => ({ entity: 'contact', id: `row ${n}` })));
    await bridge.drain();
    expect((await bridge.storage.connections.getState(bridge.connection.id)).droppedEvents).toBe(3);
  });
});
