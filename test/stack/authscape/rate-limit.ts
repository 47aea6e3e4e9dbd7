interface LimitSettings {
  permitLimit: number;
  windowSeconds: number;
}

/** Requests per client address in a fixed window; off until it is set. */
export class RateLimit {
  readonly #now: () => Date;
  readonly #windows = new Map<string, { start: number; count: number }>();
  #settings: LimitSettings | undefined;

  constructor(now: () => Date) {
    this.#now = now;
  }

  set(settings: LimitSettings | undefined): LimitSettings | Record<string, never> {
    this.#settings = settings;
    this.#windows.clear();
    return settings ?? {};
  }

  /** Counts one request; false when it is one too many. */
  admit(address: string): boolean {
    if (this.#settings === undefined) {
      return true;
    }
    const now = this.#now().getTime();
    const window = this.#windows.get(address);
    if (window === undefined || now - window.start >= this.#settings.windowSeconds * 1000) {
      this.#windows.set(address, { start: now, count: 1 });
      return true;
    }
    window.count += 1;
    return window.count <= this.#settings.permitLimit;
  }
}
