import { z } from 'zod';
import { listQuery } from '../listing.js';
import { relationshipBody, relationshipPatch } from '../mapping-schemas.js';
import type { relationshipHandlers } from '../relationships.js';
import { validateQuery } from '../request.js';
import { CREATION_ERRORS, MAPPING_ERRORS, type RoutesOf } from './route.js';
import { direction, page } from './shapes.js';

export const relationship = z
  .object({
    id: z.string(),
    authScapeField: z.enum(['companyId', 'locationId']),
    relatedEntity: z.enum(['Company', 'Location']),
    crmLookupField: z.string(),
    crmRelatedEntity: z.string(),
    direction,
    enabled: z.boolean(),
    syncNullValues: z.boolean(),
    autoCreateRelated: z.boolean(),
  })
  .meta({ id: 'RelationshipMapping', description: 'Which lookup a reference of AuthScape is synced with.' });

const reference = {
  authScapeField: 'companyId',
  relatedEntity: 'Company',
  crmLookupField: 'parentcustomerid',
  crmRelatedEntity: 'account',
} as const;

export const relationshipExample = {
  id: 'l_7h3n6b2k9w',
  ...reference,
  direction: 'Bidirectional',
  enabled: true,
  syncNullValues: true,
  autoCreateRelated: false,
};

const one = { schema: relationship, example: relationshipExample, headers: ['ETag'] } as const;
const group = 'Relationships';
const LIST = 'connections/{id}/mappings/{mappingId}/relationships';
const ONE = `${LIST}/{relationshipId}`;

export const relationshipRoutes: RoutesOf<ReturnType<typeof relationshipHandlers>> = {
  list: {
    name: 'relationshipsList',
    method: 'GET',
    path: LIST,
    role: 'sync.read',
    group,
    summary: 'List the relationships',
    query: listQuery,
    answers: {
      200: {
        description: 'A page of relationships.',
        schema: page(relationship),
        example: { items: [relationshipExample] },
        headers: ['ETag'],
      },
    },
    errors: ['connection_not_found', 'mapping_not_found'],
  },
  add: {
    name: 'relationshipsAdd',
    method: 'POST',
    path: LIST,
    role: 'sync.admin',
    group,
    summary: 'Add a relationship',
    audit: 'relationship.create',
    query: validateQuery,
    headers: ['Idempotency-Key', 'If-Match'],
    body: { schema: relationshipBody, example: reference },
    answers: { 201: { ...one, description: 'The relationship was made.', headers: ['ETag', 'Location'] } },
    errors: ['precondition_failed', ...CREATION_ERRORS, ...MAPPING_ERRORS],
  },
  get: {
    name: 'relationshipsGet',
    method: 'GET',
    path: ONE,
    role: 'sync.read',
    group,
    summary: 'Read a relationship',
    answers: { 200: { ...one, description: 'The relationship.' } },
    errors: ['connection_not_found', 'mapping_not_found', 'relationship_not_found'],
  },
  patch: {
    name: 'relationshipsPatch',
    method: 'PATCH',
    path: ONE,
    role: 'sync.admin',
    group,
    summary: 'Change parts of a relationship',
    audit: 'relationship.update',
    query: validateQuery,
    headers: ['If-Match'],
    body: { schema: relationshipPatch, example: { autoCreateRelated: true } },
    answers: { 200: { ...one, description: 'The relationship as it is now.' } },
    errors: ['relationship_not_found', 'precondition_failed', ...MAPPING_ERRORS],
  },
  remove: {
    name: 'relationshipsDelete',
    method: 'DELETE',
    path: ONE,
    role: 'sync.admin',
    group,
    summary: 'Remove a relationship',
    audit: 'relationship.delete',
    headers: ['If-Match'],
    answers: { 204: { description: 'The relationship is gone.' } },
    errors: ['relationship_not_found', 'precondition_failed', ...MAPPING_ERRORS],
  },
};
