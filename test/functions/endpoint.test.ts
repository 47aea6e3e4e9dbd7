import { HttpRequest, InvocationContext } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { systemInterruption } from '../../src/adapters/interruption.js';
import { createLogger } from '../../src/adapters/system.js';
import { NO_TELEMETRY } from '../../src/adapters/telemetry/telemetry.js';
import { BridgeError, ConflictError, ERROR_CODES } from '../../src/domain/errors.js';
import { endpoint } from '../../src/functions/endpoint.js';
import { readJson, readPrecondition } from '../../src/functions/request.js';
import { call, faultsOf } from '../support/bridge.js';

const lines: string[] = [];
const http = endpoint({
  logger: createLogger((_level, line) => lines.push(line)),
  interruption: systemInterruption,
  telemetry: NO_TELEMETRY,
});
const failing = (error: unknown) =>
  http(async () => {
    throw error;
  });

describe('errors as problem documents', () => {
  it.each(ERROR_CODES)('%s has a status, a title and its sentence', async (code) => {
    const reply = await call(failing(new BridgeError(code, 'What happened.', { hint: 'What to do.' })));
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(reply.body).toEqual({
      type: 'about:blank',
      title: expect.stringMatching(/\S/),
      status: reply.status,
      code,
      detail: 'What happened.',
      hint: 'What to do.',
      traceId: 'invocation-1',
    });
  });

  it('tell of an unexpected error nothing but the trace id, under which it is logged', async () => {
    lines.length = 0;
    const reply = await call(failing(new Error('password hunter2 at /home')));
    expect(reply.status).toBe(500);
    expect(reply.body).toMatchObject({ code: 'internal_error', traceId: 'invocation-1' });
    expect(JSON.stringify(reply)).not.toContain('hunter2');
    expect(lines.join()).toContain('invocation-1');
  });

  it('carry Retry-After in whole seconds, and Location', async () => {
    const error = new BridgeError('run_in_progress', 'Busy.', {
      retryAfterSeconds: 1.2,
      location: '/api/runs/r_1',
    });
    expect((await call(failing(error))).headers).toMatchObject({
      'retry-after': '2',
      location: '/api/runs/r_1',
    });
  });

  it('ask to repeat after a lost race', async () => {
    expect(faultsOf(await call(failing(new ConflictError())))).toEqual(['409 record_busy']);
  });

  it('carry the W3C trace id where the platform gives one', async () => {
    const context = new InvocationContext({
      functionName: 'test',
      invocationId: 'invocation-1',
      traceContext: { traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      logHandler: () => {},
    });
    const request = new HttpRequest({ method: 'GET', url: 'http://localhost/api/x' });
    const response = await failing(new Error())(request, context);
    expect(JSON.parse(String('body' in response ? response.body : ''))).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
  });
});

describe('JSON bodies', () => {
  const read = (body: string | undefined, headers: Record<string, string> = {}) =>
    call(
      http(async (request) => ({ status: 200, body: await readJson(request) })),
      { body, headers, method: 'POST' },
    );

  it.each([
    ['{"a":', '400 invalid_json'],
    ['', '400 invalid_json'],
    ['nothing', '400 invalid_json'],
    [`"${'x'.repeat(1_048_576)}"`, '413 payload_too_large'],
  ])('are refused: %.20s', async (body, expected) => {
    expect(faultsOf(await read(body))).toEqual([expected]);
  });

  it('that are missing are told about their length, without which the platform hands none on', async () => {
    const hints = [(await read('')).body, (await read('{')).body].map((body) => JSON.stringify(body));
    expect(hints.map((hint) => hint.includes('Content-Length'))).toEqual([true, false]);
  });

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', ''])(
    'are refused as "%s"',
    async (type) => {
      expect(faultsOf(await read('{}', { 'content-type': type }))).toEqual(['415 unsupported_media_type']);
    },
  );

  it.each(['application/json', 'Application/JSON; charset=utf-8', 'application/merge-patch+json'])(
    'are taken as "%s"',
    async (type) => {
      expect((await read('\uFEFF{"a":1}', { 'content-type': type })).body).toEqual({ a: 1 });
    },
  );

  it('are not read when they are announced as too large', async () => {
    expect(faultsOf(await read('{}', { 'content-length': '2000000' }))).toEqual(['413 payload_too_large']);
  });
});

describe('If-Match', () => {
  const precondition = (header: string) =>
    readPrecondition(
      new HttpRequest({ method: 'PATCH', url: 'http://localhost/', headers: { 'if-match': header } }),
    );

  it('takes any version when it says so or nothing', () => {
    expect(precondition('*')).toBeUndefined();
    expect(precondition(' ')).toBeUndefined();
  });

  it('takes no version that it does not name', () => {
    expect(precondition('"abc"')?.('W/"datetime"')).toBe(false);
  });
});
