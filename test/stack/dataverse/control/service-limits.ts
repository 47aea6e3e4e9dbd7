import { performance } from 'node:perf_hooks';
import { DataverseError } from '../errors.js';

/** What one user may ask within a window that slides. */
export interface LimitSettings {
  requests: number;
  /** Of all requests together. */
  executionSeconds: number;
  /** Requests at once. */
  concurrent: number;
  windowSeconds: number;
}

type Cause = 'requests' | 'executionTime' | 'concurrent';

/** The limits as they are, and what they did since they were set. */
export interface LimitReport extends LimitSettings {
  enforced: boolean;
  /** Requests. */
  refused: Record<Cause, number>;
  /** How often a user had used up requests or execution time; what is refused until the wait is over belongs to it. */
  pauses: number;
}

/** A request that is let in runs until it calls `leave`; one that is not did nothing and may come back later. */
export type Entrance =
  | { isRefused: false; leave(): void }
  | { isRefused: true; error: DataverseError; retryAfterSeconds: number };

/** What the platform documents for one user and web server. */
const documented: LimitSettings = {
  requests: 6000,
  executionSeconds: 1200,
  concurrent: 52,
  windowSeconds: 300,
};
/** By this part of the window a pause grows with each request that does not respect it, up to a whole window. */
const pushShare = 1 / 20;
/** It is not known when one of the running requests ends. */
const crowdedSeconds = 1;

const seconds = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const milliseconds = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Amounts by moment, oldest first; what has left the window is dropped from the front. */
class SlidingSum {
  #entries: { at: number; amount: number }[] = [];
  #head = 0;
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(at: number, amount: number): void {
    this.#entries.push({ at, amount });
    this.#total += amount;
  }

