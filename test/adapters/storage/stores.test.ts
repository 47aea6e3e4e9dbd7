import { afterAll, beforeAll, describe } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { createAzureTables } from '../../../src/adapters/storage/azure-tables.js';
import { groupWrites } from '../../../src/adapters/storage/grouped-writes.js';
import { createStores } from '../../../src/adapters/storage/stores.js';
import { systemClock } from '../../../src/adapters/system.js';
import { backlogStoresContract } from '../../contracts/stores-backlog.js';
import { briefStoresContract } from '../../contracts/stores-briefs.js';
import { configStoresContract } from '../../contracts/stores-config.js';
import { eventStoresContract } from '../../contracts/stores-dead-letters.js';
import { dueStoresContract } from '../../contracts/stores-due.js';
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
let under: StoresUnderTest;

beforeAll(async () => {
  azurite = await startAzurite();
  const tables = createAzureTables({
    connectionString: azurite.connectionString,
    meter: createMeter(),
    retryDelayMs: 10,
  });
  const clock = createMemoryClock();
  const grouped = groupWrites(tables, systemClock);
  under = { stores: createStores(grouped, clock), tables: grouped, clock };
});
afterAll(() => azurite.close());

const open = () => under;

describe('stores on Table Storage', () => {
  configStoresContract(open);
  linkStoresContract(open);
  reservationStoresContract(open);
  pendingCreationStoresContract(open);
  runStoresContract(open);
  stagingStoresContract(open);
  briefStoresContract(open);
  backlogStoresContract(open);
  operatingStoresContract(open);
  eventStoresContract(open);
  dueStoresContract(open);
  processStoresContract(open);
});
