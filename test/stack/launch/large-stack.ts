import type { AzuriteAnswer } from './azurite-config.js';

/** Millions of rows take more than Node allows by itself. */
export const withLargeHeap = (env: NodeJS.ProcessEnv) => ({
  ...env,
  NODE_OPTIONS: '--max-old-space-size=6144',
});

/** The same account with tables that are served elsewhere. */
export function withTables(azurite: AzuriteAnswer, tablesUrl: string): AzuriteAnswer {
  const connectionString = azurite.connectionString.replace(azurite.tablesUrl, tablesUrl);
  return { ...azurite, tablesUrl, connectionString };
}
