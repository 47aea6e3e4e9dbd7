import { BridgeError, ConflictError } from '../../../domain/errors.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import type { RunJob } from '../../../domain/job.js';
import type { Run } from '../../../domain/run.js';
import { progressOf } from '../../../domain/run-progress.js';
import type { Requests } from '../../ports/runtime.js';
import { UnknownOutcomeError } from '../../ports/systems.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import { openContext } from '../../sync/context/open-context.js';
import type { SyncContext } from '../../sync/context/sync-context.js';
import { type Health, SystemSuspectedError } from '../../sync/context/watch-writes.js';
import { LinkIndex } from '../unit/link-index.js';
import { Tally } from '../unit/tally.js';
import { mappingsFact, mappingsOf, requireMapping, scopeOf, type UnitResult } from '../unit/unit.js';
import { endRun, failRun } from './end-run.js';
import { nextPlace, stageOf, unitOf } from './phase-table.js';
import { healthFacts, healthOf, suspicionFact } from './run-health.js';
import { LeaseLostError, type RunLease, takeRun } from './run-lease.js';

/**
 * One step of a run: takes the lease, does units of work until its time is up, stores the cursor after each, and hands
 * on by a message. A step may die anywhere: the next worker repeats at most one unit, and every unit may be repeated.
 */
export const runStep =
  (deps: EngineDeps) =>
  async (job: RunJob): Promise<void> => {
    const taken = await takeRun(deps, job.runId);
    if (taken === undefined) return;
    const { held } = taken;
    const renewal = keepLease(deps, held);
    try {
      await deps.meter.measure(() => work(deps, held));
    } catch (error) {
      if (error instanceof LeaseLostError) {
        deps.logger.warn('Another worker took the run over.', { runId: job.runId });
        return;
      }
      await onFailure(deps, held, error);
    } finally {
      renewal.stop();
    }
  };

function keepLease(deps: EngineDeps, held: RunLease): { stop(): void } {
  let stopped = false;
  const loop = async () => {
    while (!stopped) {
      await deps.clock.sleep(deps.options.leaseMs / 3);
      if (stopped) return;
      try {
        await held.renew();
      } catch (error) {
        deps.logger.warn('The lease of a run could not be renewed.', { runId: held.run.id, error });
        // The work itself meets the loss at its next save and stops there. After any other fault there is time yet.
        if (error instanceof LeaseLostError) return;
      }
    }
  };
  void loop();
  return {
    stop() {
      stopped = true;
    },
  };
}

async function work(deps: EngineDeps, held: RunLease): Promise<void> {
  const { run } = held;
  const spent = requestsSince(deps);
  if (run.cursor.unit === 0) await noteStart(deps, run);
  const health = healthOf(run);
  const context = await openContext(deps, run.connectionId, {
    runId: run.id,
    trigger: 'run',
    dryRun: run.dryRun,
    fullRun: run.mode === 'full',
    health,
  });
  const mappings = mappingsOf(run, context.mappings);
  const index = new LinkIndex(deps.links, deps.mappings, run.connectionId);
  const deadline = deps.clock.now() + deps.options.stepMs;
  for (;;) {
    if (held.run.cancelRequested) {
      await endRun(deps, held, 'cancelled');
      return;
    }
    const result = await oneUnit(deps, held, context, mappings, index, deadline, spent, health);
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

/** What the schedule counts from; a run over some mappings only does not stand for the whole. */
async function noteStart(deps: EngineDeps, run: Run): Promise<void> {
  if (run.dryRun || run.mappingIds !== null) return;
  await deps.connections.updateState(run.connectionId, (state) =>
    run.mode === 'full'
      ? { ...state, lastFullStartedAt: run.startedAt }
      : { ...state, lastIncrementalStartedAt: run.startedAt },
  );
}

async function oneUnit(
  deps: EngineDeps,
  held: RunLease,
  context: SyncContext,
  mappings: readonly ResolvedMapping[],
  index: LinkIndex,
  deadline: number,
  spent: () => Requests,
  health: Health,
): Promise<UnitResult> {
  const { run } = held;
  const tally = new Tally();
  const resolved = requireMapping(mappings, run.cursor.mappingIndex);
  const result = await unitOf(run.phase)({
    deps,
    context: { ...context, unit: run.cursor.unit },
    run,
    mappings,
    resolved,
    scope: scopeOf(run, resolved.mapping.id),
    position: run.cursor.position,
    tally,
    index,
    deadline,
  });
  const counted = await tally.apply(deps.staging, run, stageOf(run));
  const requests = spent();
  const learned = { ...result, facts: { ...result.facts, ...healthFacts(health) } };
  await held.save((current) => advance(deps, current, mappings, learned, counted, requests));
  return result;
}

function advance(
  deps: EngineDeps,
  run: Run,
  mappings: readonly ResolvedMapping[],
  result: UnitResult,
  counted: Pick<Run, 'counts' | 'bySide'>,
  spent: Requests,
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
      facts: { ...run.cursor.facts, ...result.facts, ...mappingsFact(mappings), failures: '0' },
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

/** Any worker may go on from here; the lease row tells the timer when somebody should have. */
async function handOn(deps: EngineDeps, held: RunLease, waitMs: number): Promise<void> {
  const delaySeconds = Math.ceil(waitMs / 1000);
  const until = deps.clock.now() + waitMs + deps.options.leaseMs;
  await held.save((run) => ({ ...run, lease: { owner: '', until } }));
  await deps.queue.enqueue(
    { v: 1, kind: 'run', connectionId: held.run.connectionId, runId: held.run.id },
    { delaySeconds },
  );
}

/** Faults that pass by themselves: the step is tried again, with growing pauses, before the run gives up. */
const PASSING: readonly string[] = [
  'connection_timeout',
  'dynamics_unavailable',
  'authscape_unreachable',
  'service_protection_limit',
  'storage_unavailable',
  'secret_store_unavailable',
];
const STEP_FAILURES = 6;
const MAX_PAUSE_MS = 300_000;

/**
 * In the middle of the work a passing fault is waited out. What cannot even be opened is told at once, but for a limit,
 * which says itself when it ends.
 */
function passes(error: unknown, { phase }: Run): boolean {
  // An event was faster with a row that the unit had read, or an answer was lost: repeated, the unit reads anew.
  if (error instanceof ConflictError || error instanceof UnknownOutcomeError) return true;
  if (!(error instanceof BridgeError)) return false;
  const { code } = error;
  return PASSING.includes(code) && (phase !== 'preparing' || code === 'service_protection_limit');
}

async function onFailure(deps: EngineDeps, held: RunLease, error: unknown): Promise<void> {
  const { run } = held;
  const failures = Number(run.cursor.facts.failures ?? '0') + 1;
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
        facts: { ...current.cursor.facts, ...suspicion, failures: String(failures) },
      },
    }));
    await handOn(deps, held, wait);
    return;
  }
  await failRun(deps, held, error);
}
