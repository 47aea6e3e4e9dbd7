/**
 * Records that are worked on side by side, in step: what they ask of storage goes out together when none of them can go
 * on by itself. Some fifty pairs walk through the same protocol, each in its own lane, and each step of it then costs a
 * request or two instead of fifty. Nothing but the moment of a request changes: a lane that is held up for long, or
 * that has nothing to ask, does not keep the others waiting.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Lanes } from '../application/ports/runtime.js';
import { mapConcurrent } from '../lib/map-concurrent.js';

/** No lane waits longer than that for the others. */
const LONGEST_WAIT_MS = 2_000;
/** Workers that share a run have so many times the lanes of one: a pair that waits long for its turn loses its claim. */
const MOST_TIMES = 2;

/** Follows the asynchronous call chain of each record. */
const current = new AsyncLocalStorage<Lane>();

/** A place in the next request that lanes send together. */
export interface Arrival {
  /** Resolves when the request is to go out. */
  readonly ready: Promise<void>;
  /** The request has gone out before: the lane waits no longer. */
  leave(): void;
}

/** Lanes for at most so many records at a time. */
export function createLanes(limit: number): Lanes {
  const lanes: Lanes = {
    map(items, work) {
      const group = new Group();
      return mapConcurrent(items, limit, async (item) => {
        const lane = group.open();
        try {
          return await current.run(lane, () => work(item));
        } finally {
          group.close(lane);
        }
      });
    },
    among: (workers) => {
      const share = Math.floor((limit * MOST_TIMES) / workers);
      return share >= limit ? lanes : createLanes(Math.max(1, share));
    },
  };
  return lanes;
}

/** The caller waits for the other lanes of its group; undefined outside of a group. */
export function arrive(): Arrival | undefined {
  return current.getStore()?.arrive();
}

class Lane {
  readonly #group: Group;
  #waits = 0;

  constructor(group: Group) {
    this.#group = group;
  }

  get waits(): boolean {
    return this.#waits > 0;
  }

  arrive(): Arrival {
    this.#waits += 1;
    let isHere = true;
    const leave = (): void => {
      if (!isHere) return;
      isHere = false;
      this.#waits -= 1;
    };
    const ready = this.#group.next().then(leave);
    return { ready, leave };
  }
}

class Group {
  readonly #lanes = new Set<Lane>();
  #turn:
    | { readonly over: Promise<void>; readonly end: () => void; readonly timer: NodeJS.Timeout }
    | undefined;
  #isLooking = false;

  open(): Lane {
    const lane = new Lane(this);
    this.#lanes.add(lane);
    return lane;
  }

  close(lane: Lane): void {
    this.#lanes.delete(lane);
    this.#look();
  }

  /** The end of the turn in which all lanes gather. */
  next(): Promise<void> {
    this.#turn ??= this.#begin();
    this.#look();
    return this.#turn.over;
  }

  #begin() {
    let end = (): void => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    return { over, end, timer: setTimeout(() => this.#end(), LONGEST_WAIT_MS) };
  }

  /** After what is ready to run: a lane that arrives may still arrive elsewhere, and one that ends may begin another. */
  #look(): void {
    if (this.#isLooking || this.#turn === undefined) return;
    this.#isLooking = true;
    setImmediate(() => {
      this.#isLooking = false;
      for (const lane of this.#lanes) if (!lane.waits) return;
      this.#end();
    });
  }

  #end(): void {
    const turn = this.#turn;
    if (turn === undefined) return;
    clearTimeout(turn.timer);
    this.#turn = undefined;
    turn.end();
  }
}
