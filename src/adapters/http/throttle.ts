import type { Clock } from '../../application/ports/runtime.js';
import { isBulk } from '../bulk-work.js';
import { interruption, refuseIfInterrupted } from '../interruption.js';
import { type HttpHeaders, PausedError } from './failure.js';
import { createLimitFinder } from './limit-finder.js';
import { createPlaces, type Lane } from './places.js';
import { type CountedWindow, createRequestPace } from './request-pace.js';

/** As many calls at once as the other side stands, urgent ones first, and one pause that all calls share. */
export interface Throttle {
  /**
   * Runs the work when a place is free and no pause is on. Work within `inBulk` lets other work go first. Throws
   * `PausedError` at once when the pause lasts longer than `maxWaitMs`. `kind`: calls that usually take the same time;
   * left out where the time says nothing, as it follows what a call carries.
   */
  run<T>(work: () => Promise<T>, maxWaitMs: number, kind?: string): Promise<T>;
  /**
   * The other side refused the call that is under way, for having been asked too much. `isUsedUp`: what it lets in within a
   * window is used up; else there were too many calls at once. Told within the work, before its place goes to the next.
   */
  refused(isUsedUp?: boolean): void;
  /** Lets no call start for that long; a shorter pause never ends a longer one. */
  pause(ms: number): void;
  /** Takes over what the headers of an answer advise. */
  heed(headers: HttpHeaders): void;
}

/**
 * `throttle`: no place was free; `lane`: urgent calls went before; `pause`: the other side had asked for it; `pace`: a run
 * keeps to what the other side has taken within a window.
 */
export type WaitReason = 'throttle' | 'lane' | 'pause' | 'pace';

/** The part of a connection's places that this process may use beside others. */
export interface Share {
  /** Tells the others that this process uses the connection; returns at once. */
  use(): void;
  /** Of so many places, those of this process; 1 at least. */
  of(places: number): number;
  /** Until when calls pause, as another process was told; 0 when none was. */
  pausedUntil(): number;
  tellPause(until: number): void;
}

export interface ThrottleOptions {
  /** The most calls at once where the other side advises no number. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** Left out: no other process uses the connection. */
  readonly share?: Share | undefined;
  /** In which the other side counts requests; default: five minutes, as in Dataverse, which documents 6,000. */
  readonly window?: CountedWindow | undefined;
  /** Hears what a call has waited for, in milliseconds. */
  waited?(reason: WaitReason, ms: number): void;
}

/** Dataverse takes 52. The rest is for what a process begins with before the others know of it. */
export const MOST_AT_ONCE = 48;
const WINDOW: CountedWindow = { ms: 300_000, least: 600 };
/** A process with fewer calls than this at once does not ask for a share. */
const SHARED_FROM = 4;
const ALONE: Share = { use: () => {}, of: (places) => places, pausedUntil: () => 0, tellPause: () => {} };

/** See src/README.md, "How many requests at once". */
export function createThrottle(options: ThrottleOptions): Throttle {
  const { clock, share = ALONE } = options;
  let advised: number | undefined;
  let pausedUntil = 0;
  const limit = createLimitFinder(
    () => share.of(advised ?? options.concurrency),
    () => places.isFull(),
    clock,
  );
  const places = createPlaces(limit.size);
  const pace = createRequestPace(options.window ?? WINDOW, clock.now);

  /** What has to be waited for first. */
  function obstacle(lane: Lane): { reason: WaitReason; ms: number } | undefined {
    const told = share.pausedUntil();
    if (told > pausedUntil && told > clock.now()) {
      pausedUntil = told;
      limit.refused(false);
    }
    const pause = pausedUntil - clock.now();
    if (pause > 0) return { reason: 'pause', ms: pause };
    const ms = lane === 'bulk' ? pace.waitMs() : 0;
    return ms > 0 ? { reason: 'pace', ms } : undefined;
  }

  async function passObstacles(lane: Lane, maxWaitMs: number): Promise<void> {
    for (let met = obstacle(lane); met !== undefined; met = obstacle(lane)) {
      const { ms, reason } = met;
      if (ms > maxWaitMs) throw new PausedError(ms);
      const from = clock.now();
      await clock.sleep(ms, interruption());
      options.waited?.(reason, clock.now() - from);
      refuseIfInterrupted();
    }
  }

  /** A pause that begins while a call waits for its place is waited out without the place. */
  async function enter(lane: Lane, maxWaitMs: number): Promise<void> {
    for (;;) {
      await passObstacles(lane, maxWaitMs);
      const from = clock.now();
      const { wasOvertaken } = await places.enter(lane);
      const ms = clock.now() - from;
      if (ms > 0) options.waited?.(wasOvertaken ? 'lane' : 'throttle', ms);
      if (obstacle(lane) === undefined) break;
      places.leave(lane);
    }
    pace.spend();
    if (lane === 'bulk' || places.inUse() >= SHARED_FROM) share.use();
  }

  return {
    async run(work, maxWaitMs, kind) {
      const lane = isBulk() ? 'bulk' : 'urgent';
      await enter(lane, maxWaitMs);
      try {
        return await limit.watch(work, kind);
      } finally {
        places.leave(lane);
      }
    },
    refused(isUsedUp = false) {
      if (limit.refused(!isUsedUp) && isUsedUp) pace.usedUp(places.inUse());
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, clock.now() + ms);
      share.tellPause(pausedUntil);
    },
    heed(headers) {
      const hint = Number(headers['x-ms-dop-hint']);
      if (Number.isInteger(hint) && hint > 0) advised = Math.min(hint, MOST_AT_ONCE);
    },
  };
}
