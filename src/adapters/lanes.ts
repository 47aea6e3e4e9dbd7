/**
 * Records that are worked on side by side, in step: what they ask of storage goes out together when none of them can go
 * on by itself. Some fifty pairs walk through the same protocol, each in its own lane, and each step of it then costs a
 * request or two instead of fifty. Nothing but the moment of a request changes: a lane that is held up for long, or
 * that has nothing to ask, does not keep the others waiting.
 */
import type { Lanes } from '../application/ports/runtime.js';
import { mapConcurrent } from '../lib/map-concurrent.js';
import { createOfCallChain } from './call-chain.js';

/** No lane waits longer than that for the others. */
const LONGEST_WAIT_MS = 2_000;
/** Workers that share a run have so many times the lanes of one: a pair that waits long for its turn loses its claim. */
const MOST_TIMES = 2;

/** That of the record that is worked on. */
const current = createOfCallChain<Lane>();

/** A place in the next request that lanes send together. */
export interface Arrival {
  /** Resolves when the request is to go out. */
  readonly ready: Promise<void>;
  /** The request has gone out before: the lane waits no longer. */
  leave(): void;
}

/** Lanes for at most so many records at a time. `giveWay` is waited for before each. */
export function createLanes(limit: number, giveWay: () => Promise<void> = async () => {}): Lanes {
  const lanes: Lanes = {
    map(items, work) {
      const group = new Group();
      return mapConcurrent(items, limit, async (item) => {
        await giveWay();
        const lane = await group.open();
        try {
          return await current.run(lane, () => work(item));
        } catch (error) {
          group.fail(error);
          throw error;
        } finally {
          group.close(lane);
        }
      });
    },
    among: (workers) => {
      const share = Math.floor((limit * MOST_TIMES) / workers);
      return share >= limit ? lanes : createLanes(Math.max(1, share), giveWay);
    },
  };
  return lanes;
}

/** The caller waits for the other lanes of its group; undefined outside of a group. */
export function arrive(): Arrival | undefined {
  return current.get()?.arrive();
}

/** Does what other lanes wait for otherwise than by arriving: it waits for none of them. */
export function apart<T>(work: () => Promise<T>): Promise<T> {
  return current.run(undefined, work);
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
  #turn: Barrier | undefined;
  /** What records wait at that are to come. */
  #entry: Barrier | undefined;
  /** The lanes have asked for something together: a lane that joined them now would be behind. */
  #isUnderWay = false;
  #failure: { readonly error: unknown } | undefined;
  #isLooking = false;

  async open(): Promise<Lane> {
    if (this.#isUnderWay) {
      this.#entry ??= barrier(() => this.#enter());
      await this.#entry.opened;
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    const lane = new Lane(this);
    this.#lanes.add(lane);
    return lane;
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  close(lane: Lane): void {
    this.#lanes.delete(lane);
    if (this.#lanes.size === 0) {
      this.#isUnderWay = false;
      this.#enter();
    }
    this.#look();
  }

  /** The end of the turn in which all lanes gather. */
  next(): Promise<void> {
    this.#turn ??= barrier(() => this.#end());
    this.#look();
    return this.#turn.opened;
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
    this.#turn = undefined;
    this.#isUnderWay = this.#lanes.size > 0;
    turn?.open();
  }

  #enter(): void {
    const entry = this.#entry;
    this.#entry = undefined;
    entry?.open();
  }
}

/** What lanes wait at together, until it is opened; after the longest wait `late` is called. */
interface Barrier {
  readonly opened: Promise<void>;
  open(): void;
}

function barrier(late: () => void): Barrier {
  let resolve = (): void => {};
  const opened = new Promise<void>((settle) => {
    resolve = settle;
  });
  const timer = setTimeout(late, LONGEST_WAIT_MS);
  return {
    opened,
    open() {
      clearTimeout(timer);
      resolve();
    },
  };
}
