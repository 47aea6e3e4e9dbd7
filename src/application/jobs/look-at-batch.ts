import { BridgeError } from '../../domain/errors.js';
import type { BatchJob } from '../../domain/job.js';
import { addStats, latencyBucket, NO_STATS, statsOfEvents, statsOfResult } from '../../domain/stats.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import type { createEventCounts } from '../events/event-counters.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { Clock, RequestMeter, Requests } from '../ports/runtime.js';
import type { ConnectionStore } from '../ports/stores.js';
import type { Metrics } from '../ports/telemetry.js';
import type { createStatsCounter } from '../shared/count-stats.js';
import { NOTHING, type SyncContext } from '../sync/context/sync-context.js';
import { rowsAtRest } from '../sync/rows-at-rest.js';
import type { createContextCache } from './context-cache.js';

interface BatchDeps {
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly queue: JobQueue;
  readonly clock: Pick<Clock, 'now'>;
  readonly meter: Pick<RequestMeter, 'measure'>;
  readonly telemetry: Metrics;
  readonly contextOf: ReturnType<typeof createContextCache>;
  readonly count: ReturnType<typeof createEventCounts>;
  readonly countStats: ReturnType<typeof createStatsCounter>;
}

/** Messages that are put on the queue side by side. */
const AT_A_TIME = 8;

type BatchedRecord = BatchJob['records'][number];

/**
 * Looks at the rows of many events together. Most are about what a sync has written itself: those about rows at rest end
 * here, and cost a few requests for all of them. Each other one becomes a message of its own, with its own repeats.
 */
export function lookAtBatch(deps: BatchDeps): (job: BatchJob) => Promise<void> {
  return async (job) => {
    const { connectionId, receivedAt, records, source } = job;
    const stored = await deps.connections.get(connectionId);
    if (stored === undefined || !stored.value.enabled) return;
    const context = await deps.contextOf(stored);
    if (context === null) {
      await Promise.all(records.map(() => deps.count(connectionId, 'droppedEvents')));
      return;
    }
    const { result: echoes, requests } = await deps.meter.measure(() => echoesAmong(context, records));
    const others = records.filter((record) => !echoes.has(record));
    await mapConcurrent(others, AT_A_TIME, ({ entity, id }) =>
      deps.queue.enqueue({ v: 1, kind: 'record', connectionId, source, entity, id, receivedAt }),
    );
    await tellEchoes(deps, job, echoes.size, requests());
  };
}

/** None where the look fails: each event is looked at alone then, and what fails is told of there. */
async function echoesAmong(
  context: SyncContext,
  records: readonly BatchedRecord[],
): Promise<ReadonlySet<BatchedRecord>> {
  const echoes = new Set<BatchedRecord>();
  try {
    for (const table of new Set(records.map(({ entity }) => entity))) {
      const own = records.filter(({ entity }) => entity === table);
      const atRest = await rowsAtRest(
        context,
        table,
        own.map(({ id }) => id),
      );
      for (const record of own) if (atRest.has(record.id)) echoes.add(record);
    }
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    context.logger.info('Events could not be looked at together', { code: error.code });
  }
  return echoes;
}

async function tellEchoes(
  { clock, count, countStats, telemetry }: BatchDeps,
  { connectionId, receivedAt }: BatchJob,
  echoes: number,
  { authScape, dynamics }: Requests,
): Promise<void> {
  if (echoes === 0) return;
  const latency = clock.now() - Date.parse(receivedAt);
  telemetry.count('bridge.records', echoes, { outcome: NOTHING.outcome, trigger: 'event' });
  telemetry.count('bridge.events', echoes, { echo: true });
  const all = Array.from({ length: echoes });
  for (const _ of all) telemetry.duration('bridge.event.latency', latency);
  await Promise.all(all.map(() => count(connectionId, 'echoes')));
  const looked = all.reduce<typeof NO_STATS>((sum) => addStats(sum, statsOfResult(NOTHING)), {
    ...NO_STATS,
    requests: { dynamics, authScape },
  });
  const events = { received: echoes, echoes, latency: { [latencyBucket(latency)]: echoes } };
  await countStats(connectionId, addStats(looked, statsOfEvents(events)));
}
