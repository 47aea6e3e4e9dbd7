import { z } from 'zod';
import { PROBLEM_KINDS } from '../../domain/problem.js';
import { type problemHandlers, problemsQuery, retryBody } from '../problems.js';
import type { RoutesOf } from './route.js';
import { entity, time } from './shapes.js';

const problem = z
  .object({
    id: z.string(),
    kind: z.enum(PROBLEM_KINDS),
    entity: entity.nullable(),
    mappingId: z.string().optional(),
    crmEntity: z.string().optional(),
    authScapeId: z.string().optional(),
    crmId: z.string().optional(),
    code: z.string(),
    message: z.string(),
    field: z.string().optional(),
    since: time,
    attempts: z.int(),
    actions: z.array(z.enum(['retry', 'link', 'approve', 'reject', 'delete'])),
    runId: z.string().optional(),
    deadLetterId: z.string().optional(),
  })
  .meta({ id: 'RecordProblem', description: 'One thing that a person should look at.' });

const count = z.int();

const report = z
  .object({
    items: z.array(problem),
    nextCursor: z.string().optional(),
    counts: z.object({ failed: count, ambiguous: count, held: count, deadLetter: count, skipped: count }),
    truncated: z.boolean(),
  })
  .meta({
    id: 'ProblemReport',
    description: 'Problems, newest first, with how many there are of each kind.',
  });

const group = 'Problems';

export const problemRoutes: RoutesOf<ReturnType<typeof problemHandlers>> = {
  list: {
    name: 'problemsList',
    method: 'GET',
    path: 'connections/{id}/problems',
    role: 'sync.read',
    group,
    summary: 'List what a person should look at',
    query: problemsQuery,
    answers: {
      200: {
        description: 'A page of problems; the counts are those of all.',
        schema: report,
        example: {
          items: [
            {
              id: 'p_WyJhIiwibV80azF4MGMydjdiIiwiMTciXQ',
              kind: 'failed',
              entity: 'User',
              mappingId: 'm_4k1x0c2v7b',
              crmEntity: 'contact',
              authScapeId: '17',
              crmId: '6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11',
              code: 'invalid_email',
              message: 'The value is not an e-mail address.',
              field: 'emailaddress1',
              since: '2026-11-29T08:00:00.000Z',
              attempts: 3,
              actions: ['retry'],
            },
          ],
          counts: { failed: 1, ambiguous: 0, held: 0, deadLetter: 0, skipped: 0 },
          truncated: false,
        },
      },
    },
    errors: ['connection_not_found'],
  },
  retry: {
    name: 'problemsRetry',
    method: 'POST',
    path: 'connections/{id}/problems/retry',
    role: 'sync.operate',
    group,
    audit: 'problems.retry',
    summary: 'Look at problems again now, whatever their back-off',
    body: { schema: retryBody, example: { kind: 'failed' } },
    answers: {
      202: {
        description: 'How many are looked at again.',
        schema: z.object({ accepted: count }),
        example: { accepted: 1 },
      },
    },
    errors: ['connection_not_found', 'connection_disabled'],
  },
};
