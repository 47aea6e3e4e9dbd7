import { BridgeError, ConflictError, isTransient } from '../../domain/errors.js';
import type { BatchJob, EraseJob, Job, RecordJob } from '../../domain/job.js';
import { AUTHSCAPE_ENTITIES, type AuthScapeEntity } from '../../domain/model.js';
import {
  addStats,
  latencyBucket,
  NO_STATS,
  type StatsPart,
  statsOfEvents,
  statsOfResult,
} from '../../domain/stats.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import { type CoalesceDeps, createCoalescer } from '../events/coalesce-events.js';
import { createEventCounts } from '../events/event-counters.js';
import type { DeadLetterStore } from '../ports/dead-letters.js';
import type { Requests } from '../ports/runtime.js';
import type { ConnectionEraser } from '../ports/stores.js';
import { runStep } from '../runs/step/run-step.js';
import { createStatsCounter } from '../shared/count-stats.js';
import type { EngineDeps } from '../shared/engine-deps.js';

import { MappingChangedError } from '../sync/context/present-mappings.js';
import { settleProblems } from '../sync/context/record-problems.js';
import type { SyncContext } from '../sync/context/sync-context.js';
import { EventGuard } from '../sync/guard/event-delete-guard.js';
import { type RecordResult, syncAuthScapeRecord, syncDynamicsRow } from '../sync/sync-record.js';
import { createContextCache } from './context-cache.js';
import { lookAtBatch } from './look-at-batch.js';

const ERASE_MS = 60_000;
/** Messages of a batch that are put on the queue side by side. */
const AT_A_TIME = 8;
/** A pair that is busy for longer is left to the next run: its link says that it is not finished. */
const BUSY_LIMIT_MS = 600_000;
/** The event of a related record may come a little later; after so many looks (half a minute) a run will see to it. */
const WAITING_TIMES = 5;
/** First pauses in seconds; they double. A worker that is in our way is done within a moment. */
const AWAY_PAUSE = 5;
const BUSY_PAUSE = 1;
const LONGEST_PAUSE = 300;
const PUT_OFF_LIMIT_MS = 86_400_000;

export interface ProcessDeps extends EngineDeps, CoalesceDeps {
  readonly eraser: ConnectionEraser;
  readonly deadLetters: DeadLetterStore;
}

/** Works on one queue message. Throws when the message is to be delivered again. */
export const processJob = (deps: ProcessDeps) => {
  const step = runStep(deps);
  const shared = sharedOf(deps);
  const record = processRecord(deps, shared);
  const batches = { authScape: splitBatch(deps), dynamics: lookAtBatch({ ...deps, ...shared }) };
  return async (job: Job): Promise<void> => {
    switch (job.kind) {
      case 'run':
        return step(job);
      case 'record':
        return record(job);
      case 'batch':
        return batches[job.source](job);
      case 'erase':
        return erase(deps, job);
    }
  };
};

/** What events share, whether they come alone or many together. */
function sharedOf(deps: ProcessDeps) {
  return {
    contextOf: createContextCache(deps),
    count: createEventCounts(deps),
    countStats: createStatsCounter(deps),
  };
}

type Shared = ReturnType<typeof sharedOf>;

/**
 * Works on one event. What passes by itself puts the event off instead of failing it: the host would wait half a minute
 * even where the cause is gone after a moment, and a dead letter is nothing of which a person could make more than the
 * next delivery does. After a day the event fails like everything else.
 */
function processRecord(deps: ProcessDeps, shared: Shared): (job: RecordJob) => Promise<void> {
  const work = workOnRecord(deps, shared);
  return async (job) => {
    try {
      await work(job);
    } catch (error) {
      const pause = pauseAfter(error);
      const isNew = deps.clock.now() - Date.parse(job.receivedAt) < PUT_OFF_LIMIT_MS;
      if (pause === null || !isNew) throw error;
      await putOff(deps, job, pause);
    }
  };
}

