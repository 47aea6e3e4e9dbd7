import { BridgeError, ConflictError, isTransient } from '../../../domain/errors.js';
import type { RunJob } from '../../../domain/job.js';
import type { Run, RunCounts } from '../../../domain/run.js';
import { withFacts } from '../../../domain/run-facts.js';
import { progressOf } from '../../../domain/run-progress.js';
import type { Requests } from '../../ports/runtime.js';
import { UnknownOutcomeError } from '../../ports/systems.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import { openContext } from '../../sync/context/open-context.js';
import { MappingChangedError } from '../../sync/context/present-mappings.js';
import type { SyncContext } from '../../sync/context/sync-context.js';
import { type Health, SystemSuspectedError } from '../../sync/context/watch-writes.js';
import { LinkIndex } from '../unit/link-index.js';
import { SeenRecords } from '../unit/seen-records.js';
import { Tally } from '../unit/tally.js';
import {
  atMapping,
  mappingsFact,
  mappingsOf,
  requireMapping,
  type UnitInput,
  type UnitResult,
} from '../unit/unit.js';
import { endRun, failRun } from './end-run.js';
import { isStillHeld, keepLease, lookAfter } from './keep-lease.js';
import { nextPlace, stageOf, unitOf } from './phase-table.js';
import { healthFacts, healthOf, suspicionFact } from './run-health.js';
import { LeaseLostError, type RunLease, takeRun } from './run-lease.js';
import { countStopped } from './stopped-unit.js';

/**
 * One step of a run: takes the lease, does units of work until its time is up, stores the cursor after each, and hands
 * on by a message. A step may die anywhere: the next worker repeats at most one unit, and every unit may be repeated. A
 * message that looks after the step comes when its lease ends: it takes the run over where the worker is gone.
 */
export const runStep =
  (deps: EngineDeps) =>
  async (job: RunJob): Promise<void> => {
    if (await isStillHeld(deps, job)) return;
    const taken = await takeRun(deps, job.runId);
    if (taken === undefined) return;
    const { held, owner } = taken;
    const stop = new AbortController();
    const renewal = keepLease(deps, held, stop);
    const begun: BegunUnit = { tally: null };
    try {
      await lookAfter(deps, job, owner, deps.options.leaseMs);
      await deps.interruption.run(stop.signal, () => deps.meter.measure(() => work(deps, held, begun)));
    } catch (error) {
      if (error instanceof LeaseLostError) {
        deps.logger.warn('Another worker took the run over.', { runId: job.runId });
        return;
      }
      await onFailure(deps, held, begun, error);
    } finally {
      renewal.stop();
    }
  };

/** What the unit that is under way has counted so far; null between two units. */
interface BegunUnit {
  tally: Tally | null;
}

async function work(deps: EngineDeps, held: RunLease, begun: BegunUnit): Promise<void> {
  const { run } = held;
  if (run.cursor.unit === 0) await noteStart(deps, run);
  const health = healthOf(run);
  const context = await openContext(deps, run.connectionId, {
    runId: run.id,
    trigger: 'run',
    dryRun: run.dryRun,
    fullRun: run.mode === 'full',
    health,
  });
  const step: Step = {
    ...{ deps, held, begun, context, health },
    mappings: mappingsOf(run, context.mappings),
    spent: requestsSince(deps),
    index: new LinkIndex(deps.links, deps.mappings, run.connectionId),
    seen: new SeenRecords(deps.staging),
  };
  const deadline = deps.clock.now() + deps.options.stepMs;
  for (;;) {
    if (held.run.cancelRequested) {
      await endRun(deps, held, 'cancelled');
      return;
    }
    const result = await oneUnit(step);
    if (held.run.phase === 'done') {
      await endRun(deps, held, null);
      return;
    }
    const wait = result.waitUntil === undefined ? 0 : Math.max(0, result.waitUntil - deps.clock.now());
    if (wait > 0 || deps.clock.now() >= deadline) {
      await handOn(deps, held, wait);
      return;
    }
  }
}

/** What the schedule counts from; a run over some mappings or records only does not stand for the whole. */
async function noteStart(deps: EngineDeps, run: Run): Promise<void> {
  if (run.dryRun || run.mappingIds !== null || run.sample !== undefined) return;
  await deps.connections.updateState(run.connectionId, (state) =>
    run.mode === 'full'
      ? { ...state, lastFullStartedAt: run.startedAt }
      : { ...state, lastIncrementalStartedAt: run.startedAt },
  );
}

/** What the units of one step have in common. */
interface Step extends Pick<UnitInput, 'deps' | 'mappings' | 'index' | 'seen'> {
  readonly context: SyncContext;
  readonly held: RunLease;
  readonly begun: BegunUnit;
  readonly health: Health;
  /** Requests since the last call. */
  readonly spent: () => Requests;
}

async function oneUnit(step: Step): Promise<UnitResult> {
  const { begun, context, deps, held, index, mappings, seen } = step;
  const { run } = held;
  const tally = new Tally();
  begun.tally = tally;
  const resolved = requireMapping(mappings, run.cursor.mappingIndex);
  const { position, unit } = run.cursor;
  const input = { deps, context: { ...context, unit }, run, mappings, position, tally, index, seen };
  const result = await unitOf(run.phase)(atMapping(input, resolved));
  const counted = await tally.apply(deps.staging, run, stageOf(run));
  const requests = step.spent();
  begun.tally = null;
  const learned = { ...result, facts: withFacts(result.facts ?? {}, healthFacts(step.health)) };
  await held.save((current) => advance(step, current, learned, { ...counted, requests }));
  tellCounts(deps, run, counted.counts);
  return result;
}

