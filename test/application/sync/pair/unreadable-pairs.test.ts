import { describe, expect, it } from 'vitest';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
import type { SystemCall } from '../../../support/memory-systems-world.js';
import { aPair, contact, linkOf, user } from '../../support/actors.js';
import type { Harness } from '../../support/harness.js';
import { withLongTexts } from '../../support/long-texts.js';

type Side = 'authScape' | 'dynamics';
const OTHER = { authScape: 'dynamics', dynamics: 'authScape' } as const;

/** Reads of one record are refused; the lists and the change feed show it. Answers the calls. */
function hide(bridge: Harness, side: Side, id: string) {
  const calls: SystemCall[] = [];
  bridge.world.before = (call) => {
    if (call.side !== side || call.id !== id || !['get', 'update.read'].includes(call.name)) return;
    calls.push(call);
    throw new RecordRejectedError('record_unreadable', 'It answers 500.', { unproven: '500 0x80040224' });
  };
  return calls;
}

/** An edit that the record of `side` shows in lists, or in the feed. */
function edit(bridge: Harness, side: Side, { a, d }: { a: string; d: string }, value: string): void {
  if (side === 'authScape') bridge.a.people.set('User', a, { firstName: value });
  else bridge.d.people.set('contact', d, { lastname: value });
}

describe.each(['authScape', 'dynamics'] as const)(
  '[E7] a linked pair whose record in %s cannot be read',
  (side) => {
    async function unreadable() {
      // Lists do not carry custom fields: the record is read by id.
      const bridge = await withLongTexts();
      const { scan } = bridge.a.system;
      bridge.a.system.scan = (entity, options, position) =>
        scan(entity, { ...options, detail: false }, position);
      const pair = await aPair(bridge);
      // The feed brings what the run itself has written.
      await bridge.sync('incremental');
      edit(bridge, OTHER[side], pair, 'First');
      return { bridge, pair, calls: hide(bridge, side, side === 'authScape' ? pair.a : pair.d) };
    }

    it('is tried later and later by incremental runs, and told meanwhile', async () => {
      const { bridge, pair, calls } = await unreadable();
      expect((await bridge.sync('incremental')).counts.failed).toBe(1);
      const waits: number[] = [];
      for (let run = 2; run <= 12; run += 1) {
        expect((await bridge.sync('incremental')).counts.failed).toBe(1);
        expect(calls).toHaveLength(run);
        const { notBefore = 0 } = (await linkOf(bridge, pair.a))?.failure ?? {};
        waits.push(Math.round((notBefore - bridge.clock.now()) / 60_000));
        const early = await bridge.sync('incremental');
        expect(early.counts).toMatchObject({ failed: 0, unchanged: 0, skipped: 1 });
        expect(calls, 'too early').toHaveLength(run);
        bridge.clock.advance(notBefore - bridge.clock.now());
      }
      expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
      expect(new Set(calls.map(({ name }) => name))).toEqual(new Set(['get']));
    });

    it.each(['authScape', 'dynamics'] as const)('is tried at once after an edit in %s', async (edited) => {
      const { bridge, pair, calls } = await unreadable();
      for (let run = 0; run < 4; run += 1) await bridge.sync('incremental');
      const before = calls.length;
      edit(bridge, edited, pair, 'Second');
      bridge.world.before = undefined;
      expect((await bridge.sync('incremental')).counts).toMatchObject({ failed: 0, updated: 1 });
      expect(calls).toHaveLength(before);
      const [firstName, lastName] = [user(bridge, pair.a).firstName, user(bridge, pair.a).lastName];
      expect(contact(bridge, pair.d)).toMatchObject({ firstname: firstName, lastname: lastName });
      expect([firstName, lastName]).toContain('Second');
      expect((await linkOf(bridge, pair.a))?.failure ?? null).toBeNull();
    });

    it('is tried by each full run, by an event and by hand', async () => {
      const { bridge, pair, calls } = await unreadable();
      for (let run = 0; run < 4; run += 1) await bridge.sync('incremental');
      const tries = [
        // A full run brings the row without reading it by id.
        ...(side === 'authScape' ? [() => bridge.sync('full')] : []),
        async () => {
          await bridge.event('authScape', 'User', pair.a);
          await bridge.drain();
        },
        () => bridge.engine.records.authScape('User', pair.a),
      ];
      for (const attempt of tries) {
        const before = calls.length;
        await attempt();
        expect(calls.length).toBeGreaterThan(before);
      }
    });
  },
);

describe('[E7] a linked user that can neither be listed nor read', () => {
  it('is tried later and later, and at once after an edit in Dynamics', async () => {
    const bridge = await withLongTexts();
    const pair = await aPair(bridge);
    bridge.a.unlisted.add(pair.a);
    edit(bridge, 'dynamics', pair, 'First');
    const calls = hide(bridge, 'authScape', pair.a);
    const tries: number[] = [];
    for (let run = 0; run < 6; run += 1) {
      await bridge.sync('incremental');
      tries.push(calls.length);
    }
    // Then the rest of a minute has begun.
    expect(tries).toEqual([1, 2, 2, 2, 2, 2]);
    edit(bridge, 'dynamics', pair, 'Second');
    bridge.world.before = undefined;
    expect((await bridge.sync('incremental')).counts).toMatchObject({ updated: 1, failed: 0 });
    expect(user(bridge, pair.a).lastName).toBe('Second');
  });
});
