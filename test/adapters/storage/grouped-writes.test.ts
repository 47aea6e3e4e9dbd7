import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { createAzureTables } from '../../../src/adapters/storage/azure-tables.js';
import { groupWrites } from '../../../src/adapters/storage/grouped-writes.js';
import type { Row, Table } from '../../../src/adapters/storage/table.js';
import { systemClock } from '../../../src/adapters/system.js';
import { BridgeError, ConflictError } from '../../../src/domain/errors.js';
import { type Azurite, startAzurite } from '../../stack/azurite.js';
import { createMemoryTables, type MemoryTables } from '../../support/memory-tables.js';

const row = (rowKey: string, columns: Record<string, string> = {}): Row => ({
  partitionKey: 'p',
  rowKey,
  ...columns,
});
const rows = (count: number): Row[] => Array.from({ length: count }, (_, index) => row(`r${index}`));

function inMemory(): { table: Table; memory: MemoryTables; sent: string[] } {
  const memory = createMemoryTables();
  const sent: string[] = [];
  memory.before = ({ kind, partitionKey }) => {
    sent.push(`${kind} ${partitionKey}`);
  };
  return { table: groupWrites(memory, systemClock).table('Links'), memory, sent };
}

describe('writes to one partition', () => {
  it('go out by themselves when they are alone', async () => {
    const { table, sent } = inMemory();
    const etag = await table.insert(row('1'));
    expect(sent).toEqual(['insert p']);
    expect((await table.get('p', '1'))?.etag).toBe(etag);
  });

  it('go out together, each with its own answer', async () => {
    const { table, sent } = inMemory();
    const old = await table.put(row('old'));
    sent.length = 0;
    const [inserted, both, put, replaced] = await Promise.all([
      table.insert(row('a')),
      table.transact([
        { kind: 'put', row: row('b') },
        { kind: 'insert', row: row('c') },
      ]),
      table.put(row('d')),
      table.replace(row('old', { text: 'new' }), old),
      table.put({ partitionKey: 'q', rowKey: '1' }),
    ]);
    expect(sent.sort()).toEqual(['put q', 'transact p']);
    const etags = await Promise.all(
      ['a', 'b', 'c', 'd', 'old'].map(async (key) => (await table.get('p', key))?.etag),
    );
    expect([inserted, ...both, put, replaced]).toEqual(etags);
  });

  it('gather while others are under way', async () => {
    const { table, memory, sent } = inMemory();
    const note = memory.before;
    let goOn = (): void => undefined;
    memory.before = async (request) => {
      await note?.(request);
      if (sent.length === 1) await new Promise<void>((resolve) => (goOn = resolve));
    };
    const first = table.insert(row('first'));
    await expect.poll(() => sent).toEqual(['insert p']);
    const others = rows(250).map((each) => table.insert(each));
    goOn();
    await Promise.all([first, ...others]);
    expect(sent).toEqual(['insert p', 'transact p', 'transact p', 'transact p']);
  });

  it('stay apart when they are about the same row, and keep their order', async () => {
    const { table } = inMemory();
    const results = await Promise.all([
      table.insert(row('1', { by: 'a' })),
      table.insert(row('1', { by: 'b' })),
      table.put(row('1', { by: 'c' })),
      table.put(row('1', { by: 'd' })),
    ]);
    expect(results.map((etag) => etag !== undefined)).toEqual([true, false, true, true]);
    expect(await table.get('p', '1')).toMatchObject({ by: 'd', etag: results[3] });
  });

  it('do not overtake one that waits for the next group with a row of theirs', async () => {
    const { table } = inMemory();
    await Promise.all([
      table.put(row('a', { by: 'first' })),
      table.transact([
        { kind: 'put', row: row('a', { by: 'second' }) },
        { kind: 'put', row: row('b', { by: 'second' }) },
      ]),
      table.put(row('b', { by: 'third' })),
    ]);
    expect([await table.get('p', 'a'), await table.get('p', 'b')]).toMatchObject([
      { by: 'second' },
      { by: 'third' },
    ]);
  });

  it('remove a row only as it was read', async () => {
    const { table } = inMemory();
    const read = await table.put(row('1'));
    const changed = await table.put(row('1', { by: 'another' }));
    await expect(table.remove('p', '1', read)).rejects.toBeInstanceOf(ConflictError);
    await table.remove('p', '1', changed);
    expect(await table.get('p', '1')).toBeUndefined();
  });

  it('stay below what a request may hold', async () => {
    const { table, sent } = inMemory();
    const text = Object.fromEntries(
      Array.from({ length: 17 }, (_, index) => [`c${index}`, 'x'.repeat(30_000)]),
    );
    await Promise.all(rows(18).map((each) => table.insert({ ...each, ...text })));
    expect(sent).toEqual(['transact p', 'transact p', 'transact p']);
  });
});

