import { describe, expect, it } from 'vitest';
import { aPair, contact, logged, pairs, user } from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';

describe('[E11] a user that no list shows', () => {
  async function unlisted() {
    const bridge = await createHarness();
    const all = await pairs(bridge, 3);
    const [{ a, d } = { a: '', d: '' }] = all;
    bridge.a.unlisted.add(a);
    return { bridge, a, d };
  }

  it.each(['incremental', 'full'] as const)(
    'is read by id by %s runs, and both sides follow',
    async (mode) => {
      const { bridge, a, d } = await unlisted();
      bridge.a.people.set('User', a, { firstName: 'Augusta' });
      bridge.d.people.set('contact', d, { telephone1: '5' });
      const run = await bridge.sync(mode);
      expect(run).toMatchObject({ status: 'succeeded', counts: { updated: 1 } });
      expect([user(bridge, a).phoneNumber, contact(bridge, d).firstname]).toEqual(['5', 'Augusta']);
      expect((await bridge.sync(mode)).counts).toMatchObject({ updated: 0, failed: 0 });
    },
  );

  it('and that cannot be read by id either is not taken for unchanged for ever', async () => {
    const { bridge, a, d } = await unlisted();
    const record = bridge.a.records.User.get(a);
    bridge.d.people.set('contact', d, { telephone1: '5' });
    bridge.a.records.User.delete(a);
    await bridge.sync('incremental');
    if (record !== undefined) bridge.a.records.User.set(a, record);
    await bridge.sync('incremental');
    expect(user(bridge, a).phoneNumber).toBe('5');
  });

  it('and is listed, but cannot be read, is failed', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.unreadable.add(a);
    bridge.d.people.set('contact', d, { telephone1: '5' });
    await bridge.sync('full');
    expect(await logged(bridge, a)).toContain('failed  record_unreadable');
  });
});
