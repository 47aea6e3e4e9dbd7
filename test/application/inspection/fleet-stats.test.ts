import { beforeAll, describe, expect, it } from 'vitest';
import type { Stores } from '../../../src/adapters/storage/stores.js';
import { viewStats } from '../../../src/application/inspection/view-stats.js';
import { cancelRun } from '../../../src/application/runs/manage-runs.js';
import type { LogEntry } from '../../../src/domain/change.js';
import { BridgeError } from '../../../src/domain/errors.js';
import type { Connection, EntityMapping, Side } from '../../../src/domain/model.js';
import {
  countOutcome,
  NO_COUNTS,
  NO_SIDE_COUNTS,
  type Outcome,
  type Run,
  strongest,
} from '../../../src/domain/run.js';
import {
  addStats,
  dayOf,
  dayOfRun,
  NO_STATS,
  type StatsPart,
  sideCounterOf,
  statsOfRun,
} from '../../../src/domain/stats.js';
import { aContact, aUser, pairs } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';
import { companyMapping, userMapping } from '../support/mappings.js';

const DAY = 86_400_000;
const DAYS = 3;

/** Several connections in one storage, each with systems of its own; they share one day. */
async function createFleet() {
  let shared: Stores | undefined;
  let ids = 0;
  const member = async (
    id: string,
    connection: Partial<Connection>,
    mappings: readonly EntityMapping[] = [userMapping()],
  ) => {
    const bridge: Harness = await createHarness({
      connection: { ...connection, id, name: id },
      mappings: mappings.map((mapping) => ({ ...mapping, connectionId: id })),
      storage: () => shared ?? ({} as Stores),
      ids: (length) => {
        ids += 1;
        return ids.toString(36).padStart(length, '0');
      },
    });
    if (shared === undefined) {
      const { jobs: _jobs, probe: _probe, tables: _tables, ...stores } = bridge.storage;
      shared = stores;
    }
    bridge.world.after = ({ side }) => bridge.parts.meter.count(side);
    return bridge;
  };
  return {
    busy: await member('c_busy', { conflictPolicy: 'dynamicsWins' }, [companyMapping(), userMapping()]),
    held: await member('c_held', { massDeleteGuard: { count: 5, percent: 50 } }),
    broken: await member('c_broken', { deletePolicy: 'delete' }),
    third: await member('c_third', {}),
  };
}

type Fleet = Awaited<ReturnType<typeof createFleet>>;

/** Created, linked, skipped, unchanged, updated, in conflict, failed; by runs, one of them a trial. */
async function playBusy(bridge: Harness): Promise<void> {
  bridge.a.people.insert('Company', { title: 'Firm', isDeactivated: false });
  const [one, two, three] = [aUser(bridge), aUser(bridge), aUser(bridge)];
  aUser(bridge, { email: 'met@x.test' });
  aContact(bridge, { emailaddress1: 'met@x.test' });
  aUser(bridge, { email: 'twice@x.test' });
  aContact(bridge, { emailaddress1: 'twice@x.test' });
  aContact(bridge, { emailaddress1: 'twice@x.test' });
  await bridge.sync('full', { dryRun: true });
  await bridge.sync('full');
  bridge.clock.advance(DAY);
  const rowOf = async (a: string) => (await bridge.links()).find((link) => link.authScapeId === a)?.crmId;
  bridge.a.people.set('User', one, { firstName: 'Augusta' });
  bridge.d.people.set('contact', (await rowOf(one)) ?? '', { firstname: 'Adah' });
  bridge.a.people.set('User', two, { phoneNumber: '5' });
  bridge.d.people.set('contact', (await rowOf(two)) ?? '', { lastname: 'Byron' });
  bridge.a.people.set('User', three, { email: 'no address' });
  await bridge.sync('incremental');
}

/** Six deactivations that wait a day for a person, who approves four and rejects two. */
async function playHeld(bridge: Harness): Promise<void> {
  const made = await pairs(bridge, 12);
  for (const { d } of made.slice(0, 6)) bridge.d.people.remove('contact', d);
  const { id } = await bridge.sync('incremental');
  bridge.clock.advance(DAY);
  const held = (await bridge.logs(id)).filter(({ status }) => status === 'held').map((entry) => entry.id);
  await bridge.decide(id, 'approve', held.slice(0, 4));
  await bridge.decide(id, 'reject');
}

/** A run that fails on its way, a cancelled one, deletes, events with an echo and a dead letter, a record by hand. */
async function playBroken(bridge: Harness): Promise<void> {
  const [gone, edited, bad] = await pairs(bridge, 3);
  if (gone === undefined || edited === undefined || bad === undefined) throw new Error('There are no pairs.');
  aUser(bridge);
  bridge.a.people.set('User', edited.a, { phoneNumber: '5' });
  bridge.world.before = ({ name }) => {
    if (name === 'create') throw new BridgeError('invalid_client_credentials', 'The token is refused.');
  };
  await bridge.sync('incremental');
  bridge.world.before = undefined;
  bridge.clock.advance(DAY);
  const { id } = await bridge.start('incremental');
  await cancelRun({ ...bridge.storage, ...bridge.parts, queue: bridge.storage.jobs })(id);
  await bridge.drain();
  // That it is gone is believed when a second scan lacks it.
  bridge.a.people.remove('User', gone.a);
  await bridge.sync('full');
  await bridge.sync('full');
  bridge.a.people.set('User', edited.a, { firstName: 'Augusta' });
  await bridge.event('authScape', 'User', edited.a);
  await bridge.drain();
  await bridge.event('dynamics', 'contact', edited.d);
  await bridge.drain();
  bridge.a.people.set('User', bad.a, { email: 'no address' });
  await bridge.event('authScape', 'User', bad.a);
  await bridge.drain();
  // Every connection that maps users takes part.
  await bridge.engine.records.authScape('User', aUser(bridge));
}

