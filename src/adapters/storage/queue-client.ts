import { QueueClient, type StoragePipelineOptions } from '@azure/storage-queue';
import { BridgeError } from '../../domain/errors.js';
import type { JobQueueOptions } from './job-queue.js';

/** The SDK's client of one queue; nothing is sent before its first use. */
export function createQueueClient(name: string, options: JobQueueOptions): QueueClient {
  const { connectionString, queuesUrl, credential } = options;
  const pipeline: StoragePipelineOptions = {
    retryOptions: {
      maxTries: 4,
      retryDelayInMs: options.retryDelayMs ?? 200,
      maxRetryDelayInMs: 5_000,
    },
  };
  if (connectionString !== undefined) return new QueueClient(connectionString, name, pipeline);
  if (queuesUrl === undefined || credential === undefined) {
    throw new BridgeError('internal_error', 'Storage needs a connection string, or URLs and a credential.');
  }
  return new QueueClient(`${queuesUrl.replace(/\/$/, '')}/${name}`, credential, pipeline);
}
