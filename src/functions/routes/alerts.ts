import { z } from 'zod';
import { type alertHandlers, alertsBody } from '../alerts.js';
import { type RoutesOf, SECRET_ERRORS } from './route.js';
import { time } from './shapes.js';

const alerts = z
  .object({
    origin: z.string(),
    format: z.enum(['json', 'teamsWorkflow']),
    hasSecret: z.boolean(),
    afterIntervals: z.int(),
    disabledAt: time.nullable(),
    failingSince: time.nullable(),
    pending: z.int(),
    open: z.array(
      z.object({
        kind: z.enum([
          ...(['runFailed', 'runPartiallySucceeded', 'changesHeld'] as const),
          ...(['credentialsFailing', 'secretExpires', 'nothingSynced'] as const),
        ]),
        since: time,
        runId: z.string().optional(),
        code: z.string().optional(),
        expiresAt: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Alerts', description: 'Where alerts of a connection go, and what was told and is not over.' });

const example = {
  origin: 'https://alerts.contoso.com',
  format: 'json',
  hasSecret: true,
  afterIntervals: 3,
  disabledAt: null,
  failingSince: null,
  pending: 0,
  open: [
    {
      kind: 'runFailed',
      since: '2026-11-29T08:00:00.000Z',
      runId: 'r_5t0j8p3y6n',
      code: 'dynamics_unavailable',
    },
  ],
};

const group = 'Connections';
const path = 'connections/{id}/alerts';

export const alertRoutes: RoutesOf<ReturnType<typeof alertHandlers>> = {
  get: {
    name: 'alertsGet',
    method: 'GET',
    path,
    role: 'sync.read',
    group,
    summary: 'Read where alerts go',
    answers: { 200: { description: 'Set like this.', schema: alerts, example } },
    errors: ['connection_not_found', 'not_found'],
  },
  set: {
    name: 'alertsSet',
    method: 'PUT',
    path,
    role: 'sync.admin',
    group,
    summary: 'Set where alerts go, anew: also switches on what was switched off',
    audit: 'alerts.set',
    body: {
      schema: alertsBody,
      example: { url: 'https://alerts.contoso.com/sync', secret: 'at-least-16-characters', format: 'json' },
    },
    answers: { 200: { description: 'Set.', schema: alerts, example: { ...example, open: [] } } },
    errors: ['connection_not_found', ...SECRET_ERRORS],
  },
  remove: {
    name: 'alertsDelete',
    method: 'DELETE',
    path,
    role: 'sync.admin',
    group,
    summary: 'End alerts',
    audit: 'alerts.remove',
    answers: { 204: { description: 'No alerts are sent any more.' } },
    errors: ['connection_not_found', ...SECRET_ERRORS],
  },
};