describe('a group of which one write is refused', () => {
  it('gives each caller its own answer and writes what can be written', async () => {
    const { table } = inMemory();
    const etag = await table.put(row('there'));
    await table.put(row('changed'));
    const results = await Promise.allSettled([
      table.insert(row('there')),
      table.insert(row('new')),
      table.replace(row('changed'), etag),
      table.replace(row('missing'), etag),
      table.transact([
        { kind: 'put', row: row('half') },
        { kind: 'insert', row: row('changed') },
      ]),
      table.put(row('other')),
    ]);
    expect(results).toEqual([
      { status: 'fulfilled', value: undefined },
      { status: 'fulfilled', value: expect.any(String) },
      { status: 'rejected', reason: expect.any(ConflictError) },
      { status: 'rejected', reason: expect.any(ConflictError) },
      { status: 'rejected', reason: expect.any(ConflictError) },
      { status: 'fulfilled', value: expect.any(String) },
    ]);
    expect(await table.get('p', 'half')).toBeUndefined();
    expect(await table.get('p', 'new')).toBeDefined();
  });

  it('fails for all when the outcome is unknown, and the partition goes on', async () => {
    const { table, memory } = inMemory();
    const fault = new BridgeError('storage_unavailable', 'Storage does not answer.');
    memory.after = () => {
      memory.after = undefined;
      throw fault;
    };
    const results = await Promise.allSettled([table.insert(row('1')), table.insert(row('2'))]);
    expect(results).toEqual([
      { status: 'rejected', reason: fault },
      { status: 'rejected', reason: fault },
    ]);
    // Written all the same: callers meet their rows, as after a lost answer to a single write.
    expect(await Promise.all([table.insert(row('1')), table.insert(row('3'))])).toEqual([
      undefined,
      expect.any(String),
    ]);
  });
});

describe('grouped writes on the service', () => {
  let azurite: Azurite;
  const meter = createMeter();
  let table: Table;
  beforeAll(async () => {
    azurite = await startAzurite();
    const tables = createAzureTables({
      connectionString: azurite.connectionString,
      meter,
      retryDelayMs: 10,
    });
    table = groupWrites(tables, systemClock).table('Links');
    await table.get('p', 'none');
  });
  afterAll(() => azurite.close());

  it('answer each with the ETag of its row, in one request that its first caller counts', async () => {
    const old = await Promise.all(rows(20).map((each) => table.insert(each)));
    const calls = rows(60).map((each, index) =>
      meter.measure(() => {
        const etag = old[index];
        if (etag !== undefined) return table.replace({ ...each, text: 'é' }, etag);
        return index % 2 === 0 ? table.insert(each) : table.put(each);
      }),
    );
    const results = await Promise.all(calls);
    const stored = (await table.query({ partition: 'p' }, 100)).rows;
    const etags = new Map(stored.map(({ rowKey, etag }) => [rowKey, etag]));
    expect(results.map(({ result }) => result)).toEqual(rows(60).map(({ rowKey }) => etags.get(rowKey)));
    expect(results.map(({ requests }) => requests().storage)).toEqual([1, ...Array(59).fill(0)]);
  });

  it('let one of twenty racers win each row', async () => {
    const tries = rows(5).flatMap((each) =>
      Array.from({ length: 20 }, () => table.insert({ ...each, partitionKey: 'race' })),
    );
    expect((await Promise.all(tries)).filter((etag) => etag !== undefined)).toHaveLength(5);
  });
});
