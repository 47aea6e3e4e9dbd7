import { afterAll, beforeAll, describe } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { createAzureTables } from '../../../src/adapters/storage/azure-tables.js';
import { groupWrites } from '../../../src/adapters/storage/grouped-writes.js';
import { createStores } from '../../../src/adapters/storage/stores.js';
import { systemClock } from '../../../src/adapters/system.js';
import { startTableServer, type TableServer } from '../../bench/table-server/server.js';
import { backlogStoresContract } from '../../contracts/stores-backlog.js';
import { briefStoresContract } from '../../contracts/stores-briefs.js';
import { configStoresContract } from '../../contracts/stores-config.js';
import { eventStoresContract } from '../../contracts/stores-dead-letters.js';
import { dueStoresContract } from '../../contracts/stores-due.js';
import { matchGroupsContract } from '../../contracts/stores-groups.js';
import { linkStoresContract } from '../../contracts/stores-links.js';
import { operatingStoresContract } from '../../contracts/stores-operating.js';
import { pendingCreationStoresContract } from '../../contracts/stores-pending-creations.js';
import { processStoresContract } from '../../contracts/stores-processes.js';
import { reservationStoresContract } from '../../contracts/stores-reservations.js';
import { runStoresContract } from '../../contracts/stores-runs.js';
import type { StoresUnderTest } from '../../contracts/stores-samples.js';
import { stagingStoresContract } from '../../contracts/stores-staging.js';
import { type Azurite, startAzurite } from '../../stack/azurite.js';
import { createMemoryClock } from '../../support/memory-clock.js';

let azurite: Azurite;
let ofBenchmarks: TableServer;
let real: StoresUnderTest;
let counterpart: StoresUnderTest;

beforeAll(async () => {
  [azurite, ofBenchmarks] = await Promise.all([startAzurite(), startTableServer()]);
  const { connectionString, tablesUrl } = azurite;
  real = storesOn(connectionString);
  counterpart = storesOn(connectionString.replace(tablesUrl, ofBenchmarks.url));
});
afterAll(() => Promise.all([azurite.close(), ofBenchmarks.close()]));

function storesOn(connectionString: string): StoresUnderTest {
  const tables = createAzureTables({ connectionString, meter: createMeter(), retryDelayMs: 10 });
  const clock = createMemoryClock();
  const grouped = groupWrites(tables, systemClock);
  return { stores: createStores(grouped, clock), tables: grouped, clock };
}

describe.each([
  ['Table Storage', () => real],
  ['its counterpart for benchmarks', () => counterpart],
])('stores on %s', (_name, open) => {
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
