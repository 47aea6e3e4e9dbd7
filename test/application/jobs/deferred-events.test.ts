import { describe, expect, it } from 'vitest';
import { BridgeError, ConflictError } from '../../../src/domain/errors.js';
import { aPair, contact, pairs } from '../support/actors.js';
import { rowId } from '../support/deeds.js';
import { createHarness, type Harness } from '../support/harness.js';
import { companyMapping, USER_COMPANY, userMapping } from '../support/mappings.js';

/** A pair whose user has a new name, and the event that says so. */
async function givenEvent() {
  const bridge = await createHarness();
  const { a, d } = await aPair(bridge);
  bridge.clock.advance(60_000);
  bridge.a.people.set('User', a, { firstName: 'Augusta' });
  await bridge.event('authScape', 'User', a);
  return { a, bridge, d };
}

/** Fails the n-th and later requests to a table as long as `until` says. */
function failAt(bridge: Harness, kind: string, table: string, error: () => Error, times: number): void {
  let left = times;
  bridge.storage.tables.before = (request) => {
    bridge.world.breathe();
    if (request.kind !== kind || request.table !== table || left === 0) return;
    left -= 1;
    throw error();
  };
}

/** Seconds that go by until nothing is left to do. */
async function secondsOf(bridge: Harness): Promise<number> {
  const from = bridge.clock.now();
  await bridge.drain();
  return (bridge.clock.now() - from) / 1_000;
}

describe('an event whose first delivery meets', () => {
  it.each([
    ['a lost race for a row', () => new ConflictError('Another writer was faster.'), 2],
    ['storage that is away for a moment', () => new BridgeError('storage_unavailable', 'Away.'), 6],
  ])('%s arrives without the pause of the host', async (_what, error, within) => {
    const { bridge, d } = await givenEvent();
    failAt(bridge, 'get', 'Connections', error, 1);
    expect(await secondsOf(bridge)).toBeLessThan(within);
    expect(contact(bridge, d).firstname).toBe('Augusta');
  });

  it('a worker that holds the pair is looked at again soon, not when the claim runs out', async () => {
    const { a, bridge, d } = await givenEvent();
    const [link] = await bridge.links();
    if (link === undefined) throw new Error('There is no pair.');
    const stored = await bridge.storage.links.get(link.connectionId, link.mappingId, a);
    const claim = { owner: 'another', until: bridge.clock.now() + 60_000 };
    const held = await bridge.storage.links.replace({ ...link, claim }, stored?.etag ?? '');
    const job = bridge.storage.jobs.take();
    if (job === undefined) throw new Error('There is no event.');
    await bridge.deliver(job);
    await bridge.storage.links.replace(link, held.etag);
    expect(await secondsOf(bridge)).toBeLessThan(2);
    expect(contact(bridge, d).firstname).toBe('Augusta');
  });

  it('one that never ends is looked at less and less often', async () => {
    const { bridge } = await givenEvent();
    failAt(bridge, 'get', 'Connections', () => new ConflictError('Another writer was faster.'), 1_000);
    const waits: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const job = bridge.storage.jobs.take();
      if (job === undefined) throw new Error('The event is gone.');
      await bridge.deliver(job);
      const wait = (bridge.storage.jobs.waiting()[0]?.visibleAt ?? 0) - bridge.clock.now();
      waits.push(wait / 1_000);
      bridge.clock.advance(wait);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
  });
});

