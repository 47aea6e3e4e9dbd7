import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { requireVersion } from '../application/shared/precondition.js';
import type { PowerAutomateGuide } from '../application/webhooks/describe-power-automate.js';
import type { WebhookView } from '../application/webhooks/manage-webhook.js';
import type { RotatedSecret } from '../application/webhooks/rotate-secret.js';
import type { Connection } from '../domain/model.js';
import { receiverPath } from '../domain/webhook.js';
import type { Handle } from './endpoint.js';
import { bare, withoutQuery } from './reject-input.js';
import { entityTag, readBody, readPrecondition, routeParameter } from './request.js';

export interface WebhookUseCases {
  readonly register: (connectionId: string, input: { readonly baseUrl: string }) => Promise<WebhookView>;
  readonly view: (connectionId: string) => Promise<WebhookView>;
  readonly unregister: (connectionId: string) => Promise<void>;
  readonly rotate: (connectionId: string) => Promise<RotatedSecret>;
  readonly powerAutomate: (connectionId: string) => Promise<PowerAutomateGuide>;
}

export const webhookBody = z.strictObject({ baseUrl: z.string().min(1).max(500) });

/** Setting up how Dynamics tells of changes. The secret itself never shows. */
export function webhookHandlers(useCases: WebhookUseCases) {
  return {
    register: withoutQuery(async (request) => {
      const body = await readBody(request, webhookBody);
      return { status: 200, body: viewJson(await useCases.register(connectionOf(request), body)) };
    }),

    get: bare(async (request) => {
      const body = viewJson(await useCases.view(connectionOf(request)));
      return { status: 200, headers: { etag: entityTag(versionOf(body)) }, body };
    }),

    remove: bare(async (request) => {
      const precondition = readPrecondition(request);
      // What is registered is known by asking Dynamics: who demands no version need not wait for that.
      if (precondition)
        requireVersion(precondition, versionOf(viewJson(await useCases.view(connectionOf(request)))));
      await useCases.unregister(connectionOf(request));
      return { status: 204 };
    }),

    rotate: bare(async (request) => {
      const { connection, registered } = await useCases.rotate(connectionOf(request));
      return { status: 200, body: { registered, ...secretJson(connection) } };
    }),

    powerAutomate: bare(async (request) => ({
      status: 200,
      body: await useCases.powerAutomate(connectionOf(request)),
    })),
  } satisfies Record<string, Handle>;
}

function connectionOf(request: HttpRequest): string {
  return routeParameter(request, 'id');
}

/** No row holds all of this, so that its content is its version. */
function versionOf(view: ReturnType<typeof viewJson>): string {
  return JSON.stringify(view);
}

function viewJson({ connection, drift, registration, steps }: WebhookView) {
  return {
    registered: registration !== null && registration.endpointId !== null,
    baseUrl: registration?.baseUrl ?? null,
    url: registration === null ? null : registration.baseUrl + receiverPath(connection.id),
    endpointId: registration?.endpointId ?? null,
    registeredAt: registration?.registeredAt ?? null,
    ...secretJson(connection),
    steps: steps.map(({ id, name, table, message, columns, enabled }) => ({
      ...{ id, name, crmEntity: table, message, filteringAttributes: columns, enabled },
    })),
    drift,
    lastFailure: registration?.lastFailure ?? null,
  };
}

function secretJson({ previousWebhookSecret, webhookSecret }: Connection) {
  return {
    hasWebhookSecret: webhookSecret !== null,
    previousSecretUntil: previousWebhookSecret?.until ?? null,
  };
}
