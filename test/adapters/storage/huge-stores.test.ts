import { afterAll, beforeAll, describe } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { createAzureTables } from '../../../src/adapters/storage/azure-tables.js';
import { createStores } from '../../../src/adapters/storage/stores.js';
import { hugeValuesContract } from '../../contracts/stores-huge.js';
import type { StoresUnderTest } from '../../contracts/stores-samples.js';
import { type Azurite, startAzurite } from '../../stack/azurite.js';
import { createMemoryClock } from '../../support/memory-clock.js';
import { createMemoryStorage } from '../../support/memory-stores.js';

describe('stores on Table Storage', () => {
  let azurite: Azurite;
  let under: StoresUnderTest;

  beforeAll(async () => {
    azurite = await startAzurite();
    const { connectionString } = azurite;
    const tables = createAzureTables({ connectionString, meter: createMeter(), retryDelayMs: 10 });
    const clock = createMemoryClock();
    under = { stores: createStores(tables, clock), tables, clock };
  });
  afterAll(() => azurite.close());

  hugeValuesContract(() => under);
});

describe('stores in memory', () => {
  const clock = createMemoryClock();
  const stores = createMemoryStorage(clock);

  hugeValuesContract(() => ({ stores, tables: stores.tables, clock }));
});