function workOnRecord(
  deps: ProcessDeps,
  { contextOf, count, countStats }: Shared,
): (job: RecordJob) => Promise<void> {
  const guard = new EventGuard(deps);
  const contextByHand = createContextCache(deps, { byHand: true });
  return async (job) => {
    const stored = await deps.connections.get(job.connectionId);
    if (stored === undefined || !stored.value.enabled) return;
    const context = await (job.byHand === true ? contextByHand : contextOf)(stored);
    // A first sync is started by a person only: the first full run brings what this event was about.
    if (context === null) return count(job.connectionId, 'droppedEvents');
    const { result: results, requests } = await deps.meter.measure(() => syncRecord(context, guard, job));
    const isKept = await afterLook(deps, context, job, results);
    // Most such events are about what a sync has written itself; who caused one proves nothing, so only states count.
    if (job.byHand !== true && isEchoed(results)) await count(job.connectionId, 'echoes');
    const pause = pauseFor(deps, job, results);
    const work = { results, requests: requests(), isDone: pause === null, isKept };
    tellMetrics(deps, job, work);
    await countStats(job.connectionId, statsOf(deps, job, work));
    if (pause !== null) await putOff(deps, job, pause);
    else if (!results.every(isDone)) {
      deps.logger.warn('An event is left to the next run', { connectionId: job.connectionId });
    }
  };
}

/** True when the event became a dead letter. What a person asked for is among the problems instead. */
async function afterLook(
  deps: ProcessDeps,
  context: SyncContext,
  job: RecordJob,
  results: readonly RecordResult[],
): Promise<boolean> {
  if (job.byHand !== true) return keepRefused(deps, job, results);
  await settleProblems(context, results);
  return false;
}

interface Work {
  readonly results: readonly RecordResult[];
  readonly requests: Requests;
  readonly isDone: boolean;
  readonly isKept: boolean;
}

/** An event counts when it is done; what it did, and cost, whenever it was looked at. */
function statsOf({ clock }: ProcessDeps, job: RecordJob, work: Work): StatsPart {
  const { dynamics, authScape } = work.requests;
  const done = work.results.reduce((sum, { result }) => addStats(sum, statsOfResult(result)), {
    ...NO_STATS,
    requests: { dynamics, authScape },
  });
  if (job.byHand === true || !work.isDone) return done;
  const latency = { [latencyBucket(clock.now() - Date.parse(job.receivedAt))]: 1 };
  const [echoes, deadLettered] = [isEchoed(work.results) ? 1 : 0, work.isKept ? 1 : 0];
  return addStats(done, statsOfEvents({ received: 1, echoes, deadLettered, latency }));
}

function tellMetrics({ clock, telemetry }: ProcessDeps, job: RecordJob, { isDone, results }: Work): void {
  const trigger = job.byHand === true ? 'manual' : 'event';
  for (const { result } of results) {
    telemetry.count('bridge.records', 1, {
      outcome: result.outcome === 'conflict' ? 'conflicts' : result.outcome,
      trigger,
    });
    if (result.guarded.length > 0) telemetry.count('bridge.held_changes', 1, { category: 'event' });
  }
  if (job.byHand === true || !isDone) return;
  telemetry.count('bridge.events', 1, { echo: isEchoed(results) });
  telemetry.duration('bridge.event.latency', clock.now() - Date.parse(job.receivedAt));
}

function isEchoed(results: readonly RecordResult[]): boolean {
  return results.length > 0 && results.every(isEcho);
}

/** Null: all is done, or what is left is left to the next run. */
function pauseFor(deps: ProcessDeps, job: RecordJob, results: readonly RecordResult[]): Pause | null {
  const busyUntil = Math.max(0, ...results.map(({ result }) => result.busyUntil ?? 0));
  const now = deps.clock.now();
  if (busyUntil > 0) {
    // A claim only says how long the other worker may take at the very most.
    const atMost = Math.max(1, Math.ceil((busyUntil - now) / 1000));
    const isNew = now - Date.parse(job.receivedAt) <= BUSY_LIMIT_MS;
    return isNew ? { code: 'record_busy', first: BUSY_PAUSE, atMost } : null;
  }
  const isWaiting = results.some(({ result }) => result.waiting);
  return isWaiting && (job.putOff ?? 0) < WAITING_TIMES ? { code: WAITING, first: BUSY_PAUSE } : null;
}

const WAITING = 'waiting';

