import { describe, expect, it, vi } from 'vitest';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
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

  it.each([
    ['cannot be read', false],
    ['cannot be listed either', true],
  ])('and %s for a while gets what changed meanwhile, by incremental runs', async (_what, isUnlisted) => {
    const { bridge, a, d } = await unlisted();
    if (!isUnlisted) bridge.a.unlisted.delete(a);
    bridge.world.before = ({ side, name, id }) => {
      if (side === 'authScape' && ['get', 'update.read'].includes(name) && id === a)
        throw new RecordRejectedError('record_unreadable', 'GetUser answered 403.');
    };
    bridge.d.people.set('contact', d, { telephone1: '5' });
    expect((await bridge.sync('incremental')).counts).toMatchObject({ failed: 1 });
    bridge.world.before = undefined;
    await bridge.sync('incremental');
    expect(user(bridge, a).phoneNumber).toBe('5');
  });

  it('and is listed, but cannot be read by id, gets what changed meanwhile', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.unreadable.add(a);
    bridge.d.people.set('contact', d, { telephone1: '5' });
    expect((await bridge.sync('incremental')).counts).toMatchObject({ failed: 1 });
    bridge.a.unreadable.delete(a);
    await bridge.sync('incremental');
    expect(user(bridge, a).phoneNumber).toBe('5');
  });

  it('is remembered by where it stands, and forgotten when it is listed again', async () => {
    const { bridge, a } = await unlisted();
    const scan = vi.spyOn(bridge.a.system, 'scan');
    const asked = async () => {
      scan.mockClear();
      await bridge.sync('incremental');
      return scan.mock.calls.map(([, { unlisted: places }]) => places);
    };
    expect((await asked()).every((places) => (places ?? []).length === 0)).toBe(true);
    expect((await asked()).every((places) => places?.length === 1)).toBe(true);
    bridge.a.unlisted.delete(a);
    await asked();
    expect((await asked()).every((places) => places?.length === 0)).toBe(true);
  });

  it('counts for a complete scan: what is gone is found all the same', async () => {
    const { bridge } = await unlisted();
    const other = (await bridge.links())[1];
    if (other === undefined) throw new Error('There is no other pair.');
    bridge.a.people.remove('User', other.authScapeId);
    for (let run = 0; run < 3; run += 1) await bridge.sync('full');
    expect((await bridge.links()).find(({ crmId }) => crmId === other.crmId)?.state).toBe('tombstone');
  });

  it('and hides others of its name is told of in the same words by each run, however many these are', async () => {
    const { bridge, a } = await unlisted();
    const { scan } = bridge.a.system;
    let hidden = 0;
    bridge.a.system.scan = async (...input) => {
      const page = await scan(...input);
      return { ...page, total: page.total === null ? null : page.total + hidden };
    };
    const told: string[] = [];
    for (hidden = 1; hidden <= 3; hidden += 1) {
      // Where each request has another order, no page may happen to fail.
      if (hidden === 2) bridge.a.unlisted.delete(a);
      told.push(...(await bridge.sync('incremental')).messages);
    }
    expect(told).toHaveLength(3);
    expect(new Set(told).size).toBe(1);
    expect(told[0]).toMatch(/cannot list a record/);
  });
});
