import { z } from 'zod';

const requestsSchema = z.object({
  total: z.number(),
  byRoute: z.record(z.string(), z.number()),
  byPart: z.record(z.string(), z.number()),
});
const unseenSchema = z.object({
  items: z.array(
    z.object({ entity: z.string(), id: z.number(), member: z.string(), value: z.string().nullable() }),
  ),
});
export type Requests = z.infer<typeof requestsSchema>;

export interface InjectedFault {
  match: string;
  /** Id of the one record that it is about. */
  row?: string;
  status?: number;
  code?: string;
  message?: string;
  body?: string;
  contentType?: string;
  retryAfter?: number;
  times?: number;
  probability?: number;
  delayMs?: number;
  cutAfter?: number;
  dropConnection?: 'before' | 'afterCommit';
}

/** The control routes of one simulator. */
export class Simulator {
  readonly #call: (method: string, route: string, body?: unknown) => Promise<unknown>;

  constructor(call: (method: string, route: string, body?: unknown) => Promise<unknown>) {
    this.#call = call;
  }

  static at(url: string): Simulator {
    return new Simulator(async (method, route, body) => {
      const reply = await fetch(`${url}/_sim/${route}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await reply.text();
      if (!reply.ok) {
        throw new Error(`${method} ${url}/_sim/${route} answered ${reply.status}: ${text}`);
      }
      return text === '' ? undefined : JSON.parse(text);
    });
  }

  post(route: string, body: unknown = {}): Promise<unknown> {
    return this.#call('POST', route, body);
  }

  remove(route: string): Promise<unknown> {
    return this.#call('DELETE', route);
  }

  async seed(counts: Record<string, number>): Promise<void> {
    await this.post('seed', counts);
  }

  async faults(...faults: InjectedFault[]): Promise<void> {
    await this.post('faults', faults);
  }

  async clearFaults(): Promise<void> {
    await this.remove('faults');
  }

  async get<T>(schema: z.ZodType<T>, route: string): Promise<T> {
    return schema.parse(await this.#call('GET', route));
  }

  /** As the simulator's own shape is; `schema` says what the caller needs of it. */
  async dump<T>(schema: z.ZodType<T>): Promise<T> {
    return this.get(schema, 'dump');
  }

  /** AuthScape: values that a full replace took back although its sender had not read them. */
  async unseen(): Promise<z.infer<typeof unseenSchema>['items']> {
    return unseenSchema.parse(await this.#call('GET', 'unseen')).items;
  }

  async requests(): Promise<Requests> {
    return requestsSchema.parse(await this.#call('GET', 'requests'));
  }

  async clearRequests(): Promise<void> {
    await this.remove('requests');
  }
}

const dynamicsWrite = /^(?:POST|PATCH|PUT|DELETE) (?:contacts|accounts)$/;
const authScapeWrite = /^\w+ (?:Update|Create|Archive|Activate|Assign|Remove)\w+$/;

/** Routes that write records, with their counts, those of batches included. */
export function writesIn({ byPart, byRoute }: Requests): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [route, count] of [...Object.entries(byRoute), ...Object.entries(byPart)]) {
    const isWrite = dynamicsWrite.test(route) || authScapeWrite.test(route);
    if (isWrite) counts[route] = (counts[route] ?? 0) + count;
  }
  return counts;
}
