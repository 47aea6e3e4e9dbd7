import { z } from 'zod';
import { type statsHandlers, statsQuery } from '../stats.js';
import type { RoutesOf } from './route.js';
import { time } from './shapes.js';

const count = z.int();
const totals = z.object({
  created: count,
  updated: count,
  deactivated: count,
  deleted: count,
  linked: count,
  skipped: count,
  conflicts: count,
  failed: count,
});
const written = z.object({ created: count, updated: count, deactivated: count, deleted: count });
const events = z.object({
  received: count,
  echoes: count,
  deadLettered: count,
  medianLatencyMs: count,
  p95LatencyMs: count,
});
const requests = z.object({ dynamics: count, authScape: count });

const stats = z
  .object({
    from: time,
    to: time,
    lastSyncAt: time.nullable(),
    lastSuccessAt: time.nullable(),
    links: z.object({ User: count, Company: count, Location: count }),
    totals,
    bySide: z.object({ authScape: written, dynamics: written }),
    runs: z.object({ succeeded: count, partiallySucceeded: count, failed: count, cancelled: count }),
    events,
    requests,
    byDay: z.array(z.object({ day: z.iso.date(), totals, events, requests })),
  })
  .meta({ id: 'Stats', description: 'What syncing brought, by outcome, side and UTC day.' });

const NOTHING = { created: 0, updated: 0, deactivated: 0, deleted: 0 };
const some = { ...NOTHING, updated: 3, linked: 0, skipped: 0, conflicts: 0, failed: 0 };
const told = { received: 3, echoes: 1, deadLettered: 0, medianLatencyMs: 710, p95LatencyMs: 2168 };

export const statsRoutes: RoutesOf<ReturnType<typeof statsHandlers>> = {
  get: {
    name: 'statsGet',
    method: 'GET',
    path: 'connections/{id}/stats',
    role: 'sync.read',
    group: 'Watching',
    summary: 'Read what the last days brought',
    query: statsQuery,
    answers: {
      200: {
        description: 'Counts of the days asked for, newest first.',
        schema: stats,
        example: {
          from: '2026-11-29T00:00:00.000Z',
          to: '2026-11-29T08:00:00.000Z',
          lastSyncAt: '2026-11-29T07:55:00.000Z',
          lastSuccessAt: '2026-11-29T07:55:00.000Z',
          links: { User: 980, Company: 20, Location: 30 },
          totals: some,
          bySide: { authScape: NOTHING, dynamics: { ...NOTHING, updated: 3 } },
          runs: { succeeded: 4, partiallySucceeded: 0, failed: 0, cancelled: 0 },
          events: told,
          requests: { dynamics: 120, authScape: 90 },
          byDay: [
            { day: '2026-11-29', totals: some, events: told, requests: { dynamics: 120, authScape: 90 } },
          ],
        },
      },
    },
    errors: ['connection_not_found'],
  },
};
