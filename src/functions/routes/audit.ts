import { z } from 'zod';
import { type auditHandlers, auditQuery } from '../audit.js';
import type { RoutesOf } from './route.js';
import { page, time } from './shapes.js';

const entry = z
  .object({
    id: z.string(),
    at: time,
    actor: z.object({ kind: z.enum(['key', 'user', 'system']), name: z.string() }),
    action: z.string(),
    target: z.string(),
    connectionId: z.string().optional(),
    changes: z.array(z.object({ path: z.string(), from: z.unknown(), to: z.unknown() })),
  })
  .meta({ id: 'AuditEntry', description: 'Who did what, and what differs since. Secrets appear as ***.' });

export const auditRoutes: RoutesOf<ReturnType<typeof auditHandlers>> = {
  list: {
    name: 'auditList',
    method: 'GET',
    path: 'audit',
    role: 'sync.read',
    group: 'Audit',
    summary: 'List who changed and did what, newest first',
    query: auditQuery,
    answers: {
      200: {
        description: 'A page of entries.',
        schema: page(entry),
        example: {
          items: [
            {
              id: 'a_2m8s5d1q0z7k',
              at: '2026-11-29T08:00:00.000Z',
              actor: { kind: 'user', name: 'ann@contoso.com' },
              action: 'connection.update',
              target: '/api/connections/c_8f3k2m1x9q',
              connectionId: 'c_8f3k2m1x9q',
              changes: [{ path: 'syncIntervalMinutes', from: 15, to: 30 }],
            },
          ],
        },
      },
    },
  },
};
