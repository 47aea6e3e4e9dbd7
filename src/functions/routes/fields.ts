import { z } from 'zod';
import type { fieldHandlers } from '../fields.js';
import { listQuery } from '../listing.js';
import { fieldBody, fieldPatch, fieldsBody, transformBody } from '../mapping-schemas.js';
import { validateQuery } from '../request.js';
import { CREATION_ERRORS, MAPPING_ERRORS, type RoutesOf } from './route.js';
import { direction, page } from './shapes.js';

export const field = z
  .object({
    id: z.string(),
    authScapeField: z.string(),
    crmField: z.string(),
    direction,
    enabled: z.boolean(),
    required: z.boolean(),
    syncNullValues: z.boolean(),
    transform: transformBody.nullable(),
  })
  .meta({ id: 'FieldMapping', description: 'Which column a field of AuthScape is synced with, and how.' });

export const fieldExample = {
  id: 'f_2m8s5d1q0z',
  authScapeField: 'firstName',
  crmField: 'firstname',
  direction: 'Bidirectional',
  enabled: true,
  required: false,
  syncNullValues: true,
  transform: null,
};

const one = { schema: field, example: fieldExample, headers: ['ETag'] } as const;
const group = 'Field mappings';
const LIST = 'connections/{id}/mappings/{mappingId}/fields';
const ONE = `${LIST}/{fieldId}`;
const NOT_FOUND = ['connection_not_found', 'mapping_not_found', 'field_not_found'] as const;

export const fieldRoutes: RoutesOf<ReturnType<typeof fieldHandlers>> = {
  list: {
    name: 'fieldsList',
    method: 'GET',
    path: LIST,
    role: 'sync.read',
    group,
    summary: 'List the field mappings',
    query: listQuery,
    answers: {
      200: {
        description: 'A page of field mappings.',
        schema: page(field),
        example: { items: [fieldExample] },
        headers: ['ETag'],
      },
    },
    errors: ['connection_not_found', 'mapping_not_found'],
  },
  add: {
    name: 'fieldsAdd',
    method: 'POST',
    path: LIST,
    role: 'sync.admin',
    group,
    summary: 'Add a field mapping',
    audit: 'field.create',
    query: validateQuery,
    headers: ['Idempotency-Key', 'If-Match'],
    body: { schema: fieldBody, example: { authScapeField: 'firstName', crmField: 'firstname' } },
    answers: { 201: { ...one, description: 'The field mapping was made.', headers: ['ETag', 'Location'] } },
    errors: ['precondition_failed', ...CREATION_ERRORS, ...MAPPING_ERRORS],
  },
  replace: {
    name: 'fieldsReplace',
    method: 'PUT',
    path: LIST,
    role: 'sync.admin',
    group,
    summary: 'Replace all field mappings in one step',
    audit: 'fields.replace',
    query: validateQuery,
    headers: ['If-Match'],
    body: {
      schema: fieldsBody,
      example: { fields: [{ authScapeField: 'firstName', crmField: 'firstname' }] },
    },
    answers: {
      200: {
        description: 'The field mappings as they are now.',
        schema: z.object({ items: z.array(field) }),
        example: { items: [fieldExample] },
        headers: ['ETag'],
      },
    },
    errors: ['precondition_failed', ...MAPPING_ERRORS],
  },
  get: {
    name: 'fieldsGet',
    method: 'GET',
    path: ONE,
    role: 'sync.read',
    group,
    summary: 'Read a field mapping',
    answers: { 200: { ...one, description: 'The field mapping.' } },
    errors: NOT_FOUND,
  },
  patch: {
    name: 'fieldsPatch',
    method: 'PATCH',
    path: ONE,
    role: 'sync.admin',
    group,
    summary: 'Change parts of a field mapping',
    audit: 'field.update',
    query: validateQuery,
    headers: ['If-Match'],
    body: { schema: fieldPatch, example: { direction: 'Outbound' } },
    answers: { 200: { ...one, description: 'The field mapping as it is now.' } },
    errors: ['field_not_found', 'precondition_failed', ...MAPPING_ERRORS],
  },
  remove: {
    name: 'fieldsDelete',
    method: 'DELETE',
    path: ONE,
    role: 'sync.admin',
    group,
    summary: 'Remove a field mapping',
    audit: 'field.delete',
    headers: ['If-Match'],
    answers: { 204: { description: 'The field mapping is gone.' } },
    errors: ['field_not_found', 'precondition_failed', ...MAPPING_ERRORS],
  },
};
