import { interruption } from '../interruption.js';
import type { HttpRequest } from './client.js';
import { type Failure, HttpFailure } from './failure.js';
import { decideRetry, mayHaveHappened, type RetryOptions, verdictOf } from './retry.js';
import { type CallAnswer, createTransport, type Transport, type TransportOptions } from './transport.js';

export interface CallerOptions extends TransportOptions {
  readonly retry: RetryOptions;
  /** How an attempt is made; one request of its own if left out. */
  readonly transport?: Transport | undefined;
  /** 0 to 1, for jitter. */
  random(): number;
}

export interface Caller {
  /**
   * Sends through the throttle and repeats as the retry policy allows; `safe`: the call may be repeated although it may
   * have taken effect; `withinMs`: no repeat begins later than that after the start, but for calls that were not executed. Throws the last `HttpFailure`, `PausedError` when a pause is on that is too long to wait for, and
   * `BridgeError` `connection_timeout` when the work was interrupted.
   */
  call(request: HttpRequest, safe: boolean, withinMs?: number): Promise<CallAnswer>;
}

/** Retry policy around the attempts of a call. A waiting call holds no place in the throttle. */
export function createCaller(options: CallerOptions): Caller {
  const { clock, meter, retry, side, throttle } = options;
  const transport = options.transport ?? createTransport(options);

  async function call(
    request: HttpRequest,
    safe: boolean,
    withinMs = Number.POSITIVE_INFINITY,
  ): Promise<CallAnswer> {
    const latest = clock.now() + withinMs;
    let afterUnknownFate = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await transport.attempt(request);
        return { ...answer, afterUnknownFate: afterUnknownFate || answer.afterUnknownFate };
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        afterUnknownFate ||= error.afterUnknownFate;
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
    const verdict = options.verdict?.(failure) ?? verdictOf(failure);
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
