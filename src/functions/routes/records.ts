import { z } from 'zod';
import { previewBody, type recordHandlers } from '../records.js';
import { BOTH_SIDES_ERRORS, type Route, type RoutesOf } from './route.js';
import { changeAnswer, outcome } from './shapes.js';

const results = z
  .object({
    results: z.array(
      z.object({
        connectionId: z.string(),
        mappingId: z.string(),
        outcome,
        authScapeId: z.string().nullable(),
        crmId: z.string().optional(),
        changes: z.array(changeAnswer),
        error: z.object({ code: z.string(), message: z.string() }).optional(),
      }),
    ),
  })
  .meta({
    id: 'RecordResults',
    description: 'What was done with one record in every mapping that takes it.',
  });

const example = {
  results: [
    {
      connectionId: 'c_8f3k2m1x9q',
      mappingId: 'm_4k1x0c2v7b',
      outcome: 'unchanged',
      authScapeId: '17',
      crmId: '6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11',
      changes: [],
    },
  ],
};

const group = 'Records';
const answers = { 200: { description: 'What was done.', schema: results, example } } as const;
const errors = [
  'connection_not_found',
  'mapping_not_found',
  'record_not_found',
  'mapping_invalid',
  ...BOTH_SIDES_ERRORS,
] as const;

const ofAuthScape = (entity: 'User' | 'Company' | 'Location', path: string): Route => ({
  name: `recordsSync${entity}`,
  method: 'POST',
  path,
  role: 'sync.operate',
  group,
  summary: `Sync one ${entity.toLowerCase()} now, over every enabled connection that maps it`,
  audit: 'record.sync',
  answers,
  errors,
});

export const recordRoutes: RoutesOf<ReturnType<typeof recordHandlers>> = {
  user: ofAuthScape('User', 'users/{userId}/sync'),
  company: ofAuthScape('Company', 'companies/{companyId}/sync'),
  location: ofAuthScape('Location', 'locations/{locationId}/sync'),
  dynamics: {
    name: 'recordsSyncRow',
    method: 'POST',
    path: 'connections/{id}/records/{crmEntity}/{crmId}/sync',
    role: 'sync.operate',
    group,
    summary: 'Sync one row of Dynamics now',
    audit: 'record.sync',
    answers,
    errors,
  },
  preview: {
    name: 'recordsPreview',
    method: 'POST',
    path: 'connections/{id}/mappings/{mappingId}/preview',
    role: 'sync.operate',
    group,
    summary: 'Show what a sync of one record would write, without writing',
    body: { schema: previewBody, example: { authScapeId: '17' } },
    answers: { 200: { description: 'What would be done.', schema: results, example } },
    errors,
  },
};
