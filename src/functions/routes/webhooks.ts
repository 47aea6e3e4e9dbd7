import { z } from 'zod';
import { webhookBody, type webhookHandlers } from '../webhooks.js';
import { BOTH_SIDES_ERRORS, DYNAMICS_ERRORS, type RoutesOf } from './route.js';
import { time } from './shapes.js';

const secret = { hasWebhookSecret: z.boolean(), previousSecretUntil: time.nullable() };

const webhook = z
  .object({
    registered: z.boolean(),
    baseUrl: z.string().nullable(),
    url: z.string().nullable(),
    endpointId: z.string().nullable(),
    registeredAt: time.nullable(),
    ...secret,
    steps: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        crmEntity: z.string().nullable(),
        message: z.enum(['Create', 'Update', 'Delete']).nullable(),
        filteringAttributes: z.array(z.string()),
        enabled: z.boolean(),
      }),
    ),
    drift: z.array(z.object({ code: z.string(), message: z.string() })),
    lastFailure: z.object({ code: z.string(), message: z.string(), at: time }).nullable(),
  })
  .meta({
    id: 'Webhook',
    description: 'What is registered in Dynamics, and how it differs from what should be.',
  });

const guide = z
  .object({
    uri: z.string(),
    flows: z.array(
      z.object({
        table: z.string(),
        trigger: z.record(z.string(), z.string()),
        http: z.object({
          method: z.literal('POST'),
          uri: z.string(),
          headers: z.record(z.string(), z.string()),
          body: z.record(z.string(), z.string()),
        }),
        definition: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .meta({ id: 'PowerAutomateGuide', description: 'Flows that do what a registered webhook does.' });

const example = {
  registered: true,
  baseUrl: 'https://contoso-sync.azurewebsites.net',
  url: 'https://contoso-sync.azurewebsites.net/api/crm/webhook/dynamics/c_8f3k2m1x9q',
  endpointId: '1f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11',
  registeredAt: '2026-11-28T08:00:00.000Z',
  hasWebhookSecret: true,
  previousSecretUntil: null,
  steps: [
    {
      id: '2f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11',
      name: 'AuthScape sync c_8f3k2m1x9q: Update of contact',
      crmEntity: 'contact',
      message: 'Update',
      filteringAttributes: ['emailaddress1', 'firstname'],
      enabled: true,
    },
  ],
  drift: [],
  lastFailure: null,
};

const uri = example.url;
const group = 'Webhook';
const PATH = 'connections/{id}/webhook';

export const webhookRoutes: RoutesOf<ReturnType<typeof webhookHandlers>> = {
  register: {
    name: 'webhookRegister',
    method: 'POST',
    path: PATH,
    role: 'sync.admin',
    group,
    summary: 'Register the webhook in Dynamics, or repair it',
    audit: 'webhook.register',
    body: { schema: webhookBody, example: { baseUrl: 'https://contoso-sync.azurewebsites.net' } },
    answers: { 200: { description: 'What is registered now.', schema: webhook, example } },
    errors: ['connection_not_found', 'no_enabled_mappings', 'table_without_events', ...BOTH_SIDES_ERRORS],
  },
  get: {
    name: 'webhookGet',
    method: 'GET',
    path: PATH,
    role: 'sync.read',
    group,
    summary: 'Show what is registered in Dynamics',
    answers: { 200: { description: 'What is registered.', schema: webhook, example, headers: ['ETag'] } },
    errors: ['connection_not_found', ...BOTH_SIDES_ERRORS],
  },
  remove: {
    name: 'webhookDelete',
    method: 'DELETE',
    path: PATH,
    role: 'sync.admin',
    group,
    summary: 'Unregister the webhook',
    audit: 'webhook.unregister',
    headers: ['If-Match'],
    answers: { 204: { description: 'Nothing is registered any more.' } },
    errors: ['connection_not_found', 'precondition_failed', ...BOTH_SIDES_ERRORS],
  },
  rotate: {
    name: 'webhookRotateSecret',
    method: 'POST',
    path: `${PATH}/rotate-secret`,
    role: 'sync.admin',
    group,
    summary: 'Make a new webhook secret; the present one is taken for a day more',
    audit: 'webhook.rotateSecret',
    answers: {
      200: {
        description: 'The secret was replaced.',
        schema: z.object({ registered: z.boolean(), ...secret }),
        example: {
          registered: true,
          hasWebhookSecret: true,
          previousSecretUntil: '2026-11-30T08:00:00.000Z',
        },
      },
    },
    errors: ['connection_not_found', ...BOTH_SIDES_ERRORS],
  },
  powerAutomate: {
    name: 'webhookPowerAutomate',
    method: 'GET',
    path: `${PATH}/power-automate`,
    role: 'sync.read',
    group,
    summary: 'Describe the Power Automate flows that do what the webhook does',
    answers: {
      200: {
        description: 'One flow for each mapped table.',
        schema: guide,
        example: {
          uri,
          flows: [
            {
              table: 'contact',
              trigger: { operation: 'When a row is added, modified or deleted', tableName: 'contact' },
              http: {
                method: 'POST',
                uri,
                headers: { 'Content-Type': 'application/json' },
                body: { PrimaryEntityName: 'contact' },
              },
              definition: {},
            },
          ],
        },
      },
    },
    errors: ['connection_not_found', ...DYNAMICS_ERRORS],
  },
};
