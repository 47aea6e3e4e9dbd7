import type { Clock } from '../../application/ports/runtime.js';
import { refuseIfInterrupted } from '../interruption.js';
import type { CountingMeter } from '../meter.js';
import type { HttpAnswer, HttpClient, HttpRequest } from './client.js';
import { type Failure, HttpFailure } from './failure.js';
import { type RetryOptions, type Verdict, verdictOf } from './retry.js';
import type { Throttle } from './throttle.js';

export interface TransportOptions {
  readonly client: HttpClient;
  readonly throttle: Throttle;
  readonly retry: Pick<RetryOptions, 'maxRetryAfterMs'>;
  readonly clock: Clock;
  /** Hears of every request that goes out, repeats included. */
  readonly meter: Pick<CountingMeter, 'count' | 'answered' | 'waited'>;
  readonly side: 'dynamics' | 'authScape';
  /** The service's own reading of a failure; undefined leaves it to the general rules. */
  verdict?(failure: Failure): Verdict | undefined;
  /** Was the call refused since the requests of a window are used up? */
  isUsedUp?(failure: Failure): boolean;
}

/** A 2xx answer and the clock readings around its request, in milliseconds. */
export interface CallAnswer extends HttpAnswer {
  readonly sentAt: number;
  readonly answeredAt: number;
  /** An earlier attempt of the same call may have taken effect. */
  readonly afterUnknownFate: boolean;
}

/** How one attempt of a call is made. */
export interface Transport {
  /**
   * Resolves on 2xx. Throws `HttpFailure`, `PausedError` when a pause is on that is too long to wait for, and
   * `BridgeError` `connection_timeout` when the work was interrupted before anything was sent.
   */
  attempt(request: HttpRequest): Promise<CallAnswer>;
}

export interface SingleTransport extends Transport {
  /** An attempt whose request is made up when its turn has come: how long it takes follows what it carries. */
  attemptLater(makeRequest: () => HttpRequest): Promise<CallAnswer>;
}

/** One request for each attempt: waits for its turn and counts. */
export function createTransport(options: TransportOptions): SingleTransport {
  const { client, clock, meter, retry, side, throttle } = options;

  async function sent(request: HttpRequest): Promise<HttpAnswer> {
    try {
      const answer = await client.send(request);
      meter.answered(side, String(answer.status));
      throttle.heed(answer.headers);
      return answer;
    } catch (error) {
      if (error instanceof HttpFailure) {
        const { failure } = error;
        meter.answered(side, statusOf(failure));
        const verdict = options.verdict?.(failure) ?? verdictOf(failure);
        // Told before the place is handed on: the next call must not be refused as well.
        if (verdict === 'throttled') throttle.refused(options.isUsedUp?.(failure));
      }
      throw error;
    }
  }

  async function attemptLater(makeRequest: () => HttpRequest, kind?: string): Promise<CallAnswer> {
    const attempt = async () => {
      refuseIfInterrupted();
      const request = makeRequest();
      const sentAt = clock.now();
      if (isLate(request, sentAt)) throw new HttpFailure({ kind: 'late' });
      meter.count(side);
      const answer = await sent(request);
      return { ...answer, sentAt, answeredAt: clock.now(), afterUnknownFate: false };
    };
    return throttle.run(attempt, retry.maxRetryAfterMs, kind);
  }

  return { attempt: (request) => attemptLater(() => request, kindOf(request)), attemptLater };
}

/** Has the request waited for its turn for longer than it may be sent? */
export function isLate({ latest = Number.POSITIVE_INFINITY }: HttpRequest, now: number): boolean {
  return now > latest;
}

function statusOf(failure: Failure): string {
  return failure.kind === 'status' ? String(failure.status) : failure.kind;
}

/** Method and path without ids. */
function kindOf({ method, url }: HttpRequest): string {
  return `${method} ${new URL(url).pathname.replace(/\([^/]*\)|\/\d+(?=\/|$)/g, '')}`;
}
