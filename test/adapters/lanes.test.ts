import { describe, expect, it } from 'vitest';
import { arrive, createLanes } from '../../src/adapters/lanes.js';
import { gatherReads } from '../../src/adapters/storage/gathered-reads.js';
import { groupWrites } from '../../src/adapters/storage/grouped-writes.js';
import type { Row, Table } from '../../src/adapters/storage/table.js';
import { systemClock } from '../../src/adapters/system.js';
import { createMemoryTables } from '../support/memory-tables.js';

const row = (rowKey: string, text = ''): Row => ({ partitionKey: 'p', rowKey, text });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

function inMemory(): { table: Table; sent: string[]; rows: () => number } {
  const memory = createMemoryTables();
  const sent: string[] = [];
  memory.before = ({ kind, rowKey }) => {
    sent.push(rowKey === undefined ? kind : `${kind} ${rowKey}`);
  };
  const table = gatherReads(groupWrites(memory, systemClock)).table('Links');
  return { table, sent, rows: () => memory.rows('Links').length };
}

/** Lanes that wait in vain go on after two seconds: what takes less has not waited. */
async function withoutWaiting(work: () => Promise<unknown>): Promise<void> {
  const from = performance.now();
  await work();
  expect(performance.now() - from).toBeLessThan(1_000);
}

