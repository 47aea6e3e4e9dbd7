import { BridgeError, ConflictError, isTransient } from '../../../domain/errors.js';
import type { Run } from '../../../domain/run.js';
import { withFacts } from '../../../domain/run-facts.js';
import { atFailure, isStopping } from '../../../domain/run-parts.js';
import { UnknownOutcomeError } from '../../ports/systems.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import { MappingChangedError } from '../../sync/context/present-mappings.js';
import { SystemSuspectedError } from '../../sync/context/watch-writes.js';
import type { Tally } from '../unit/tally.js';
import { faultOf, leaveRun } from './end-run.js';
import { handOn } from './hand-on.js';
import { suspicionFact } from './run-health.js';
import type { RunLease } from './run-lease.js';
import { countStopped } from './stopped-unit.js';

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

/** What becomes of the run after a unit failed; `counted` is what that unit has counted, null between two units. */
export async function onFailure(
  deps: EngineDeps,
  held: RunLease,
  counted: Tally | null,
  error: unknown,
): Promise<void> {
  const { run } = held;
  // What fails after the end of a run changes nothing of it: the message comes again and finds nothing to do.
  if (run.status !== 'running') throw error;
  if (run.cancelRequested) {
    if (counted !== null) await countStopped(deps, held, counted);
    return leaveRun(deps, held);
  }
  const failures = (run.cursor.facts.failures ?? 0) + 1;
  if (passes(error, run) && failures < STEP_FAILURES && !isStopping(held.whole)) {
    const { code, retryAfterSeconds = 0 } = error instanceof BridgeError ? error : { code: 'record_busy' };
    const suspicion = error instanceof SystemSuspectedError ? suspicionFact(error) : {};
    const backOff = deps.options.retryBaseMs * 2 ** failures;
    const wait = Math.min(MAX_PAUSE_MS, Math.max(backOff, retryAfterSeconds * 1000));
    deps.logger.warn('A step of a run met a passing fault and will be tried again.', {
      runId: run.id,
      code,
      failures,
    });
    const part = held.share?.part ?? null;
    await held.save((current) => {
      const facts = withFacts(current.cursor.facts, suspicion);
      return atFailure({ ...current, cursor: { ...current.cursor, facts } }, part, failures);
    });
    await handOn(deps, held, wait);
    return;
  }
  await countStopped(deps, held, counted ?? undefined);
  await leaveRun(deps, held, { error, fault: faultOf(error) });
}
