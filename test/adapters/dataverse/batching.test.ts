import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { systemInterruption } from '../../../src/adapters/interruption.js';
import { createLanes } from '../../../src/adapters/lanes.js';
import type { DynamicsSystem, WriteResult } from '../../../src/application/ports/systems.js';
import type { DynamicsRow } from '../../../src/domain/records.js';
import { aConnection, type Bench, startBench } from './support.js';

const COLUMNS = ['lastname'];
const usual = startBench();
const hasty = startBench({ dataTimeoutMs: 400 });
let bench: Bench;
let system: DynamicsSystem;
let rows: DynamicsRow[];

/** A connection of its own, which has learnt nothing yet but the metadata. */
async function start(which: Promise<Bench>): Promise<void> {
  bench = await which;
  await bench.control('POST', 'reset');
  await bench.control('DELETE', 'faults');
  system = await bench.factory.open(aConnection({ id: `c_${randomUUID()}` }));
  await system.create('contact', randomUUID(), { lastname: 'First' }, COLUMNS);
}

async function seed(count: number): Promise<void> {
  rows = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const made = await system.create('contact', randomUUID(), { lastname: `Old ${index}` }, COLUMNS);
      if (made.kind !== 'written') throw new Error('the contact exists already');
      return made.row;
    }),
  );
  await bench.control('DELETE', 'requests');
}

beforeEach(() => start(usual));
afterAll(async () => {
  for (const each of await Promise.all([usual, hasty])) await each.close();
});

const update = ({ id, etag }: DynamicsRow, lastname = 'New') =>
  system.update('contact', id, etag, { lastname }, COLUMNS);

/** Updates all at once and says in short how each ended. */
async function updateAll(): Promise<string[]> {
  const ended = await Promise.allSettled(rows.map((row) => update(row)));
  return ended.map(inShort);
}

function inShort(each: PromiseSettledResult<WriteResult>): string {
  if (each.status === 'fulfilled') return each.value.kind;
  return each.reason.reason ?? each.reason.code ?? each.reason.name;
}

async function requests(): Promise<Record<string, number>> {
  const answer = (await bench.control('GET', 'requests')) as { byRoute: Record<string, number> };
  return answer.byRoute;
}

async function names(): Promise<Record<string, unknown>> {
  const { contacts } = (await bench.control('GET', 'dump')) as {
    contacts: { contactid: string; lastname: string }[];
  };
  return Object.fromEntries(contacts.map((each) => [each.contactid, each.lastname]));
}

const fault = (match: string, more: object) => bench.control('POST', 'faults', [{ match, ...more }]);
const ofBatch = (more: object) => fault('POST $batch', { times: 1, ...more });

