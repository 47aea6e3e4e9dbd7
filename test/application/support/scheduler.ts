import { CrashError, type SystemCall, type Worker } from '../../support/memory-systems-world.js';
import type { MemoryRequest } from '../../support/memory-tables.js';
import type { Harness } from './harness.js';

/** A place where a process stands and waits until it is let on. */
export interface Turn {
  readonly worker: Worker;
  /** The call that it is about to make (`before`) or has just made (`after`). */
  readonly at: 'before' | 'after';
  readonly call: SystemCall | null;
  readonly request: MemoryRequest | null;
  goOn(): void;
  fail(error: Error): void;
}

export interface Scheduler {
  readonly waiting: Turn[];
  /** While false, no worker waits. */
  active: boolean;
  /** Waits until every process stands at a turn or is through. */
  settle(): Promise<void>;
  /** The process dies where it stands. */
  kill(worker: Worker): void;
  /** All workers go on without waiting from now on. */
  release(): void;
}

const WRITES: readonly string[] = ['insert', 'put', 'replace', 'remove', 'transact'];
/** Tables over which processes meet: there every request is a turn, in others only what changes something. */
const SHARED: readonly string[] = ['Links', 'LinkClaims', 'KeyClaims'];

/** Lets processes run in any order: each waits before what it does outside of itself, and after what it changed there. */
export function schedule(bridge: Harness): Scheduler {
  const waiting: Turn[] = [];
  const wait = (part: Pick<Turn, 'at' | 'call' | 'request'>): Promise<void> | undefined => {
    const worker = bridge.world.worker();
    if (worker === undefined || !scheduler.active) return undefined;
    return new Promise((resolve, reject) => {
      const turn: Turn = {
        ...part,
        worker,
        goOn: () => leave(turn, resolve),
        fail: (error) => leave(turn, () => reject(error)),
      };
      waiting.push(turn);
    });
  };
  const leave = (turn: Turn, then: () => void): void => {
    waiting.splice(waiting.indexOf(turn), 1);
    then();
  };
  const scheduler: Scheduler = {
    waiting,
    active: true,
    settle: () => new Promise((resolve) => setImmediate(resolve)),
    kill(worker) {
      worker.dead = true;
      for (const turn of waiting.filter((each) => each.worker === worker)) {
        turn.fail(new CrashError('The process was killed.'));
      }
    },
    release() {
      scheduler.active = false;
      for (const turn of [...waiting]) turn.goOn();
    },
  };
  bridge.world.before = (call) => wait({ at: 'before', call, request: null });
  bridge.world.after = (call) => (call.effect ? wait({ at: 'after', call, request: null }) : undefined);
  bridge.storage.tables.before = async (request) => {
    bridge.world.breathe();
    if (request.table === 'Staging') return;
    if (!SHARED.includes(request.table) && !WRITES.includes(request.kind)) return;
    await wait({ at: 'before', call: null, request });
    bridge.world.breathe();
  };
  return scheduler;
}
