import type { RunJob } from '../../../domain/job.js';
import { hasEnded } from '../../../domain/run.js';
import { isStopping, shareOf } from '../../../domain/run-parts.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import { LeaseLostError, type RunLease } from './run-lease.js';

/** Puts the message that looks after the step of one holder, for when its lease ends. */
export async function lookAfter(
  deps: EngineDeps,
  { connectionId, runId }: RunJob,
  watches: string,
  waitMs: number,
): Promise<void> {
  const watch: RunJob = { v: 1, kind: 'run', connectionId, runId, watches };
  await deps.queue.enqueue(watch, { delaySeconds: Math.ceil(waitMs / 1000) + 1 });
}

/**
 * What a message finds that looks after a step: true where there is nothing to do. As long as the holder renews its lease the
 * message comes again at the end of it.
 */
export async function isStillHeld(deps: EngineDeps, job: RunJob): Promise<boolean> {
  if (job.watches === undefined) return false;
  const run = (await deps.runs.get(job.runId))?.value;
  const share = run === undefined || hasEnded(run.status) ? undefined : shareOf(run, job.watches);
  if (share === undefined) return true;
  const left = share.lease.until - deps.clock.now();
  if (left <= 0) return false;
  await lookAfter(deps, job, job.watches, left);
  return true;
}

/** A request to cancel is seen after this time at the latest. */
const LOOK_MS = 5_000;

/**
 * Renews the lease, and stops what the step still has to ask of others when the run was cancelled or the lease has run out
 * without being renewed: another worker may have the run then.
 */
export function keepLease(deps: EngineDeps, held: RunLease, stop: AbortController): { stop(): void } {
  const { clock, options } = deps;
  const periodMs = options.leaseMs / 3;
  let stopped = false;
  let renewAt = clock.now() + periodMs;
  const once = async () => {
    if (clock.now() < renewAt) return held.look();
    await held.renew();
    renewAt = clock.now() + periodMs;
  };
  /** False when the run is no longer this worker's. */
  const tried = async (): Promise<boolean> => {
    try {
      await once();
      return true;
    } catch (error) {
      deps.logger.warn('The lease of a run could not be renewed.', { runId: held.run.id, error });
      // After any other fault there is time yet.
      return !(error instanceof LeaseLostError);
    }
  };
  const loop = async () => {
    for (;;) {
      await clock.sleep(Math.min(LOOK_MS, periodMs));
      if (stopped) return;
      const isOurs = await tried();
      const until = held.share?.lease.until ?? Number.POSITIVE_INFINITY;
      if (!isOurs || isStopping(held.whole) || until <= clock.now()) stop.abort();
      // The work itself meets the loss at its next save and stops there.
      if (!isOurs) return;
    }
  };
  void loop();
  return {
    stop() {
      stopped = true;
    },
  };
}