describe('requests about single rows', () => {
  it('go as they are when one is alone', async () => {
    await seed(1);
    expect(await updateAll()).toEqual(['written']);
    expect(await requests()).toEqual({ 'PATCH contacts': 1 });
  });

  it('go together when many are under way: 100 updates, 100 creations, 100 reads, 100 deletes', async () => {
    await seed(100);
    const made = await requests();
    expect(made).toEqual({});
    const { requests: counted } = await bench.meter.measure(updateAll);
    expect(Object.keys(await requests())).toEqual(['POST $batch']);
    expect(counted().dynamics).toBe((await requests())['POST $batch']);
    expect(counted().dynamics).toBeLessThanOrEqual(6);
    expect(new Set(Object.values(await names()))).toEqual(new Set(['First', 'New']));

    await bench.control('DELETE', 'requests');
    const create = () => system.create('contact', randomUUID(), { lastname: 'More' }, COLUMNS);
    await Promise.all(rows.map(create));
    expect(Object.keys(await requests())).toEqual(['POST $batch']);
    expect((await requests())['POST $batch']).toBeLessThanOrEqual(6);

    await bench.control('DELETE', 'requests');
    const read = await Promise.all(rows.map(({ id }) => system.get('contact', id, COLUMNS)));
    expect(read.map((row) => [row?.id, row?.values.lastname])).toEqual(rows.map(({ id }) => [id, 'New']));
    const removed = await Promise.all(rows.map(({ id }) => system.remove('contact', id, null)));
    expect(new Set(removed)).toEqual(new Set(['removed']));
    expect((await requests())['POST $batch']).toBeLessThanOrEqual(8);
  });

  it('each get their own answer', async () => {
    await seed(5);
    const [stale, gone, refused] = rows;
    if (stale === undefined || gone === undefined || refused === undefined) throw new Error('no rows');
    await update(stale, 'Theirs');
    await system.remove('contact', gone.id, null);
    await fault('PATCH contacts', { row: refused.id, status: 400, code: '0x80040265', message: 'No.' });
    expect(await updateAll()).toEqual(['stale', 'gone', 'business_rule', 'written', 'written']);
  });

  it('of pairs that are worked on side by side wait for each other', async () => {
    await seed(3);
    await createLanes(3).map(rows, async (row) => {
      // Each has something else to do before.
      for (let turns = rows.indexOf(row) * 5; turns > 0; turns -= 1) await new Promise(setImmediate);
      await update(row);
    });
    expect(await requests()).toEqual({ 'POST $batch': 1 });
  });

  it('of one row never share a batch', async () => {
    await seed(3);
    const [row, ...others] = rows;
    if (row === undefined) throw new Error('no rows');
    const ended = await Promise.allSettled([
      update(row, 'A'),
      update(row, 'B'),
      ...others.map((each) => update(each)),
    ]);
    expect(ended.map(inShort)).toEqual(['written', 'stale', 'written', 'written']);
    expect((await names())[row.id]).toBe('A');
    expect(await requests()).toMatchObject({ 'POST $batch': 1, 'PATCH contacts': 1 });
  });

  it('that are interrupted before they are sent are not sent, the others are', async () => {
    await seed(3);
    const stop = new AbortController();
    const [first, ...others] = rows;
    if (first === undefined) throw new Error('no rows');
    const stopped = systemInterruption.run(stop.signal, () => update(first));
    const going = others.map((row) =>
      systemInterruption.run(new AbortController().signal, () => update(row)),
    );
    stop.abort();
    const ended = await Promise.allSettled([stopped, ...going]);
    expect(ended.map(inShort)).toEqual(['connection_timeout', 'written', 'written']);
    expect((await names())[first.id]).toBe('Old 0');
  });

  it('are not sent when all are interrupted', async () => {
    await seed(3);
    const stop = new AbortController();
    const all = systemInterruption.run(stop.signal, updateAll);
    stop.abort();
    expect(await all).toEqual(Array(3).fill('connection_timeout'));
    expect(await requests()).toEqual({});
  });

  it('are counted once, for one of their callers', async () => {
    await seed(20);
    const measured = await Promise.all(rows.map((row) => bench.meter.measure(() => update(row))));
    const counted = measured.reduce((sum, each) => sum + each.requests().dynamics, 0);
    const asked = await requests();
    // A row that comes alone goes alone.
    expect(counted).toBe(Object.values(asked).reduce((sum, count) => sum + count, 0));
    expect(asked['POST $batch']).toBeGreaterThan(0);
  });

  it('wait and are repeated when one is throttled in a batch', async () => {
    await seed(4);
    await fault('PATCH contacts', { row: rows[2]?.id, status: 429, retryAfter: 0.2, times: 1 });
    const from = Date.now();
    expect(await updateAll()).toEqual(Array(4).fill('written'));
    expect(Date.now() - from).toBeGreaterThanOrEqual(190);
    expect(await requests()).toEqual({ 'POST $batch': 1, 'PATCH contacts': 1 });
  });

  it('are repeated with another token when the whole is refused with 401', async () => {
    await seed(4);
    const before = bench.tokens.given.length;
    for (const token of bench.tokens.given) bench.tokens.revoked.add(token);
    expect(await updateAll()).toEqual(Array(4).fill('written'));
    expect(bench.tokens.given).toHaveLength(before + 1);
    expect(await requests()).toEqual({ 'POST $batch': 2 });
  });
});

