/**
 * Where the host remembers when a timer ran, to notice a run missed while it was down. The real host keeps a blob
 * per timer; the local stack has no blob service, so it is a row per timer in a table of the host's own.
 */
import { TableClient } from '@azure/data-tables';
import { messageOf, statusOf } from './storage.js';

/** ISO times. */
export interface TimerStatus {
  last: string;
  next: string;
  lastUpdated: string;
}

/** Never rejects: a timer runs without its memory rather than not at all. */
export interface TimerStatusStore {
  read(name: string): Promise<TimerStatus | undefined>;
  write(name: string, status: TimerStatus): Promise<void>;
}

const TABLE = 'AzureWebJobsTimers';
const PARTITION = 'timers';

/** Without a connection string nothing is remembered. */
export const createTimerStatusStore = (
  connection: string | undefined,
  logWarning: (message: string) => void,
): TimerStatusStore => {
  if (connection === undefined || connection === '') {
    return { read: () => Promise.resolve(undefined), write: () => Promise.resolve() };
  }
  const client = TableClient.fromConnectionString(connection, TABLE, {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  });
  const upsert = async (name: string, status: TimerStatus): Promise<void> => {
    const row = { partitionKey: PARTITION, rowKey: name, ...status };
    try {
      await client.upsertEntity(row, 'Replace');
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      await client.createTable();
      await client.upsertEntity(row, 'Replace');
    }
  };
  return {
    read: async (name) => {
      try {
        const { last, next, lastUpdated } = await client.getEntity<TimerStatus>(PARTITION, name);
        return { last, next, lastUpdated };
      } catch (error) {
        if (statusOf(error) !== 404)
          logWarning(`The status of timer '${name}' is unknown: ${messageOf(error)}`);
        return undefined;
      }
    },
    write: async (name, status) => {
      try {
        await upsert(name, status);
      } catch (error) {
        logWarning(`The status of timer '${name}' was not kept: ${messageOf(error)}`);
      }
    },
  };
};
