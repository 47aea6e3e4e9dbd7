import { z } from 'zod';
import type { deadLetterHandlers } from '../dead-letters.js';
import { listQuery } from '../listing.js';
import type { RoutesOf } from './route.js';
import { page, time } from './shapes.js';

export const deadLetter = z
  .object({
    id: z.string(),
    /** `unread`: a later version of the service wrote the message, and has to be there to replay it. */
    kind: z.enum(['run', 'record', 'unread']),
    input: z.record(z.string(), z.unknown()),
    cause: z.object({ code: z.string(), message: z.string() }),
    count: z.int(),
    firstFailedAt: time,
    lastFailedAt: time,
  })
  .meta({ id: 'DeadLetter', description: 'Work that was given up, and why. It names ids only.' });

const replayed = {
  schema: z.object({ replayed: z.int() }),
  example: { replayed: 1 },
  description: 'How many go through the queue again.',
};

const group = 'Dead letters';
const LIST = 'connections/{id}/dead-letters';

export const deadLetterRoutes: RoutesOf<ReturnType<typeof deadLetterHandlers>> = {
  list: {
    name: 'deadLettersList',
    method: 'GET',
    path: LIST,
    role: 'sync.read',
    group,
    summary: 'List what could not be processed',
    query: listQuery,
    answers: {
      200: {
        description: 'A page of dead letters.',
        schema: page(deadLetter),
        example: {
          items: [
            {
              id: 'd_1x2y3z',
              kind: 'record',
              input: { source: 'dynamics', entity: 'contact', id: '6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11' },
              cause: { code: 'dynamics_error', message: 'Dynamics answered with status 500.' },
              count: 5,
              firstFailedAt: '2026-11-29T08:00:00.000Z',
              lastFailedAt: '2026-11-29T08:02:00.000Z',
            },
          ],
        },
      },
    },
    errors: ['connection_not_found'],
  },
  replay: {
    name: 'deadLettersReplay',
    method: 'POST',
    path: `${LIST}/{letterId}/replay`,
    role: 'sync.operate',
    group,
    summary: 'Process one dead letter again',
    audit: 'deadLetter.replay',
    answers: { 202: replayed },
    errors: ['connection_not_found', 'dead_letter_not_found', 'version_too_old'],
  },
  replayAll: {
    name: 'deadLettersReplayAll',
    method: 'POST',
    path: `${LIST}/replay`,
    role: 'sync.operate',
    group,
    summary: 'Process all dead letters again',
    audit: 'deadLetters.replay',
    answers: { 202: replayed },
    errors: ['connection_not_found'],
  },
  remove: {
    name: 'deadLettersDelete',
    method: 'DELETE',
    path: `${LIST}/{letterId}`,
    role: 'sync.admin',
    group,
    summary: 'Drop one dead letter',
    audit: 'deadLetter.delete',
    answers: { 204: { description: 'The dead letter is gone.' } },
    errors: ['connection_not_found', 'dead_letter_not_found'],
  },
};
