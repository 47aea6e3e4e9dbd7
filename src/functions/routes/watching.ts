import { z } from 'zod';
import { linksQuery, logsQuery, removeLogsQuery, type watchingHandlers } from '../links-and-logs.js';
import { BOTH_SIDES_ERRORS, type RoutesOf } from './route.js';
import { entity, logAnswer, page, time } from './shapes.js';

const link = z
  .object({
    id: z.string(),
    mappingId: z.string(),
    entity,
    authScapeId: z.string(),
    crmEntity: z.string(),
    crmId: z.string(),
    state: z.enum(['linked', 'tombstone']),
    createdAt: time,
    lastSyncedAt: time.nullable(),
  })
  .meta({ id: 'Link', description: 'Which record of AuthScape belongs to which row of Dynamics.' });

const duplicates = z
  .object({
    items: z.array(
      z.object({
        kind: z.enum(['authScape', 'dynamics', 'both', 'unlinkedPair']),
        mappingId: z.string(),
        entity,
        crmEntity: z.string(),
        key: z.array(z.string().nullable()),
        authScapeIds: z.array(z.string()),
        crmIds: z.array(z.string()),
      }),
    ),
    truncated: z.boolean(),
  })
  .meta({
    id: 'DuplicateReport',
    description: 'Records with equal match keys, and unlinked pairs that would match.',
  });

const pair = {
  mappingId: 'm_4k1x0c2v7b',
  entity: 'User',
  authScapeId: '17',
  crmEntity: 'contact',
  crmId: '6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11',
};

const group = 'Watching';

export const watchingRoutes: RoutesOf<ReturnType<typeof watchingHandlers>> = {
  links: {
    name: 'linksList',
    method: 'GET',
    path: 'connections/{id}/links',
    role: 'sync.read',
    group,
    summary: 'List which records belong together',
    query: linksQuery,
    answers: {
      200: {
        description: 'A page of links.',
        schema: page(link),
        example: {
          items: [
            {
              id: 'bV80azF4MGMydjdiOjE3',
              ...pair,
              state: 'linked',
              createdAt: '2026-11-28T08:00:00.000Z',
              lastSyncedAt: '2026-11-29T08:00:00.000Z',
            },
          ],
        },
      },
    },
    errors: ['connection_not_found'],
  },
  unlink: {
    name: 'linksDelete',
    method: 'DELETE',
    path: 'connections/{id}/links/{linkId}',
    role: 'sync.operate',
    group,
    summary: 'Unlink two records; neither is changed',
    audit: 'link.remove',
    answers: { 204: { description: 'The records are no longer linked.' } },
    errors: ['connection_not_found', 'link_not_found'],
  },
  logs: {
    name: 'logsList',
    method: 'GET',
    path: 'connections/{id}/logs',
    role: 'sync.read',
    group,
    summary: 'List what happened to single records, newest first',
    query: logsQuery,
    answers: {
      200: {
        description: 'A page of log entries.',
        schema: page(logAnswer),
        example: {
          items: [
            {
              id: 'e_0000000001',
              at: '2026-11-29T08:00:00.000Z',
              status: 'success',
              trigger: 'run',
              runId: 'r_5t0j8p3y6n',
              ...pair,
              side: 'dynamics',
              action: 'update',
              fields: [{ field: 'telephone1', from: null, to: '+47 700', rule: 'authScapeChanged' }],
              outcome: 'updated',
            },
          ],
        },
      },
    },
    errors: ['connection_not_found'],
  },
  removeLogs: {
    name: 'logsDelete',
    method: 'DELETE',
    path: 'connections/{id}/logs',
    role: 'sync.admin',
    group,
    summary: 'Remove old log entries',
    audit: 'logs.delete',
    query: removeLogsQuery,
    answers: {
      200: {
        description: 'How many entries were removed.',
        schema: z.object({ removed: z.int() }),
        example: { removed: 12 },
      },
    },
    errors: ['connection_not_found'],
  },
  duplicates: {
    name: 'duplicatesList',
    method: 'GET',
    path: 'connections/{id}/duplicates',
    role: 'sync.read',
    group,
    summary: 'Find duplicates on each side, and unlinked pairs that would match; reads both systems',
    answers: {
      200: {
        description: 'What was found.',
        schema: duplicates,
        example: {
          items: [
            {
              kind: 'dynamics',
              mappingId: 'm_4k1x0c2v7b',
              entity: 'User',
              crmEntity: 'contact',
              key: ['ann@contoso.com'],
              authScapeIds: [],
              crmIds: ['6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11', '7a0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b12'],
            },
          ],
          truncated: false,
        },
      },
    },
    errors: ['connection_not_found', 'mapping_invalid', ...BOTH_SIDES_ERRORS],
  },
};
