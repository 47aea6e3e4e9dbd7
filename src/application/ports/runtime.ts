/** Time, randomness, logging and counting, as use cases need them. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Ends early, without a fault, when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Stops work whose caller does not wait any more. */
export interface Interruption {
  /**
   * Runs `work`. Once the signal is aborted, requests of it to Dynamics and AuthScape are refused with `connection_timeout`,
   * its waits for them end, and reads that are under way are cut off; a write that was sent comes to its end.
   */
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** Records side by side. */
export interface Lanes {
  /**
   * Works on all items, as many at a time as there are lanes, and answers in their order. What they ask of storage at the
   * same time may go out together. After a failure nothing new is begun; what is under way is awaited, then it is thrown.
   */
  map<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]>;
  /** The lanes of one of so many workers that share a run: together they have twice as many as one has alone. */
  among(workers: number): Lanes;
}

export interface Ids {
  /** A short random id of letters and digits. */
  random(length?: number): string;
}

/** Writes one JSON line per entry; values under keys that look like secrets are replaced. */
export interface Logger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface RequestMeter {
  /** Runs `work` and counts the requests that it sent, also those of parallel branches within it. */
  measure<T>(work: () => Promise<T>): Promise<{ result: T; requests: () => Requests }>;
  /** Counts of the measurement that is under way, zeros outside of one. */
  current(): Requests;
}

export interface Requests {
  readonly dynamics: number;
  readonly authScape: number;
  readonly storage: number;
}
