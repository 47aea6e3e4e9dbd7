import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { StackInfo } from '../launch/stack-file.js';

const runSchema = z.object({
  id: z.string(),
  status: z.string(),
  phase: z.string().nullish(),
  percent: z.number().nullish(),
  counts: z.record(z.string(), z.number()),
  bySide: z.record(z.string(), z.record(z.string(), z.number())),
  requests: z.record(z.string(), z.number()).nullish(),
  startedAt: z.string().nullish(),
  finishedAt: z.string().nullish(),
  error: z.unknown(),
});
const testSchema = z.object({
  ok: z.boolean(),
  steps: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      durationMs: z.number(),
      code: z.string().nullish(),
      detail: z.string().nullish(),
      hint: z.string().nullish(),
    }),
  ),
});
const mappingSchema = z.object({
  id: z.string(),
  authScapeEntity: z.enum(['User', 'Company', 'Location']),
  crmEntity: z.string(),
  fields: z.array(
    z.object({
      authScapeField: z.string(),
      crmField: z.string(),
      enabled: z.boolean().default(true),
      transform: z.object({ type: z.string() }).nullish(),
    }),
  ),
  relationships: z.array(
    z.object({
      authScapeField: z.string(),
      relatedEntity: z.string(),
      crmLookupField: z.string(),
      enabled: z.boolean().default(true),
    }),
  ),
});
const linkSchema = z.object({
  mappingId: z.string(),
  entity: z.string(),
  authScapeId: z.string(),
  crmEntity: z.string(),
  crmId: z.string(),
});

export type BridgeRun = z.infer<typeof runSchema>;
export type BridgeTest = z.infer<typeof testSchema>;
export type BridgeMapping = z.infer<typeof mappingSchema>;
export type BridgeLink = z.infer<typeof linkSchema>;

/** What the demo asks of the product, over its HTTP API only. */
export interface Bridge {
  createConnection(name: string): Promise<string>;
  testConnection(connectionId: string): Promise<BridgeTest>;
  /** Carries out a configuration that maps these entities to these tables, and answers the mappings with their fields. */
  configure(
    name: string,
    connectionId: string,
    mapped: readonly (readonly [string, string])[],
  ): Promise<BridgeMapping[]>;
  /**
   * Runs a sync, a full one if not told otherwise, to its end. A run that the timer has begun meanwhile is followed first; the answer holds
   * every run that was followed, the asked one last.
   */
  sync(
    connectionId: string,
    onProgress: (run: BridgeRun) => void,
    mode?: 'full' | 'incremental',
  ): Promise<[BridgeRun, ...BridgeRun[]]>;
  links(connectionId: string): Promise<BridgeLink[]>;
}

const pollMs = 200;
const defaultRunWithinMs = 300_000;
const underWay = ['queued', 'running'];

export function connectBridge(info: StackInfo, runWithinMs = defaultRunWithinMs): Bridge {
  async function call(method: string, path: string, body?: unknown): Promise<Response> {
    const reply = await fetch(new URL(path, info.functions), {
      method,
      headers: {
        'x-functions-key': info.functionsKey,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(120_000),
    });
    return reply;
  }

  async function answer<T>(schema: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T> {
    const reply = await call(method, path, body);
    if (!reply.ok) {
      throw new Error(`${method} ${path} answered ${reply.status}: ${await reply.text()}`);
    }
    return schema.parse(await reply.json());
  }

  async function follow(path: string, onProgress: (run: BridgeRun) => void): Promise<BridgeRun> {
    const deadline = Date.now() + runWithinMs;
    for (;;) {
      const run = await answer(runSchema, 'GET', path);
      onProgress(run);
      if (!underWay.includes(run.status)) {
        return run;
      }
      if (Date.now() > deadline) {
        throw new Error(`Run ${run.id} has not ended within ${runWithinMs / 1000} s (${run.status}).`);
      }
      await sleep(pollMs);
    }
  }

  const sync: Bridge['sync'] = async (connectionId, onProgress, mode = 'full') => {
    const followed: BridgeRun[] = [];
    for (;;) {
      const path = `/api/connections/${connectionId}/sync`;
      const reply = await call('POST', path, { mode });
      const location = reply.headers.get('location');
      const text = await reply.text();
      if ((reply.status !== 202 && reply.status !== 409) || location === null) {
        throw new Error(`POST ${path} answered ${reply.status}: ${text}`);
      }
      followed.push(await follow(location, onProgress));
      if (reply.status === 202) {
        return followed as [BridgeRun, ...BridgeRun[]];
      }
    }
  };

  return {
    createConnection: async (name) => {
      const connection = await answer(z.object({ id: z.string() }), 'POST', '/api/connections', {
        name,
        provider: 'Dynamics365',
        environment: info.environment,
        ...info.credentials,
      });
      return connection.id;
    },
    testConnection: (id) => answer(testSchema, 'POST', `/api/connections/${id}/test`),
    configure: async (name, id, mapped) => {
      const mappings = mapped.map(([authScapeEntity, crmEntity]) => ({ authScapeEntity, crmEntity }));
      const configuration = { version: 1, connections: [{ name, mappings }] };
      await answer(z.object({ problems: z.tuple([]) }), 'PUT', '/api/configuration', configuration);
      const page = z.object({ items: z.array(mappingSchema) });
      return (await answer(page, 'GET', `/api/connections/${id}/mappings?limit=500`)).items;
    },
    sync,
    links: async (id) => {
      const page = z.object({ items: z.array(linkSchema), nextCursor: z.string().nullish() });
      const all: BridgeLink[] = [];
      let cursor: string | null | undefined;
      do {
        const query = new URLSearchParams({ limit: '500', ...(cursor ? { cursor } : {}) });
        const { items, nextCursor } = await answer(page, 'GET', `/api/connections/${id}/links?${query}`);
        all.push(...items);
        cursor = nextCursor;
      } while (cursor);
      return all;
    },
  };
}
