import { beforeEach, describe, expect, it } from 'vitest';
import { cron } from '../../../src/adapters/cron.js';
import { createMeter } from '../../../src/adapters/meter.js';
import { requestSync } from '../../../src/application/runs/manage-runs.js';
import { scheduleDueSyncs } from '../../../src/application/runs/start-due-runs.js';
import type { Connection } from '../../../src/domain/model.js';
import { aConnection, aMapping, aRun } from '../../support/builders.js';
import { createMemoryClock } from '../../support/memory-clock.js';
import { createMemoryStorage } from '../../support/memory-stores.js';

const MINUTE = 60_000;
const INTERVAL = 15;

function createWorld() {
  const clock = createMemoryClock();
  const meter = createMeter();
  const storage = createMemoryStorage(clock, meter);
  const logged: unknown[] = [];
  const log = (_text: string, details?: Readonly<Record<string, unknown>>) =>
    void logged.push(details?.connectionId);
  let ids = 0;
  const deps = {
    ...storage,
    ...{ clock, cron, leaseMs: MINUTE },
    queue: storage.jobs,
    ids: { random: (length = 10) => String(++ids).padStart(length, '0') },
    logger: { info: log, warn: log, error: log },
  };
  const tick = scheduleDueSyncs({ ...deps, requestSync: requestSync(deps) });
  return {
    ...{ clock, logged, storage },
    /** One that synced for the first time now. */
    async add(id: string, change: Partial<Connection> = {}): Promise<void> {
      const connection = aConnection({
        ...{ id, name: id, fullSyncSchedule: null, syncIntervalMinutes: INTERVAL },
        ...change,
      });
      await storage.connections.create(connection);
      await storage.mappings.create(aMapping({ id: `m_${id}`, connectionId: id }));
      const firstFullSyncAt = new Date(clock.now()).toISOString();
      await storage.connections.updateState(id, (state) => ({ ...state, firstFullSyncAt }));
    },
    async change(id: string, change: Partial<Connection>): Promise<void> {
      const stored = await storage.connections.get(id);
      if (stored === undefined) throw new Error(`no ${id}`);
      await storage.connections.replace({ ...stored.value, ...change }, stored.etag);
    },
    /** The storage requests of one tick. */
    tick: async (): Promise<number> => (await meter.measure(tick)).requests().storage,
    async tickAfter(ms: number): Promise<void> {
      clock.advance(ms);
      await tick();
    },
    /** Connections whose runs were handed to the queue, in order. */
    queued: () => storage.jobs.waiting().flatMap(({ job }) => (job.kind === 'run' ? [job.connectionId] : [])),
  };
}

let world: ReturnType<typeof createWorld>;
beforeEach(() => {
  world = createWorld();
});

describe('with a thousand connections', () => {
  const id = (n: number) => `c_${String(n).padStart(4, '0')}`;

  beforeEach(async () => {
    for (let n = 0; n < 1_000; n += 1) {
      await world.add(id(n), n % 400 === 7 ? { syncIntervalMinutes: 5 } : { syncIntervalMinutes: 1_440 });
    }
    // The version before had no index: the first tick finds all of them.
    await world.tick();
    expect(world.queued()).toEqual([]);
  });

  it('a tick in which three are due starts those, with fewer than a hundred requests', async () => {
    world.clock.advance(5 * MINUTE);
    const requests = await world.tick();

    expect(world.queued()).toEqual([id(7), id(407), id(807)]);
    expect(requests).toBeLessThan(100);
  });

  it('a tick in which none is due takes seven requests', async () => {
    world.clock.advance(MINUTE);
    await world.tick();
    world.clock.advance(MINUTE);
    expect(await world.tick()).toBeLessThanOrEqual(7);
  });

  it('finds those again whose rows were lost, some in each tick', async () => {
    const due = world.storage.tables.table('Due');
    for (const { partitionKey, rowKey } of world.storage.tables.rows('Due')) {
      if (rowKey !== 'sweep') await due.remove(partitionKey, rowKey);
    }
    for (let n = 0; n < 5; n += 1) await world.tickAfter(MINUTE);

    expect(world.queued()).toEqual([id(7), id(407), id(807)]);
    expect(world.storage.tables.rows('Due')).toHaveLength(2_001);
  });

  it('looks at each of them within the hour, whatever the index says', async () => {
    // As if the change of the settings had been lost on its way to the index.
    const looks = await world.storage.due.due(world.clock.now() + 1_440 * MINUTE, 1_000);
    const look = looks.find(({ connectionId }) => connectionId === id(3));
    await world.change(id(3), { syncIntervalMinutes: 1 });
    for (const each of await world.storage.due.due(world.clock.now() + 5_000, 10)) {
      await world.storage.due.move(each, look?.at ?? 0);
    }
    await world.tickAfter(4 * MINUTE);
    expect(world.queued()).toEqual([]);
    await world.tickAfter(56 * MINUTE);
    expect(world.queued()).toContain(id(3));
  });
});

