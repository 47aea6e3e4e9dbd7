import { TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import { BridgeError } from '../../domain/errors.js';
import { limitTime, type TimeLimits } from '../http/sdk-time-limit.js';
import type { AzureTablesOptions } from './azure-tables.js';
import type { TableName } from './table.js';

/** The service itself ends a query after five seconds and anything else after thirty. */
const TIME_LIMITS: TimeLimits = { readMs: 10_000, writeMs: 30_000 };

/** The SDK's client of one table; nothing is sent before its first use. */
export function createTableClient(name: TableName, options: AzureTablesOptions): TableClient {
  const { connectionString, tablesUrl, credential, meter } = options;
  const countEach: NonNullable<TableServiceClientOptions['additionalPolicies']>[number] = {
    position: 'perRetry',
    policy: {
      name: 'countRequests',
      sendRequest: (request, next) => {
        meter.count('storage');
        return next(request);
      },
    },
  };
  const clientOptions: TableServiceClientOptions = {
    additionalPolicies: [
      countEach,
      { position: 'perRetry', policy: limitTime(options.timeLimits ?? TIME_LIMITS) },
    ],
    retryOptions: { maxRetries: 3, retryDelayInMs: options.retryDelayMs ?? 200, maxRetryDelayInMs: 5_000 },
    allowInsecureConnection: isPlainHttp(connectionString ?? tablesUrl ?? ''),
  };
  if (connectionString !== undefined) {
    return TableClient.fromConnectionString(connectionString, name, clientOptions);
  }
  if (tablesUrl === undefined || credential === undefined) {
    throw new BridgeError('internal_error', 'Storage needs a connection string, or URLs and a credential.');
  }
  return new TableClient(tablesUrl, name, credential, clientOptions);
}

/** Only emulators are reached over plain http. */
function isPlainHttp(address: string): boolean {
  return /^http:|TableEndpoint=http:|UseDevelopmentStorage=true/i.test(address);
}
