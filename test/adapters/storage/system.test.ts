import { AxiosError } from 'axios';
import { describe, expect, it } from 'vitest';
import { createLogger, systemClock, systemIds } from '../../../src/adapters/system.js';
import { BridgeError } from '../../../src/domain/errors.js';

const logged = (fields: Record<string, unknown>) => {
  const lines: string[] = [];
  createLogger((level, line) => lines.push(`${level} ${line}`), { service: 's' }).warn('m', fields);
  const [line = ''] = lines;
  expect(line.startsWith('warn {')).toBe(true);
  return JSON.parse(line.slice('warn '.length)) as Record<string, unknown>;
};

describe('the logger', () => {
  it('writes one line of JSON per entry', () => {
    expect(logged({ runId: 'r_1', counts: { read: 2 }, at: new Date(0), list: [1, 'a\nb'] })).toEqual({
      level: 'warn',
      message: 'm',
      service: 's',
      runId: 'r_1',
      counts: { read: 2 },
      at: '1970-01-01T00:00:00.000Z',
      list: [1, 'a\nb'],
    });
  });

  it.each([
    'clientSecret',
    'access_token',
    'Authorization',
    'password',
    'x-functions-key',
    'apiKey',
    'setCookie',
  ])('replaces what stands under %s, however deep', (name) => {
    const line = JSON.stringify(logged({ [name]: 'hidden', deep: [{ [name]: { inner: 'hidden' } }] }));
    expect(line).not.toContain('hidden');
    expect(line).toContain('[redacted]');
  });

  it.each(['hasClientSecret', 'secretName', 'secretVersion', 'keyHash'])('shows %s', (name) => {
    expect(logged({ [name]: 'shown' })).toMatchObject({ [name]: 'shown' });
  });

  it('reduces errors of an HTTP client to what is safe to show', () => {
    const headers = { authorization: 'Bearer abc.def' };
    const error = new AxiosError('Request failed for ?code=xyz with Bearer abc.def', 'ERR_BAD', {
      headers,
      data: 'hidden body',
    } as never);
    const cause = new BridgeError('dynamics_error', 'It failed.', { hint: 'Look.', cause: error });

    const entry = logged({ error: cause });
    expect(entry).toMatchObject({
      error: { name: 'BridgeError', code: 'dynamics_error', message: 'It failed.', hint: 'Look.' },
    });
    expect(entry).toMatchObject({ error: { cause: { name: 'AxiosError', code: 'ERR_BAD' } } });
    expect(JSON.stringify(entry)).not.toMatch(/abc\.def|hidden body|xyz/);
  });

  it('survives circles, depth, long texts and what JSON does not know', () => {
    const circle: Record<string, unknown> = { big: 1n, fn: () => 1, text: 'x'.repeat(5_000) };
    circle.self = circle;
    const entry = logged({ circle, bad: new Date(Number.NaN) });
    expect(entry).toMatchObject({ circle: { big: '1', self: '[…]' }, bad: null });
    expect(JSON.stringify(entry).length).toBeLessThan(3_000);
  });
});

describe('clock and ids', () => {
  it('tell the time and make ids of plain characters', async () => {
    const before = systemClock.now();
    await systemClock.sleep(1);
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
    expect(systemIds.random()).toMatch(/^[0-9a-z]{10}$/);
    expect(systemIds.random(4)).toHaveLength(4);
    expect(new Set(Array.from({ length: 1_000 }, () => systemIds.random())).size).toBe(1_000);
  });
});
