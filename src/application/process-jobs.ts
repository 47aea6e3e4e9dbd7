import { BridgeError, ConflictError } from '../domain/errors.js';
import type { EraseJob, Job, RecordJob } from '../domain/job.js';
import { AUTHSCAPE_ENTITIES, type AuthScapeEntity } from '../domain/model.js';
import type { DeadLetterStore } from './ports/dead-letters.js';
import type { ConnectionEraser } from './ports/stores.js';
import type { EngineDeps } from './run/deps.js';
import { runStep } from './run/run-step.js';
import { openContext } from './sync/open.js';
import { EventGuard, type RecordResult, syncAuthScapeRecord, syncDynamicsRow } from './sync/record.js';

const ERASE_MS = 60_000;
/** A pair that is busy for longer is left to the next run: its link says that it is not finished. */
const BUSY_LIMIT_MS = 600_000;
/** Faults of Dynamics and AuthScape that pass by themselves. Storage is left to the host: a message needs it too. */
const AWAY: readonly string[] = [
  'connection_timeout',
  'dynamics_unavailable',
  'authscape_unreachable',
  'service_protection_limit',
  'secret_store_unavailable',
];
const FIRST_PAUSE_SECONDS = 5;
const LONGEST_PAUSE_SECONDS = 300;
const PUT_OFF_LIMIT_MS = 86_400_000;

export interface ProcessDeps extends EngineDeps {
  readonly eraser: ConnectionEraser;
  readonly deadLetters: DeadLetterStore;
}

/** Works on one queue message. Throws when the message is to be delivered again. */
export const processJob = (deps: ProcessDeps) => {
  const step = runStep(deps);
  const guard = new EventGuard(deps.connections);
  return async (job: Job): Promise<void> => {
    switch (job.kind) {
      case 'run':
        return step(job);
      case 'record':
        return processRecord(deps, guard, job);
      case 'erase':
        return erase(deps, job);
    }
  };
};

async function processRecord(deps: ProcessDeps, guard: EventGuard, job: RecordJob): Promise<void> {
  const stored = await deps.connections.get(job.connectionId);
  if (stored === undefined || !stored.value.enabled) return;
  const state = await deps.connections.getState(job.connectionId);
  if (state.firstFullSyncAt === null) {
    // Nobody's first sync happens behind his back: the first full run brings what this event was about.
    await deps.connections.updateState(job.connectionId, (current) => ({
      ...current,
      droppedEvents: current.droppedEvents + 1,
    }));
    return;
  }
  const result = await syncUnlessAway(deps, guard, job);
  if (result === 'putOff') return;
  await keepRefused(deps, job, result);
  if (result.length > 0 && result.every(isEcho)) await countEcho(deps, job.connectionId);
  const busyUntil = Math.max(0, ...result.map((entry) => entry.result.busyUntil ?? 0));
  if (busyUntil === 0) return;
  const now = deps.clock.now();
  if (now - Date.parse(job.receivedAt) > BUSY_LIMIT_MS) return;
  await deps.queue.enqueue(job, { delaySeconds: Math.max(1, Math.ceil((busyUntil - now) / 1000)) });
}

/**
 * While one of the systems is away, an event waits: it is no dead letter of which a person could make more than the next
 * delivery does. After a day it fails like everything else.
 */
async function syncUnlessAway(
  deps: ProcessDeps,
  guard: EventGuard,
  job: RecordJob,
): Promise<readonly RecordResult[] | 'putOff'> {
  try {
    return (await deps.meter.measure(() => syncRecord(deps, guard, job))).result;
  } catch (error) {
    const isNew = deps.clock.now() - Date.parse(job.receivedAt) < PUT_OFF_LIMIT_MS;
    if (!isNew || !(error instanceof BridgeError) || !AWAY.includes(error.code)) throw error;
    const putOff = job.putOff ?? 0;
    const pause = Math.max(FIRST_PAUSE_SECONDS * 2 ** putOff, error.retryAfterSeconds ?? 0);
    const delaySeconds = Math.min(LONGEST_PAUSE_SECONDS, pause);
    deps.logger.warn('An event waits for a system that is away', {
      connectionId: job.connectionId,
      code: error.code,
      delaySeconds,
    });
    await deps.queue.enqueue({ ...job, putOff: putOff + 1 }, { delaySeconds });
    return 'putOff';
  }
}

function isEcho({ result }: RecordResult): boolean {
  return result.outcome === 'unchanged' && result.busyUntil === null && !result.waiting;
}

/** Most such events are about what a sync has written itself; who caused one proves nothing, so only states count. */
async function countEcho(deps: EngineDeps, connectionId: string): Promise<void> {
  try {
    await deps.connections.updateState(connectionId, (state) => ({ ...state, echoes: state.echoes + 1 }));
  } catch (error) {
    // The work is done: a lost race for a counter is no reason to do it again.
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** What one side refuses is refused again: a person has to look at it. The log has the details. */
async function keepRefused(
  deps: ProcessDeps,
  job: RecordJob,
  results: readonly RecordResult[],
): Promise<void> {
  const failed = results.filter(({ result }) => result.outcome === 'failed');
  if (failed.length === 0) return;
  const errors = failed.flatMap(({ result }) => result.changes.flatMap(({ error }) => error ?? []));
  const [first] = errors;
  const field = first?.field === undefined ? '' : ` (field ${first.field})`;
  const cause = {
    code: first?.code ?? 'record_failed',
    message: `The record could not be synced${field}. The log of the connection says more.`,
  };
  await deps.deadLetters.bury(job, cause, new Date(deps.clock.now()).toISOString());
}

async function syncRecord(
  deps: EngineDeps,
  guard: EventGuard,
  job: RecordJob,
): Promise<readonly RecordResult[]> {
  const context = await openContext(deps, job.connectionId, {
    runId: null,
    trigger: 'event',
    dryRun: false,
    fullRun: false,
  });
  if (job.source === 'dynamics') return syncDynamicsRow(context, guard, job.entity, job.id);
  if (!isEntity(job.entity)) throw new Error('The message names no AuthScape entity.');
  const eventAt = job.occurredAt === undefined ? null : Date.parse(job.occurredAt);
  return syncAuthScapeRecord(context, guard, job.entity, job.id, { eventAt });
}

function isEntity(name: string): name is AuthScapeEntity {
  return (AUTHSCAPE_ENTITIES as readonly string[]).includes(name);
}

async function erase(deps: ProcessDeps, job: EraseJob): Promise<void> {
  const done = await deps.eraser.erase(job.connectionId, deps.clock.now() + ERASE_MS);
  if (!done) await deps.queue.enqueue(job);
}
