import { type HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { cron } from '../../src/adapters/cron.js';
import { systemInterruption } from '../../src/adapters/interruption.js';
import { createMeter } from '../../src/adapters/meter.js';
import { createLogger, systemIds } from '../../src/adapters/system.js';
import { NO_TELEMETRY } from '../../src/adapters/telemetry/telemetry.js';
import { createHandlers } from '../../src/app.js';
import type { Clock } from '../../src/application/ports/runtime.js';
import type { LinkedByHand } from '../../src/application/records/link-records.js';
import type { SearchResult } from '../../src/application/records/search-records.js';
import type { OneRecordResult } from '../../src/application/records/sync-one-record.js';
import type { TakenBack } from '../../src/application/records/take-back-sample.js';
import type { RecordView } from '../../src/application/records/view-record.js';
import type { Job, UnreadJob } from '../../src/domain/job.js';
import type { Engine } from '../../src/engine.js';
import type { SignIn } from '../../src/functions/authorize.js';
import type { AuthScapeEvent, DynamicsEvent } from '../../src/functions/events.js';
import { createMemoryRegistry } from './memory-registry.js';
import { createMemorySecrets } from './memory-secrets.js';
import { createMemoryStorage } from './memory-stores.js';
import { createScriptedProbe, createScriptedSystems } from './scripted-systems.js';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body; undefined when there is none, or when it is a stream. */
  readonly body: unknown;
  /** What a stream brought. */
  readonly text?: string | undefined;
}

export interface Call {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  /** Sent as JSON, unless it is a string or bytes. */
  readonly body?: unknown;
  readonly method?: string;
}

interface ScriptedPages {
  view?: RecordView;
  search?: SearchResult;
  link?: LinkedByHand;
  takeBack?: TakenBack;
}

/** A clock that stands still; a sleep ends when it has been moved that far. */
function createManualClock(start = Date.parse('2026-03-01T08:00:00Z')) {
  let now = start;
  const sleepers: { until: number; wake: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    sleep: (ms) => new Promise((wake) => sleepers.push({ until: now + ms, wake })),
  };
  return {
    ...clock,
    advance(ms: number) {
      now += ms;
      for (const sleeper of sleepers.filter(({ until }) => until <= now)) sleeper.wake();
    },
  };
}

const neverAsked = () => Promise.reject(new Error('No token is checked here.'));

/** The product's handlers and use cases on stores in memory and scripted systems. */
export function createTestBridge(
  settings: { environment?: string; hostMap?: Record<string, string>; signIn?: Partial<SignIn> } = {},
) {
  const clock = createManualClock();
  const storage = createMemoryStorage(clock);
  const secrets = createMemorySecrets();
  const systems = createScriptedSystems();
  const probe = createScriptedProbe();
  const registry = createMemoryRegistry();
  const lines: string[] = [];
  const jobs: Job[] = [];
  const buried: (Job | UnreadJob)[] = [];
  const received: {
    dynamics: (Omit<DynamicsEvent, 'body'> & { body: string })[];
    authScape: AuthScapeEvent[];
    ticks: number;
  } = {
    dynamics: [],
    authScape: [],
    ticks: 0,
  };
  const recordCalls: unknown[][] = [];
  const recordResults: OneRecordResult[] = [];
  const recorded = (name: string, parameters: readonly unknown[]) => {
    recordCalls.push([name, ...parameters]);
    return recordResults;
  };
  const recordPages: ScriptedPages = {};
  const shown = <T>(name: string, parameters: readonly unknown[], page: T | undefined): T => {
    recordCalls.push([name, ...parameters]);
    if (page === undefined) throw new Error(`No ${name} is scripted.`);
    return page;
  };
  const failures: { processJob?: Error } = {};
  const engine: Engine = {
    scheduleDueSyncs: async () => {
      received.ticks += 1;
    },
    processJob: async (job) => {
      if (failures.processJob) throw failures.processJob;
      jobs.push(job);
    },
    deadLetterJob: async (job) => {
      buried.push(job);
    },
    receiveDynamicsEvent: async (event) => {
      received.dynamics.push({ ...event, body: await event.body() });
    },
    receiveAuthScapeEvents: async (events) => {
      received.authScape.push(...events);
    },
    records: {
      authScape: async (...call) => recorded('authScape', call),
      dynamics: async (...call) => recorded('dynamics', call),
      preview: async (...call) => recorded('preview', call),
    },
    takeBackSample: async (...call) => shown('takeBack', call, recordPages.takeBack),
    recordPages: {
      view: async (...call) => shown('view', call, recordPages.view),
      search: async (...call) => shown('search', call, recordPages.search),
      link: async (...call) => shown('link', call, recordPages.link),
    },
  };
  const handlers = createHandlers(
    {
      config: {
        dynamics: {
          environment: settings.environment,
          tenantId: undefined,
          clientId: undefined,
          clientSecret: undefined,
        },
        hostMap: settings.hostMap ?? {},
        retention: { logDays: 90, runDays: 30 },
        tuning: {
          runLeaseMs: 60_000,
          stepMs: 60_000,
          dataTimeoutMs: 1_000,
          authScapeWriteTimeoutMs: 1_000,
          retryBaseMs: 1,
          requestConcurrency: 4,
          recordConcurrency: 4,
          runWorkers: 4,
          runPartRecords: 500,
        },
      },
      storage,
      secrets,
      systems,
      probe,
      openRegistry: async () => registry,
      signIn: { mode: 'functionKeys', apiKeys: {}, verifyToken: neverAsked, ...settings.signIn },
      cron,
      clock,
      interruption: systemInterruption,
      ids: systemIds,
      postAlert: () => Promise.reject(new Error('No alert is sent here.')),
      logger: createLogger((_level, line) => lines.push(line)),
      meter: createMeter(),
      telemetry: NO_TELEMETRY,
    },
    engine,
    '0.0.0-test',
  );
  return {
    ...handlers,
    clock,
    storage,
    secrets,
    systems,
    probe,
    lines,
    jobs,
    buried,
    registry,
    received,
    failures,
    recordCalls,
    recordResults,
    scriptedPages: recordPages,
  };
}

