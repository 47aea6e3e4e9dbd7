import { describe, expect, it } from 'vitest';
import { succeeds } from '../../../../src/adapters/storage/faults.js';
import { UnknownOutcomeError } from '../../../../src/application/ports/systems.js';
import { BridgeError, RecordRejectedError } from '../../../../src/domain/errors.js';
import type { SystemCall } from '../../../support/memory-systems-world.js';
import { aPair, aUser, contact, linkOf, logged, pairs } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

type Refusal = () => Error;

const plugIn: Refusal = () =>
  new RecordRejectedError('plugin_failed', 'A plug-in failed.', { unproven: '500 0x80040224' });
const denied: Refusal = () => new RecordRejectedError('access_denied', 'The privilege is missing.');
const timeout: Refusal = () => new UnknownOutcomeError('No answer.', { timedOut: true });

/** Answers calls of a kind with a refusal; counts them. */
function refuse(bridge: Harness, isMeant: (call: SystemCall) => boolean, refusal: Refusal) {
  const calls: SystemCall[] = [];
  bridge.world.before = (call) => {
    if (!isMeant(call)) return;
    calls.push(call);
    throw refusal();
  };
  return calls;
}

const updateOf = (id: string) => (call: SystemCall) => call.name === 'update' && call.id === id;

describe('[E6] a write whose outcome is unknown', () => {
  it('waits, is tried once more at the end, and fails alone', async () => {
    const bridge = await createHarness();
    const all = await pairs(bridge, 5);
    for (const { a } of all) bridge.a.people.set('User', a, { phoneNumber: '5' });
    const bad = all[2] ?? { a: '', d: '' };
    const started = bridge.clock.now();
    const calls = refuse(bridge, updateOf(bad.d), timeout);
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { updated: 4, failed: 1 } });
    expect(calls).toHaveLength(2);
    expect(bridge.clock.now() - started).toBeLessThan(120_000);
    expect(await logged(bridge, bad.a)).toContain('failed  outcome_unknown');
  });

  it('is not tried again by a run that goes on waiting for another pair', async () => {
    const bridge = await createHarness();
    const [bad, held] = await pairs(bridge, 2);
    if (bad === undefined || held === undefined) throw new Error('no pairs');
    for (const { a } of [bad, held]) bridge.a.people.set('User', a, { phoneNumber: '5' });
    const calls = refuse(bridge, updateOf(bad.d), timeout);
    let looks = 0;
    bridge.storage.tables.before = async ({ kind, table }) => {
      if (table !== 'Staging' || kind !== 'query') return;
      looks += 1;
      // Another worker has the pair in hand, to the end of the run.
      const stored = await bridge.storage.links.get(bridge.connection.id, 'm_1234567890', held.a);
      if (stored === undefined) throw new Error('no link');
      const claim = { owner: 'other', until: bridge.clock.now() + 60_000 };
      // Two looks at the same time: one of them does.
      await succeeds(bridge.storage.links.replace({ ...stored.value, claim }, stored.etag));
    };
    const run = await bridge.sync('incremental');
    bridge.storage.tables.before = undefined;
    expect(run.counts).toMatchObject({ updated: 0, failed: 2 });
    expect(looks).toBeGreaterThan(4);
    expect(calls).toHaveLength(2);
  });
});

describe('[E7] a linked pair that keeps failing', () => {
  async function failing() {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { phoneNumber: '5' });
    const calls = refuse(bridge, updateOf(d), plugIn);
    return { bridge, a, d, calls };
  }

  it('is tried later and later by incremental runs, and told meanwhile', async () => {
    const { bridge, a, calls } = await failing();
    await bridge.sync('incremental');
    const waits: number[] = [];
    for (let run = 2; run <= 12; run += 1) {
      expect((await bridge.sync('incremental')).counts.failed).toBe(1);
      expect(calls).toHaveLength(run);
      const { notBefore = 0 } = (await linkOf(bridge, a))?.failure ?? {};
      waits.push(Math.round((notBefore - bridge.clock.now()) / 60_000));
      const early = await bridge.sync('incremental');
      expect(early.counts).toMatchObject({ failed: 0, unchanged: 0, skipped: 1 });
      expect(calls, 'too early').toHaveLength(run);
      bridge.clock.advance(notBefore - bridge.clock.now());
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
  });

  it.each(['authScape', 'dynamics'] as const)('is tried at once after an edit in %s', async (side) => {
    const { bridge, a, d, calls } = await failing();
    for (let run = 0; run < 4; run += 1) await bridge.sync('incremental');
    const before = calls.length;
    if (side === 'authScape') bridge.a.people.set('User', a, { phoneNumber: '6' });
    else bridge.d.people.set('contact', d, { jobtitle: 'x' });
    bridge.world.before = undefined;
    await bridge.sync('incremental');
    expect(calls).toHaveLength(before);
    expect(contact(bridge, d).telephone1).toBe(side === 'authScape' ? '6' : '5');
    expect((await linkOf(bridge, a))?.failure ?? null).toBeNull();
  });

  it('is tried by each full run', async () => {
    const { bridge, calls } = await failing();
    for (let run = 0; run < 3; run += 1) await bridge.sync('incremental');
    const before = calls.length;
    await bridge.sync('full');
    expect(calls.length).toBeGreaterThan(before);
  });
});

describe('[E8] the first full run', () => {
  it('has ended well although one record failed: timer and events begin', async () => {
    const bridge = await createHarness();
    for (let count = 0; count < 3; count += 1) aUser(bridge);
    aUser(bridge, { email: 'bad@x.test' });
    bridge.d.refuses = (_id, { emailaddress1 }) => (emailaddress1 === 'bad@x.test' ? denied() : null);
    const run = await bridge.sync('full');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { created: 3, failed: 1 } });
    const { firstFullSyncAt } = await bridge.storage.connections.getState(bridge.connection.id);
    expect(firstFullSyncAt).not.toBeNull();
  });
});

describe('[E10] a run that fails', () => {
  it('says what it did before', async () => {
    const bridge = await createHarness({ concurrency: 1 });
    const all = await pairs(bridge, 6);
    for (const { a } of all) bridge.a.people.set('User', a, { phoneNumber: '5' });
    let updates = 0;
    bridge.world.before = ({ name }) => {
      if (name !== 'update') return;
      updates += 1;
      if (updates > 3) throw new BridgeError('invalid_client_credentials', 'The token is refused.');
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_client_credentials' },
      counts: { updated: 3 },
      bySide: { dynamics: { updated: 3 } },
    });
  });
});
