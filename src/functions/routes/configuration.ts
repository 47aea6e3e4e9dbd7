import { z } from 'zod';
import { LOG_VALUES } from '../../domain/model.js';
import { configurationBody, type configurationHandlers, exportQuery, planQuery } from '../configuration.js';
import { transformBody } from '../mapping-schemas.js';
import { AUTHSCAPE_ERRORS, BOTH_SIDES_ERRORS, type RoutesOf } from './route.js';
import { direction, entity, fault } from './shapes.js';

const body = configurationBody(() => []);

const parts = { direction, enabled: z.boolean(), syncNullValues: z.boolean() };

const mapping = z.object({
  authScapeEntity: entity,
  crmEntity: z.string(),
  direction,
  enabled: z.boolean(),
  filter: z.string().nullable(),
  matchBy: z.array(z.string()),
  fields: z.array(
    z.object({
      ...parts,
      authScapeField: z.string(),
      crmField: z.string(),
      required: z.boolean(),
      transform: transformBody.nullable(),
    }),
  ),
  relationships: z.array(
    z.object({
      ...parts,
      authScapeField: z.enum(['companyId', 'locationId']),
      relatedEntity: z.enum(['Company', 'Location']),
      crmLookupField: z.string(),
      crmRelatedEntity: z.string(),
      autoCreateRelated: z.boolean(),
    }),
  ),
});

const configuration = z
  .object({
    version: z.literal(1),
    connections: z.array(
      z.object({
        name: z.string(),
        provider: z.literal('Dynamics365'),
        environment: z.string(),
        tenantId: z.string().nullable(),
        clientId: z.string().nullable(),
        direction,
        enabled: z.boolean(),
        syncIntervalMinutes: z.number(),
        fullSyncSchedule: z.string().nullable(),
        conflictPolicy: z.enum(['lastWriteWins', 'dynamicsWins', 'authScapeWins']),
        deletePolicy: z.enum(['deactivate', 'delete', 'unlink', 'ignore']),
        massDeleteGuard: z.object({ count: z.number(), percent: z.number() }).nullable(),
        logValues: z.enum(LOG_VALUES),
        mappings: z.array(mapping),
      }),
    ),
  })
  .meta({
    id: 'Configuration',
    description:
      'All connections with their mappings, without ids and secrets: it means the same in every deployment.',
  });

const planned = z
  .object({
    changes: z.array(
      z.object({
        path: z.string(),
        action: z.enum(['create', 'update', 'delete']),
        from: z.unknown().optional(),
        to: z.unknown().optional(),
      }),
    ),
    problems: z.array(fault),
  })
  .meta({ id: 'ConfigurationPlan', description: 'What it takes, and what is in the way.' });

const wanted = {
  version: 1,
  connections: [
    {
      name: 'Production Dynamics',
      syncIntervalMinutes: 30,
      mappings: [
        {
          authScapeEntity: 'User',
          crmEntity: 'contact',
          fields: [{ authScapeField: 'id', crmField: 'employeeid', direction: 'Outbound' }],
        },
      ],
    },
  ],
} as const;

const example = {
  changes: [
    {
      path: 'connections[Production Dynamics].syncIntervalMinutes',
      action: 'update',
      from: 15,
      to: 30,
    },
  ],
  problems: [],
};

const group = 'Configuration';

export const configurationRoutes: RoutesOf<ReturnType<typeof configurationHandlers>> = {
  export: {
    name: 'configurationGet',
    method: 'GET',
    path: 'configuration',
    role: 'sync.read',
    group,
    summary: 'Export the configuration of all connections, or of one by name or id',
    query: exportQuery,
    answers: {
      200: {
        description: 'The document.',
        schema: configuration,
        example: { version: 1, connections: [] },
      },
    },
    errors: ['connection_not_found', ...AUTHSCAPE_ERRORS],
  },
  plan: {
    name: 'configurationPlan',
    method: 'POST',
    path: 'configuration/plan',
    role: 'sync.admin',
    group,
    summary: 'Show what carrying out a configuration would change; `prune` takes away what it does not name',
    query: planQuery,
    body: { schema: body, example: wanted },
    answers: {
      200: {
        description: 'The changes, and what is in the way of them; the ETag is for `PUT`.',
        schema: planned,
        example,
        headers: ['ETag'],
      },
    },
    errors: BOTH_SIDES_ERRORS,
  },
  apply: {
    name: 'configurationPut',
    method: 'PUT',
    path: 'configuration',
    role: 'sync.admin',
    group,
    audit: 'configuration.apply',
    summary: 'Carry out a configuration, each connection whole or not at all',
    query: planQuery,
    headers: ['If-Match'],
    body: { schema: body, example: wanted },
    answers: { 200: { description: 'What was changed.', schema: planned, example } },
    errors: [
      'configuration_invalid',
      'precondition_failed',
      'connection_name_taken',
      'connection_has_links',
      'table_already_mapped',
      'run_in_progress',
      'mapping_invalid',
      ...BOTH_SIDES_ERRORS,
    ],
  },
};
