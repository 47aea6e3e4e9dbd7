import { cron } from '../../../src/adapters/cron.js';
import { systemInterruption } from '../../../src/adapters/interruption.js';
import { createMeter } from '../../../src/adapters/meter.js';
import type { Stores } from '../../../src/adapters/storage/stores.js';
import { createLogger } from '../../../src/adapters/system.js';
import { NO_TELEMETRY } from '../../../src/adapters/telemetry/telemetry.js';
import type { Clock } from '../../../src/application/ports/runtime.js';
import { decideRun } from '../../../src/application/runs/decide-run.js';
import { requestSync } from '../../../src/application/runs/manage-runs.js';
import type { LogEntry } from '../../../src/domain/change.js';
import type { Job } from '../../../src/domain/job.js';
import type { Link } from '../../../src/domain/link.js';
import type { Connection, EntityMapping } from '../../../src/domain/model.js';
import { hasEnded, type Run, type RunMode, type Sample } from '../../../src/domain/run.js';
import { createEngine, type EngineParts } from '../../../src/engine.js';
import { aConnection, aMapping } from '../../support/builders.js';
import { createMemorySecrets } from '../../support/memory-secrets.js';
import { createMemoryStorage, type MemoryStorage } from '../../support/memory-stores.js';
import { createMemorySystems, type MemorySystems } from '../../support/memory-systems.js';
import { CrashError, type Worker } from '../../support/memory-systems-world.js';
import { createScriptedProbe } from '../../support/scripted-systems.js';
import { USER_FIELDS } from './mappings.js';

export interface HarnessOptions {
  readonly connection?: Partial<Connection>;
  readonly mappings?: readonly EntityMapping[];
  readonly stepMs?: number;
  readonly concurrency?: number;
  /** Records of a part of a run; default: as many as make no parts in a test. Each message has a process of its own then. */
  readonly partRecords?: number;
  /** Longest duration of a write to AuthScape; a claim outlives it. */
  readonly writeTimeoutMs?: number;
  /** Source of short ids; a counter by default, so that every run of a test is the same. */
  readonly ids?: (length: number) => string;
  /** Stores on another service than the memory. */
  readonly storage?: (clock: Clock) => Stores;
  /** What each process has of its own; left out: all share the same. */
  readonly process?: (shared: { storage: MemoryStorage; systems: MemorySystems }) => Partial<EngineParts>;
}

export const LEASE_MS = 300_000;
/** A message that failed is seen again after this long, at most five times. */
const REDELIVERY_SECONDS = 30;
const DELIVERIES = 5;

/** One for all: what it keeps per chain of calls costs each promise of the process a little. */
const METER = createMeter();

export type Harness = Awaited<ReturnType<typeof createHarness>>;

