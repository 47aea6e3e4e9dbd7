import { z } from 'zod';
import type { StackInfo } from '../../stack/launch/stack-file.js';
import { Contract } from './contract.js';
import {
  type Change,
  changeSchema,
  connectionSchema,
  type Link,
  linkSchema,
  logSchema,
  type Mapping,
  mappingSchema,
  type Run,
  runSchema,
  testSchema,
} from './shapes.js';
import { type Patience, until } from './wait.js';

export interface Ask {
  /** Sent as JSON, unless it is a string. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Leaves the function key out. */
  anonymous?: boolean;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; undefined where there is none. */
  body: unknown;
}

export type SyncBody = {
  mode: 'full' | 'incremental';
  dryRun?: boolean;
  mappingIds?: string[];
  sample?: number | readonly string[];
};

const underWay = ['queued', 'running'];

/** The product as its callers see it: over HTTP only. */
export class Api {
  readonly #info: StackInfo;
  #contract: Contract | undefined;

  constructor(info: StackInfo) {
    this.#info = info;
  }

  /** Each answer has to be one that the service's OpenAPI document foresees. */
  async ask(
    method: string,
    path: string,
    { body, headers = {}, anonymous = false }: Ask = {},
  ): Promise<Reply> {
    const reply = await fetch(`${this.#info.functions}/api/${path}`, {
      method,
      headers: {
        ...(anonymous ? {} : { 'x-functions-key': this.#info.functionsKey }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await reply.text();
    const isJson = /json/.test(reply.headers.get('content-type') ?? '');
    const answer: Reply = {
      status: reply.status,
      headers: reply.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
    this.#contract ??= await Contract.of(this.#info.functions);
    this.#contract.check(method, path, answer);
    return answer;
  }

  /** A call that must succeed. */
  async expect<T>(schema: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T> {
    const reply = await this.ask(method, path, { body });
    if (reply.status >= 300) {
      throw new Error(`${method} ${path} answered ${reply.status}: ${reply.text}`);
    }
    return schema.parse(reply.body);
  }

  /** All pages of a list. */
  async all<T>(schema: z.ZodType<T>, path: string): Promise<T[]> {
    const page = z.object({ items: z.array(schema), nextCursor: z.string().optional() });
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const mark = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const joint = path.includes('?') ? '&' : '?';
      const found = await this.expect(page, 'GET', `${path}${joint}limit=500${mark}`);
      items.push(...found.items);
      cursor = found.nextCursor;
    } while (cursor !== undefined);
    return items;
  }

  /** Without scheduled full runs, so that no journey depends on the time of day. */
  async createConnection(more: Record<string, unknown> = {}): Promise<string> {
    const { environment, credentials } = this.#info;
    const given = { name: 'Journey', provider: 'Dynamics365', environment, ...credentials };
    const body = { ...given, fullSyncSchedule: null, ...more };
    return (await this.expect(connectionSchema, 'POST', 'connections', body)).id;
  }

  createMapping(
    connectionId: string,
    authScapeEntity: string,
    crmEntity: string,
    more = {},
  ): Promise<Mapping> {
    const body = { authScapeEntity, crmEntity, ...more };
    return this.expect(mappingSchema, 'POST', `connections/${connectionId}/mappings`, body);
  }

  connection(id: string) {
    return this.expect(connectionSchema, 'GET', `connections/${id}`);
  }

  patchConnection(id: string, body: Record<string, unknown>) {
    return this.expect(connectionSchema, 'PATCH', `connections/${id}`, body);
  }

  test(id: string) {
    return this.expect(testSchema, 'POST', `connections/${id}/test`);
  }

  requestSync(connectionId: string, body: SyncBody): Promise<Run> {
    return this.expect(runSchema, 'POST', `connections/${connectionId}/sync`, body);
  }

  run(runId: string): Promise<Run> {
    return this.expect(runSchema, 'GET', `runs/${runId}`);
  }

  runs(connectionId: string): Promise<Run[]> {
    return this.all(runSchema, `connections/${connectionId}/runs`);
  }

  /** Until the run has ended or waits for approval; an API that is away for a moment is waited for. */
  follow(runId: string, patience: Patience = {}): Promise<Run> {
    return until(
      `run ${runId} has ended`,
      async () => {
        const run = await this.run(runId).catch(() => undefined);
        return run !== undefined && !underWay.includes(run.status) && run;
      },
      { withinMs: 120_000, everyMs: 100, ...patience },
    );
  }

  async sync(connectionId: string, body: SyncBody, patience: Patience = {}): Promise<Run> {
    return this.follow((await this.requestSync(connectionId, body)).id, patience);
  }

  changes(runId: string): Promise<Change[]> {
    return this.all(changeSchema, `runs/${runId}/changes`);
  }

  links(connectionId: string, query = ''): Promise<Link[]> {
    return this.all(linkSchema, `connections/${connectionId}/links${query}`);
  }

  logs(connectionId: string, query = '') {
    return this.all(logSchema, `connections/${connectionId}/logs${query}`);
  }
}
