import { expect, it } from 'vitest';
import { call, createTestBridge, faultsOf, givenConnection, textAt } from '../support/bridge.js';

it('statistics have the shape that callers know', async () => {
  const bridge = createTestBridge();
  const id = textAt(await givenConnection(bridge), 'id');
  const get = (query: Record<string, string>) => call(bridge.stats.get, { params: { id }, query });
  const events = { received: 0, echoes: 0, deadLettered: 0, medianLatencyMs: 0, p95LatencyMs: 0 };
  const totals = {
    ...{ created: 0, updated: 0, deactivated: 0, deleted: 0, linked: 0, skipped: 0, conflicts: 0, failed: 0 },
  };
  const side = { created: 0, updated: 0, deactivated: 0, deleted: 0 };
  const requests = { dynamics: 0, authScape: 0 };

  expect(await get({ days: '1' })).toMatchObject({ status: 200 });
  expect((await get({ days: '2' })).body).toEqual({
    ...{ from: '2026-02-28T00:00:00.000Z', to: '2026-03-01T08:00:00.000Z' },
    ...{ lastSyncAt: null, lastSuccessAt: null, links: { User: 0, Company: 0, Location: 0 } },
    ...{ totals, bySide: { authScape: side, dynamics: side }, events, requests },
    runs: { succeeded: 0, partiallySucceeded: 0, failed: 0, cancelled: 0 },
    byDay: ['2026-03-01', '2026-02-28'].map((day) => ({ day, totals, events, requests })),
  });
  for (const days of ['0', '91', 'x']) expect(faultsOf(await get({ days }))[0]).toBe('400 invalid_request');
});