/** The engine over stores and systems in memory, with a clock and a queue that only the test moves. */
export async function createHarness(options: HarnessOptions = {}) {
  const systems = createMemorySystems();
  const { world } = systems;
  const { clock } = world;
  const storage = { ...createMemoryStorage(clock), ...options.storage?.(clock) };
  const lines: string[] = [];
  let counter = 0;
  const nextId =
    options.ids ??
    ((length: number) => {
      counter += 1;
      return counter.toString(36).padStart(length, '0');
    });
  const parts = {
    config: {
      dynamics: { environment: undefined, tenantId: undefined, clientId: undefined, clientSecret: undefined },
      hostMap: {},
      retention: { logDays: 90, runDays: 30 },
      tuning: {
        runLeaseMs: LEASE_MS,
        stepMs: options.stepMs ?? 240_000,
        dataTimeoutMs: 1_000,
        authScapeWriteTimeoutMs: options.writeTimeoutMs ?? systems.a.writeTimeoutMs,
        retryBaseMs: 1_000,
        requestConcurrency: options.concurrency ?? 4,
        recordConcurrency: options.concurrency ?? 4,
        runWorkers: 4,
        runPartRecords: options.partRecords ?? 500,
      },
    },
    storage,
    secrets: createMemorySecrets(),
    systems,
    probe: createScriptedProbe(),
    cron,
    clock,
    interruption: systemInterruption,
    ids: { random: (length = 10) => nextId(length) },
    postAlert: () => Promise.reject(new Error('No alert is sent here.')),
    logger: createLogger((_level, line) => lines.push(line)),
    meter: METER,
    telemetry: NO_TELEMETRY,
  };
  const engine = createEngine(parts);
  const connection = aConnection({
    fullSyncSchedule: null,
    syncIntervalMinutes: 1_440,
    massDeleteGuard: null,
    logValues: 'all',
    ...options.connection,
  });
  await storage.connections.create(connection);
  for (const mapping of options.mappings ?? [aMapping({ fields: USER_FIELDS })]) {
    await storage.mappings.create(mapping);
  }
  storage.tables.before = () => world.breathe();

  /** The engine of a process that was just started. */
  const startEngine = () =>
    options.process === undefined && options.partRecords === undefined
      ? engine
      : createEngine({ ...parts, ...options.process?.({ storage, systems }) });

  const poison: { job: Job; error: unknown }[] = [];
  const deliveries = new Map<string, number>();
  let workers = 0;

  /** Works on one message as the host does: in a process of its own, and again later when it fails. */
  async function deliver(job: Job, worker?: Worker): Promise<void> {
    workers += 1;
    const process = worker ?? { name: `worker ${workers}`, dead: false };
    try {
      await world.as(process, () => startEngine().processJob(job));
    } catch (error) {
      const key = JSON.stringify(job);
      const count = (deliveries.get(key) ?? 0) + 1;
      deliveries.set(key, count);
      if (count >= DELIVERIES && !(error instanceof CrashError)) poison.push({ job, error });
      else await storage.jobs.enqueue(job, { delaySeconds: REDELIVERY_SECONDS });
    }
  }

  /** One after the other, but where workers share runs: then all at once. */
  function visibleJobs(): readonly Job[] {
    const jobs: Job[] = [];
    for (let job = storage.jobs.take(); job !== undefined; job = storage.jobs.take()) {
      jobs.push(job);
      if (options.partRecords === undefined) break;
    }
    return jobs;
  }

  /** Works until no message is left, moving the clock where one is not visible yet. */
  async function drain(): Promise<void> {
    for (let count = 0; count < 2_000; count += 1) {
      const jobs = visibleJobs();
      if (jobs.length > 0) {
        await Promise.all(jobs.map((job) => deliver(job)));
        continue;
      }
      const next = Math.min(...storage.jobs.waiting().map(({ visibleAt }) => visibleAt));
      if (!Number.isFinite(next)) return;
      clock.advance(Math.max(1, next - clock.now()));
    }
    throw new Error('The queue never runs empty.');
  }

  async function tick(): Promise<void> {
    await engine.scheduleDueSyncs();
    await drain();
  }

  const request = requestSync({ ...storage, ...parts, queue: storage.jobs });

  async function start(
    mode: RunMode,
    more: {
      dryRun?: boolean;
      mappingIds?: readonly string[];
      sample?: Sample;
      trigger?: 'manual' | 'schedule';
    } = {},
  ): Promise<Run> {
    return request({
      connectionId: connection.id,
      mode,
      trigger: more.trigger ?? 'manual',
      dryRun: more.dryRun ?? false,
      mappingIds: more.mappingIds ?? [],
      sample: more.sample,
    });
  }

  async function getRun(id: string): Promise<Run> {
    const stored = await storage.runs.get(id);
    if (stored === undefined) throw new Error(`no run ${id}`);
    return stored.value;
  }

  /** Works a run to its end; where its worker died, the timer takes it up. */
  async function finish(id: string): Promise<Run> {
    for (let count = 0; count < 50; count += 1) {
      await drain();
      const run = await getRun(id);
      if (hasEnded(run.status) || run.status === 'awaitingApproval') return run;
      clock.advance(LEASE_MS + 1_000);
      await tick();
    }
    throw new Error(`The run ${id} never ends.`);
  }

  async function sync(mode: RunMode, more: Parameters<typeof start>[1] = {}): Promise<Run> {
    clock.advance(1_000);
    const run = await start(mode, more);
    return finish(run.id);
  }

  /** What a person says to a run that waits for approval; the run is worked to its end. */
  async function decide(
    id: string,
    decision: 'approve' | 'reject',
    changeIds?: readonly string[],
  ): Promise<Run> {
    await decideRun({ ...storage, ...parts, queue: storage.jobs })(id, decision, changeIds);
    return finish(id);
  }

  async function event(source: 'dynamics' | 'authScape', entity: string, id: string, occurredAt?: number) {
    await storage.jobs.enqueue({
      v: 1,
      kind: 'record',
      connectionId: connection.id,
      source,
      entity,
      id,
      receivedAt: new Date(clock.now()).toISOString(),
      ...(occurredAt === undefined ? {} : { occurredAt: new Date(occurredAt).toISOString() }),
    });
  }

  /** Events about rows in a flood. */
  async function flood(records: readonly { readonly entity: string; readonly id: string }[]) {
    await storage.jobs.enqueue({
      ...{ v: 1, kind: 'batch', connectionId: connection.id, source: 'dynamics' },
      receivedAt: new Date(clock.now()).toISOString(),
      records: records.map(({ entity, id }) => ({ entity, id })),
    });
  }

  async function links(mappingId = 'm_1234567890'): Promise<readonly Link[]> {
    const found: Link[] = [];
    let cursor: string | undefined;
    do {
      const page = await storage.links.scan(connection.id, mappingId, 1_000, cursor);
      found.push(...page.items.map(({ value }) => value));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }

  async function logs(runId?: string): Promise<readonly LogEntry[]> {
    const found: LogEntry[] = [];
    let cursor: string | undefined;
    do {
      const page =
        runId === undefined
          ? await storage.logs.list(connection.id, {}, 1_000, cursor)
          : await storage.logs.listByRun({ id: runId, connectionId: connection.id }, 1_000, cursor);
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }

  return {
    ...systems,
    clock,
    storage,
    engine,
    connection,
    parts,
    lines,
    poison,
    deliver,
    drain,
    tick,
    start,
    finish,
    sync,
    decide,
    event,
    flood,
    getRun,
    links,
    logs,
  };
}
