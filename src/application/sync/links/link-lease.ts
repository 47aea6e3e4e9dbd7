import { planOf } from '../../../domain/base-update.js';
import { ConflictError } from '../../../domain/errors.js';
import type { Link, Plan } from '../../../domain/link.js';
import type { FieldWrite, MergeResult } from '../../../domain/merge.js';
import type { Stored } from '../../ports/stores.js';
import type { SyncContext } from '../context/sync-context.js';
import { saved } from './save-link.js';

/** Stores plan and claim under the link's etag; null when another worker was faster. */
export async function claimPair(
  context: SyncContext,
  work: {
    readonly stored: Stored<Link>;
    readonly merge: Pick<MergeResult, 'base'>;
    readonly writes: readonly FieldWrite[];
    readonly repeats: Link['repeats'];
  },
): Promise<Stored<Link> | null> {
  const now = context.clock.now();
  const next: Link = {
    ...work.stored.value,
    base: work.merge.base,
    clean: false,
    plan: {
      runId: context.runId,
      madeAt: new Date(now).toISOString(),
      kind: 'update',
      fields: planOf(work.writes),
    },
    claim: { owner: context.ids.random(12), until: now + context.claimMs },
    repeats: work.repeats,
    changedAt: now,
  };
  try {
    return await context.links.replace(next, work.stored.etag, 'samePair');
  } catch (error) {
    if (error instanceof ConflictError) return null;
    throw error;
  }
}

/** Another worker changed the link row while we held the claim. */
export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError';
}

/** The claim in hand; renewed before a call that it would not outlive. */
export class LinkLease {
  readonly #context: SyncContext;
  #stored: Stored<Link>;
  #isReleased = false;

  constructor(context: SyncContext, stored: Stored<Link>) {
    this.#context = context;
    this.#stored = stored;
  }

  get link(): Link {
    return this.#stored.value;
  }

  get etag(): string {
    return this.#stored.etag;
  }

  get until(): number {
    return this.link.claim?.until ?? 0;
  }

  /** Makes sure that the claim outlives a call of the longest duration that we allow. */
  async ensure(): Promise<void> {
    const now = this.#context.clock.now();
    const current = this.link.claim;
    if (current !== null && current.until - now > this.#context.writeTimeoutMs) return;
    if (current === null || current.until <= now) throw new ClaimLostError('The claim ran out.');
    try {
      this.#stored = await this.#context.links.replace(
        { ...this.link, claim: { ...current, until: now + this.#context.claimMs } },
        this.#stored.etag,
      );
    } catch (error) {
      if (error instanceof ConflictError) throw new ClaimLostError('The link was changed by another writer.');
      throw error;
    }
  }

  /**
   * Gives the claim back, keeping of the plan what may have been written, and of what was written what `done` says; a
   * failure only means that the claim has to run out. The first call counts.
   */
  async release(
    plan: Plan | null,
    done: Partial<Pick<Link, 'base' | 'repeats' | 'lastRun'>> = {},
  ): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    await saved(this.#context, { ...this.link, ...done, plan, claim: null }, this.#stored.etag);
  }
}
