import { ConflictError } from '../../../domain/errors.js';
import { type Hold, hasEnded, type Run, withStatus } from '../../../domain/run.js';
import {
  atShare,
  type FreeShare,
  freeShare,
  type Share,
  shareOf,
  withLease,
} from '../../../domain/run-parts.js';
import type { Stored } from '../../ports/stores.js';
import type { EngineDeps, EngineOptions } from '../../shared/engine-deps.js';

/** Another worker took the run over, or it was ended: the worker that learns it stops at once. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

type GuardDeps = Pick<EngineDeps, 'runs' | 'clock'> & { readonly options: Pick<EngineOptions, 'leaseMs'> };

/** Of one save: workers of other parts save each few seconds. */
const ATTEMPTS = 20;

/**
 * The run, or a part of it, in the hands of one worker. Every save is conditional on the row and on the lease; changes that
 * others make meanwhile (a request to cancel, what workers of other parts have done) are kept.
 */
export class RunLease {
  readonly #deps: GuardDeps;
  readonly #owner: string;
  #stored: Stored<Run>;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(deps: GuardDeps, owner: string, stored: Stored<Run>) {
    this.#deps = deps;
    this.#owner = owner;
    this.#stored = stored;
  }

  /** As the holder of the share sees it: at the position of its part, where it has one. */
  get run(): Run {
    return atShare(this.whole, this.share?.part ?? null);
  }

  get whole(): Run {
    return this.#stored.value;
  }

  /** Undefined: the worker has handed it on or left it. */
  get share(): Share | undefined {
    return shareOf(this.whole, this.#owner);
  }

  /** A lease from now on. */
  hold(): Hold {
    return { owner: this.#owner, until: this.#deps.clock.now() + this.#deps.options.leaseMs };
  }

  /** Applies a change to the newest state of the run; `null` changes nothing. Saves of one holder never overlap. */
  async save(change: (run: Run) => Run | null): Promise<void> {
    await this.#inTurn(() => this.#saveNow(change));
  }

  /** Learns what others have changed, a request to cancel say. */
  async look(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.share === undefined) return;
      this.#stored = await this.#fresh();
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const previous = this.#saving;
    const current = (async () => {
      await previous.catch(() => undefined);
      await work();
    })();
    this.#saving = current;
    await current;
  }

  async #saveNow(change: (run: Run) => Run | null): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        const next = change(this.#stored.value);
        if (next !== null) this.#stored = await this.#deps.runs.replace(next, this.#stored.etag);
        return;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        this.#stored = await this.#fresh();
      }
    }
    throw new LeaseLostError('The run was changed again and again.');
  }

  async #fresh(): Promise<Stored<Run>> {
    const fresh = await this.#deps.runs.get(this.#stored.value.id);
    if (
      fresh === undefined ||
      shareOf(fresh.value, this.#owner) === undefined ||
      hasEnded(fresh.value.status)
    ) {
      throw new LeaseLostError('The run was taken over or ended.');
    }
    return fresh;
  }

  /** A run that was handed on or ended meanwhile is not taken back: the next worker would find it without a holder. */
  async renew(): Promise<void> {
    const lease = this.hold();
    await this.save((run) => {
      const share = shareOf(run, this.#owner);
      return share === undefined ? null : withLease(run, share.part, lease);
    });
  }
}

/**
 * Takes the lease of a run, or of one of its parts. Undefined when other workers hold all of it or the run is over;
 * `elsewhere` when it has parts and this process works on one already: others are to take them. `repeated` says that the
 * last holder died within a unit of work.
 */
export async function takeRun(
  deps: EngineDeps,
  runId: string,
  isHere: boolean,
): Promise<{ held: RunLease; owner: string } | 'elsewhere' | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await deps.runs.get(runId);
    const share = stored === undefined ? undefined : shareToTake(stored.value, deps.clock.now());
    if (stored === undefined || share === undefined) return undefined;
    if (share.part !== null && isHere) return 'elsewhere';
    const owner = deps.ids.random(16);
    try {
      const saved = await deps.runs.replace(takenBy(deps, stored.value, share, owner), stored.etag);
      return { held: new RunLease(deps, owner, saved), owner };
    } catch (error) {
      // Another worker took it, or one of another part saved what it has done.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
  return undefined;
}

function shareToTake(run: Run, now: number): FreeShare | undefined {
  return hasEnded(run.status) || run.status === 'awaitingApproval' ? undefined : freeShare(run, now);
}

function takenBy(deps: GuardDeps, run: Run, { died, part }: FreeShare, owner: string): Run {
  const now = deps.clock.now();
  const lease = { owner, until: now + deps.options.leaseMs };
  const taken = withLease(run, part, lease, died ? { repeated: true } : {});
  return withStatus(taken, 'running', {
    startedAt: run.startedAt ?? new Date(now).toISOString(),
    cursor: died && part === null ? { ...run.cursor, repeated: true } : taken.cursor,
  });
}
