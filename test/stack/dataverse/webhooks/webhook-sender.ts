import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Poster, type PostResult } from '../../posting.js';
import type { Environment } from '../environment.js';
import type { Row } from '../tables/table-store.js';
import type { DataEvent } from './events.js';
import { type Notification, notificationBody } from './webhook-body.js';
import { recordJob } from './webhook-jobs.js';
import { placeSecret, secretKey } from './webhook-secret.js';
import { hasEvents } from './webhook-tables.js';

export interface WebhookSettings {
  deliver: boolean;
  /** Share of the notifications that are sent twice, 0 to 1. */
  duplicate: number;
  /** Share of the notifications that get lost, 0 to 1. */
  drop: number;
  /** Changes that are close in time are told of in reverse order. */
  reorder: boolean;
  timeoutMs: number;
  /** Before each post. */
  delayMs: number;
  /** Before the only other attempt after a 502, 503 or 504. */
  repeatAfterMs: number;
}

/** A change that its receiver did not take; the platform never tells of it again. */
export interface Undelivered {
  table: string;
  id: string;
  message: string;
}

export interface WebhookCounts {
  delivered: number;
  failed: number;
  /** Accepted and not yet delivered or failed. */
  pending: number;
  dropped: number;
  undelivered: readonly Undelivered[];
}

const quiet: WebhookSettings = {
  ...{ deliver: false, duplicate: 0, drop: 0, reorder: false },
  ...{ timeoutMs: 60_000, delayMs: 0, repeatAfterMs: 500 },
};
const maxPosts = 32;
const reorderWindowMs = 50;
const REPEATED = [502, 503, 504];

/** The platform's asynchronous service as far as webhooks go: it tells the registered endpoints of committed changes. */
export class WebhookSender {
  readonly #environment: Environment;
  readonly #poster = new Poster();
  #settings: WebhookSettings = quiet;
  #counts = { delivered: 0, failed: 0, pending: 0, dropped: 0 };
  #undelivered: Undelivered[] = [];
  #queue: Notification[] = [];
  #posting = 0;
  /** Notifications of the present window, to be turned round. */
  #held: Notification[] = [];
  #stop = new AbortController();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Takes the settings wholly; what is pending is still sent. */
  configure(settings: WebhookSettings): WebhookSettings {
    this.#settings = settings;
    this.#environment.outbox.listen(settings.deliver ? (event) => this.#accept(event) : undefined);
    return settings;
  }

  counts(): WebhookCounts {
    return { ...this.#counts, undelivered: [...this.#undelivered] };
  }

  /** No longer sends, and nothing pending. */
  reset(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#queue = [];
    this.#held = [];
    this.#posting = 0;
    this.#counts = { delivered: 0, failed: 0, pending: 0, dropped: 0 };
    this.#undelivered = [];
    this.configure(quiet);
  }

  close(): void {
    this.reset();
    this.#poster.close();
  }

  #accept(event: DataEvent): void {
    if (!hasEvents(event.table)) {
      return;
    }
    for (const step of listeningSteps(this.#environment, event)) {
      const createdAt = this.#environment.now().getTime();
      const notification = { event, step, operationId: randomUUID(), createdAt };
      if (Math.random() < this.#settings.drop) {
        this.#counts.dropped += 1;
        continue;
      }
      this.#admit(notification);
      if (Math.random() < this.#settings.duplicate) {
        this.#admit(notification);
      }
    }
  }

  #admit(notification: Notification): void {
    this.#counts.pending += 1;
    if (!this.#settings.reorder) {
      this.#queue.push(notification);
      this.#pump();
      return;
    }
    this.#held.push(notification);
    if (this.#held.length === 1) {
      void this.#releaseHeld(this.#stop.signal);
    }
  }

