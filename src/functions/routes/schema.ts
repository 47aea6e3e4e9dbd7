import { z } from 'zod';
import { listQuery } from '../listing.js';
import type { schemaHandlers } from '../schema.js';
import { AUTHSCAPE_ERRORS, DYNAMICS_ERRORS, type RoutesOf } from './route.js';
import { page } from './shapes.js';

const table = z
  .object({
    logicalName: z.string(),
    entitySetName: z.string(),
    displayName: z.string().nullable(),
    primaryId: z.string(),
    primaryName: z.string().nullable(),
    changeTracking: z.boolean(),
    optimisticConcurrency: z.boolean(),
  })
  .meta({ id: 'Table', description: 'A table of Dynamics.' });

const column = z
  .object({
    name: z.string(),
    displayName: z.string().nullable(),
    type: z.string(),
    format: z.enum(['email', 'url', 'phone']).nullable(),
    maxLength: z.number().nullable(),
    precision: z.number().nullable(),
    minValue: z.number().nullable(),
    maxValue: z.number().nullable(),
    options: z
      .array(z.object({ value: z.number(), label: z.string().nullable(), state: z.number().optional() }))
      .nullable(),
    required: z.enum(['none', 'recommended', 'application', 'system']),
    readable: z.boolean(),
    creatable: z.boolean(),
    updatable: z.boolean(),
    readOnly: z.boolean(),
    targets: z.array(z.string()).nullable(),
  })
  .meta({ id: 'Column', description: 'A column of a table of Dynamics.' });

const entityField = z
  .object({
    name: z.string(),
    key: z.string(),
    type: z.string(),
    maxLength: z.number().nullable(),
    required: z.boolean(),
    readable: z.boolean(),
    writable: z.boolean(),
    readOnly: z.boolean(),
    inList: z.boolean(),
    options: z.array(z.object({ key: z.string(), label: z.string() })).nullable(),
    custom: z.boolean(),
  })
  .meta({ id: 'AuthScapeField', description: 'A field of an AuthScape entity, custom fields included.' });

const group = 'Schemas';

export const schemaRoutes: RoutesOf<ReturnType<typeof schemaHandlers>> = {
  tables: {
    name: 'schemaTables',
    method: 'GET',
    path: 'connections/{id}/schema/entities',
    role: 'sync.read',
    group,
    summary: 'List the tables of Dynamics',
    query: listQuery,
    answers: {
      200: {
        description: 'A page of tables.',
        schema: page(table),
        example: {
          items: [
            {
              logicalName: 'contact',
              entitySetName: 'contacts',
              displayName: 'Contact',
              primaryId: 'contactid',
              primaryName: 'fullname',
              changeTracking: true,
              optimisticConcurrency: true,
            },
          ],
        },
      },
    },
    errors: ['connection_not_found', ...DYNAMICS_ERRORS],
  },
  columns: {
    name: 'schemaColumns',
    method: 'GET',
    path: 'connections/{id}/schema/entities/{logicalName}/fields',
    role: 'sync.read',
    group,
    summary: 'List the columns of a table',
    query: listQuery,
    answers: {
      200: {
        description: 'A page of columns.',
        schema: page(column),
        example: {
          items: [
            {
              name: 'emailaddress1',
              displayName: 'Email',
              type: 'string',
              format: 'email',
              maxLength: 100,
              precision: null,
              minValue: null,
              maxValue: null,
              options: null,
              required: 'none',
              readable: true,
              creatable: true,
              updatable: true,
              readOnly: false,
              targets: null,
            },
          ],
        },
      },
    },
    errors: ['connection_not_found', 'not_found', ...DYNAMICS_ERRORS],
  },
  entityFields: {
    name: 'schemaAuthScapeFields',
    method: 'GET',
    path: 'schema/authscape/{entity}/fields',
    role: 'sync.read',
    group,
    summary: 'List the fields of an AuthScape entity',
    query: listQuery,
    answers: {
      200: {
        description: 'A page of fields.',
        schema: page(entityField),
        example: {
          items: [
            {
              name: 'firstName',
              key: 'firstName',
              type: 'string',
              maxLength: null,
              required: true,
              readable: true,
              writable: true,
              readOnly: false,
              inList: true,
              options: null,
              custom: false,
            },
          ],
        },
      },
    },
    errors: ['not_found', ...AUTHSCAPE_ERRORS],
  },
};
