/** The storage accounts that bindings name by a setting, as the host's own clients see them. */
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import type { QueueSettings } from './settings.js';

export interface Queues {
  /** One attempt per call: for polling, which has a rhythm of its own. */
  polling(connection: string, name: string): QueueClient;
  /** Retries for some seconds: for what must not be lost, such as outputs and deletions. */
  reliable(connection: string, name: string): QueueClient;
}

/** The connection string a binding means. Throws when the setting is missing, which fails that function. */
export const connectionString = (setting: string | undefined, env: NodeJS.ProcessEnv): string => {
  const name = setting === undefined || setting === '' ? 'AzureWebJobsStorage' : setting;
  const value = env[name];
  if (value === undefined || value === '') {
    throw new Error(`Storage account connection string '${name}' does not exist.`);
  }
  return value;
};

/** Queue clients, one connection pool per account. */
export const createQueues = (): Queues => {
  const services = new Map<string, QueueServiceClient>();
  const serviceOf = (connection: string, maxTries: number): QueueServiceClient => {
    const key = `${maxTries} ${connection}`;
    const retryOptions = { maxTries, retryDelayInMs: 100, maxRetryDelayInMs: 1000 };
    const service =
      services.get(key) ?? QueueServiceClient.fromConnectionString(connection, { retryOptions });
    services.set(key, service);
    return service;
  };
  return {
    polling: (connection, name) => serviceOf(connection, 1).getQueueClient(name),
    reliable: (connection, name) => serviceOf(connection, 6).getQueueClient(name),
  };
};

/** Text as it goes into a message. */
export const encodeMessage = (text: string, encoding: QueueSettings['messageEncoding']): string =>
  encoding === 'none' ? text : Buffer.from(text, 'utf8').toString('base64');

/** Text of a received message; undefined when it is not valid base64 and the host expects that. */
export const decodeMessage = (
  body: string,
  encoding: QueueSettings['messageEncoding'],
): string | undefined => {
  if (encoding === 'none') return body;
  const compact = body.replace(/\s/g, '');
  const raw = Buffer.from(compact, 'base64');
  return raw.toString('base64') === compact ? raw.toString('utf8') : undefined;
};

export const statusOf = (error: unknown): number | undefined => {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
};

/** One line about an unknown error, without a stack. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What the log shows of a failed function: the stack where there is one. */
export const describeError = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
