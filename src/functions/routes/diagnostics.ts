import { z } from 'zod';
import type { diagnosticsHandlers } from '../diagnostics.js';
import type { RoutesOf } from './route.js';
import { entity, time } from './shapes.js';

const count = z.int();
const numbers = { total: count, active: count, linked: count, unlinked: count, withoutMatchKey: count };

const diagnosis = z
  .object({
    checkedAt: time,
    mappings: z.array(
      z.object({
        mappingId: z.string(),
        entity,
        crmEntity: z.string(),
        authScape: z.object(numbers),
        dynamics: z.object({ ...numbers, totalIsEstimate: z.boolean() }),
        failed: count,
        waiting: count,
        held: count,
      }),
    ),
    recommendations: z.array(
      z.object({
        code: z.string(),
        severity: z.enum(['error', 'warning', 'info']),
        mappingId: z.string().optional(),
        message: z.string(),
        action: z.string(),
        link: z.string(),
      }),
    ),
  })
  .meta({ id: 'Diagnosis', description: 'Counts per mapping and side, and what a person should do.' });

const some = { total: 100, active: 90, linked: 80, unlinked: 20, withoutMatchKey: 2 };

export const diagnosticsRoutes: RoutesOf<ReturnType<typeof diagnosticsHandlers>> = {
  get: {
    name: 'diagnosticsGet',
    method: 'GET',
    path: 'connections/{id}/diagnostics',
    role: 'sync.read',
    group: 'Watching',
    summary: 'Find out how a connection stands; reads both systems, which may take half a minute',
    answers: {
      200: {
        description: 'What was found.',
        schema: diagnosis,
        example: {
          checkedAt: '2026-11-29T08:00:00.000Z',
          mappings: [
            {
              ...{ mappingId: 'm_4k1x0c2v7b', entity: 'User', crmEntity: 'contact', authScape: some },
              dynamics: { ...some, totalIsEstimate: false },
              ...{ failed: 0, waiting: 2, held: 0 },
            },
          ],
          recommendations: [
            {
              code: 'webhook_missing',
              severity: 'info',
              message: 'No webhook is registered: changes in Dynamics arrive with the next run.',
              action: 'Register the webhook, or set up the Power Automate flow.',
              link: '/api/connections/c_8f3k2m1x9q/webhook',
            },
          ],
        },
      },
    },
    errors: ['connection_not_found'],
  },
};