export type TestBridge = ReturnType<typeof createTestBridge>;

/** Calls a handler as the host does. */
export async function call(handler: HttpHandler, input: Call = {}): Promise<Reply> {
  const bytes = input.body instanceof Uint8Array ? input.body : undefined;
  const text =
    typeof input.body === 'string' ? input.body : bytes === undefined ? JSON.stringify(input.body) : '';
  const search = new URLSearchParams(input.query).toString();
  const path = Object.values(input.params ?? {}).join('/');
  const request = new HttpRequest({
    method: input.method ?? (text === undefined ? 'GET' : 'POST'),
    url: `http://localhost/api/test/${path}${search === '' ? '' : `?${search}`}`,
    params: input.params ?? {},
    query: input.query ?? {},
    headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...input.headers },
    ...(bytes !== undefined ? { body: { bytes } } : text === undefined ? {} : { body: { string: text } }),
  });
  const context = new InvocationContext({
    functionName: 'test',
    invocationId: 'invocation-1',
    logHandler: () => {},
  });
  const response = await handler(request, context);
  const body = 'body' in response && typeof response.body === 'string' ? response.body : undefined;
  const stream = 'body' in response && response.body instanceof ReadableStream ? response.body : undefined;
  return {
    ...(stream === undefined ? {} : { text: await new Response(stream).text() }),
    status: response.status ?? 200,
    headers: Object.fromEntries(new Headers((response.headers ?? {}) as Record<string, string>).entries()),
    body: body === undefined ? undefined : JSON.parse(body),
  };
}

/** A text in an answer, by its path: `textAt(reply, 'items', 0, 'id')`. */
export function textAt(reply: Reply, ...path: readonly (string | number)[]): string {
  const found = path.reduce<unknown>((value, part) => Object(value)[part], reply.body);
  if (typeof found !== 'string')
    throw new Error(`No text at ${path.join('.')}: ${JSON.stringify(reply.body)}`);
  return found;
}

/** Code and faults of a problem, for comparisons in one line. */
export function faultsOf(reply: Reply): readonly string[] {
  const { code, errors } = Object(reply.body) as {
    code?: string;
    errors?: { path: string; message: string }[];
  };
  return [`${reply.status} ${code}`, ...(errors ?? []).map(({ path, message }) => `${path}: ${message}`)];
}

/** A connection made through the API. */
export async function givenConnection(
  bridge: TestBridge,
  body: Record<string, unknown> = {},
): Promise<Reply> {
  return call(bridge.connections.create, {
    body: {
      name: 'Production Dynamics',
      provider: 'Dynamics365',
      environment: 'contoso.crm.dynamics.com',
      ...body,
    },
  });
}

/** A mapping made through the API. */
export async function givenMapping(
  bridge: TestBridge,
  connectionId: string,
  body: Record<string, unknown> = {},
): Promise<Reply> {
  return call(bridge.mappings.create, {
    params: { id: connectionId },
    body: { authScapeEntity: 'User', crmEntity: 'contact', ...body },
  });
}