  dropUntil(moment: number): void {
    let first = this.#entries[this.#head];
    while (first !== undefined && first.at <= moment) {
      this.#total -= first.amount;
      this.#head += 1;
      first = this.#entries[this.#head];
    }
    if (this.#head === this.#entries.length) {
      this.#total = 0;
    }
    if (this.#head * 2 >= this.#entries.length) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** The moment of the entry with whose end the total falls below the limit. */
  lastToLeave(limit: number): number {
    let left = this.#total;
    let at = 0;
    for (let index = this.#head; left >= limit && index < this.#entries.length; index += 1) {
      at = this.#entries[index]?.at ?? at;
      left -= this.#entries[index]?.amount ?? 0;
    }
    return at;
  }
}

class Usage {
  readonly requests = new SlidingSum();
  readonly executionMs = new SlidingSum();
  running = 0;
  pausedUntil = Number.NEGATIVE_INFINITY;
  pausedBy: Cause = 'requests';
}

/**
 * The service protection limits: requests, execution time and concurrency of each user. Usage is always counted,
 * for the headers; no request is refused until limits are set, since benchmarks send more than the documented ones let in.
 */
export class ServiceLimits {
  readonly #now: () => Date;
  #settings = documented;
  #isEnforced = false;
  #refused: Record<Cause, number> = { requests: 0, executionTime: 0, concurrent: 0 };
  #pauses = 0;
  #usage = new Map<string, Usage>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Enforces limits from now on, the documented ones where nothing else is said; every user begins anew. */
  set(settings: Partial<LimitSettings>): LimitReport {
    return this.#begin({ ...documented, ...settings }, true);
  }

  /** Refuses no request any more. */
  restore(): LimitReport {
    return this.#begin(documented, false);
  }

  report(): LimitReport {
    return {
      enforced: this.#isEnforced,
      ...this.#settings,
      refused: { ...this.#refused },
      pauses: this.#pauses,
    };
  }

  enter(userId: string): Entrance {
    const usage = this.#usageOf(userId);
    const refusal = this.#isEnforced ? this.#refuse(usage) : undefined;
    if (refusal !== undefined) {
      return refusal;
    }
    usage.requests.add(this.#now().getTime(), 1);
    usage.running += 1;
    const started = performance.now();
    return {
      isRefused: false,
      leave: () => {
        usage.running -= 1;
        usage.executionMs.add(this.#now().getTime(), performance.now() - started);
      },
    };
  }

  /** The headers that say what is left to a user. */
  headers(userId: string): Record<string, string> {
    const usage = this.#usageOf(userId);
    const { requests, executionSeconds } = this.#settings;
    const secondsLeft = executionSeconds - usage.executionMs.total / 1000;
    return {
      'x-ms-ratelimit-burst-remaining-xrm-requests': String(Math.max(0, requests - usage.requests.total)),
      'x-ms-ratelimit-time-remaining-xrm-requests': seconds.format(Math.max(0, secondsLeft)),
    };
  }

  #begin(settings: LimitSettings, isEnforced: boolean): LimitReport {
    this.#settings = settings;
    this.#isEnforced = isEnforced;
    this.#refused = { requests: 0, executionTime: 0, concurrent: 0 };
    this.#pauses = 0;
    this.#usage = new Map();
    return this.report();
  }

  /** What the user did in the window that ends now. */
  #usageOf(userId: string): Usage {
    const usage = this.#usage.get(userId) ?? new Usage();
    this.#usage.set(userId, usage);
    const start = this.#now().getTime() - this.#settings.windowSeconds * 1000;
    usage.requests.dropUntil(start);
    usage.executionMs.dropUntil(start);
    return usage;
  }

  #refuse(usage: Usage): Entrance | undefined {
    const now = this.#now().getTime();
    const windowMs = this.#settings.windowSeconds * 1000;
    if (now < usage.pausedUntil) {
      usage.pausedUntil = Math.min(usage.pausedUntil + windowMs * pushShare, now + windowMs);
      return this.#refusal(usage.pausedBy, (usage.pausedUntil - now) / 1000);
    }
    const { requests, executionSeconds, concurrent } = this.#settings;
    if (usage.running >= concurrent) {
      return this.#refusal('concurrent', crowdedSeconds);
    }
    const isBurst = usage.requests.total >= requests;
    if (!isBurst && usage.executionMs.total < executionSeconds * 1000) {
      return undefined;
    }
    const last = Math.max(
      usage.requests.lastToLeave(requests),
      usage.executionMs.lastToLeave(executionSeconds * 1000),
    );
    usage.pausedBy = isBurst ? 'requests' : 'executionTime';
    usage.pausedUntil = last + windowMs;
    this.#pauses += 1;
    return this.#refusal(usage.pausedBy, (usage.pausedUntil - now) / 1000);
  }

  #refusal(cause: Cause, waitSeconds: number): Entrance {
    this.#refused[cause] += 1;
    return {
      isRefused: true,
      error: this.#errorOf(cause),
      retryAfterSeconds: Math.max(1, Math.ceil(waitSeconds)),
    };
  }

  #errorOf(cause: Cause): DataverseError {
    const { requests, executionSeconds, concurrent, windowSeconds } = this.#settings;
    const window = `over time window of ${windowSeconds} seconds.`;
    switch (cause) {
      case 'requests': {
        const message = `Number of requests exceeded the limit of ${requests} ${window}`;
        return new DataverseError(429, '0x80072322', message);
      }
      case 'executionTime': {
        const limit = `${milliseconds.format(executionSeconds * 1000)} milliseconds`;
        const advice =
          'Decrease number of concurrent requests or reduce the duration of requests and try again later.';
        const message = `Combined execution time of incoming requests exceeded limit of ${limit} ${window} ${advice}`;
        return new DataverseError(429, '0x80072321', message);
      }
      case 'concurrent': {
        const message = `Number of concurrent requests exceeded the limit of ${concurrent}.`;
        return new DataverseError(429, '0x80072326', message);
      }
    }
  }
}
