import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { BridgeError, type Fault } from '../domain/errors.js';
import { WEBHOOK_HEADER } from '../domain/webhook.js';
import type { Handle } from './endpoint.js';
import { withoutQuery } from './reject-input.js';
import { faultsOf, plainName, readBody, readText, routeParameter } from './request.js';

/** What the receiver hands on; the secret is checked before anything of the body is looked at. */
export interface DynamicsEvent {
  readonly connectionId: string;
  readonly secret: string | undefined;
  /** As it came, any content type; read only once the secret has proved right. Throws `payload_too_large`. */
  readonly body: () => Promise<string>;
}

export interface AuthScapeEvent {
  readonly entity: 'User' | 'Company' | 'Location';
  readonly id: string;
  readonly change: 'created' | 'updated' | 'deleted';
  readonly occurredAt?: string | undefined;
}

export interface EventUseCases {
  /** Returns when the event is stored durably. Throws `unauthorized`, `invalid_request`, `invalid_json`. */
  readonly dynamics: (event: DynamicsEvent) => Promise<void>;
  readonly authScape: (events: readonly AuthScapeEvent[]) => Promise<void>;
}

const MOST_EVENTS = 500;

const event = z.strictObject({
  entity: z.enum(['User', 'Company', 'Location']),
  id: z.union([plainName(200), z.number().int()]).transform(String),
  change: z.enum(['created', 'updated', 'deleted']),
  occurredAt: z.iso.datetime({ offset: true }).optional(),
});

/** What senders should send; the handler looks at each event by itself. */
export const eventsBody = z.strictObject({ events: z.array(event).max(MOST_EVENTS) });
const anyEvents = z.strictObject({ events: z.array(z.unknown()).max(MOST_EVENTS) });

/** One bad event must not keep the others back: its sender would repeat the batch for ever, or drop it. */
function sorted(events: readonly unknown[]): { valid: AuthScapeEvent[]; faults: Fault[] } {
  const valid: AuthScapeEvent[] = [];
  const faults: Fault[] = [];
  for (const [index, one] of events.entries()) {
    const parsed = event.safeParse(one);
    if (parsed.success) valid.push(parsed.data);
    else faults.push(...faultsOf(parsed.error, ['events', index]));
  }
  return { valid, faults };
}

/** Where both systems tell that something changed. Nothing is synced within the request. */
export function eventHandlers(useCases: EventUseCases) {
  return {
    dynamics: async (request: HttpRequest) => {
      await useCases.dynamics({
        connectionId: routeParameter(request, 'connectionId'),
        secret: request.headers.get(WEBHOOK_HEADER) ?? request.query.get('code') ?? undefined,
        body: () => readText(request),
      });
      return { status: 202 };
    },

    authScape: withoutQuery(async (request) => {
      const { events } = await readBody(request, anyEvents);
      const { faults, valid } = sorted(events);
      if (valid.length === 0 && faults.length > 0) {
        throw new BridgeError('invalid_request', 'No event of the batch is valid.', { errors: faults });
      }
      await useCases.authScape(valid);
      return { status: 202, body: { accepted: valid.length, errors: faults } };
    }),
  } satisfies Record<string, Handle>;
}
