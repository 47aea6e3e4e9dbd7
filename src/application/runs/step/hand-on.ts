import type { RunJob } from '../../../domain/job.js';
import type { Run } from '../../../domain/run.js';
import { withLease } from '../../../domain/run-parts.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import type { RunLease } from './run-lease.js';

/** Any worker may go on from here; the lease row tells the timer when a worker should have. */
export async function handOn(deps: EngineDeps, held: RunLease, waitMs: number): Promise<void> {
  const delaySeconds = Math.ceil(waitMs / 1000);
  if (waitMs > 0) deps.telemetry.duration('bridge.wait', waitMs, { reason: 'run' });
  const until = deps.clock.now() + waitMs + deps.options.leaseMs;
  const part = held.share?.part ?? null;
  await held.save((run) => withLease(run, part, { owner: '', until }));
  await deps.queue.enqueue(messageOf(held.run), { delaySeconds });
}

/** A message for each further worker; one that finds nothing left to take ends. */
export async function askForHelp(deps: EngineDeps, run: Run, parts: number): Promise<void> {
  for (let workers = Math.min(parts, deps.options.workers); workers > 1; workers -= 1) {
    await deps.queue.enqueue(messageOf(run));
  }
}

function messageOf({ connectionId, id: runId }: Run): RunJob {
  return { v: 1, kind: 'run', connectionId, runId };
}
