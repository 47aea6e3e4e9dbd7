import { describe, expect, it } from 'vitest';
import { pruneHistory } from '../../../src/application/runs/prune-history.js';
import { aContact, aPair, aUser, pairs } from '../support/actors.js';
import { inEarlierPlaces } from '../support/earlier-log.js';
import { createHarness, type Harness } from '../support/harness.js';

const DAY = 86_400_000;
const prune = (bridge: Harness, more: { logDays?: number; runDays?: number } = {}) =>
  pruneHistory({ ...bridge.storage, ...bridge.parts, retention: { logDays: 90, runDays: 30, ...more } })();
const runsOf = async (bridge: Harness) =>
  (await bridge.storage.runs.list(bridge.connection.id, 100)).items.map(({ id }) => id);

describe('pruning', () => {
  it('removes old runs with their changes, and old log entries, and nothing that must stay', async () => {
    const bridge = await createHarness();
    const { a } = await aPair(bridge);
    const [old = ''] = await runsOf(bridge);
    aContact(bridge, { emailaddress1: null });
    bridge.clock.advance(40 * DAY);
    aUser(bridge);
    const fresh = await bridge.sync('full');
    await prune(bridge);

    expect(await runsOf(bridge)).toEqual([fresh.id]);
    expect(await bridge.storage.runs.get(old)).toBeUndefined();
    expect(await bridge.logs(old)).toEqual([]);
    expect(await bridge.logs(fresh.id)).not.toEqual([]);
    expect((await bridge.storage.logs.list(bridge.connection.id, { authScapeId: a }, 10)).items).toHaveLength(
      1,
    );
    bridge.clock.advance(60 * DAY);
    await prune(bridge);
    expect((await bridge.storage.logs.list(bridge.connection.id, { authScapeId: a }, 10)).items).toEqual([]);
    expect(await bridge.links()).toHaveLength(2);
    expect((await bridge.storage.problems.scan(bridge.connection.id, 10)).items).toHaveLength(1);
    expect((await bridge.sync('full')).counts).toMatchObject({ created: 0, updated: 0 });
  });

  it('removes what old runs did where earlier versions kept it', async () => {
    const bridge = await createHarness();
    await aPair(bridge);
    const [old = ''] = await runsOf(bridge);
    await inEarlierPlaces(bridge);
    expect(await bridge.logs(old)).not.toEqual([]);
    bridge.clock.advance(40 * DAY);
    await bridge.sync('full');
    await prune(bridge);
    expect(
      bridge.storage.tables.rows('Logs').filter(({ partitionKey }) => partitionKey.startsWith('!run|')),
    ).toEqual([]);
  });

  it('takes expired rows alone: all others stay byte for byte', async () => {
    const bridge = await createHarness();
    const { storage } = bridge;
    const [gone, bad] = await pairs(bridge, 3);
    bridge.d.people.remove('contact', gone?.d ?? '');
    bridge.a.people.set('User', bad?.a ?? '', { email: 'no address' });
    await bridge.event('authScape', 'User', bad?.a ?? '');
    await bridge.drain();
    aContact(bridge, { emailaddress1: null });
    await bridge.sync('full');
    const at = new Date(bridge.clock.now()).toISOString();
    const act = { action: 'run.start', target: 'run', connectionId: bridge.connection.id, changes: [] };
    await storage.audit.append({ ...act, id: 'a_1', at, actor: { kind: 'key', name: 'operations' } });
    bridge.clock.advance(400 * DAY);
    const kept = [
      'Audit',
      'Connections',
      'DeadLetters',
      'Due',
      'Feeds',
      'Links',
      'Mappings',
      'Problems',
    ] as const;
    const rows = () => JSON.stringify(kept.map((name) => [name, storage.tables.rows(name)]));
    const before = rows();
    await prune(bridge);

    expect(kept.filter((name) => storage.tables.rows(name).length === 0)).toEqual([]);
    expect((await bridge.links()).map(({ state }) => state).sort()).toEqual([
      'linked',
      'linked',
      'tombstone',
    ]);
    expect(rows()).toBe(before);
    // Which run the connection had last, and how many links were counted, stay.
    const left = (['Runs', 'Logs', 'Stats'] as const).flatMap((name) => storage.tables.rows(name));
    expect(left.map(({ rowKey }) => rowKey.split('|')[0])).toEqual(['!slot', 'L']);
  });

  it('keeps a run that waits for a person, with what it holds, however old it is', async () => {
    const bridge = await createHarness({ connection: { massDeleteGuard: { count: 5, percent: 50 } } });
    const held = (await pairs(bridge, 12)).slice(0, 6);
    for (const { d } of held) bridge.d.people.remove('contact', d);
    const run = await bridge.sync('incremental');
    bridge.clock.advance(400 * DAY);
    await prune(bridge);
    expect(await runsOf(bridge)).toEqual([run.id]);
    expect(await bridge.decide(run.id, 'approve')).toMatchObject({ counts: { deactivated: 6 } });
  });

  it('removes keys of requests that do not count any more', async () => {
    const bridge = await createHarness();
    const { idempotency, tables } = bridge.storage;
    for (let n = 0; n < 20; n += 1) await idempotency.begin(`key ${n}`, 'print');
    bridge.clock.advance(2 * DAY);
    for (let n = 0; n < 16; n += 1) {
      await prune(bridge);
      bridge.clock.advance(3_600_000);
    }
    expect(tables.rows('Idempotency')).toEqual([]);
  });

  it('goes with the timer, once an hour', async () => {
    const bridge = await createHarness();
    await aPair(bridge);
    const [old] = await runsOf(bridge);
    bridge.clock.advance(40 * DAY);
    const minute = Math.floor(bridge.clock.now() / 60_000) % 60;
    bridge.clock.advance(((29 - minute + 60) % 60) * 60_000);
    await bridge.engine.scheduleDueSyncs();
    expect(await runsOf(bridge)).toContain(old);
    bridge.clock.advance(60_000);
    await bridge.engine.scheduleDueSyncs();
    expect(await runsOf(bridge)).not.toContain(old);
  });
});
