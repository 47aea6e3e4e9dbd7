import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { createAzureTables } from '../../../src/adapters/storage/azure-tables.js';
import { getNearRows, putRows, removeRows } from '../../../src/adapters/storage/bulk.js';
import type { Row, Tables } from '../../../src/adapters/storage/table.js';
import { ConflictError } from '../../../src/domain/errors.js';
import { startTableServer, type TableServer } from '../../bench/table-server/server.js';
import { type Azurite, startAzurite } from '../../stack/azurite.js';
import { createMemoryTables } from '../../support/memory-tables.js';

let azurite: Azurite;
let ofBenchmarks: TableServer;
let real: Tables;
let counterpart: Tables;
const memory = createMemoryTables();

beforeAll(async () => {
  [azurite, ofBenchmarks] = await Promise.all([startAzurite(), startTableServer()]);
  const { connectionString, tablesUrl } = azurite;
  const open = (account: string) =>
    createAzureTables({ connectionString: account, meter: createMeter(), retryDelayMs: 10 });
  real = open(connectionString);
  counterpart = open(connectionString.replace(tablesUrl, ofBenchmarks.url));
});
afterAll(() => Promise.all([azurite.close(), ofBenchmarks.close()]));

const row = (
  partitionKey: string,
  rowKey: string,
  columns: Record<string, string | boolean | number> = {},
): Row => ({
  partitionKey,
  rowKey,
  ...columns,
});

/** The service and its stand-ins: what stores are tested and measured on must do the same. */
describe.each([
  ['the service', () => real],
  ['the counterpart for benchmarks', () => counterpart],
  ['memory', () => memory],
])('tables of %s', (_name, tables) => {
  it('insert once and keep types', async () => {
    const table = tables().table('Feeds');
    const etag = await table.insert(row('insert', "it's", { text: "o'hara", flag: true, number: 7 }));

    expect(etag).toEqual(expect.any(String));
    expect(await table.insert(row('insert', "it's"))).toBeUndefined();
    expect(await table.get('insert', "it's")).toEqual({
      partitionKey: 'insert',
      rowKey: "it's",
      text: "o'hara",
      flag: true,
      number: 7,
      etag,
    });
    expect(await table.get('insert', 'other')).toBeUndefined();
  });

  it('replace whole rows under their etag', async () => {
    const table = tables().table('Feeds');
    const first = await table.put(row('replace', '1', { a: 'x', b: 'y' }));
    const second = await table.replace(row('replace', '1', { a: 'z' }), first);

    expect(await table.get('replace', '1')).toEqual({
      partitionKey: 'replace',
      rowKey: '1',
      a: 'z',
      etag: second,
    });
    await expect(table.replace(row('replace', '1'), first)).rejects.toThrow(ConflictError);
    await expect(table.replace(row('replace', '2'), first)).rejects.toThrow(ConflictError);
    await expect(table.remove('replace', '1', first)).rejects.toThrow(ConflictError);
    await expect(table.remove('replace', '2', first)).rejects.toThrow(ConflictError);
    await table.remove('replace', '2');
    await table.remove('replace', '1', second);
    expect(await table.get('replace', '1')).toBeUndefined();
  });

  it('do all of a transaction or nothing', async () => {
    const table = tables().table('Feeds');
    const etag = await table.put(row('transact', '1'));
    await table.put(row('transact', '2'));
    const put = { kind: 'put', row: row('transact', '9') } as const;

    for (const failing of [
      { kind: 'insert', row: row('transact', '1') },
      { kind: 'replace', row: row('transact', '2'), etag },
      { kind: 'remove', partitionKey: 'transact', rowKey: '3' },
    ] as const) {
      await expect(table.transact([put, failing])).rejects.toThrow(ConflictError);
      expect(await table.get('transact', '9')).toBeUndefined();
    }
    const etags = await table.transact([
      put,
      { kind: 'replace', row: row('transact', '1', { a: 'b' }), etag },
      { kind: 'remove', partitionKey: 'transact', rowKey: '2' },
    ]);
    expect(etags).toEqual([
      (await table.get('transact', '9'))?.etag,
      (await table.get('transact', '1'))?.etag,
      undefined,
    ]);
    expect(await table.get('transact', '2')).toBeUndefined();
  });

  it('answer ranges, prefixes and columns in order and in pages', async () => {
    const table = tables().table('Feeds');
    const rows = ['q|1', 'q|2', 'q~'].flatMap((partition) =>
      ['a', 'b', 'b|1', 'c'].map((key) => row(partition, key, { odd: key.length > 1, name: `n'${key}` })),
    );
    await putRows(table, rows);
    const keys = async (query: Parameters<typeof table.query>[0], limit = 100) => {
      const found: string[] = [];
      let token: string | undefined;
      do {
        const page = await table.query(query, limit, token);
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        found.push(...page.rows.map(({ partitionKey, rowKey }) => `${partitionKey}:${rowKey}`));
        token = page.next;
      } while (token !== undefined);
      return found.join(' ');
    };

    const both = 'q|1:a q|1:b q|1:b|1 q|1:c q|2:a q|2:b q|2:b|1 q|2:c';
    expect(await keys({ partitionPrefix: 'q|' })).toBe(both);
    expect(await keys({ partitionPrefix: 'q|', keysOnly: true }, 3)).toBe(both);
    expect(await keys({ partition: 'q|1', from: 'b', below: 'c' })).toBe('q|1:b q|1:b|1');
    expect(await keys({ partitionPrefix: 'q|', where: { odd: true } })).toBe('q|1:b|1 q|2:b|1');
    expect(await keys({ partition: 'q|2', where: { name: "n'a", odd: undefined } }, 1)).toBe('q|2:a');
    expect(await keys({ partition: 'none' })).toBe('');
  });

  it('go on after rows that were read and removed', async () => {
    const table = tables().table('Feeds');
    await putRows(
      table,
      Array.from({ length: 9 }, (_, index) => row('stable', `${index}`)),
    );
    const first = await table.query({ partition: 'stable' }, 4);
    await removeRows(table, [...first.rows, row('stable', '4')]);
    await table.put(row('stable', '00'));

    const second = await table.query({ partition: 'stable' }, 100, first.next);
    expect(second.rows.map(({ rowKey }) => rowKey)).toEqual(['5', '6', '7', '8']);
  });

  it('write and remove in bulk, several times the limits of a transaction', async () => {
    const table = tables().table('Feeds');
    const rows = Array.from({ length: 450 }, (_, index) =>
      row(`bulk${index % 2}`, `${index}`.padStart(4, '0'), { text: 'é'.repeat(20_000) }),
    );
    await putRows(table, [...rows, row('bulk0', '0000', { text: 'last one counts' })]);
    expect(await table.get('bulk0', '0000')).toMatchObject({ text: 'last one counts' });

    const asked = rows.filter(({ partitionKey }) => partitionKey === 'bulk1').map(({ rowKey }) => rowKey);
    const near = await getNearRows(table, 'bulk1', [...asked.slice(3, 90), 'none', asked[200]!]);
    expect(near.map(({ rowKey }) => rowKey)).toEqual([...asked.slice(3, 90), asked[200]!]);
    await table.remove('bulk1', asked[50]!);
    await removeRows(table, rows);
    for (const partition of ['bulk0', 'bulk1']) {
      expect((await table.query({ partition }, 10)).rows).toEqual([]);
    }
  });
});
