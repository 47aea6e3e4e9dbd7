/**
 * How the processes of a deployment divide a connection's places. Each that uses it in bulk says so in a row that is good
 * for a minute, and looks how many do. Two writes and four looks a minute, none while nothing is sent; when storage fails,
 * the share stays what it was. A process that begins takes little until the others have seen it.
 */
import type { Clock, Logger } from '../../application/ports/runtime.js';
import { keepNewest } from '../../lib/keep-newest.js';
import type { Share } from './throttle.js';

/** A process that uses a connection. Times in milliseconds. */
export interface ActiveProcess {
  readonly processId: string;
  readonly activeUntil: number;
  /** Until when it was asked to pause; 0: it was not. */
  readonly pausedUntil: number;
}

export interface ActiveProcesses {
  put(connectionId: string, process: ActiveProcess): Promise<void>;
  /** All that are active; clears away those that are not any more. */
  list(connectionId: string, now: number): Promise<readonly ActiveProcess[]>;
}

export interface SharesOptions {
  readonly processes: ActiveProcesses;
  /** Of this process, new with each start. */
  readonly processId: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

const LOOK_MS = 15_000;
const TELL_MS = 30_000;
const ACTIVE_MS = 60_000;
/** What a process takes at most until all others have had time to look. */
const AT_FIRST = 4;
const MAX_CONNECTIONS = 200;
const UNKNOWN =
  'How many other processes use the connection is not known: the share of its requests stays as it is.';

/** The shares of this process in any number of connections. */
export function createShares(options: SharesOptions): (connectionId: string) => Share {
  const shares = new Map<string, Share>();
  return (connectionId) => {
    const share = shares.get(connectionId) ?? createShare(connectionId, options);
    keepNewest(shares, MAX_CONNECTIONS, [connectionId, share]);
    return share;
  };
}

function createShare(connectionId: string, { clock, logger, processes, processId }: SharesOptions): Share {
  let others: readonly ActiveProcess[] = [];
  let activeUntil = 0;
  let knownFrom = 0;
  let toldPause = 0;
  let nextLook = 0;
  let nextTell = 0;
  let isBusy = false;
  let hasFailed = false;

  async function tell(now: number): Promise<void> {
    nextTell = now + TELL_MS;
    const until = Math.max(now + ACTIVE_MS, toldPause);
    await processes.put(connectionId, { processId, activeUntil: until, pausedUntil: toldPause });
    // The others stop counting this process when its row has run out; then it begins anew.
    if (now >= activeUntil) knownFrom = now + LOOK_MS;
    activeUntil = until;
  }

  async function look(now: number): Promise<void> {
    nextLook = now + LOOK_MS;
    const all = await processes.list(connectionId, now);
    others = all.filter((process) => process.processId !== processId);
  }

  async function catchUp(): Promise<void> {
    for (let now = clock.now(); now >= nextTell || now >= nextLook; now = clock.now()) {
      await (now >= nextTell ? tell(now) : look(now));
    }
  }

  /** Beside the calls, one at a time; no call waits for it. */
  async function exchange(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    try {
      await catchUp();
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) logger.warn(UNKNOWN, { connectionId, error: messageOf(error) });
      hasFailed = true;
    } finally {
      isBusy = false;
    }
  }

  return {
    use() {
      const now = clock.now();
      if (now >= nextTell || now >= nextLook) void exchange();
    },
    of(places) {
      if (others.length === 0) return places;
      const share = Math.max(1, Math.floor(places / (others.length + 1)));
      return clock.now() < knownFrom ? Math.min(AT_FIRST, share) : share;
    },
    pausedUntil: () => Math.max(0, ...others.map((other) => other.pausedUntil)),
    tellPause(until) {
      if (until <= toldPause) return;
      toldPause = until;
      nextTell = 0;
      void exchange();
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
