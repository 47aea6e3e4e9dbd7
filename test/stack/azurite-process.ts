import { rmSync } from 'node:fs';
import { startAzurite } from './azurite.js';
import { type AzuriteAnswer, azuriteConfigSchema } from './launch/azurite-config.js';

/** Each by its name, so that the bundle this entry runs from holds them: whole packages take long to load. */
const modules: Record<string, () => unknown> = {
  'table/TableConfiguration': () => require('azurite/dist/src/table/TableConfiguration.js'),
  'table/TableServer': () => require('azurite/dist/src/table/TableServer.js'),
  'queue/QueueConfiguration': () => require('azurite/dist/src/queue/QueueConfiguration.js'),
  'queue/QueueServer': () => require('azurite/dist/src/queue/QueueServer.js'),
  'common/persistence/MemoryExtentStore': () =>
    require('azurite/dist/src/common/persistence/MemoryExtentStore.js'),
};

/**
 * Process entry: Table and Queue Storage on disk. Tells the parent its addresses when both serve; SIGTERM
 * writes what is not yet on disk, anything harder loses up to a minute.
 */
const config = azuriteConfigSchema.parse(JSON.parse(process.env.STACK_AZURITE ?? ''));
const azurite = await startAzurite(config, (file) => modules[file]?.());

process.once('SIGTERM', () => {
  void azurite.close().finally(() => {
    if (!process.connected) {
      rmSync(config.temporaryRoot, { recursive: true, force: true });
    }
    process.exit(0);
  });
});

const { connectionString, tablesUrl, queuesUrl } = azurite;
process.send?.({ connectionString, tablesUrl, queuesUrl } satisfies AzuriteAnswer);