describe('events that come together', () => {
  /** So many pairs, each with an event about it. */
  async function givenMany(count: number) {
    const bridge = await createHarness();
    const made = await pairs(bridge, count);
    bridge.clock.advance(60_000);
    for (const { a } of made) await bridge.event('authScape', 'User', a);
    return { bridge, made };
  }

  it('ask who the systems are once, and again after a second', async () => {
    const { bridge, made } = await givenMany(5);
    let asked = 0;
    bridge.world.before = ({ name, side }) => {
      if (name === 'identity' && side === 'dynamics') asked += 1;
    };
    await bridge.drain();
    expect(asked).toBe(1);
    bridge.clock.advance(1_000);
    await bridge.event('authScape', 'User', made[0]?.a ?? '');
    await bridge.drain();
    expect(asked).toBe(2);
  });

  it('meet a change of the connection at once', async () => {
    const { a, bridge, d } = await givenEvent();
    await bridge.drain();
    const stored = await bridge.storage.connections.get(bridge.connection.id);
    if (stored === undefined) throw new Error('The connection is gone.');
    await bridge.storage.connections.replace({ ...stored.value, direction: 'Inbound' }, stored.etag);
    bridge.a.people.set('User', a, { firstName: 'Ada' });
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    expect(contact(bridge, d).firstname).toBe('Augusta');
  });

  it('and are echoes are counted together, each once', async () => {
    const { bridge } = await givenMany(24);
    let writes = 0;
    bridge.storage.tables.before = ({ kind, table }) => {
      if (kind === 'replace' && table === 'Connections') writes += 1;
    };
    const jobs = [];
    for (let job = bridge.storage.jobs.take(); job !== undefined; job = bridge.storage.jobs.take())
      jobs.push(job);
    await Promise.all(jobs.map((job) => bridge.engine.processJob(job)));
    expect((await bridge.storage.connections.getState(bridge.connection.id)).echoes).toBe(24);
    expect(writes).toBeLessThan(12);
  });
});

describe('an event whose related record is not in step yet', () => {
  it('fills the lookup when the event of the other comes a little later', async () => {
    const mappings = [
      companyMapping(),
      userMapping({ relationships: [{ ...USER_COMPANY, direction: 'Outbound' }] }),
    ];
    const bridge = await createHarness({ mappings });
    const { a, d } = await aPair(bridge);
    bridge.clock.advance(60_000);
    const company = bridge.a.people.insert('Company', { title: 'Late Ltd', isDeactivated: false });
    const account = bridge.d.people.insert('account', { name: 'Late Ltd' }, rowId(900));
    bridge.a.people.set('User', a, { companyId: company });
    await bridge.event('authScape', 'User', a);
    const job = bridge.storage.jobs.take();
    if (job === undefined) throw new Error('There is no event.');
    await bridge.deliver(job);
    expect(contact(bridge, d).parentcustomerid ?? null).toBeNull();
    await bridge.event('authScape', 'Company', company);
    expect(await secondsOf(bridge)).toBeLessThan(3);
    expect(contact(bridge, d).parentcustomerid).toBe(`account:${account}`);
  });

  it('is left to the next run when that never comes', async () => {
    const bridge = await createHarness({
      mappings: [companyMapping(), userMapping({ relationships: [USER_COMPANY] })],
    });
    const { a } = await aPair(bridge);
    bridge.clock.advance(60_000);
    const company = bridge.a.people.insert('Company', { title: 'Lone Ltd', isDeactivated: false });
    bridge.a.people.set('User', a, { companyId: company });
    const reads: string[] = [];
    bridge.world.before = ({ entity, name }) => {
      if (entity === 'User' || entity === 'contact') reads.push(`${name} ${entity}`);
    };
    await bridge.event('authScape', 'User', a);
    expect(await secondsOf(bridge)).toBeLessThan(60);
    expect(reads.sort()).toEqual(['get User', 'get contact']);
    expect(bridge.storage.jobs.waiting()).toEqual([]);
    expect(bridge.poison).toEqual([]);
  });
});

it.each(['dynamics', 'authScape'] as const)('an event of %s reads its link once', async (source) => {
  const bridge = await createHarness();
  const { a, d } = await aPair(bridge);
  bridge.clock.advance(60_000);
  await (source === 'dynamics' ? bridge.event(source, 'contact', d) : bridge.event(source, 'User', a));
  let reads = 0;
  bridge.storage.tables.before = ({ kind, table }) => {
    if (kind === 'get' && table === 'Links') reads += 1;
  };
  await bridge.drain();
  expect(reads).toBe(1);
});
