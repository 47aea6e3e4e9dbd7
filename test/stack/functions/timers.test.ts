import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../azurite.js';
import { createGate, MASTER_KEY, seen, startFixture, until } from './fixture/fixture.js';
import { parseSchedule } from './timers.js';

describe('schedules', () => {
  test.each([
    ['0 */5 * * * *', '2024-02-28T23:57:00Z', '2024-02-29T00:00:00.000Z'],
    ['*/2 * * * * *', '2024-01-01T00:00:00Z', '2024-01-01T00:00:02.000Z'],
    ['0 30 9 * * Mon-Fri', '2024-03-01T10:00:00Z', '2024-03-04T09:30:00.000Z'],
    ['0 0 0 29 2 *', '2024-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 0 13 * 5', '2024-01-01T00:00:00Z', '2024-09-13T00:00:00.000Z'],
  ])('%s after %s is %s', (expression, from, expected) => {
    expect(parseSchedule(expression).next(new Date(from)).toISOString()).toBe(expected);
  });

  test.each(['* * * * *', '@daily', '0 0 0 L * *', '0 0 0 31 2 *', '0 0 0 1 * 1#2', '', '0 0 0 0 0 0 0'])(
    'the expression "%s" is refused',
    (expression) => {
      expect(() => parseSchedule(expression)).toThrow();
    },
  );
});

describe('a timer', () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.close());

  const start = (options: Parameters<typeof startFixture>[1] = {}) =>
    startFixture('app', {
      ...options,
      env: { AzureWebJobsStorage: azurite.connectionString, ...options.env },
    });

  test('ticks every second, on the second, and skips the ticks that fall into a run', async () => {
    const host = await start();
    const gate = createGate();
    await until(() => seen().ticks.length === 2);
    seen().gate = gate.promise;
    const held = await until(() => (seen().ticks.length === 3 ? Date.now() : 0));
    await until(() => Date.now() - held > 1100);
    expect(seen().ticks).toHaveLength(3);
    seen().gate = undefined;
    gate.open();
    await until(() => seen().ticks.length === 4);
    const seconds = seen().ticks.map(({ at }) => Math.floor(at / 1000));
    expect(seconds[1]! - seconds[0]!).toBe(1);
    expect(seconds[3]! - seconds[2]!).toBeGreaterThanOrEqual(2);
    expect(seen().ticks[0]!.timer).toEqual({
      isPastDue: false,
      schedule: { adjustForDST: true },
      scheduleStatus: null,
    });
    await host.close();
    const count = seen().ticks.length;
    const closed = Date.now();
    await until(() => Date.now() - closed > 1100);
    expect(seen().ticks).toHaveLength(count);
  });

  test('retries by its policy, run by name or over the admin route', async () => {
    const host = await start({ listeners: 'none' });
    await host.runTimer('hourly');
    expect(seen().flaky.map(({ retry }) => retry?.retryCount)).toEqual([undefined, 1, 2]);
    expect(seen().flaky[2]?.retry).toMatchObject({ maxRetryCount: 2, exception: { message: 'attempt 2' } });
    const response = await fetch(`${host.url}/admin/functions/hourly?code=${MASTER_KEY}`, { method: 'POST' });
    expect(response.status).toBe(202);
    await until(() => seen().flaky.length === 4);
    await expect(host.runTimer('nobody')).rejects.toThrow("no timer named 'nobody'");
    await host.close();
  });

  test('an error that lasts rejects the run and does not stop the schedule', async () => {
    const host = await start();
    seen().gate = Promise.reject(new Error('tick failed'));
    seen().gate?.catch(() => undefined);
    await expect(host.runTimer('everySecond')).rejects.toThrow('tick failed');
    const count = seen().ticks.length;
    await until(() => seen().ticks.length >= count + 2);
    await host.close();
  });

  test('a run missed while the host was down happens once at the next start', async () => {
    const table = TableClient.fromConnectionString(azurite.connectionString, 'AzureWebJobsTimers', {
      allowInsecureConnection: true,
    });
    const first = await start({ env: { TICKS: '0 0 0 1 1 *' } });
    const row = await until(() =>
      table.getEntity<{ next: string; lastUpdated: string }>('timers', 'hourly').catch(() => undefined),
    );
    expect(seen().flaky).toEqual([]);
    await first.close();
    const earlier = (time: string): string => new Date(Date.parse(time) - 3_600_000).toISOString();
    const { next, lastUpdated } = row!;
    const missed = { next: earlier(next), lastUpdated: earlier(lastUpdated), last: '' };
    await table.updateEntity({ partitionKey: 'timers', rowKey: 'hourly', ...missed }, 'Merge');
    const second = await start({ env: { TICKS: '0 0 0 1 1 *' } });
    await until(() => seen().flaky.length === 3);
    expect(seen().flaky[0]!.timer).toMatchObject({
      isPastDue: true,
      scheduleStatus: { next: missed.next, lastUpdated: missed.lastUpdated },
    });
    const updated = await until(async () => {
      const { next: now } = await table.getEntity<{ next: string }>('timers', 'hourly');
      return now !== missed.next && now;
    });
    expect(updated).toBe(parseSchedule('0 0 * * * *').next(new Date()).toISOString());
    await second.close();
  });
});
