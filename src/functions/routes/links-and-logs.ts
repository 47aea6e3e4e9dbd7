import { z } from 'zod';
import { ERASED_STORES } from '../../application/ports/retention.js';
import {
  eraseBody,
  type linkAndLogHandlers,
  linksQuery,
  logsQuery,
  removeLogsQuery,
} from '../links-and-logs.js';
import { BOTH_SIDES_ERRORS, type RoutesOf } from './route.js';
import { entity, linkAnswer, logAnswer, page } from './shapes.js';

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

const erased = z
  .object({
    authScapeIds: z.array(z.string()),
    crmIds: z.array(z.string()),
    erased: z.record(z.enum(ERASED_STORES), z.int()),
  })
  .meta({
    id: 'Erased',
    description: 'The ids of the record, and how many rows of each store lost its values or went.',
  });

const pair = {
  mappingId: 'm_4k1x0c2v7b',
  entity: 'User',
  authScapeId: '17',
  crmEntity: 'contact',
  crmId: '6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11',
};

const group = 'Watching';

export const linkAndLogRoutes: RoutesOf<ReturnType<typeof linkAndLogHandlers>> = {
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
        schema: page(linkAnswer),
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
  erase: {
    name: 'recordsErase',
    method: 'POST',
    path: 'connections/{id}/erase',
    role: 'sync.admin',
    group,
    audit: 'record.erase',
    summary: 'Take the values of a person out of what the service has stored, not out of the two systems',
    body: { schema: eraseBody, example: { entity: 'User', authScapeId: '17' } },
    answers: {
      200: {
        description: 'What was erased.',
        schema: erased,
        example: {
          authScapeIds: ['17'],
          crmIds: [pair.crmId],
          erased: {
            ...{ links: 1, claims: 0, logs: 3, changes: 0, problems: 0 },
            ...{ reservations: 0, deadLetters: 0, staged: 0, answers: 0 },
          },
        },
      },
    },
    errors: ['connection_not_found', 'run_in_progress'],
  },
};
