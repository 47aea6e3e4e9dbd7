import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/adapters/http/failure.js';
import {
  decideRetry,
  type RetryOptions,
  retryAfterMs,
  type Verdict,
  verdictOf,
} from '../../../src/adapters/http/retry.js';

const options: RetryOptions = { attempts: 4, baseDelayMs: 100, maxDelayMs: 1_000, maxRetryAfterMs: 5_000 };
const now = Date.parse('2026-03-02T09:15:42Z');

function status(code: number, retryAfter?: string, date?: string): Failure {
  const headers = {
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...(date === undefined ? {} : { date }),
  };
  return { kind: 'status', status: code, headers, text: '' };
}

function decide(failure: Failure, details: { attempt?: number; safe?: boolean; verdict?: Verdict } = {}) {
  const { attempt = 1, safe = true, verdict = verdictOf(failure) } = details;
  return decideRetry({ attempt, failure, verdict, safe, now, random: 1 }, options);
}

describe('[R5] retry policy', () => {
  it.each<[string, Failure, boolean, number | 'giveUp']>([
    ['408', status(408), true, 100],
    ['429 without a wait', status(429), true, 100],
    ['429 although not safe', status(429), false, 100],
    ['502', status(502), true, 100],
    ['503', status(503), true, 100],
    ['504', status(504), true, 100],
    ['503 not safe', status(503), false, 'giveUp'],
    ['500', status(500), true, 'giveUp'],
    ['400', status(400), true, 'giveUp'],
    ['401', status(401), true, 'giveUp'],
    ['403', status(403), true, 'giveUp'],
    ['404', status(404), true, 'giveUp'],
    ['412', status(412), true, 'giveUp'],
    ['a reset', { kind: 'reset', reason: 'ECONNRESET' }, true, 100],
    ['a reset, not safe', { kind: 'reset', reason: 'ECONNRESET' }, false, 'giveUp'],
    ['a time-out', { kind: 'timeout' }, true, 100],
    ['a time-out, not safe', { kind: 'timeout' }, false, 'giveUp'],
    [
      'refused, though not safe: nothing was sent',
      { kind: 'unreachable', reason: 'ECONNREFUSED' },
      false,
      100,
    ],
    ['an unknown host', { kind: 'unreachable', reason: 'ENOTFOUND' }, true, 'giveUp'],
    ['a bad certificate', { kind: 'unreachable', reason: 'CERT_HAS_EXPIRED' }, true, 'giveUp'],
    ['a body that is no JSON', { kind: 'malformed', status: 200 }, true, 'giveUp'],
    ['Retry-After 2', status(503, '2'), true, 2_000],
    ['Retry-After with decimals', status(429, '1.25'), true, 1_250],
    ['Retry-After as a date', status(429, 'Mon, 02 Mar 2026 09:15:45 GMT'), true, 3_000],
    [
      'Retry-After as a date of a server whose clock is an hour ahead',
      status(429, 'Mon, 02 Mar 2026 10:15:45 GMT', 'Mon, 02 Mar 2026 10:15:42 GMT'),
      true,
      3_000,
    ],
    [
      'Retry-After as a date of a server whose clock is an hour behind',
      status(429, 'Mon, 02 Mar 2026 08:15:45 GMT', 'Mon, 02 Mar 2026 08:15:42 GMT'),
      true,
      3_000,
    ],
    ['Retry-After in the past', status(429, 'Mon, 02 Mar 2026 09:15:00 GMT'), true, 0],
    ['Retry-After that is nonsense', status(429, 'soon'), true, 100],
  ])('%s', (_name, failure, safe, expected) => {
    const decision = decide(failure, { safe });
    expect(decision).toEqual(expected === 'giveUp' ? { kind: 'giveUp' } : { kind: 'wait', ms: expected });
  });

  it('gives up on a wait beyond the cap and says how long it is', () => {
    expect(decide(status(429, '300'))).toEqual({ kind: 'giveUp', retryAfterMs: 300_000 });
  });

  it.each(['86400', 'Fri, 02 Mar 2096 09:15:45 GMT'])(
    'takes no wait for longer than a quarter of an hour: %s',
    (asked) => {
      expect(decide(status(429, asked))).toEqual({ kind: 'giveUp', retryAfterMs: 900_000 });
    },
  );

  it('gives up after the last attempt', () => {
    expect(decide(status(503), { attempt: 4 })).toEqual({ kind: 'giveUp' });
  });

  it('repeats a time-out once only', () => {
    expect(decide({ kind: 'timeout' }, { attempt: 2 })).toEqual({ kind: 'giveUp' });
  });

  it('backs off within its bounds, with jitter', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const decision = decideRetry(
            { attempt, failure: status(503), verdict: 'transient', safe: true, now, random },
            options,
          );
          const ceiling = Math.min(1_000, 100 * 2 ** (attempt - 1));
          expect(decision.kind).toBe('wait');
          if (decision.kind !== 'wait') return;
          expect(decision.ms).toBeGreaterThanOrEqual(ceiling / 2);
          expect(decision.ms).toBeLessThanOrEqual(ceiling);
        },
      ),
    );
  });

  it('never waits a negative time or NaN for any header', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const wait = retryAfterMs(header, now);
        expect(wait === undefined || wait >= 0).toBe(true);
      }),
    );
  });
});
