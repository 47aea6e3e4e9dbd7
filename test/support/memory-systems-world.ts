import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../src/application/ports/runtime.js';
import type { Side } from '../../src/domain/model.js';
import type { FieldValue } from '../../src/domain/values.js';

/** One call to one of the two systems, or one part of a call that has several. */
export interface SystemCall {
  readonly side: Side;
  /** `get`, `changes`, `update.write`, … */
  readonly name: string;
  /** Table or entity. */
  readonly entity: string;
  readonly id: string | null;
  /** Does it change anything there? */
  readonly effect: boolean;
}

/** A value that changed in one of the systems. */
export interface ValueChange {
  readonly side: Side;
  readonly entity: string;
  readonly id: string;
  readonly field: string;
  readonly from: FieldValue;
  readonly to: FieldValue;
  /**
   * `undone`: our full replace took back what a person wrote after our read, and the answer says so. `race`: it replaced
   * such a value and nothing tells us.
   */
  readonly by: 'person' | 'bridge' | 'undone' | 'race' | 'server';
  /** Milliseconds. */
  readonly at: number;
  /** The process that did it, if it was one of ours. */
  readonly worker: Worker | undefined;
}

/** Field under which it is noted that a record came (`there`) or went (null). */
export const LIFE = '!life';
/** Field under which it is noted that a row was merged into the one with the id. */
export const MERGED = '!merged';
/** Field under which it is noted that a person took the link of a record away. */
export const PARTED = '!parted';
/** Field under which it is noted that a person rejected what the guard held of a record. */
export const REJECTED = '!rejected';

/** The process died: nothing of it goes on, and what it had under way stays as it is. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/** One process of the bridge; the dead one meets `CrashError` wherever it next leaves the process. */
export interface Worker {
  readonly name: string;
  dead: boolean;
  /** It did not hear the answer to a write. */
  deaf?: boolean;
}

export interface VirtualClock extends Clock {
  advance(ms: number): void;
}

/** A clock that stands still until it is moved; sleepers wake when it has been moved far enough. */
function createVirtualClock(start = Date.parse('2026-03-01T08:00:00Z')): VirtualClock {
  let now = start;
  let sleepers: { until: number; wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms) => new Promise((wake) => sleepers.push({ until: now + ms, wake })),
    advance(ms) {
      now += ms;
      const due = sleepers.filter(({ until }) => until <= now);
      if (due.length === 0) return;
      sleepers = sleepers.filter(({ until }) => until > now);
      for (const sleeper of due) sleeper.wake();
    },
  };
}

export interface World {
  readonly clock: VirtualClock;
  readonly changes: ValueChange[];
  /** Called before a call (or a part of one) takes effect: throwing here, nothing happens. */
  before: ((call: SystemCall) => void | Promise<void>) | undefined;
  /** Called after it took effect: throwing here is an answer that got lost. */
  after: ((call: SystemCall) => void | Promise<void>) | undefined;
  /** Called before an insert of a row goes out, as where it waits for its turn. */
  turn: (() => Promise<void>) | undefined;
  /** Runs one call between the two hooks. */
  call<T>(call: SystemCall, work: () => T): Promise<T>;
  /** Notes what changed. */
  note(change: Omit<ValueChange, 'at' | 'worker'>): void;
  /** Runs work as one process; others may run beside it. */
  as<T>(worker: Worker, work: () => Promise<T>): Promise<T>;
  worker(): Worker | undefined;
  /** Throws when the process that calls is dead. */
  breathe(): void;
}

/** Milliseconds that pass with every call. */
const CALL_MS = 2;

/** One for all worlds: every storage of this kind costs each promise of the process a little. */
const workers = new AsyncLocalStorage<Worker>();

/** What both systems in memory share: the time, the hooks, and a record of all that changed. */
export function createWorld(clock: VirtualClock = createVirtualClock()): World {
  const world: World = {
    clock,
    changes: [],
    before: undefined,
    after: undefined,
    turn: undefined,
    async call(call, work) {
      world.breathe();
      clock.advance(CALL_MS);
      await world.before?.(call);
      world.breathe();
      const result = work();
      await world.after?.(call);
      world.breathe();
      return result;
    },
    note(change) {
      world.changes.push({ ...change, at: clock.now(), worker: workers.getStore() });
    },
    as: (worker, work) => workers.run(worker, work),
    worker: () => workers.getStore(),
    breathe() {
      if (workers.getStore()?.dead === true) throw new CrashError('The process is dead.');
    },
  };
  return world;
}