  /** One after the other, so that the wrong order is certain. */
  async #releaseHeld(signal: AbortSignal): Promise<void> {
    await pause(reorderWindowMs, signal);
    if (signal.aborted) {
      return;
    }
    for (const notification of this.#held.splice(0).reverse()) {
      await this.#deliver(notification, signal);
    }
  }

  #pump(): void {
    while (this.#posting < maxPosts) {
      const next = this.#queue.shift();
      if (next === undefined) {
        return;
      }
      void this.#occupy(next, this.#stop.signal);
    }
  }

  async #occupy(notification: Notification, signal: AbortSignal): Promise<void> {
    this.#posting += 1;
    await this.#deliver(notification, signal);
    if (!signal.aborted) {
      this.#posting -= 1;
      this.#pump();
    }
  }

  /** Never rejects. */
  async #deliver(notification: Notification, signal: AbortSignal): Promise<void> {
    await pause(this.#settings.delayMs, signal);
    let attempts = 1;
    let result = await this.#post(notification, signal);
    if (result !== undefined && 'status' in result && REPEATED.includes(result.status)) {
      attempts = 2;
      await pause(this.#settings.repeatAfterMs, signal);
      result = await this.#post(notification, signal);
    }
    if (signal.aborted) {
      return;
    }
    this.#counts.pending -= 1;
    if (result === undefined) {
      this.#counts.dropped += 1;
      return;
    }
    const isDelivered = 'status' in result && result.status >= 200 && result.status < 300;
    this.#counts[isDelivered ? 'delivered' : 'failed'] += 1;
    const { id, message, table } = notification.event;
    if (!isDelivered) this.#undelivered.push({ table: table.name, id, message });
    recordJob(this.#environment, notification, isDelivered ? undefined : result, attempts);
  }

  /** Undefined: endpoint or step were removed in the meantime. */
  async #post(notification: Notification, signal: AbortSignal): Promise<PostResult | undefined> {
    const { event, step } = notification;
    const environment = this.#environment;
    const present = environment.table('sdkmessageprocessingstep').get(step.id);
    const endpoint = environment.table('serviceendpoint').get(String(present?.values._eventhandler_value));
    if (signal.aborted || endpoint === undefined) {
      return undefined;
    }
    const { url, authtype, [secretKey]: secret } = endpoint.values;
    const placed = placeSecret(String(url), Number(authtype), String(secret));
    const { text, isCut } = notificationBody(environment, notification);
    return this.#poster.post({
      url: placed.url,
      body: text,
      timeoutMs: this.#settings.timeoutMs,
      headers: {
        'x-request-id': event.origin.requestId,
        'x-ms-dynamics-organization': environment.domain,
        'x-ms-dynamics-entity-name': event.table.name,
        'x-ms-dynamics-request-name': event.message,
        'x-ms-correlation-request-id': event.origin.correlationId,
        ...(isCut ? { 'x-ms-dynamics-msg-size-exceeded': 'true' } : {}),
        ...placed.headers,
      },
    });
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) {
    await sleep(milliseconds, undefined, { ref: false, signal }).catch(() => undefined);
  }
}

/** The enabled steps that are registered for the event and not suppressed by its request. */
function listeningSteps(environment: Environment, { message, table, sent, origin }: DataEvent): Row[] {
  if (origin.bypassesAsync) {
    return [];
  }
  const messages = environment.table('sdkmessage');
  const filters = environment.table('sdkmessagefilter');
  return [...environment.table('sdkmessageprocessingstep').rows()].filter(({ id, values }) => {
    const filterId = values._sdkmessagefilterid_value ?? null;
    const isOfTable =
      filterId === null || filters.get(String(filterId))?.values.primaryobjecttypecode === table.name;
    return (
      values.statecode === 0 &&
      isOfTable &&
      messages.get(String(values._sdkmessageid_value))?.values.name === message &&
      !origin.bypassedSteps.has(id) &&
      (message !== 'Update' || includesAny(String(values.filteringattributes ?? ''), sent))
    );
  });
}

/** No filter means any column. */
function includesAny(filter: string, sent: ReadonlySet<string>): boolean {
  const names = filter.split(',').flatMap((name) => name.trim() || []);
  return names.length === 0 || names.some((name) => sent.has(name));
}
