import { z } from 'zod';
import type { AlertInput } from '../application/alerts/manage-alerts.js';
import type { AlertWatch } from '../application/ports/alerts.js';
import type { Handle } from './endpoint.js';
import { bare, withoutQuery } from './reject-input.js';
import { readBody, routeParameter } from './request.js';

export interface AlertUseCases {
  readonly set: (connectionId: string, input: AlertInput) => Promise<AlertWatch>;
  readonly get: (connectionId: string) => Promise<AlertWatch>;
  readonly remove: (connectionId: string) => Promise<void>;
}

export const alertsBody = z.strictObject({
  url: z.string().min(1).max(2_000),
  secret: z
    .string()
    .regex(/^[\x21-\x7e]{16,512}$/, 'Must be 16 to 512 printable ASCII characters without spaces.')
    .optional(),
  format: z.enum(['json', 'teamsWorkflow']).default('json'),
  afterIntervals: z.int().min(1).max(1_000).default(3),
});

/** Where alerts of a connection go. Of the address only the host is shown: the rest of it may be a key. */
export function alertHandlers(useCases: AlertUseCases) {
  return {
    get: bare(async (request) => ({
      status: 200,
      body: alertsJson(await useCases.get(routeParameter(request, 'id'))),
    })),

    set: withoutQuery(async (request) => {
      const id = routeParameter(request, 'id');
      return { status: 200, body: alertsJson(await useCases.set(id, await readBody(request, alertsBody))) };
    }),

    remove: bare(async (request) => {
      await useCases.remove(routeParameter(request, 'id'));
      return { status: 204 };
    }),
  } satisfies Record<string, Handle>;
}

function alertsJson({ afterIntervals, disabledAt, failingSince, format, ...watch }: AlertWatch) {
  return {
    origin: watch.origin,
    ...{ format, hasSecret: watch.isSigned, afterIntervals, disabledAt, failingSince },
    pending: watch.pending.length,
    open: Object.entries(watch.open).map(([kind, detail]) => ({ kind, ...detail })),
  };
}
