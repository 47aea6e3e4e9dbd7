import type { RunJob } from '../../../domain/job.js';
import { hasEnded, type Run, type RunCounts } from '../../../domain/run.js';
import { withFacts } from '../../../domain/run-facts.js';
import { isStopping, workersOf } from '../../../domain/run-parts.js';
import type { Requests } from '../../ports/runtime.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import { openContext } from '../../sync/context/open-context.js';
import type { SyncContext } from '../../sync/context/sync-context.js';
import type { Health } from '../../sync/context/watch-writes.js';
import { IndexMemory } from '../unit/index-memory.js';
import { LinkIndex } from '../unit/link-index.js';
import { SeenRecords } from '../unit/seen-records.js';
import { Tally } from '../unit/tally.js';
import { atMapping, mappingsOf, requireMapping, type UnitInput, type UnitResult } from '../unit/unit.js';
import { advance } from './advance.js';
import { endRun, leaveRun } from './end-run.js';
import { onFailure } from './failed-step.js';
import { askForHelp, handOn } from './hand-on.js';
import { isStillHeld, keepLease, lookAfter } from './keep-lease.js';
import { stageOf, unitOf } from './phase-table.js';
import { healthFacts, healthOf } from './run-health.js';
import { LeaseLostError, type RunLease, takeRun } from './run-lease.js';
import { countStopped } from './stopped-unit.js';

/**
 * One step of a run: takes the lease, does units of work until its time is up, stores the cursor after each, and hands
 * on by a message. A step may die anywhere: the next worker repeats at most one unit, and every unit may be repeated. A
 * message that looks after the step comes when its lease ends: it takes the run over where the worker is gone.
 */
export const runStep = (deps: EngineDeps) => {
  /** How many messages about a run this process has in hand. */
  const inHand = new Map<string, number>();
  const memory = new IndexMemory();
  const note = (runId: string, more: 1 | -1) => {
    const count = (inHand.get(runId) ?? 0) + more;
    if (count === 0) inHand.delete(runId);
    else inHand.set(runId, count);
  };
  return async (job: RunJob): Promise<void> => {
    if (await isStillHeld(deps, job)) return;
    // Messages that ask for help come at the same time: the first of them has the run here.
    const isHere = job.watches === undefined && inHand.has(job.runId);
    note(job.runId, 1);
    try {
      await takeStep(deps, job, isHere, memory);
    } finally {
      note(job.runId, -1);
    }
  };
};

/**
 * A message that asks for help comes back after a second where this process is at work on the run, and each time after
 * twice as long: there may be no other process.
 */
const MOST_ELSEWHERE_S = 30;

async function takeStep(deps: EngineDeps, job: RunJob, isHere: boolean, memory: IndexMemory): Promise<void> {
  const taken = await takeRun(deps, job.runId, isHere);
  if (taken === undefined) return;
  if (taken === 'elsewhere') {
    const { passedOn = 0 } = job;
    const delaySeconds = Math.min(MOST_ELSEWHERE_S, 2 ** passedOn);
    await deps.queue.enqueue({ ...job, passedOn: passedOn + 1 }, { delaySeconds });
    return;
  }
  const { held, owner } = taken;
  const stop = new AbortController();
  const renewal = keepLease(deps, held, stop);
  const begun: BegunUnit = { tally: null };
  memory.begin(job.runId);
  try {
    await lookAfter(deps, job, owner, deps.options.leaseMs);
    await deps.interruption.run(stop.signal, () => deps.meter.measure(() => work(deps, held, begun, memory)));
  } catch (error) {
    if (error instanceof LeaseLostError) {
      deps.logger.warn('Another worker took the run over.', { runId: job.runId });
      return;
    }
    await onFailure(deps, held, begun.tally, error);
  } finally {
    renewal.stop();
    if (hasEnded(held.whole.status)) memory.end(job.runId);
  }
}

/** What the unit that is under way has counted so far; null between two units. */
interface BegunUnit {
  tally: Tally | null;
}

async function work(deps: EngineDeps, held: RunLease, begun: BegunUnit, memory: IndexMemory): Promise<void> {
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
    ...{ deps, held, begun, context, health, told: healthOf(run) },
    mappings: mappingsOf(run, context.mappings),
    spent: requestsSince(deps),
    index: new LinkIndex(deps.links, deps.mappings, run.connectionId, memory),
    seen: new SeenRecords(deps.staging),
  };
  const deadline = deps.clock.now() + deps.options.stepMs;
  for (;;) {
    if (isStopping(held.whole)) {
      await stopAt(deps, held);
      return;
    }
    const result = await oneUnit(step);
    // Others work on what is left.
    if (held.share === undefined) return;
    if (held.run.phase === 'done') {
      await endRun(deps, held, null);
      return;
    }
    const wait = Math.max(0, (result.waitUntil ?? 0) - deps.clock.now());
    if (wait > 0 || deps.clock.now() >= deadline) {
      await step.index.keep();
      await handOn(deps, held, wait);
      return;
    }
  }
}

/** A run that is to stop; where a worker died within the unit that is next, what it wrote is counted. */
async function stopAt(deps: EngineDeps, held: RunLease): Promise<void> {
  if (held.run.cursor.repeated && !held.whole.cancelRequested) await countStopped(deps, held);
  await leaveRun(deps, held);
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
  /** As it was told with the last unit. */
  readonly told: Health;
  /** Requests since the last call. */
  readonly spent: () => Requests;
}

async function oneUnit(step: Step): Promise<UnitResult> {
  const { begun, context, deps, held, index, mappings, seen } = step;
  const { run } = held;
  const wasWhole = held.share?.part === null;
  const tally = new Tally();
  begun.tally = tally;
  const resolved = requireMapping(mappings, run.cursor.mappingIndex);
  const { position, unit } = run.cursor;
  const workers = workersOf(held.whole, deps.clock.now());
  const input = {
    ...{ deps: { ...deps, lanes: deps.lanes.among(workers) }, context: { ...context, unit } },
    ...{ run, mappings, position, tally, index, seen },
  };
  const result = await unitOf(run.phase)(atMapping(input, resolved));
  const counted = await tally.apply(deps.staging, run, stageOf(run));
  const requests = step.spent();
  begun.tally = null;
  const learned = { ...result, facts: withFacts(result.facts ?? {}, healthFacts(step.health, step.told)) };
  for (const side of ['authScape', 'dynamics'] as const) step.told[side].failing = step.health[side].failing;
  const done = { ...counted, requests, result: learned };
  await held.save((current) => advance(current, done, { held, mappings, now: deps.clock.now() }));
  if (result.parts !== undefined) await askForHelp(deps, run, result.parts.length);
  // What workers of other parts have linked is not in the index.
  if (held.share?.part === null && !wasWhole) index.forget();
  tellCounts(deps, run, counted.counts);
  return result;
}

/** What a unit added. A pair whose outcome a later phase raised is told with both. */
function tellCounts(deps: EngineDeps, { dryRun }: Run, counts: RunCounts): void {
  if (dryRun) return;
  for (const outcome of COUNTED) {
    const added = counts[outcome];
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
