import { type Failure, type HttpHeaders, hasUnknownOutcome } from './failure.js';

export interface RetryOptions {
  /** How often a call is sent at most, the first time included. */
  readonly attempts: number;
  /** First back-off; doubles with each attempt up to `maxDelayMs`. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** A server that asks for more than this is not waited for. */
  readonly maxRetryAfterMs: number;
}

/** Five attempts within about 15 s of waiting: a step of a run has four minutes. */
export const DEFAULT_RETRY: RetryOptions = {
  attempts: 5,
  baseDelayMs: 500,
  maxDelayMs: 8_000,
  maxRetryAfterMs: 30_000,
};

/** `throttled`: not executed, all callers should pause. `transient`: a repeat may help. `final`: it will not. */
export type Verdict = 'throttled' | 'transient' | 'final';

export type RetryDecision =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'giveUp'; readonly retryAfterMs?: number };

/** A server that asks for more is asked again after this. */
const MAX_ASKED_MS = 15 * 60_000;

export interface RetryQuestion {
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly failure: Failure;
  readonly verdict: Verdict;
  /** May the call be repeated although it may have taken effect? */
  readonly safe: boolean;
  /** Milliseconds, for dates in `Retry-After` of a server that does not tell its own time. */
  readonly now: number;
  /** 0 to 1. */
  readonly random: number;
}

const TRANSIENT = new Set([408, 502, 503, 504]);

/** What a failure means where the service has nothing more precise to say. */
export function verdictOf(failure: Failure): Verdict {
  switch (failure.kind) {
    case 'timeout':
    case 'reset':
      return 'transient';
    case 'unreachable':
      return failure.reason === 'ENOTFOUND' || /CERT|SIGN|TLS|SSL|URL/.test(failure.reason)
        ? 'final'
        : 'transient';
    case 'status':
      return failure.status === 429 ? 'throttled' : TRANSIENT.has(failure.status) ? 'transient' : 'final';
    case 'malformed':
    case 'late':
      return 'final';
  }
}

/**
 * Decides about one failed attempt. What the server asks for wins over the back-off and gets no jitter. A throttled call
 * was not executed and an unreachable host saw nothing, so these repeat always; the rest only when it is safe. A call
 * that ran into its deadline is sent once more at most: it has used up much of its caller's time already.
 */
export function decideRetry(question: RetryQuestion, options: RetryOptions): RetryDecision {
  const { attempt, failure, verdict, safe, now, random } = question;
  const asked = failure.kind === 'status' ? askedWait(failure.headers, now) : undefined;
  const giveUp: RetryDecision =
    asked === undefined ? { kind: 'giveUp' } : { kind: 'giveUp', retryAfterMs: asked };
  if (verdict === 'final' || attempt >= options.attempts) return giveUp;
  if (!safe && verdict !== 'throttled' && failure.kind !== 'unreachable') return giveUp;
  if (failure.kind === 'timeout' && attempt > 1) return giveUp;
  if (asked !== undefined) return asked <= options.maxRetryAfterMs ? { kind: 'wait', ms: asked } : giveUp;
  const ceiling = Math.min(options.maxDelayMs, options.baseDelayMs * 2 ** (attempt - 1));
  return { kind: 'wait', ms: Math.round(ceiling * (0.5 + random / 2)) };
}

/** A date is one of the server's clock, which its answer tells as well. */
function askedWait(headers: HttpHeaders, now: number): number | undefined {
  const answeredAt = Date.parse(headers.date ?? '');
  const asked = retryAfterMs(headers['retry-after'], Number.isNaN(answeredAt) ? now : answeredAt);
  return asked === undefined ? undefined : Math.min(asked, MAX_ASKED_MS);
}

/** Milliseconds of a `Retry-After` header: seconds, also with decimals, or a date; undefined when it says nothing. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  if (/^\d+([.,]\d+)?$/.test(text)) return Math.ceil(Number(text.replace(',', '.')) * 1000);
  const time = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

/** Was an attempt that ended like this perhaps executed? Gateways give up on work that goes on behind them. */
export function mayHaveHappened(failure: Failure): boolean {
  return (
    hasUnknownOutcome(failure) || (failure.kind === 'status' && [408, 500, 502, 504].includes(failure.status))
  );
}