describe('a connection', () => {
  it('is started at each interval, and watched while its run is under way', async () => {
    await world.add('c_1');
    await world.tick();
    for (let n = 0; n < INTERVAL - 1; n += 1) await world.tickAfter(MINUTE);
    expect(world.queued()).toEqual([]);
    await world.tickAfter(MINUTE);
    expect(world.queued()).toEqual(['c_1']);

    // Its message is lost, and no worker takes the run.
    world.storage.jobs.take();
    await world.tickAfter(MINUTE + 1_000);
    expect(world.queued()).toEqual(['c_1']);
  });

  it('that a person synced by hand is watched at once', async () => {
    await world.add('c_1');
    await world.tick();
    await world.storage.runs.open(
      aRun({ id: 'r_1', connectionId: 'c_1', createdAt: '2026-03-01T08:00:00Z' }),
    );
    await world.tickAfter(MINUTE + 1_000);

    expect(world.queued()).toEqual(['c_1']);
  });

  it('that gets a shorter interval is due by that at the next tick', async () => {
    await world.add('c_1', { syncIntervalMinutes: 1_440 });
    await world.tick();
    await world.tickAfter(10 * MINUTE);
    await world.change('c_1', { syncIntervalMinutes: 2 });
    await world.tickAfter(MINUTE);

    expect(world.queued()).toEqual(['c_1']);
  });

  it('whose settings change while the timer looks at it is looked at again', async () => {
    await world.add('c_1', { syncIntervalMinutes: 1_440 });
    await world.tick();
    world.clock.advance(60 * MINUTE);
    world.storage.tables.before = async ({ kind, table }) => {
      if (table !== 'Runs' || kind !== 'get') return;
      world.storage.tables.before = undefined;
      await world.change('c_1', { syncIntervalMinutes: 2 });
    };
    await world.tick();
    expect(world.queued()).toEqual([]);
    await world.tickAfter(MINUTE);

    expect(world.queued()).toEqual(['c_1']);
  });

  it('that was off is due as soon as it is on again', async () => {
    await world.add('c_1', { enabled: false });
    await world.tick();
    await world.tickAfter(20 * MINUTE);
    expect(world.queued()).toEqual([]);
    await world.change('c_1', { enabled: true });
    await world.tickAfter(MINUTE);

    expect(world.queued()).toEqual(['c_1']);
  });

  it('that is deleted leaves no row', async () => {
    await world.add('c_1');
    await world.tick();
    const stored = await world.storage.connections.get('c_1');
    if (stored !== undefined) await world.storage.connections.remove(stored.value, stored.etag);
    expect(world.storage.tables.rows('Due').map(({ rowKey }) => rowKey)).toEqual(['sweep']);

    // The process that deletes it may have died before it took the rows out.
    await world.storage.due.bringForward('c_1', world.clock.now());
    await world.tickAfter(60 * MINUTE);

    expect(world.storage.tables.rows('Due').map(({ rowKey }) => rowKey)).toEqual(['sweep']);
  });

  it('in trouble, or with more work than others, does not keep others from their schedule', async () => {
    for (const id of ['c_1', 'c_2', 'c_3']) await world.add(id, { syncIntervalMinutes: 1 });
    await world.tick();
    world.storage.tables.before = ({ partitionKey, table }) => {
      if (table === 'Runs' && partitionKey === 'c_2') throw new Error('broken');
    };
    await world.tickAfter(MINUTE);
    expect(world.queued().sort()).toEqual(['c_1', 'c_3']);
    expect(world.logged).toEqual(['c_2']);

    world.storage.tables.before = undefined;
    await world.tickAfter(MINUTE);
    expect(world.queued()).toContain('c_2');
  });
});

it('a cursor of the sweep that the storage refuses leads to the beginning', async () => {
  await world.add('c_1');
  await world.storage.due.setSweep('no cursor of this storage');
  await world.tickAfter(20 * MINUTE);

  expect(world.queued()).toEqual(['c_1']);
});