describe('lanes', () => {
  it('work on as many items as there are lanes, and answer in their order', async () => {
    let most = 0;
    let now = 0;
    const answers = await createLanes(3).map(numbers(10), async (item) => {
      now += 1;
      most = Math.max(most, now);
      await arrive()?.ready;
      now -= 1;
      return item * 2;
    });
    expect(answers).toEqual(numbers(10).map((item) => item * 2));
    expect(most).toBe(3);
  });

  it.each([
    [1, 6],
    [2, 6],
    [3, 4],
    [4, 3],
    [20, 1],
  ])('are divided among %i workers', async (workers, most) => {
    let now = 0;
    let seen = 0;
    await createLanes(6)
      .among(workers)
      .map(numbers(12), async () => {
        now += 1;
        seen = Math.max(seen, now);
        await Promise.resolve();
        now -= 1;
      });
    expect(seen).toBe(most);
  });

  it('wait for each other, step by step', async () => {
    const steps: string[] = [];
    await createLanes(10).map([1, 2, 3], async (item) => {
      // What others wait for elsewhere comes at its own time.
      for (let turns = 0; turns < item; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      for (const step of ['a', 'b']) {
        await arrive()?.ready;
        steps.push(step);
      }
    });
    expect(steps.join('')).toBe('aaabbb');
  });

  it('do not wait for one that has ended or failed', async () => {
    const done: number[] = [];
    const work = createLanes(10).map([1, 2, 3], async (item) => {
      if (item === 1) return;
      if (item === 2) throw new Error('refused');
      await arrive()?.ready;
      done.push(item);
    });
    await withoutWaiting(() => expect(work).rejects.toThrow('refused'));
    expect(done).toEqual([3]);
  });

  it('begin a record only when those that are a step ahead are through', async () => {
    const steps: string[] = [];
    await createLanes(3).map([1, 2, 2, 2, 2, 1], async (count) => {
      for (const step of ['a', 'b'].slice(0, count)) {
        await arrive()?.ready;
        steps.push(step);
      }
    });
    expect(steps.join('')).toBe('aaabbaaabb');
  });

  it('begin one after the other what asks for nothing', async () => {
    const begun: number[] = [];
    await createLanes(2).map([0, 1, 2, 3], async (item) => {
      begun.push(item);
      if (item === 0) await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
    });
  });

  it('begin nothing after a failure, not even what waited', async () => {
    const begun: string[] = [];
    const work = createLanes(2).map(['short', 'fails', 'next'], async (item) => {
      begun.push(item);
      await arrive()?.ready;
      if (item === 'short') return;
      await arrive()?.ready;
      throw new Error(`${item} was refused`);
    });
    await expect(work).rejects.toThrow('fails was refused');
    expect(begun).toEqual(['short', 'fails']);
  });

  it('begin the next ones after two seconds where one is slow', async () => {
    let letGo = (): void => undefined;
    const slow = new Promise<void>((resolve) => (letGo = resolve));
    const from = Date.now();
    await createLanes(2).map(['slow', 'quick', 'next'], async (item) => {
      if (item === 'next') return letGo();
      await arrive()?.ready;
      if (item === 'slow') await slow;
    });
    expect(Date.now() - from).toBeGreaterThan(1_900);
  });

  it('wait for a slow one no longer than two seconds', async () => {
    let letGo = (): void => undefined;
    const slow = new Promise<void>((resolve) => (letGo = resolve));
    const from = Date.now();
    await createLanes(2).map(['slow', 'quick'], async (item) => {
      if (item === 'slow') return slow;
      await arrive()?.ready;
      letGo();
    });
    expect(Date.now() - from).toBeGreaterThan(1_900);
  });

  it('of two groups keep no step with each other, and what is in no lane waits for nobody', async () => {
    expect(arrive()).toBeUndefined();
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const other = createLanes(1).map(['held'], () => held);
    await withoutWaiting(() => createLanes(2).map([1, 2], async () => arrive()?.ready));
    letGo();
    await other;
  });
});

describe('what lanes ask of one partition', () => {
  it('is written in one transaction and read in one request, each step of a hundred', async () => {
    const { table, sent } = inMemory();
    const keys = numbers(100).map((n) => `r${String(n).padStart(3, '0')}`);
    const texts = await createLanes(100).map(keys, async (key) => {
      const etag = (await table.insert(row(key))) ?? '';
      await table.replace(row(key, `of ${key}`), etag);
      return (await table.get('p', key))?.text;
    });
    expect(texts).toEqual(keys.map((key) => `of ${key}`));
    expect(sent).toEqual(['transact', 'transact', 'query']);
  });

  it('answers each as if it were alone: a row that is there, one that is changed, one that is missing', async () => {
    const { table } = inMemory();
    await table.insert(row('there'));
    const answers = await createLanes(4).map(['there', 'new', 'changed', 'missing'], async (key) => {
      if (key === 'missing') return (await table.get('p', key)) ?? 'no row';
      if (key === 'changed')
        return table.replace(row('there'), 'W/"old"').catch((error: Error) => error.name);
      return (await table.insert(row(key))) === undefined ? 'exists' : 'inserted';
    });
    expect(answers).toEqual(['exists', 'inserted', 'ConflictError', 'no row']);
  });

  it('goes out at once with a write that waits for nobody', async () => {
    const { table, rows } = inMemory();
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const work = createLanes(3).map(['held', 'a', 'b'], async (key) => {
      if (key === 'held') return held;
      await table.insert(row(key));
    });
    await new Promise((resolve) => setImmediate(resolve));
    await withoutWaiting(() => table.insert(row('event')));
    expect(rows()).toBe(3);
    letGo();
    await work;
  });

  it('reads a row once for several, and not as it was before they asked', async () => {
    const { table, sent } = inMemory();
    await table.insert(row('shared', 'old'));
    const seen = await createLanes(3).map([1, 2, 3], async (item) => {
      const before = (await table.get('p', 'shared'))?.text;
      if (item === 1) await table.put(row('shared', 'new'));
      else await arrive()?.ready;
      return [before, (await table.get('p', 'shared'))?.text];
    });
    expect(seen).toEqual(numbers(3).map(() => ['old', 'new']));
    expect(sent.filter((request) => request === 'get shared')).toHaveLength(2);
  });

  it('gives the failure of a reading to all who asked', async () => {
    const memory = createMemoryTables();
    memory.before = ({ kind }) => {
      if (kind !== 'insert') throw new Error('no storage');
    };
    const table = gatherReads(memory).table('Links');
    const answers = await createLanes(2).map(['a', 'b'], (key) =>
      table.get('p', key).catch((error: Error) => error.message),
    );
    expect(answers).toEqual(['no storage', 'no storage']);
  });
});
