import { describe, expect, it } from 'vitest';
import { UnknownOutcomeError } from '../../../../src/application/ports/systems.js';
import { matchEligibility } from '../../../../src/application/sync/links/match-eligibility.js';
import type { Tombstone } from '../../../../src/domain/link.js';
import type { SystemCall } from '../../../support/memory-systems-world.js';
import { aPair, contact, linkOf, logged, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

/** Two workers, one pair: the plan and the claim in the link decide who may write. */

const EFFECTS = ['update', 'update.write', 'update.state', 'create'];

function noteEffects(bridge: Harness): SystemCall[] {
  const calls: SystemCall[] = [];
  bridge.world.before = (call) => {
    if (EFFECTS.includes(call.name)) calls.push(call);
  };
  return calls;
}

/** A job of its own for one more worker, taken off the queue at once. */
async function workOn(bridge: Harness, a: string): Promise<void> {
  await bridge.event('authScape', 'User', a);
  const job = bridge.storage.jobs.take('record');
  if (job === undefined) throw new Error('no job');
  await bridge.deliver(job);
}

describe('the claim on a pair', () => {
  it('goes to one of two workers that read the same state: the other one starts over and writes nothing', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'Augusta' });
    bridge.d.people.set('contact', d, { telephone1: '7' });
    const effects = noteEffects(bridge);
    const { before } = bridge.storage.tables;
    let isFirst = true;
    bridge.storage.tables.before = async (request) => {
      await before?.(request);
      if (request.table !== 'Links' || request.kind !== 'replace' || !isFirst) return;
      isFirst = false;
      await workOn(bridge, a);
    };
    await workOn(bridge, a);
    expect(effects.map(({ side }) => side)).toEqual(['dynamics', 'authScape']);
    expect([contact(bridge, d).firstname, user(bridge, a).phoneNumber]).toEqual(['Augusta', '7']);
    // A write that no stored plan stands for belongs to no worker.
    const told = (await logged(bridge, a)).filter((line) => line.includes('Augusta'));
    expect(told).toEqual(['success firstname: Ada -> Augusta (authScapeChanged)']);
  });

  it("leaves its plan when the answer of Dynamics is lost: what we sent is not another user's edit", async () => {
    const bridge = await createHarness({ connection: { conflictPolicy: 'dynamicsWins' } });
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'Augusta' });
    bridge.world.after = (call) => {
      if (call.side !== 'dynamics' || call.name !== 'update') return;
      bridge.world.after = undefined;
      bridge.a.people.set('User', a, { firstName: 'Countess' });
      throw new UnknownOutcomeError('The answer was lost.');
    };
    await workOn(bridge, a);
    await bridge.drain();
    expect([user(bridge, a).firstName, contact(bridge, d).firstname]).toEqual(['Countess', 'Countess']);
    // Otherwise it would be unknown which worker gave the row the value in between.
    expect((await logged(bridge, a)).join()).toContain('firstname: Ada -> Augusta');
  });

  it('keeps others away as long as it lasts, and no longer', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'Augusta' });
    const { id, mappings } = await held(bridge, a);
    const effects = noteEffects(bridge);
    await workOn(bridge, a);
    expect(effects).toEqual([]);
    expect(contact(bridge, d).firstname).toBe('Ada');
    bridge.clock.advance(60_000);
    await bridge.drain();
    expect(contact(bridge, d).firstname).toBe('Augusta');
    expect((await bridge.storage.links.get(bridge.connection.id, mappings, id))?.value.claim).toBeNull();
  });

  /** Another worker's claim on the pair, for another half minute. */
  async function held(bridge: Harness, a: string) {
    const link = await linkOf(bridge, a);
    const stored = link && (await bridge.storage.links.get(bridge.connection.id, link.mappingId, a));
    if (stored === undefined) throw new Error('no link');
    const until = bridge.clock.now() + 30_000;
    await bridge.storage.links.replace({ ...stored.value, claim: { owner: 'another', until } }, stored.etag);
    return { id: a, mappings: stored.value.mappingId };
  }

  it('is renewed before a call that it would not outlive', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'Augusta' });
    bridge.d.people.set('contact', d, { telephone1: '7' });
    const left: number[] = [];
    bridge.world.before = async (call) => {
      // The answer of Dynamics takes nearly as long as the claim.
      if (call.name === 'update') bridge.clock.advance(1.5 * bridge.a.writeTimeoutMs);
      if (call.name !== 'update.write') return;
      left.push(((await linkOf(bridge, a))?.claim?.until ?? 0) - bridge.clock.now());
    };
    await workOn(bridge, a);
    expect(left).toHaveLength(1);
    expect(left[0]).toBeGreaterThan(bridge.a.writeTimeoutMs);
    expect([contact(bridge, d).firstname, user(bridge, a).phoneNumber]).toEqual(['Augusta', '7']);
  });
});

describe('a survivor', () => {
  const at = '2026-03-01T08:00:00.000Z';
  const tombstone = (parts: Partial<Tombstone>): { state: 'tombstone'; tombstone: Tombstone } => ({
    state: 'tombstone',
    tombstone: { reason: 'goneInDynamics', act: 'deactivated', at, runId: null, ...parts },
  });
  const seen = (after: number, active = true) => ({ active, readAt: Date.parse(at) + after });

  it.each([
    ['activated by a person', tombstone({}), seen(1), 'free'],
    ['read before its partner went', tombstone({}), seen(0), 'tombstone'],
    ['left inactive', tombstone({}), seen(1, false), 'tombstone'],
    ['of a pair that a person parted', tombstone({ reason: 'parted' }), seen(1), 'linked'],
    ['whose end was rejected', tombstone({ reason: 'rejected' }), seen(1), 'linked'],
    ['that was left alone', tombstone({ act: 'none' }), seen(1), 'tombstone'],
    ['that is the one that was gone itself', tombstone({ reason: 'goneInAuthScape' }), seen(1), 'free'],
  ] as const)('%s', (_name, link, record, eligibility) => {
    expect(matchEligibility(link, 'authScape', record)).toBe(eligibility);
  });
});
