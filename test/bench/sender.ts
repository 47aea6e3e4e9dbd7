import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { connectionString } from '../journeys/support/storage-scan.js';
import { until } from '../journeys/support/wait.js';
import type { StackInfo } from '../stack/launch/stack-file.js';

export interface Load {
  url: string;
  headers: Record<string, string>;
  bodies: readonly string[];
  /** Per second, `count` times in all, whether or not answers have come. */
  rate?: number;
  count?: number;
  /** Or as fast as so many lanes get answers, for so long at most. */
  lanes?: number;
  forMs?: number;
}

const sentSchema = z.object({
  /** Until the last one was sent, and until the last answer. */
  sentMs: z.number(),
  ms: z.number(),
  sent: z.number(),
  statuses: z.record(z.string(), z.number()),
  latencies: z.array(z.number()),
});
export type Sent = z.infer<typeof sentSchema>;

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Ends a process with its parent, however that ends. */
const leash = new URL('../stack/launch/leash.ts', import.meta.url).href;

/** Sends from a process of its own, so that what is measured has its event loop to itself. */
export async function sendLoad(load: Load): Promise<Sent> {
  const child = spawn(process.execPath, [fileOf('./send-load.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(load));
  return sentSchema.parse(JSON.parse(await text(child.stdout)));
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export interface BareHost {
  url: string;
  stop(): void;
}

/** The handler that only stores a message, on the same host and the same storage. */
export async function startBareHost(info: StackInfo): Promise<BareHost> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', '--import', leash, fileOf('../stack/functions/main.ts')],
    {
      cwd: fileOf('../..'),
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        APP_DIR: fileOf('./bare-app'),
        FUNCTIONS_KEY: 'bare',
        FUNCTIONS_MASTER_KEY: 'bare',
        AzureWebJobsStorage: connectionString(info),
        NO_PROXY: '127.0.0.1',
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const url = await until('the bare handler serves', async () => {
    if (child.exitCode !== null) throw new Error(`The bare handler ended with ${child.exitCode}.`);
    return /^functions listening on (\S+)$/m.exec(printed)?.[1];
  });
  return { url: `${url.replace(/\/$/, '')}/api/store`, stop: () => child.kill() };
}