describe('a batch that is refused as a whole', () => {
  it.each([
    ['malformed', { status: 400, code: '0x80048d19' }],
    ['too large', { status: 413, body: '<html>' }],
    ['not known', { status: 501, code: '0x0' }],
    ['a page', { status: 200, body: '<html>Blocked</html>' }],
    ['a crash, though its parts were carried out', { status: 500, code: '0x80040224', commit: true }],
  ])('%s: each part is asked for alone', async (_what, how) => {
    await seed(4);
    await ofBatch(how);
    const isDone = 'commit' in how;
    expect(await updateAll()).toEqual(Array(4).fill(isDone ? 'UnknownFateError' : 'written'));
    expect(await requests()).toMatchObject({ 'PATCH contacts': 4 });
    expect((await names())[rows[0]?.id ?? '']).toBe('New');
  });

  it('finds its creations after a crash', async () => {
    await seed(0);
    await ofBatch({ status: 500, code: '0x80040224', commit: true });
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    const made = await Promise.all(
      ids.map((id) => system.create('contact', id, { lastname: 'Lie' }, COLUMNS)),
    );
    expect(made.map((each) => each.kind)).toEqual(['written', 'written', 'written']);
  });

  it('twice in a row is not asked for again', async () => {
    await seed(4);
    await fault('POST $batch', { status: 404 });
    for (let round = 0; round < 3; round += 1) {
      expect(await updateAll()).toEqual(Array(4).fill(round === 0 ? 'written' : 'stale'));
    }
    expect(await requests()).toMatchObject({ 'POST $batch': 2, 'PATCH contacts': 12 });
  });

  it('for a while is the failure of each part', async () => {
    await seed(4);
    await ofBatch({ status: 503 });
    expect(await updateAll()).toEqual(Array(4).fill('written'));
    // The repeats need not come at the same time.
    expect((await requests())['POST $batch']).toBeGreaterThanOrEqual(2);
  });
});

describe('a batch whose answer is not whole', () => {
  it('and is lost leaves the fate of each open, which the next attempt learns alone', async () => {
    await seed(3);
    await ofBatch({ dropConnection: 'afterCommit' });
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    const made = await Promise.all(
      ids.map((id) => system.create('contact', id, { lastname: 'Lie' }, COLUMNS)),
    );
    expect(made.map((each) => each.kind)).toEqual(['written', 'written', 'written']);
    expect((await requests())['POST contacts']).toBe(3);
  });

  it('gives those that were read their answer, and the rest an open fate', async () => {
    await seed(3);
    await ofBatch({ cutAfter: 1_500 });
    const ended = await updateAll();
    expect([...new Set(ended)]).toEqual(['written', 'UnknownFateError']);
    expect(new Set(Object.values(await names()))).toEqual(new Set(['First', 'New']));
    // Those of open fate are asked for alone now, also after they were read: that says nothing about their writes.
    for (const { id } of rows) await system.get('contact', id, COLUMNS);
    await bench.control('DELETE', 'requests');
    await updateAll();
    const open = ended.filter((each) => each === 'UnknownFateError').length;
    expect((await requests())['PATCH contacts']).toBeGreaterThanOrEqual(open);
  });

  it('shows what it has not told of readings when each is asked for alone', async () => {
    await seed(3);
    await ofBatch({ cutAfter: 700 });
    const read = await Promise.all(rows.map(({ id }) => system.get('contact', id, COLUMNS)));
    expect(read.map((row) => row?.values.lastname)).toEqual(['Old 0', 'Old 1', 'Old 2']);
    expect(Object.keys(await requests()).sort()).toEqual(['GET contacts', 'POST $batch']);
  });

  it('as it stops at the first failure: the rest is sent alone', async () => {
    await seed(4);
    await bench.control('POST', 'behaviour', { batchStops: true });
    await fault('PATCH contacts', { row: rows[1]?.id, status: 400, code: '0x80040265', times: 1 });
    expect(await updateAll()).toEqual(['written', 'business_rule', 'written', 'written']);
    expect(await requests()).toMatchObject({ 'POST $batch': 1, 'PATCH contacts': 2 });
  });
});

describe('a slow row', () => {
  it('takes its companions along once', async () => {
    await start(hasty);
    await seed(5);
    const [slow] = rows;
    await fault('PATCH contacts', { row: slow?.id, delayMs: 1_000 });
    expect(await updateAll()).toEqual(Array(5).fill('UnknownFateError'));
    await bench.control('DELETE', 'requests');
    const again = await updateAll();
    expect(again[0]).toBe('UnknownFateError');
    expect(again.slice(1)).not.toContain('UnknownFateError');
    expect((await requests())['POST $batch']).toBeUndefined();
  });
});
