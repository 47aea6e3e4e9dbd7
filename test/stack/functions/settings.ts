/** host.json with the real host's defaults, the entry file from package.json, and `%NAME%` settings. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

export interface QueueSettings {
  batchSize: number;
  newBatchThreshold: number;
  maxDequeueCount: number;
  /** Longest pause between two polls of an empty queue, in milliseconds. */
  maxPollingIntervalMs: number;
  /** Delay before a failed message is seen again, in seconds. */
  visibilityTimeoutS: number;
  messageEncoding: 'base64' | 'none';
}

export interface HostSettings {
  /** 0: unbounded. */
  functionTimeoutMs: number;
  /** Without slashes at the ends; empty for none. */
  routePrefix: string;
  customHeaders: Record<string, string>;
  queues: QueueSettings;
}

const SPAN = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)$/;

/** Milliseconds of a .NET time span, `[d.]hh:mm:ss[.fff]`. Throws on anything else. */
const parseSpan = (text: string): number => {
  const match = SPAN.exec(text);
  if (match === null) throw new Error(`"${text}" is not a time span of the form hh:mm:ss.`);
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000;
};

const span = z.string().transform((text, context) => {
  try {
    return parseSpan(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: String(error) });
    return z.NEVER;
  }
});

const hostFile = z.object({
  version: z.literal('2.0'),
  functionTimeout: z.union([z.literal('-1').transform(() => 0), span]).default(30 * 60_000),
  extensions: z
    .object({
      http: z
        .object({
          routePrefix: z.string().default('api'),
          customHeaders: z.record(z.string(), z.string()).default({}),
        })
        .prefault({}),
      queues: z
        .object({
          batchSize: z.number().int().min(1).max(32).default(16),
          newBatchThreshold: z.number().int().min(0).optional(),
          maxDequeueCount: z.number().int().min(1).default(5),
          maxPollingInterval: span.default(60_000),
          visibilityTimeout: span.default(0),
          messageEncoding: z.enum(['base64', 'none']).default('base64'),
        })
        .prefault({}),
    })
    .prefault({}),
});

const packageFile = z.object({ main: z.string().min(1) });

const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

/** Reads host.json of an app folder. Throws when it is missing or has a value the host would refuse. */
export const readHostSettings = async (appDir: string): Promise<HostSettings> => {
  const file = hostFile.parse(await readJson(path.join(appDir, 'host.json')));
  const { http, queues } = file.extensions;
  return {
    functionTimeoutMs: file.functionTimeout,
    routePrefix: http.routePrefix.replace(/^\/+|\/+$/g, ''),
    customHeaders: http.customHeaders,
    queues: {
      batchSize: queues.batchSize,
      newBatchThreshold: queues.newBatchThreshold ?? Math.floor(queues.batchSize / 2),
      maxDequeueCount: queues.maxDequeueCount,
      maxPollingIntervalMs: queues.maxPollingInterval,
      visibilityTimeoutS: Math.round(queues.visibilityTimeout / 1000),
      messageEncoding: queues.messageEncoding,
    },
  };
};

/** Absolute path of the file that package.json names as `main`. Patterns are not supported here. */
export const readEntryFile = async (appDir: string): Promise<string> => {
  const { main } = packageFile.parse(await readJson(path.join(appDir, 'package.json')));
  if (main.includes('*')) throw new Error(`package.json "main" is a pattern ("${main}"): name one bundle.`);
  return path.resolve(appDir, main);
};

/** Replaces every `%NAME%` by that setting. Throws when one is not set, which fails the function that uses it. */
export const resolveSettings = (text: string, env: NodeJS.ProcessEnv): string =>
  text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = env[name];
    if (value === undefined) throw new Error(`'%${name}%' does not resolve to a value.`);
    return value;
  });
