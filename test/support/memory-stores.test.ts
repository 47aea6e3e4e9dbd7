import { describe, expect, it } from 'vitest';
import { groupWrites } from '../../src/adapters/storage/grouped-writes.js';
import { createStores } from '../../src/adapters/storage/stores.js';
import type { Table, Tables } from '../../src/adapters/storage/table.js';
import { systemClock } from '../../src/adapters/system.js';
import { backlogStoresContract } from '../contracts/stores-backlog.js';
import { briefStoresContract } from '../contracts/stores-briefs.js';
import { configStoresContract } from '../contracts/stores-config.js';
import { eventStoresContract } from '../contracts/stores-dead-letters.js';
import { dueStoresContract } from '../contracts/stores-due.js';
import { matchGroupsContract } from '../contracts/stores-groups.js';
import { linkStoresContract } from '../contracts/stores-links.js';
import { operatingStoresContract } from '../contracts/stores-operating.js';
import { pendingCreationStoresContract } from '../contracts/stores-pending-creations.js';
import { processStoresContract } from '../contracts/stores-processes.js';
import { reservationStoresContract } from '../contracts/stores-reservations.js';
import { runStoresContract } from '../contracts/stores-runs.js';
import { sampleConnection, sampleLink, sampleRun } from '../contracts/stores-samples.js';
import { stagingStoresContract } from '../contracts/stores-staging.js';
import { createMemoryClock } from './memory-clock.js';
import { createMemoryStorage } from './memory-stores.js';
import { createMemoryTables } from './memory-tables.js';

const clock = createMemoryClock();
const stores = createMemoryStorage(clock);
const open = () => ({ stores, tables: stores.tables, clock });

describe('stores in memory', () => {
  configStoresContract(open);
  linkStoresContract(open);
  reservationStoresContract(open);
  pendingCreationStoresContract(open);
  runStoresContract(open);
  stagingStoresContract(open);
  matchGroupsContract(open);
  briefStoresContract(open);
  backlogStoresContract(open);
  operatingStoresContract(open);
  eventStoresContract(open);
  dueStoresContract(open);
  processStoresContract(open);
});

describe('stores in memory that group their writes', () => {
  const tables = groupWrites(createMemoryTables(), systemClock);
  const grouping = { stores: createStores(tables, clock), tables, clock };
  linkStoresContract(() => grouping);
  reservationStoresContract(() => grouping);
  pendingCreationStoresContract(() => grouping);
  runStoresContract(() => grouping);
  stagingStoresContract(() => grouping);
  matchGroupsContract(() => grouping);
  backlogStoresContract(() => grouping);
});

/** The first answer to every insert and transaction gets lost, and the SDK sends the request again. */
function forgetful(tables: Tables): Tables {
  return {
    table(name) {
      const table = tables.table(name);
      const twice: Table = {
        ...table,
        insert: async (row) => {
          await table.insert(row);
          return await table.insert(row);
        },
        transact: async (operations) => {
          await table.transact(operations);
          return await table.transact(operations);
        },
      };
      return twice;
    },
  };
}

describe('a write whose answer got lost', () => {
  it('creates and renames a connection all the same', async () => {
    const { connections } = createStores(forgetful(createMemoryTables()), clock);
    const connection = sampleConnection();
    const created = await connections.create(connection);
    expect(await connections.get(connection.id)).toEqual(created);
    const renamed = await connections.replace({ ...connection, name: 'another' }, created.etag);
    expect(await connections.get(connection.id)).toEqual(renamed);
  });

  it('opens a run, inserts a link and takes a key all the same', async () => {
    const { runs, links, keyReservations } = createStores(forgetful(createMemoryTables()), clock);
    expect(await runs.open(sampleRun('c_1'))).toHaveProperty('opened');
    const link = sampleLink('c_1');
    expect(await links.insert(link)).toEqual({
      kind: 'exists',
      link: { value: link, etag: expect.any(String) },
    });
    expect((await links.rowOwnersOf('c_1', 'contact', [link.crmId])).size).toBe(1);
    expect(await keyReservations.take('c_1', 'k', 'w', clock.now() + 1, 'row')).toBe(true);
  });
});

describe('a worker that dies between two requests', () => {
  it('leaves half a pair that the next insert completes', async () => {
    const { links, tables } = createMemoryStorage(clock);
    const link = sampleLink('c_1');
    tables.before = ({ table, kind }) => {
      if (table === 'Links' && kind === 'insert') throw new Error('killed');
    };
    await expect(links.insert(link)).rejects.toThrow('killed');
    tables.before = undefined;

    expect((await links.rowOwnersOf('c_1', 'contact', [link.crmId])).size).toBe(1);
    expect(await links.insert(link)).toMatchObject({ kind: 'inserted' });
  });

  it('leaves a run that never got the slot, and the connection free', async () => {
    const { runs, tables } = createMemoryStorage(clock);
    tables.after = ({ kind, rowKey }) => {
      if (kind === 'get' && rowKey === '!slot' && tables.rows('Runs').length > 1) throw new Error('killed');
    };
    await expect(runs.open(sampleRun('c_1'))).rejects.toThrow('killed');
    tables.after = undefined;

    expect(await runs.blocking('c_1')).toBeUndefined();
    expect(await runs.open(sampleRun('c_1', { id: 'r_zz2' }))).toHaveProperty('opened');
  });
});
