import { describe, expect, it } from 'vitest';
import { NO_COUNTS, type Run } from '../../src/domain/run.js';
import {
  addStats,
  latencyBucket,
  latencyPercentile,
  NO_STATS,
  statsOfEvents,
  totalOfRuns,
  withRun,
} from '../../src/domain/stats.js';
import { aRun } from '../support/builders.js';

const ended = (id: string, created: number, more: Partial<Run> = {}) =>
  aRun({ id, status: 'succeeded', counts: { ...NO_COUNTS, created, read: 9, unchanged: 9 }, ...more });

describe('the counts of a day of runs', () => {
  it('count a run once, as it is in the end', () => {
    const waiting = withRun(undefined, ended('r_1', 3, { status: 'awaitingApproval' }));
    expect(totalOfRuns(waiting)).toMatchObject({ totals: { created: 3 }, runs: { succeeded: 0 } });
    const decided = withRun(waiting, ended('r_1', 3, { counts: { ...NO_COUNTS, created: 3, deleted: 2 } }));
    expect(totalOfRuns(decided)).toMatchObject({
      totals: { created: 3, deleted: 2 },
      runs: { succeeded: 1 },
    });
  });

  it('stay small however many runs there are, and keep what waits apart', () => {
    let day = withRun(undefined, ended('r_w', 1, { status: 'awaitingApproval' }));
    for (let n = 0; n < 400; n += 1) day = withRun(day, ended(`r_${n}`, 1));
    expect(day.recent).toHaveLength(50);
    expect(totalOfRuns(day).totals.created).toBe(401);
    const decided = withRun(day, ended('r_w', 5));
    expect(totalOfRuns(decided)).toMatchObject({ totals: { created: 405 }, runs: { succeeded: 401 } });
  });
});

describe('latencies', () => {
  it('are told within a quarter, whatever their size', () => {
    const of = (ms: number) => statsOfEvents({ latency: { [latencyBucket(ms)]: 1 } });
    const all = [10, 400, 500, 600, 90_000].map(of).reduce(addStats, NO_STATS);
    const median = latencyPercentile(all.events.latency, 0.5);
    expect(median).toBeGreaterThanOrEqual(500);
    expect(median).toBeLessThanOrEqual(625);
    expect(latencyPercentile(all.events.latency, 0.95)).toBeGreaterThanOrEqual(90_000);
    expect(latencyPercentile({}, 0.5)).toBe(0);
    expect(latencyBucket(-5)).toBe('0');
  });
});
