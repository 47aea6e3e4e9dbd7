import { z } from 'zod';
import { dynamicsEventBody } from '../dynamics-event.js';
import { type eventHandlers, eventsBody } from '../events.js';
import { type RoutesOf, SECRET_ERRORS } from './route.js';
import { fault } from './shapes.js';

const group = 'Events';

export const eventRoutes: RoutesOf<ReturnType<typeof eventHandlers>> = {
  dynamics: {
    name: 'eventsDynamics',
    method: 'POST',
    path: 'crm/webhook/dynamics/{connectionId}',
    role: null,
    group,
    summary:
      'Take an event of Dynamics (webhook or Power Automate); the webhook secret comes in the header x-authscape-webhook-secret or as ?code=',
    body: {
      schema: dynamicsEventBody,
      example: {
        MessageName: 'Update',
        PrimaryEntityName: 'contact',
        PrimaryEntityId: '6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11',
      },
    },
    answers: { 202: { description: 'The event is stored and will be worked on.' } },
    errors: ['unauthorized', ...SECRET_ERRORS],
  },
  authScape: {
    name: 'eventsAuthScape',
    method: 'POST',
    path: 'authscape/events',
    role: 'sync.operate',
    group,
    summary: 'Take events of AuthScape',
    body: {
      schema: eventsBody,
      example: {
        events: [{ entity: 'User', id: '17', change: 'updated', occurredAt: '2026-11-29T08:00:00Z' }],
      },
    },
    answers: {
      202: {
        description: 'The valid events are stored; `errors` names the others.',
        schema: z.object({ accepted: z.int(), errors: z.array(fault) }),
        example: { accepted: 1, errors: [{ path: 'events[1].id', message: 'Too small' }] },
      },
    },
  },
};
