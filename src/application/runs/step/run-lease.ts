import { ConflictError } from '../../../domain/errors.js';
import { hasEnded, type Run, withStatus } from '../../../domain/run.js';
import type { Stored } from '../../ports/stores.js';
import type { EngineDeps, EngineOptions } from '../../shared/engine-deps.js';

/** Another worker took the run over, or it was ended: the worker that learns it stops at once. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

type GuardDeps = Pick<EngineDeps, 'runs' | 'clock'> & { readonly options: Pick<EngineOptions, 'leaseMs'> };

/**
 * The run in the hands of one worker. Every save is conditional on the row and on the lease; changes that others may
 * make meanwhile (a request to cancel) are kept.
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

  get run(): Run {
    return this.#stored.value;
  }

  /** Applies a change to the newest state of the run; `null` changes nothing. Saves of one holder never overlap. */
  async save(change: (run: Run) => Run | null): Promise<void> {
    await this.#inTurn(() => this.#saveNow(change));
  }

  /** Learns what others have changed, a request to cancel say. */
  async look(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#stored.value.lease?.owner !== this.#owner) return;
      const fresh = await this.#deps.runs.get(this.#stored.value.id);
      if (fresh?.value.lease?.owner !== this.#owner)
        throw new LeaseLostError('The run was taken over or ended.');
      this.#stored = fresh;
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
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        const next = change(this.#stored.value);
        if (next !== null) this.#stored = await this.#deps.runs.replace(next, this.#stored.etag);
        return;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const fresh = await this.#deps.runs.get(this.#stored.value.id);
        if (fresh === undefined || fresh.value.lease?.owner !== this.#owner || hasEnded(fresh.value.status)) {
          throw new LeaseLostError('The run was taken over or ended.');
        }
        this.#stored = fresh;
      }
    }
    throw new LeaseLostError('The run was changed again and again.');
  }

  /** A run that was handed on or ended meanwhile is not taken back: the next worker would find it without a holder. */
  async renew(): Promise<void> {
    const until = this.#deps.clock.now() + this.#deps.options.leaseMs;
    const owner = this.#owner;
    await this.save((run) => (run.lease?.owner === owner ? { ...run, lease: { owner, until } } : null));
  }
}

/**
 * Takes the lease of a run. Undefined when another worker holds it or the run is over. `repeated` says that the last
 * holder died within a unit of work.
 */
export async function takeRun(
  deps: EngineDeps,
  runId: string,
): Promise<{ held: RunLease; owner: string } | undefined> {
  const stored = await deps.runs.get(runId);
  if (stored === undefined) return undefined;
  const { value: run } = stored;
  const now = deps.clock.now();
  if (hasEnded(run.status) || run.status === 'awaitingApproval') return undefined;
  const free = run.lease === null || run.lease.owner === '' || run.lease.until <= now;
  if (!free) return undefined;
  const died = run.lease !== null && run.lease.owner !== '';
  const owner = deps.ids.random(16);
  try {
    const taken = await deps.runs.replace(
      withStatus(run, 'running', {
        startedAt: run.startedAt ?? new Date(now).toISOString(),
        lease: { owner, until: now + deps.options.leaseMs },
        cursor: died ? { ...run.cursor, repeated: true } : run.cursor,
      }),
      stored.etag,
    );
    return { held: new RunLease(deps, owner, taken), owner };
  } catch (error) {
    if (error instanceof ConflictError) return undefined;
    throw error;
  }
}