/** What a unit added. A pair whose outcome a later phase raised is told with both. */
function tellCounts(deps: EngineDeps, { counts: before, dryRun }: Run, now: RunCounts): void {
  if (dryRun) return;
  for (const outcome of COUNTED) {
    const added = now[outcome] - before[outcome];
    if (added > 0) deps.telemetry.count('bridge.records', added, { outcome, trigger: 'run' });
  }
}

const COUNTED = [
  'created',
  'updated',
  'deactivated',
  'deleted',
  'linked',
  'unchanged',
  'skipped',
  'conflicts',
  'failed',
] as const satisfies readonly (keyof RunCounts)[];

function advance(
  { deps, mappings }: Step,
  run: Run,
  result: UnitResult,
  { requests: spent, ...counted }: Pick<Run, 'counts' | 'bySide' | 'requests'>,
): Run {
  const place =
    result.position === null
      ? nextPlace(run, mappings.length)
      : { phase: run.phase, mappingIndex: run.cursor.mappingIndex };
  const next: Run = {
    ...run,
    ...counted,
    phase: place.phase,
    messages: [...run.messages, ...(result.messages ?? [])].slice(-50),
    requests: {
      dynamics: run.requests.dynamics + spent.dynamics,
      authScape: run.requests.authScape + spent.authScape,
      storage: run.requests.storage + spent.storage,
    },
    cursor: {
      unit: run.cursor.unit + 1,
      mappingIndex: place.mappingIndex,
      position: result.position,
      repeated: false,
      // Progress resets the count of steps that failed in a row.
      facts: { ...withFacts(run.cursor.facts, result.facts ?? {}), ...mappingsFact(mappings), failures: 0 },
    },
  };
  return { ...next, ...progressOf(next, mappings.length, deps.clock.now()) };
}

/** Requests since the last call, so that each save adds what its unit cost. */
function requestsSince(deps: EngineDeps): () => Requests {
  let before: Requests = { dynamics: 0, authScape: 0, storage: 0 };
  return () => {
    const now = deps.meter.current();
    const spent = {
      dynamics: now.dynamics - before.dynamics,
      authScape: now.authScape - before.authScape,
      storage: now.storage - before.storage,
    };
    before = { ...now };
    return spent;
  };
}

/** Any worker may go on from here; the lease row tells the timer when a worker should have. */
async function handOn(deps: EngineDeps, held: RunLease, waitMs: number): Promise<void> {
  const delaySeconds = Math.ceil(waitMs / 1000);
  if (waitMs > 0) deps.telemetry.duration('bridge.wait', waitMs, { reason: 'run' });
  const until = deps.clock.now() + waitMs + deps.options.leaseMs;
  await held.save((run) => ({ ...run, lease: { owner: '', until } }));
  await deps.queue.enqueue(
    { v: 1, kind: 'run', connectionId: held.run.connectionId, runId: held.run.id },
    { delaySeconds },
  );
}

/** A step that met a transient fault is tried again so often, with growing pauses, before the run gives up. */
const STEP_FAILURES = 6;
const MAX_PAUSE_MS = 300_000;

/**
 * In the middle of the work a passing fault is waited out. What cannot even be opened is told at once, but for what says
 * itself when it may be better: a limit, or storage and vault that do not answer.
 */
function passes(error: unknown, { phase, decision }: Run): boolean {
  // What a person decided about is carried out with the mappings that are there then.
  if (error instanceof MappingChangedError) return decision !== null;
  // An event was faster with a row that the unit had read, or an answer was lost: repeated, the unit reads anew.
  if (error instanceof ConflictError || error instanceof UnknownOutcomeError) return true;
  if (!(error instanceof BridgeError)) return false;
  const { code, retryAfterSeconds } = error;
  if (!isTransient(code)) return false;
  const ours = code === 'storage_unavailable' || code === 'secret_store_unavailable';
  return (
    phase !== 'preparing' || code === 'service_protection_limit' || (ours && retryAfterSeconds !== undefined)
  );
}

async function onFailure(deps: EngineDeps, held: RunLease, begun: BegunUnit, error: unknown): Promise<void> {
  const { run } = held;
  // What fails after the end of a run changes nothing of it: the message comes again and finds nothing to do.
  if (run.status !== 'running') throw error;
  if (run.cancelRequested) {
    await endRun(deps, held, 'cancelled');
    return;
  }
  const failures = (run.cursor.facts.failures ?? 0) + 1;
  if (passes(error, run) && failures < STEP_FAILURES) {
    const { code, retryAfterSeconds = 0 } = error instanceof BridgeError ? error : { code: 'record_busy' };
    const suspicion = error instanceof SystemSuspectedError ? suspicionFact(error) : {};
    const backOff = deps.options.retryBaseMs * 2 ** failures;
    const wait = Math.min(MAX_PAUSE_MS, Math.max(backOff, retryAfterSeconds * 1000));
    deps.logger.warn('A step of a run met a passing fault and will be tried again.', {
      runId: run.id,
      code,
      failures,
    });
    await held.save((current) => ({
      ...current,
      cursor: {
        ...current.cursor,
        repeated: true,
        facts: { ...withFacts(current.cursor.facts, suspicion), failures },
      },
    }));
    await handOn(deps, held, wait);
    return;
  }
  // What took effect before the unit failed, at this attempt or before, is part of what the run did.
  const tally = begun.tally ?? new Tally();
  await countStopped(deps, run, tally);
  const counted = await tally.apply(deps.staging, run, stageOf(run));
  await held.save((current) => ({ ...current, ...counted }));
  await failRun(deps, held, error);
}
