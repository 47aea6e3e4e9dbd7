import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { StatsView } from '../application/inspection/view-stats.js';
import { latencyPercentile, type StatsPart } from '../domain/stats.js';
import type { Handle } from './endpoint.js';
import { readQuery, routeParameter } from './request.js';

export interface StatsUseCases {
  readonly view: (connectionId: string, days: number) => Promise<StatsView>;
}

export const statsQuery = z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(7) });

/** What syncing brought, by outcome, side and day. */
export function statsHandlers(useCases: StatsUseCases) {
  return {
    get: async (request: HttpRequest) => {
      const { days } = readQuery(request, statsQuery);
      return { status: 200, body: statsJson(await useCases.view(routeParameter(request, 'id'), days)) };
    },
  } satisfies Record<string, Handle>;
}

function statsJson({ byDay, total, ...view }: StatsView) {
  const { totals, bySide, runs, requests } = total;
  return {
    ...view,
    ...{ totals, bySide, runs, events: eventsJson(total), requests },
    byDay: byDay.map(({ day, part }) => ({
      day,
      totals: part.totals,
      events: eventsJson(part),
      requests: part.requests,
    })),
  };
}

function eventsJson({ events }: StatsPart) {
  const { latency, ...counts } = events;
  return {
    ...counts,
    medianLatencyMs: latencyPercentile(latency, 0.5),
    p95LatencyMs: latencyPercentile(latency, 0.95),
  };
}