/** All in seconds. */
interface Pause {
  /** Why, for the log. */
  readonly code: string;
  readonly first: number;
  readonly atLeast?: number | undefined;
  readonly atMost?: number;
}

/** Null: what went wrong does not pass by itself. */
function pauseAfter(error: unknown): Pause | null {
  if (error instanceof ConflictError) return { first: BUSY_PAUSE, code: 'conflict' };
  if (error instanceof MappingChangedError) return { first: BUSY_PAUSE, code: error.code };
  if (!(error instanceof BridgeError) || !isTransient(error.code)) return null;
  return { first: AWAY_PAUSE, atLeast: error.retryAfterSeconds, code: error.code };
}

/** No other worker has the record, nothing waits, and the guard has let all of it pass. */
function isDone({ result }: RecordResult): boolean {
  return result.busyUntil === null && !result.waiting && result.guarded.length === 0;
}

/** Puts the event back into the queue; each time it waits twice as long. */
async function putOff(
  deps: ProcessDeps,
  job: RecordJob,
  { atLeast = 0, atMost = LONGEST_PAUSE, code, first }: Pause,
): Promise<void> {
  const times = job.putOff ?? 0;
  const delaySeconds = Math.min(atMost, LONGEST_PAUSE, Math.max(first * 2 ** times, atLeast));
  const isOutage = first === AWAY_PAUSE;
  deps.logger[isOutage ? 'warn' : 'info']('An event waits', {
    connectionId: job.connectionId,
    code,
    delaySeconds,
  });
  deps.telemetry.duration('bridge.wait', delaySeconds * 1000, { reason: code });
  const waited = job.waited === true || code === WAITING;
  await deps.queue.enqueue({ ...job, putOff: times + 1, ...(waited ? { waited } : {}) }, { delaySeconds });
}

function isEcho({ result }: RecordResult): boolean {
  return result.outcome === 'unchanged' && result.busyUntil === null && !result.waiting;
}

/** What one side refuses is refused again: a person has to look at it. The log has the details. */
async function keepRefused(
  deps: ProcessDeps,
  job: RecordJob,
  results: readonly RecordResult[],
): Promise<boolean> {
  const failed = results.filter(({ result }) => result.outcome === 'failed');
  if (failed.length === 0) return false;
  const errors = failed.flatMap(({ result }) => result.changes.flatMap(({ error }) => error ?? []));
  const [first] = errors;
  const field = first?.field === undefined ? '' : ` (field ${first.field})`;
  const cause = {
    code: first?.code ?? 'record_failed',
    message: `The record could not be synced${field}. The log of the connection says more.`,
  };
  await deps.deadLetters.bury(job, cause, new Date(deps.clock.now()).toISOString());
  deps.telemetry.count('bridge.dead_letters', 1, { code: cause.code });
  deps.logger.warn('An event became a dead letter', { connectionId: job.connectionId, code: cause.code });
  return true;
}

async function syncRecord(
  opened: SyncContext,
  guard: EventGuard,
  job: RecordJob,
): Promise<readonly RecordResult[]> {
  const context = job.waited === true ? { ...opened, waited: true } : opened;
  if (job.source === 'dynamics') return syncDynamicsRow(context, guard, job.entity, job.id);
  if (!isEntity(job.entity)) throw new Error('The message names no AuthScape entity.');
  const eventAt = job.occurredAt === undefined ? null : Date.parse(job.occurredAt);
  return syncAuthScapeRecord(context, guard, { entity: job.entity, id: job.id, eventAt });
}

function isEntity(name: string): name is AuthScapeEntity {
  return (AUTHSCAPE_ENTITIES as readonly string[]).includes(name);
}

/** Makes a message of each event. One that fails half-way makes some of them twice, which does no harm. */
function splitBatch(deps: ProcessDeps): (job: BatchJob) => Promise<void> {
  const tell = createCoalescer(deps);
  return async ({ records, kind: _, ...shared }) => {
    await mapConcurrent(records, AT_A_TIME, (one) => tell({ ...shared, kind: 'record', ...one }));
  };
}

async function erase(deps: ProcessDeps, job: EraseJob): Promise<void> {
  const done = await deps.eraser.erase(job.connectionId, deps.clock.now() + ERASE_MS);
  if (!done) await deps.queue.enqueue(job);
}
