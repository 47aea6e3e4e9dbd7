import { describe, expect, it } from 'vitest';
import { gatherReads } from '../../../src/adapters/storage/gathered-reads.js';
import { groupWrites } from '../../../src/adapters/storage/grouped-writes.js';
import { createStores } from '../../../src/adapters/storage/stores.js';
import { systemClock } from '../../../src/adapters/system.js';
import type { AuthScapeSystem } from '../../../src/application/ports/systems.js';
import { createMemoryTables } from '../../support/memory-tables.js';
import { aContact, aUser } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';

const LANES = 96;

interface Counted {
  readonly bridge: Harness;
  /** Requests to storage of a run, by table. */
  requestsOf(
    mode: 'full' | 'incremental',
  ): Promise<Readonly<Record<string, number>> & { readonly all: number }>;
}

/** The engine with lanes and claims as in the product, on stores that are put together as there. */
async function given(): Promise<Counted> {
  const tables = createMemoryTables();
  const bridge = await createHarness({
    concurrency: LANES,
    writeTimeoutMs: 45_000,
    storage: (clock) => createStores(gatherReads(groupWrites(tables, systemClock)), clock),
  });
  Object.assign(bridge.a, { pageSize: 500 });
  Object.assign(bridge.d, { pageSize: 5_000 });
  return {
    bridge,
    async requestsOf(mode) {
      const counts: Record<string, number> & { all: number } = { all: 0 };
      tables.before = ({ table }) => {
        counts[table] = (counts[table] ?? 0) + 1;
        counts.all += 1;
      };
      await bridge.sync(mode);
      tables.before = undefined;
      return counts;
    },
  };
}

/** So many users as contacts, a third of each the same people. */
function people({ bridge }: Counted, count: number): void {
  for (let n = 0; n < count; n += 1) {
    const email = `pair${n}@x.test`;
    aUser(bridge, n % 3 === 0 ? { email } : {});
    aContact(bridge, n % 3 === 0 ? { emailaddress1: email } : {});
  }
}

/** Calls to AuthScape that make a record come one after the other, as they do where few are let in at once; each takes so long. */
function inTurn(bridge: Harness, ms = 0): void {
  const open = bridge.parts.systems.authScape;
  let last: Promise<unknown> = Promise.resolve();
  const create =
    (system: AuthScapeSystem): AuthScapeSystem['create'] =>
    (entity, values, keys, guard) => {
      const turn = last.then(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        bridge.clock.advance(ms);
        return system.create(entity, values, keys, guard);
      });
      last = turn.catch(() => undefined);
      return turn;
    };
  bridge.parts.systems.authScape = async () => {
    const system = await open();
    return { ...system, create: create(system) };
  };
}

describe('requests to storage', () => {
  it('of a first run are few for each pair, whatever comes of it', async () => {
    const counted = await given();
    people(counted, 144);
    const { all, ...byTable } = await counted.requestsOf('full');
    const pairs = (await counted.bridge.links()).length;
    expect(pairs).toBe(240);
    expect(byTable.Mappings).toBeLessThanOrEqual(16);
    expect(byTable.Links).toBeLessThanOrEqual(20);
    expect(byTable.LinkClaims).toBeLessThanOrEqual(14);
    expect(byTable.KeyClaims).toBeLessThanOrEqual(14);
    expect(byTable.Logs).toBeLessThanOrEqual(24);
    expect(byTable.Staging).toBeLessThanOrEqual(40);
    expect(all / pairs).toBeLessThan(0.7);
  });

  it('about the mappings are few where AuthScape takes one new user after the other', async () => {
    const counted = await given();
    inTurn(counted.bridge);
    for (let n = 0; n < 40; n += 1) aContact(counted.bridge);
    const { Mappings = 0 } = await counted.requestsOf('full');
    expect(counted.bridge.a.records.User.size).toBe(40);
    expect(Mappings).toBeLessThanOrEqual(8);
  });

  it('hold what is to be made until its turn, where AuthScape takes two and a half seconds for each of six at once', async () => {
    const counted = await given();
    const { a, world } = counted.bridge;
    inTurn(counted.bridge, 2_500 / 6);
    for (let n = 0; n < LANES; n += 1) aContact(counted.bridge);
    let asked = 0;
    world.before = ({ name, side }) => {
      if (side === 'authScape' && name === 'findBy') asked += 1;
    };
    await counted.requestsOf('full');
    expect(a.records.User.size).toBe(LANES);
    expect(asked).toBe(LANES);
  });

  it('of an unchanged run are as many with forty records that fail as with ten', async () => {
    const requestsWith = async (failing: number) => {
      const counted = await given();
      people(counted, 30);
      for (let n = 0; n < failing; n += 1) {
        const emailaddress1 = `refused${n}@x.test`;
        counted.bridge.a.refusedEmails.add(emailaddress1);
        aContact(counted.bridge, { emailaddress1 });
      }
      await counted.bridge.sync('full');
      await counted.bridge.sync('full');
      return counted.requestsOf('full');
    };
    const few = await requestsWith(10);
    const many = await requestsWith(40);
    expect(many.all - few.all).toBeLessThanOrEqual(4);
    // The links are read when the rows are, compared, and counted.
    expect(many.Links).toBeLessThanOrEqual(3);
  });

  it('about pairs that changed do not grow with their number', async () => {
    const requestsWith = async (edits: number) => {
      const counted = await given();
      people(counted, 60);
      await counted.bridge.sync('full');
      await counted.bridge.sync('full');
      const { bridge } = counted;
      for (const id of [...bridge.a.records.User.keys()].slice(0, edits))
        bridge.a.people.set('User', id, { lastName: `New ${id}` });
      return counted.requestsOf('full');
    };
    const few = await requestsWith(5);
    const many = await requestsWith(40);
    expect(many.all - few.all).toBeLessThanOrEqual(4);
  });

  it('about pairs that changed are as few where they lie far apart', async () => {
    const counted = await given();
    const { bridge } = counted;
    for (let n = 0; n < 2_200; n += 1) aUser(bridge);
    await bridge.sync('full');
    await bridge.sync('full');
    const ids = [...bridge.a.records.User.keys()].sort();
    const requestsWith = async (changed: (place: number) => boolean) => {
      for (const id of ids.filter((_, place) => changed(place)))
        bridge.a.people.set('User', id, { lastName: `New ${bridge.clock.now()} ${id}` });
      return counted.requestsOf('full');
    };
    const near = await requestsWith((place) => place < 22);
    const apart = await requestsWith((place) => place % 100 === 0);
    // Two more pages of links.
    expect(apart.all - near.all).toBeLessThanOrEqual(2);
    // To read them for the index, and again; to claim the pairs and to let them go.
    expect(apart.Links).toBeLessThanOrEqual(8);
  }, 60_000);
});
