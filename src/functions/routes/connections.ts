import { z } from 'zod';
import { LOG_VALUES } from '../../domain/model.js';
import { connectionBodies, type connectionHandlers } from '../connections.js';
import { listQuery } from '../listing.js';
import {
  BOTH_SIDES_ERRORS,
  CREATION_ERRORS,
  DYNAMICS_ERRORS,
  type RoutesOf,
  SECRET_ERRORS,
} from './route.js';
import { direction, page, time } from './shapes.js';

const { created, patched } = connectionBodies(() => []);

const connection = z
  .object({
    id: z.string(),
    name: z.string(),
    provider: z.literal('Dynamics365'),
    environment: z.string(),
    tenantId: z.string().nullable(),
    clientId: z.string().nullable(),
    hasClientSecret: z.boolean(),
    credential: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('clientSecret') }),
      z.object({ kind: z.literal('certificate'), name: z.string() }),
      z.object({ kind: z.literal('managedIdentity') }),
    ]),
    credentialExpiresAt: time.nullable(),
    direction,
    enabled: z.boolean(),
    syncIntervalMinutes: z.number(),
    fullSyncSchedule: z.string().nullable(),
    conflictPolicy: z.enum(['lastWriteWins', 'dynamicsWins', 'authScapeWins']),
    deletePolicy: z.enum(['deactivate', 'delete', 'unlink', 'ignore']),
    massDeleteGuard: z.object({ count: z.number(), percent: z.number() }).nullable(),
    logValues: z.enum(LOG_VALUES),
    hasWebhookSecret: z.boolean(),
    lastSyncAt: time.nullable(),
    firstFullSyncAt: time.nullable().meta({ description: 'Null: timer and events do nothing yet.' }),
    alertsTo: z.string().nullable().meta({ description: 'Scheme and host that alerts are posted to.' }),
    lastSyncError: z.object({ code: z.string(), message: z.string() }).nullable(),
    messages: z.array(z.string()),
    createdAt: time,
    updatedAt: time,
  })
  .meta({
    id: 'Connection',
    description:
      'One Dynamics environment and how it is synced. Secrets are never shown, only whether there is one.',
  });

const connectionTest = z
  .object({
    ok: z.boolean(),
    steps: z.array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        durationMs: z.number(),
        code: z.string().optional(),
        detail: z.string().optional(),
        hint: z.string().optional(),
      }),
    ),
    organizationId: z.string().optional(),
    userId: z.string().optional(),
  })
  .meta({ id: 'ConnectionTest' });

const given = {
  name: 'Production Dynamics',
  provider: 'Dynamics365',
  environment: 'contoso.crm.dynamics.com',
} as const;

const example = {
  id: 'c_8f3k2m1x9q',
  ...given,
  tenantId: null,
  clientId: null,
  hasClientSecret: false,
  credential: { kind: 'clientSecret' },
  credentialExpiresAt: null,
  direction: 'Bidirectional',
  enabled: true,
  syncIntervalMinutes: 15,
  fullSyncSchedule: '0 0 2 * * *',
  conflictPolicy: 'lastWriteWins',
  deletePolicy: 'deactivate',
  massDeleteGuard: { count: 50, percent: 5 },
  logValues: 'all',
  hasWebhookSecret: true,
  lastSyncAt: '2026-11-29T08:00:00.000Z',
  firstFullSyncAt: '2026-11-28T09:30:00.000Z',
  alertsTo: null,
  lastSyncError: null,
  messages: [],
  createdAt: '2026-11-28T08:00:00.000Z',
  updatedAt: '2026-11-28T08:00:00.000Z',
};

const one = { schema: connection, example, headers: ['ETag'] } as const;
const group = 'Connections';

export const connectionRoutes: RoutesOf<ReturnType<typeof connectionHandlers>> = {
  create: {
    name: 'connectionsCreate',
    method: 'POST',
    path: 'connections',
    role: 'sync.admin',
    group,
    summary: 'Make a connection',
    audit: 'connection.create',
    headers: ['Idempotency-Key'],
    body: { schema: created, example: given },
    answers: { 201: { ...one, description: 'The connection was made.', headers: ['ETag', 'Location'] } },
    errors: ['connection_name_taken', ...CREATION_ERRORS, ...SECRET_ERRORS],
  },
  list: {
    name: 'connectionsList',
    method: 'GET',
    path: 'connections',
    role: 'sync.read',
    group,
    summary: 'List connections',
    query: listQuery,
    answers: {
      200: { description: 'A page of connections.', schema: page(connection), example: { items: [example] } },
    },
  },
  get: {
    name: 'connectionsGet',
    method: 'GET',
    path: 'connections/{id}',
    role: 'sync.read',
    group,
    summary: 'Read a connection',
    answers: { 200: { ...one, description: 'The connection.' } },
    errors: ['connection_not_found'],
  },
  patch: {
    name: 'connectionsPatch',
    method: 'PATCH',
    path: 'connections/{id}',
    role: 'sync.admin',
    group,
    summary: 'Change parts of a connection',
    audit: 'connection.update',
    headers: ['If-Match'],
    body: { schema: patched, example: { syncIntervalMinutes: 30 } },
    answers: { 200: { ...one, description: 'The connection as it is now.' } },
    errors: [
      'connection_not_found',
      'connection_name_taken',
      'connection_has_links',
      'table_already_mapped',
      'run_in_progress',
      'precondition_failed',
      ...DYNAMICS_ERRORS,
    ],
  },
  remove: {
    name: 'connectionsDelete',
    method: 'DELETE',
    path: 'connections/{id}',
    role: 'sync.admin',
    group,
    summary: 'Remove a connection with its mappings, links, logs, runs and secrets',
    audit: 'connection.delete',
    headers: ['If-Match'],
    answers: { 204: { description: 'The connection is gone.' } },
    errors: ['connection_not_found', 'run_in_progress', 'precondition_failed', ...SECRET_ERRORS],
  },
  test: {
    name: 'connectionsTest',
    method: 'POST',
    path: 'connections/{id}/test',
    role: 'sync.admin',
    group,
    summary: 'Try whether both sides can be reached with the rights that syncing needs',
    answers: {
      200: {
        description: 'What was tried, step by step; `ok` is false when a step failed.',
        schema: connectionTest,
        example: {
          ok: false,
          steps: [
            {
              name: 'token',
              ok: false,
              durationMs: 120,
              code: 'invalid_client_credentials',
              detail: 'Entra ID does not accept the client secret.',
              hint: 'Make a new client secret and store its value.',
            },
          ],
        },
      },
    },
    errors: ['connection_not_found', ...BOTH_SIDES_ERRORS],
  },
};
