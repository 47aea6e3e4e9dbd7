import { rmSync } from 'node:fs';
import { startAzurite } from './azurite.js';
import { type AzuriteAnswer, azuriteConfigSchema } from './launch/azurite-config.js';
import { leaveOutTelemetry } from './launch/leave-out-telemetry.js';

/**
 * Process entry: Table and Queue Storage on disk. Tells the parent its addresses when both serve; SIGTERM
 * writes what is not yet on disk, anything harder loses up to a minute.
 */
const config = azuriteConfigSchema.parse(JSON.parse(process.env.STACK_AZURITE ?? ''));
leaveOutTelemetry();
const azurite = await startAzurite(config);

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
