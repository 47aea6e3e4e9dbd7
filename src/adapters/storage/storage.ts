import type { TokenCredential } from '@azure/identity';
import type { JobQueue } from '../../application/ports/job-queue.js';
import type { Clock } from '../../application/ports/runtime.js';
import type { StorageProbe } from '../../application/ports/stores.js';
import type { Telemetry } from '../../application/ports/telemetry.js';
import { BridgeError } from '../../domain/errors.js';
import type { TimeLimits } from '../http/sdk-time-limit.js';
import type { CountingMeter } from '../meter.js';
import { createAzureTables } from './azure-tables.js';
import { gatherReads } from './gathered-reads.js';
import { groupWrites } from './grouped-writes.js';
import { createJobQueue } from './job-queue.js';
import { createStores, type Stores } from './stores.js';

export interface Storage extends Stores {
  readonly jobs: JobQueue;
  readonly probe: StorageProbe;
}

export interface StorageOptions {
  /** Either a connection string, or both URLs and a credential. */
  readonly connectionString?: string | undefined;
  readonly tablesUrl?: string | undefined;
  readonly queuesUrl?: string | undefined;
  readonly credential?: TokenCredential | undefined;
  readonly meter: CountingMeter;
  /** What messages carry of the trace that they belong to. */
  readonly telemetry?: Pick<Telemetry, 'traceparent'> | undefined;
  readonly clock: Clock;
  /** Delay before the first of three repeats of a failed request; 200 ms if left out. */
  readonly retryDelayMs?: number | undefined;
  /** How long one attempt may take; a read has a repeat. */
  readonly timeLimits?: TimeLimits | undefined;
}

/** All stores and the queues on one storage account. Nothing is sent before the first use. */
export function createStorage(options: StorageOptions): Storage {
  demandAccount(options);
  const tables = createAzureTables(options);
  const jobs = createJobQueue(options);
  return {
    ...createStores(gatherReads(groupWrites(tables, options.clock)), options.clock),
    jobs: { enqueue: jobs.enqueue },
    probe: {
      async ping() {
        await Promise.all([tables.table('Connections').get('!probe', '!probe'), jobs.ping()]);
      },
    },
  };
}

/** The clients are made at their first use; that there is no account shows at once. */
function demandAccount({ connectionString, credential, queuesUrl, tablesUrl }: StorageOptions): void {
  if (connectionString !== undefined) return;
  if (tablesUrl !== undefined && queuesUrl !== undefined && credential !== undefined) return;
  throw new BridgeError('internal_error', 'Storage needs a connection string, or URLs and a credential.');
}
