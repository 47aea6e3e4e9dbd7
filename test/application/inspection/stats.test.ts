import { describe, expect, it } from 'vitest';
import { viewStats } from '../../../src/application/inspection/view-stats.js';
import { statsOfRun } from '../../../src/domain/stats.js';
import { aPair, aUser, pairs } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';

const DAY = 86_400_000;
const view = (bridge: Harness, days = 7) =>
  viewStats({ ...bridge.storage, ...bridge.parts })(bridge.connection.id, days);

describe('statistics', () => {
  it('equal what the runs counted, dry runs left out', async () => {
    const bridge = await createHarness();
    for (let n = 0; n < 5; n += 1) aUser(bridge);
    await bridge.sync('full', { dryRun: true });
    const first = await bridge.sync('full');
    aUser(bridge, { email: null });
    aUser(bridge);
    const second = await bridge.sync('incremental');
    const { total, links, byDay, lastSyncAt, lastSuccessAt } = await view(bridge);

    const { read: _r, unchanged: _u, ...wanted } = first.counts;
    for (const [name, count] of Object.entries(wanted) as [keyof typeof wanted, number][]) {
      expect([name, total.totals[name]]).toEqual([name, count + second.counts[name]]);
    }
    expect(total.bySide.dynamics.created).toBe(6);
    expect(total.requests.dynamics).toBe(first.requests.dynamics + second.requests.dynamics);
    expect(total.runs).toEqual({ succeeded: 2, partiallySucceeded: 0, failed: 0, cancelled: 0 });
    expect(links).toEqual({ User: 6, Company: 0, Location: 0 });
    expect([lastSyncAt, lastSuccessAt]).toEqual([expect.any(String), expect.any(String)]);
    expect(byDay).toHaveLength(7);
    expect(byDay.filter(({ part }) => part.totals.created > 0)).toHaveLength(1);
  });

  it('count a run again as a person has decided, not twice', async () => {
    const bridge = await createHarness({ connection: { massDeleteGuard: { count: 5, percent: 50 } } });
    const held = (await pairs(bridge, 12)).slice(0, 6);
    for (const { d } of held) bridge.d.people.remove('contact', d);
    const run = await bridge.sync('incremental');
    expect((await view(bridge)).total.totals.deactivated).toBe(0);
    const ended = await bridge.decide(run.id, 'approve');
    const { total } = await view(bridge);
    expect(total.totals.deactivated).toBe(6);
    expect(total.totals.created).toBe(12);
    expect(total.runs.succeeded).toBe(2);
    expect(statsOfRun(ended).runs.succeeded).toBe(1);
  });

  it('count events with their echoes, latency and dead letters', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.clock.advance(60_000);
    bridge.a.people.set('User', a, { firstName: 'Augusta' });
    await bridge.event('authScape', 'User', a);
    bridge.clock.advance(2_000);
    await bridge.drain();
    await bridge.event('dynamics', 'contact', d);
    await bridge.drain();
    bridge.a.people.set('User', a, { email: 'no address' });
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    const { total } = await view(bridge);

    expect(total.events).toMatchObject({ received: 3, echoes: 1, deadLettered: 1 });
    expect(total.totals).toMatchObject({ updated: 1, failed: 1, created: 1 });
    expect(total.bySide.dynamics).toMatchObject({ updated: 1 });
  });

  it('are told by day, the newest first, for the days asked for', async () => {
    const bridge = await createHarness();
    await aPair(bridge);
    bridge.clock.advance(3 * DAY);
    const today = new Date(bridge.clock.now()).toISOString().slice(0, 10);
    const { byDay, total } = await view(bridge, 4);
    expect(byDay[0]?.day).toBe(today);
    expect(byDay.map(({ part }) => part.totals.created)).toEqual([0, 0, 0, 1]);
    expect(total.totals.created).toBe(1);
    expect((await view(bridge, 3)).total.totals.created).toBe(0);
  });
});
