/** Header names are lower case; repeated headers are joined by a comma. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** Error code of a connection that was not made in time. */
export const CONNECT_TIMEOUT = 'CONNECT_TIMEOUT';

/**
 * How a call can fail. `unreachable`: nothing was sent (name not found, refused, no TLS). `timeout` and `reset`: it was
 * sent and no whole answer came, so its fate is unknown. `status`: an answer outside 2xx. `malformed`: an answer whose
 * body is not what was asked for, or is longer than any may be. `late`: nothing was sent, since the caller wanted it only
 * until then.
 */
export type Failure =
  | { readonly kind: 'timeout' }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'reset'; readonly reason: string }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers: HttpHeaders;
      readonly text: string;
    }
  | { readonly kind: 'malformed'; readonly status: number }
  | { readonly kind: 'late' };

/**
 * The only error that leaves the HTTP client. The failure sits in a private field behind a getter, so that printing the
 * error shows neither bodies nor headers.
 */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly #failure: Failure;
  readonly #isRepeat: boolean;
  readonly #retryAfterMs: number | undefined;

  constructor(failure: Failure, details: { afterUnknownFate?: boolean; retryAfterMs?: number } = {}) {
    super(describe(failure));
    this.#failure = failure;
    this.#isRepeat = details.afterUnknownFate ?? false;
    this.#retryAfterMs = details.retryAfterMs;
  }

  get failure(): Failure {
    return this.#failure;
  }

  /** True when an earlier attempt of the same call may have taken effect. */
  get afterUnknownFate(): boolean {
    return this.#isRepeat;
  }

  /** What the server asked to wait, when it asked. */
  get retryAfterMs(): number | undefined {
    return this.#retryAfterMs;
  }
}

/** The same failure of a call that an earlier attempt may have carried out. */
export function afterUnknownFate({ failure, retryAfterMs }: HttpFailure): HttpFailure {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new HttpFailure(failure, { afterUnknownFate: true, ...wait });
}

/** Milliseconds that a shared pause still lasts: the call was not sent. */
export class PausedError extends Error {
  override readonly name = 'PausedError';
  readonly remainingMs: number;

  constructor(remainingMs: number) {
    super('Calls are paused because the service asked for it.');
    this.remainingMs = remainingMs;
  }
}

/** May the call have taken effect although it failed? */
export function hasUnknownOutcome(failure: Failure): boolean {
  return failure.kind === 'timeout' || failure.kind === 'reset' || failure.kind === 'malformed';
}

/** JSON of an error's body; undefined for HTML, plain text and nothing. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe(failure: Failure): string {
  switch (failure.kind) {
    case 'timeout':
      return 'No answer came in time.';
    case 'unreachable':
      return `The host cannot be reached (${failure.reason}).`;
    case 'reset':
      return `The connection ended before the answer was complete (${failure.reason}).`;
    case 'status':
      return `The answer was ${failure.status}.`;
    case 'malformed':
      return `The answer was ${failure.status} with a body that cannot be read.`;
    case 'late':
      return 'The call waited for longer than it could be sent.';
  }
}
