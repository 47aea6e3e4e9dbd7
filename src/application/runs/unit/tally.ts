import type { Change } from '../../../domain/change.js';
import type { Side } from '../../../domain/model.js';
import {
  countOutcome,
  NO_COUNTS,
  type Outcome,
  type Run,
  type RunCounts,
  type SideCounts,
  strongest,
} from '../../../domain/run.js';
import { sideCounterOf } from '../../../domain/stats.js';
import type { StagingStore } from '../../ports/staging.js';
import type { PairResult } from '../../sync/context/sync-context.js';

interface Entry {
  readonly key: string;
  readonly outcome: Outcome;
  /** What the pair was counted as by an earlier phase; null: not counted yet. */
  readonly before: Outcome | null;
  /** A later phase may meet the pair. */
  readonly isOpen: boolean;
}

/** Not given: nothing of the kind is left to be done for the pair. */
type Counted = Pick<PairResult, 'outcome' | 'changes'> &
  Partial<Pick<PairResult, 'busyUntil' | 'gone' | 'guarded' | 'waiting'>>;

/**
 * What one unit of work counts. A pair counts once per run by its strongest outcome, also when a later phase meets it
 * again: outcomes other than `unchanged` are therefore kept of pairs for which something is left to be done. What an attempt
 * at a unit did that died the links say, and repeated it is kept of all.
 */
export class Tally {
  #read = 0;
  #unchanged = 0;
  #missed = 0;
  readonly #entries = new Map<string, Entry>();
  readonly #sides: Record<Side, Record<keyof SideCounts, number>> = {
    authScape: { created: 0, updated: 0, deactivated: 0, deleted: 0 },
    dynamics: { created: 0, updated: 0, deactivated: 0, deleted: 0 },
  };

  read(count: number): void {
    this.#read += count;
  }

  /** So many pairs that the run has not met before and that nothing happens to. */
  unchanged(count: number): void {
    this.#unchanged += count;
  }

  /** Milliseconds at which Dynamics changed a row that no event has told of. */
  missed(at: number): void {
    this.#missed = Math.max(this.#missed, at);
  }

  /** 0: nothing was missed. */
  get newestMissed(): number {
    return this.#missed;
  }

  /** `key` names the pair within the run: mapping and A id, or mapping and D id while there is no A id. */
  pair(key: string, result: Counted, before: Outcome | null = null): void {
    const known = this.#entries.get(key);
    const outcome = known === undefined ? result.outcome : strongest(known.outcome, result.outcome);
    const isOpen = known?.isOpen === true || isLeftOpen(result);
    this.#entries.set(key, { key, outcome, before: known?.before ?? before, isOpen });
    for (const change of result.changes) this.#countSide(change);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  #countSide(change: Change): void {
    const counted = sideCounterOf(change);
    if (counted !== undefined) this.#sides[counted.side][counted.counter] += 1;
  }

  /**
   * What the unit adds to the run's counts. In a phase that meets every pair once, outcomes that are stored already were
   * left by an attempt at this unit that died before it counted. In a later phase they are what the pair was counted as, and
   * are taken off again.
   */
  async apply(
    staging: StagingStore,
    run: Pick<Run, 'id' | 'dryRun'>,
    stage: Stage,
  ): Promise<Pick<Run, 'counts' | 'bySide'>> {
    const entries = [...this.#entries.values()];
    const keys = entries.map((entry) => entry.key);
    const known = stage === 'first' ? new Map<string, Outcome>() : await staging.getOutcomes(run.id, keys);
    let counts: RunCounts = { ...NO_COUNTS, read: this.#read, unchanged: this.#unchanged };
    const changed = new Map<string, Outcome>();
    // A dry run asks what it has planned of a pair by what it was counted as.
    const keepsAll = stage !== 'first' || run.dryRun;
    for (const { key, outcome, before, isOpen } of entries) {
      const stored = known.get(key) ?? null;
      const now = stored === null ? outcome : strongest(stored, outcome);
      counts = countOutcome(counts, now, stage === 'later' ? (stored ?? 'unchanged') : before);
      if (now !== stored && now !== 'unchanged' && (keepsAll || isOpen)) changed.set(key, now);
    }
    if (changed.size > 0) await staging.putOutcomes(run.id, changed);
    return { counts, bySide: this.#sides };
  }
}

const DONE: readonly Outcome[] = ['created', 'linked', 'updated', 'conflict', 'deactivated', 'deleted'];

function isLeftOpen({
  outcome,
  busyUntil = null,
  gone = null,
  guarded = [],
  waiting = false,
}: Counted): boolean {
  return !DONE.includes(outcome) || waiting || busyUntil !== null || gone !== null || guarded.length > 0;
}

/** `repeat`: the first attempt at the unit died. `later`: the pairs were counted by an earlier phase of the run. */
export type Stage = 'first' | 'repeat' | 'later';
