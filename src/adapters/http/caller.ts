import type { Clock } from '../../application/ports/runtime.js';
import { interruption, refuseIfInterrupted } from '../interruption.js';
import type { CountingMeter } from '../meter.js';
import type { HttpAnswer, HttpClient, HttpRequest } from './client.js';
import { type Failure, HttpFailure } from './failure.js';
import { decideRetry, mayHaveHappened, type RetryOptions, type Verdict, verdictOf } from './retry.js';
import type { Throttle } from './throttle.js';

export interface CallerOptions {
  readonly client: HttpClient;
  readonly throttle: Throttle;
  readonly retry: RetryOptions;
  readonly clock: Clock;
  /** 0 to 1, for jitter. */
  random(): number;
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

export interface Caller {
  /**
   * Sends through the throttle and repeats as the retry policy allows; `safe`: the call may be repeated although it may
   * have taken effect; `withinMs`: no repeat begins later than that after the start, but for calls that were not executed. Throws the last `HttpFailure`, `PausedError` when a pause is on that is too long to wait for, and
   * `BridgeError` `connection_timeout` when the work was interrupted.
   */
  call(request: HttpRequest, safe: boolean, withinMs?: number): Promise<CallAnswer>;
}

/** Throttle, retry policy and counting around one HTTP client. A waiting call holds no place in the throttle. */
export function createCaller(options: CallerOptions): Caller {
  const { client, clock, meter, retry, side, throttle } = options;

  async function attemptOnce(request: HttpRequest): Promise<Omit<CallAnswer, 'afterUnknownFate'>> {
    const attempt = async () => {
      refuseIfInterrupted();
      const sentAt = clock.now();
      meter.count(side);
      const answer = await sent(request);
      return { ...answer, sentAt, answeredAt: clock.now() };
    };
    return throttle.run(attempt, retry.maxRetryAfterMs, kindOf(request));
  }

  async function sent(request: HttpRequest): Promise<HttpAnswer> {
    try {
      const answer = await client.send(request);
      meter.answered(side, String(answer.status));
      throttle.heed(answer.headers);
      return answer;
    } catch (error) {
      if (error instanceof HttpFailure) {
        meter.answered(side, statusOf(error.failure));
        // Told before the place is handed on: the next call must not be refused as well.
        if (verdictFor(error.failure) === 'throttled') throttle.refused(options.isUsedUp?.(error.failure));
      }
      throw error;
    }
  }

  function verdictFor(failure: Failure): Verdict {
    return options.verdict?.(failure) ?? verdictOf(failure);
  }

  async function call(
    request: HttpRequest,
    safe: boolean,
    withinMs = Number.POSITIVE_INFINITY,
  ): Promise<CallAnswer> {
    const latest = clock.now() + withinMs;
    let afterUnknownFate = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return { ...(await attemptOnce(request)), afterUnknownFate };
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        const wait = judge(error.failure, { attempt, safe, latest }, afterUnknownFate);
        afterUnknownFate ||= mayHaveHappened(error.failure);
        // A shared pause is waited out within the throttle.
        if (wait === 0) continue;
        meter.waited(`${side}.retry`, wait);
        await clock.sleep(wait, interruption());
      }
    }
  }

  /** Milliseconds to wait before the next attempt; throws when there is none. */
  function judge(
    failure: Failure,
    { attempt, safe, latest }: { attempt: number; safe: boolean; latest: number },
    afterUnknownFate: boolean,
  ): number {
    const verdict = verdictFor(failure);
    const decision = decideRetry(
      { attempt, failure, verdict, safe, now: clock.now(), random: options.random() },
      retry,
    );
    if (decision.kind === 'wait' && verdict === 'throttled') {
      throttle.pause(decision.ms);
      return 0;
    }
    if (decision.kind === 'wait' && clock.now() + decision.ms < latest) return decision.ms;
    const retryAfterMs = decision.kind === 'wait' ? undefined : decision.retryAfterMs;
    if (verdict === 'throttled') throttle.pause(retryAfterMs ?? retry.maxDelayMs);
    throw new HttpFailure(failure, {
      afterUnknownFate,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
  return { call };
}

function statusOf(failure: Failure): string {
  return failure.kind === 'status' ? String(failure.status) : failure.kind;
}

/** Method and path without ids. How long a batch takes follows what it carries. */
function kindOf({ method, url }: HttpRequest): string | undefined {
  const { pathname } = new URL(url);
  if (pathname.endsWith('/$batch')) return undefined;
  return `${method} ${pathname.replace(/\([^/]*\)|\/\d+(?=\/|$)/g, '')}`;
}