async function runsOf({ storage, connection }: Harness): Promise<readonly Run[]> {
  const { items } = await storage.runs.list(connection.id, 100);
  return items.filter(({ dryRun }) => !dryRun);
}

/** What the log says was done: each pair once per run, or once by hand or event, by its strongest outcome. */
function toldBy(entries: readonly LogEntry[]): Pick<StatsPart, 'totals' | 'bySide'> {
  const outcomes = new Map<string, Outcome>();
  const bySide = { authScape: { ...NO_SIDE_COUNTS }, dynamics: { ...NO_SIDE_COUNTS } };
  for (const entry of entries.filter(({ status }) => status !== 'held')) {
    const key = `${entry.runId} ${entry.mappingId} ${entry.authScapeId ?? entry.crmId}`;
    outcomes.set(key, strongest(outcomes.get(key) ?? 'unchanged', entry.outcome));
    const counted = sideCounterOf(entry);
    if (counted !== undefined) bySide[counted.side][counted.counter] += 1;
  }
  let counts = NO_COUNTS;
  for (const outcome of outcomes.values()) counts = countOutcome(counts, outcome, null);
  const { read: _read, unchanged: _unchanged, ...totals } = counts;
  return { totals, bySide };
}

describe('statistics of a fleet', () => {
  let fleet: Fleet;
  const members = () => Object.values(fleet);
  const view = ({ storage, parts, connection }: Harness) =>
    viewStats({ ...storage, ...parts })(connection.id, DAYS);

  beforeAll(async () => {
    fleet = await createFleet();
    await playBusy(fleet.busy);
    await playHeld(fleet.held);
    await playBroken(fleet.broken);
    fleet.third.clock.advance(DAY);
  }, 60_000);

  it('equal by connection and day what the log of its runs, events and syncs by hand tells', async () => {
    for (const bridge of members()) {
      const runs = await runsOf(bridge);
      const byHand = (await bridge.logs()).filter(({ runId }) => runId === null);
      for (const { day, part } of (await view(bridge)).byDay) {
        const entries = byHand.filter(({ at }) => at.startsWith(day));
        for (const run of runs.filter((each) => dayOfRun(each) === day)) {
          entries.push(...(await bridge.logs(run.id)));
        }
        const { totals, bySide } = part;
        expect({ id: bridge.connection.id, day, totals, bySide }).toEqual({
          ...{ id: bridge.connection.id, day },
          ...toldBy(entries),
        });
      }
    }
  });

  it('equal by connection and day what its runs counted', async () => {
    const byHand = { authScape: 0, dynamics: 0 };
    for (const bridge of members()) {
      const runs = await runsOf(bridge);
      for (const { day, part } of (await view(bridge)).byDay) {
        const ofDay = runs.filter((run) => dayOfRun(run) === day);
        const count = (status: Run['status']) => ofDay.filter((run) => run.status === status).length;
        const sum = (side: Side) => ofDay.reduce((total, run) => total + run.requests[side], 0);
        // On the last day a sync by hand sends some of its own.
        const isByHand = day === dayOf(fleet.third.clock.now());
        for (const side of ['authScape', 'dynamics'] as const) {
          const more = part.requests[side] - sum(side);
          expect([day, side, isByHand ? Math.min(more, 0) : more]).toEqual([day, side, 0]);
          byHand[side] += more;
        }
        expect(part).toMatchObject({
          runs: {
            succeeded: count('succeeded'),
            partiallySucceeded: count('partiallySucceeded'),
            failed: count('failed'),
            cancelled: count('cancelled'),
          },
        });
      }
      for (const run of runs) {
        expect(statsOfRun(run)).toMatchObject(toldBy(await bridge.logs(run.id)));
      }
    }
    expect([byHand.authScape > 0, byHand.dynamics > 0]).toEqual([true, true]);
  });

  it('sum up to the totals, in which every outcome is there, and count links and events', async () => {
    const views = await Promise.all(members().map(view));
    for (const { byDay, total } of views) {
      expect(total).toEqual(byDay.reduce((sum, { part }) => addStats(sum, part), NO_STATS));
    }
    const all = views.reduce((sum, { total }) => addStats(sum, total), NO_STATS);
    for (const counts of [all.totals, all.runs, all.requests]) {
      expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([]);
    }
    expect(all.events).toMatchObject({ received: 3, echoes: 1, deadLettered: 1 });
    const linked = await Promise.all(
      members().map(
        async (bridge) => (await bridge.links()).filter(({ state }) => state === 'linked').length,
      ),
    );
    expect(views.map(({ links }) => links.User)).toEqual(linked);
    expect(views.map(({ links }) => links.Company)).toEqual([1, 0, 0, 0]);
  });
});
