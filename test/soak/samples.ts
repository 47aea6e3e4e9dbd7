import { readFileSync } from 'node:fs';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import type { Journey } from '../journeys/support/journey.js';
import { connectionString } from '../journeys/support/storage-scan.js';
import type { StackInfo } from '../stack/launch/stack-file.js';

/** What the product holds at one moment. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly waiting: number;
  /** Resident megabytes; NaN where the system does not tell, or the process is away. */
  readonly functionsMb: number;
  readonly azuriteMb: number;
}

export async function takeSample({ stack: { info }, waitingMessages }: Journey): Promise<Sample> {
  const [rows, waiting] = await Promise.all([rowsByTable(info), waitingMessages()]);
  return {
    at: Date.now(),
    rows,
    waiting,
    functionsMb: residentMb(info.pids.functions),
    azuriteMb: residentMb(info.pids.azurite),
  };
}

async function rowsByTable(info: StackInfo): Promise<Record<string, number>> {
  const options = { allowInsecureConnection: true };
  const service = TableServiceClient.fromConnectionString(connectionString(info), options);
  const counts: Record<string, number> = {};
  for await (const { name = '' } of service.listTables()) {
    const table = TableClient.fromConnectionString(connectionString(info), name, options);
    let count = 0;
    for await (const _ of table.listEntities({ queryOptions: { select: ['PartitionKey'] } })) count += 1;
    counts[name] = count;
  }
  return counts;
}

function residentMb(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes) / 1024;
  } catch {
    return Number.NaN;
  }
}
