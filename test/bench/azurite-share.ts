import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import { connectionString } from '../journeys/support/storage-scan.js';
import type { StackInfo } from '../stack/launch/stack-file.js';
import { percentile } from './sender.js';
import { cpuSeconds } from './worker-usage.js';

export interface Share {
  /** Milliseconds of single messages that were put straight into Azurite meanwhile. */
  direct: number[];
  /** Seconds of the processor by part, `azurite` being all of storage; NaN where the system does not tell. */
  cpu: Record<'functions' | 'azurite' | 'simulators', number>;
}

const PROBE_EVERY_MS = 200;

/**
 * What of a measurement is Azurite's: how long it takes for a message without anything of ours in between, and how
 * much of the processor it uses beside the other parts.
 */
export async function watched<T>(
  info: StackInfo,
  work: () => Promise<T>,
): Promise<{ result: T; share: Share }> {
  const queue = new QueueClient(connectionString(info), 'probe');
  await queue.createIfNotExists();
  const direct: number[] = [];
  const over = new AbortController();
  const probing = probe(queue, direct, over.signal);
  const before = cpuOf(info);
  const result = await work();
  const after = cpuOf(info);
  over.abort();
  await probing;
  await queue.clearMessages();
  const spent = (part: keyof Share['cpu']) => after[part] - before[part];
  const cpu = {
    functions: spent('functions'),
    azurite: spent('azurite'),
    simulators: spent('simulators'),
  };
  return { result, share: { direct, cpu } };
}

export function shareText({ cpu, direct }: Share): string {
  const [p50, p99] = [percentile(direct, 0.5), percentile(direct, 0.99)].map((ms) => ms.toFixed(1));
  const seconds = Object.entries(cpu).map(([part, used]) => `${part} ${used.toFixed(1)} s`);
  return `straight into Azurite p50 ${p50} ms, p99 ${p99} ms (${direct.length} probes); processor: ${seconds.join(', ')}`;
}

async function probe(queue: QueueClient, direct: number[], over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const from = performance.now();
    await queue.sendMessage('probe');
    direct.push(performance.now() - from);
    await sleep(PROBE_EVERY_MS);
  }
}

/** What each part has used so far. */
export function cpuOf({ pids }: StackInfo): Share['cpu'] {
  return {
    functions: cpuSeconds(pids.functions),
    azurite: cpuSeconds(pids.azurite) + (pids.tables === undefined ? 0 : cpuSeconds(pids.tables)),
    simulators: cpuSeconds(pids.simulators),
  };
}
