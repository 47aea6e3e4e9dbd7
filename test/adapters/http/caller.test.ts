import { afterEach, describe, expect, it } from 'vitest';
import { createCaller } from '../../../src/adapters/http/caller.js';
import { createHttpClient, type HttpRequest } from '../../../src/adapters/http/client.js';
import { HttpFailure, PausedError } from '../../../src/adapters/http/failure.js';
import { createThrottle } from '../../../src/adapters/http/throttle.js';
import { systemInterruption } from '../../../src/adapters/interruption.js';
import { cut, handClock, reply, type ScriptedServer, type Step, startScript } from './script.js';

const client = createHttpClient();
const retry = { attempts: 3, baseDelayMs: 10, maxDelayMs: 40, maxRetryAfterMs: 5_000 };
let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function setUp(...steps: readonly [Step, ...Step[]]) {
  server = await startScript(...steps);
  const clock = handClock();
  const counted = { requests: 0, answers: [] as string[], waits: [] as string[] };
  const throttle = createThrottle({
    concurrency: 2,
    clock,
    waited: (reason, ms) => counted.waits.push(`dynamics.${reason} ${ms}`),
  });
  const caller = createCaller({
    client,
    throttle,
    retry,
    clock,
    random: () => 1,
    meter: {
      count: () => {
        counted.requests += 1;
      },
      answered: (side, status) => counted.answers.push(`${side} ${status}`),
      waited: (reason, ms) => counted.waits.push(`${reason} ${ms}`),
    },
    side: 'dynamics',
  });
  const request: HttpRequest = { method: 'GET', url: server.url, timeoutMs: 5_000 };
  return { caller, clock, counted, request, throttle };
}

describe('caller', () => {
  it('repeats a safe call and counts every request', async () => {
    const { caller, clock, counted, request } = await setUp(
      reply(503),
      reply(502, '<html>'),
      reply(200, 'ok'),
    );
    const answer = await caller.call(request, true);
    expect(answer.text).toBe('ok');
    expect(counted.requests).toBe(3);
    expect(clock.slept).toEqual([10, 20]);
    expect(counted.answers).toEqual(['dynamics 503', 'dynamics 502', 'dynamics 200']);
    expect(counted.waits).toEqual(['dynamics.retry 10', 'dynamics.retry 20']);
  });

  it('sends nothing more for work that was interrupted', async () => {
    const { caller, counted, request } = await setUp(reply(503));
    const stop = new AbortController();
    const work = systemInterruption.run(stop.signal, async () => {
      const first = caller.call(request, true);
      stop.abort();
      return first;
    });
    await expect(work).rejects.toMatchObject({ code: 'connection_timeout' });
    expect(counted.requests).toBeLessThanOrEqual(1);
    await expect(caller.call(request, true)).rejects.toBeInstanceOf(HttpFailure);
  });

  it('says that an earlier attempt may have taken effect', async () => {
    const { caller, request } = await setUp(cut, reply(200, 'ok'));
    await expect(caller.call(request, true)).resolves.toMatchObject({ afterUnknownFate: true });
  });

  it('does not repeat an unsafe call whose fate is unknown', async () => {
    const { caller, counted, request } = await setUp(cut, reply(200, 'ok'));
    await expect(caller.call(request, false)).rejects.toBeInstanceOf(HttpFailure);
    expect(counted.requests).toBe(1);
  });

  it('[E6] begins no repeat of a call about one record when its time is up', async () => {
    const { caller, counted, request } = await setUp(cut, cut, reply(200, 'ok'));
    const failure: unknown = await caller.call(request, true, 15).catch((error: unknown) => error);
    expect(failure).toMatchObject({ afterUnknownFate: true });
    expect(counted.requests).toBe(2);
  });

  it('pauses all calls after a 429, also those that had no part in it', async () => {
    const { caller, clock, request } = await setUp(
      reply(429, '', { 'retry-after': '2.5' }),
      reply(200, 'ok'),
    );
    const started = clock.now();
    await caller.call(request, false);
    expect(clock.now() - started).toBe(2_500);
    expect(clock.slept).toEqual([2_500]);
  });

  it('tells what a call has waited for', async () => {
    const { caller, counted, request, throttle } = await setUp(reply(200, 'ok'));
    throttle.pause(700);
    await caller.call(request, true);
    expect(counted.waits).toEqual(['dynamics.pause 700']);
  });

  it('takes over what the other side advises', async () => {
    const { caller, request, throttle } = await setUp(reply(200, 'ok', { 'x-ms-dop-hint': '1' }));
    await caller.call(request, true);
    let running = 0;
    const alone = Array.from({ length: 3 }, () =>
      throttle.run(async () => {
        running += 1;
        expect(running).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      }, 0),
    );
    await Promise.all(alone);
  });

  it('fails at once while a pause is on that is longer than a call may wait, without a request', async () => {
    const { caller, counted, request } = await setUp(
      reply(429, '', { 'retry-after': '120' }),
      reply(200, 'ok'),
    );
    const failure = await caller.call(request, true).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HttpFailure);
    expect((failure as HttpFailure).retryAfterMs).toBe(120_000);
    await expect(caller.call(request, true)).rejects.toBeInstanceOf(PausedError);
    expect(counted.requests).toBe(1);
  });
});
