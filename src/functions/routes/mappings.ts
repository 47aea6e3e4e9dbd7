import { z } from 'zod';
import { listQuery } from '../listing.js';
import { mappingBody, mappingPatch } from '../mapping-schemas.js';
import type { mappingHandlers } from '../mappings.js';
import { validateQuery } from '../request.js';
import { field, fieldExample } from './fields.js';
import { relationship, relationshipExample } from './relationships.js';
import { CREATION_ERRORS, MAPPING_ERRORS, type RoutesOf } from './route.js';
import { direction, entity, page, time } from './shapes.js';

const mapping = z
  .object({
    id: z.string(),
    connectionId: z.string(),
    authScapeEntity: entity,
    crmEntity: z.string(),
    direction,
    enabled: z.boolean(),
    filter: z.string().nullable(),
    matchBy: z.array(z.string()),
    fields: z.array(field),
    relationships: z.array(relationship),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Mapping', description: 'Which table an entity of AuthScape is synced with, and how.' });

const example = {
  id: 'm_4k1x0c2v7b',
  connectionId: 'c_8f3k2m1x9q',
  authScapeEntity: 'User',
  crmEntity: 'contact',
  direction: 'Bidirectional',
  enabled: true,
  filter: 'statecode eq 0',
  matchBy: ['email'],
  fields: [fieldExample],
  relationships: [relationshipExample],
  createdAt: '2026-11-28T08:00:00.000Z',
  updatedAt: '2026-11-28T08:00:00.000Z',
};

const one = { schema: mapping, example, headers: ['ETag'] } as const;
const group = 'Mappings';
const LIST = 'connections/{id}/mappings';
const ONE = `${LIST}/{mappingId}`;

export const mappingRoutes: RoutesOf<ReturnType<typeof mappingHandlers>> = {
  create: {
    name: 'mappingsCreate',
    method: 'POST',
    path: LIST,
    role: 'sync.admin',
    group,
    summary: 'Map an entity of AuthScape to a table of Dynamics',
    audit: 'mapping.create',
    query: validateQuery,
    headers: ['Idempotency-Key'],
    body: { schema: mappingBody, example: { authScapeEntity: 'User', crmEntity: 'contact' } },
    answers: { 201: { ...one, description: 'The mapping was made.', headers: ['ETag', 'Location'] } },
    errors: ['table_already_mapped', 'run_in_progress', ...CREATION_ERRORS, ...MAPPING_ERRORS],
  },
  list: {
    name: 'mappingsList',
    method: 'GET',
    path: LIST,
    role: 'sync.read',
    group,
    summary: 'List the mappings of a connection',
    query: listQuery,
    answers: {
      200: { description: 'A page of mappings.', schema: page(mapping), example: { items: [example] } },
    },
    errors: ['connection_not_found'],
  },
  get: {
    name: 'mappingsGet',
    method: 'GET',
    path: ONE,
    role: 'sync.read',
    group,
    summary: 'Read a mapping with its fields and relationships',
    answers: { 200: { ...one, description: 'The mapping.' } },
    errors: ['connection_not_found', 'mapping_not_found'],
  },
  patch: {
    name: 'mappingsPatch',
    method: 'PATCH',
    path: ONE,
    role: 'sync.admin',
    group,
    summary: 'Change parts of a mapping',
    audit: 'mapping.update',
    query: validateQuery,
    headers: ['If-Match'],
    body: { schema: mappingPatch, example: { filter: 'statecode eq 0' } },
    answers: { 200: { ...one, description: 'The mapping as it is now.' } },
    errors: ['precondition_failed', ...MAPPING_ERRORS],
  },
  remove: {
    name: 'mappingsDelete',
    method: 'DELETE',
    path: ONE,
    role: 'sync.admin',
    group,
    summary: 'Remove a mapping with its links',
    audit: 'mapping.delete',
    headers: ['If-Match'],
    answers: { 204: { description: 'The mapping is gone.' } },
    errors: ['connection_not_found', 'mapping_not_found', 'run_in_progress', 'precondition_failed'],
  },
};
