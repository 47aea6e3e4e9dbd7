import { setTimeout as sleep } from 'node:timers/promises';
import { ControlError } from '../control.js';
import { Poster, type PostResult } from '../posting.js';
import type { Notice } from './model.js';
import type { Store } from './store.js';

export interface EventSettings {
  deliver: boolean;
  /** Every change, as seen where rows are saved; otherwise only the operations that have a CRM hook. */
  all: boolean;
  /** Base URL and key of the functions; what was given before is kept. */
  url?: string;
  key?: string;
}

type AuthScapeEvent = Pick<Notice, 'entity' | 'id' | 'change' | 'occurredAt'>;

const maxBatch = 500;
const gatherMs = 10;
const timeoutMs = 10_000;
const maxAttempts = 10;
const firstWaitMs = 200;
const maxWaitMs = 5000;

/** The part of AuthScape that tells the bridge which records changed: after the commit, outside of the request. */
export class EventSender {
  readonly #store: Store;
  readonly #poster = new Poster();
  #receiver: { url?: string; key?: string } = {};
  #waiting: AuthScapeEvent[] = [];
  #counts = { delivered: 0, failed: 0, pending: 0 };
  #stop = new AbortController();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Throws ControlError when it is to deliver and was not told where to. */
  configure({ deliver, all, ...receiver }: EventSettings) {
    this.#receiver = { ...this.#receiver, ...receiver };
    const { url } = this.#receiver;
    if (deliver && url === undefined) {
      throw new ControlError(400, "The simulator does not know the functions: give their 'url' and 'key'.");
    }
    const wanted = all ? 'save' : 'hook';
    this.#store.listen(deliver ? (notice) => notice.seenBy === wanted && this.#accept(notice) : undefined);
    return { deliver, all, url };
  }

  /** Counts events, not posts. */
  counts() {
    return { ...this.#counts };
  }

  /** No longer sends, and nothing pending; the address of the functions stays. */
  reset(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#waiting = [];
    this.#counts = { delivered: 0, failed: 0, pending: 0 };
    this.#store.listen(undefined);
  }

  close(): void {
    this.reset();
    this.#poster.close();
  }

  #accept({ entity, id, change, occurredAt }: Notice): void {
    this.#counts.pending += 1;
    this.#waiting.push({ entity, id, change, occurredAt });
    if (this.#waiting.length === 1) {
      void this.#sendWaiting(this.#stop.signal);
    }
  }

  async #sendWaiting(signal: AbortSignal): Promise<void> {
    await pause(gatherMs, signal);
    while (this.#waiting.length > 0 && !signal.aborted) {
      void this.#deliver(this.#waiting.splice(0, maxBatch), signal);
    }
  }

  /** Never rejects. */
  async #deliver(events: AuthScapeEvent[], signal: AbortSignal): Promise<void> {
    let result = await this.#post(events);
    for (let attempt = 1; attempt < maxAttempts && isPassing(result) && !signal.aborted; attempt += 1) {
      await pause(Math.min(firstWaitMs * 2 ** (attempt - 1), maxWaitMs), signal);
      result = signal.aborted ? result : await this.#post(events);
    }
    if (!signal.aborted) {
      this.#counts.pending -= events.length;
      const isDelivered = 'status' in result && result.status >= 200 && result.status < 300;
      this.#counts[isDelivered ? 'delivered' : 'failed'] += events.length;
    }
  }

  #post(events: AuthScapeEvent[]): Promise<PostResult> {
    const { url = '', key } = this.#receiver;
    return this.#poster.post({
      url: `${url.replace(/\/$/, '')}/api/authscape/events`,
      headers: key === undefined ? {} : { 'x-functions-key': key },
      body: JSON.stringify({ events }),
      timeoutMs,
    });
  }
}

/** Worth another attempt: the receiver is down, busy or failing. */
function isPassing(result: PostResult): boolean {
  return 'failed' in result || result.status >= 500 || result.status === 429 || result.status === 408;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { ref: false, signal }).catch(() => undefined);
}
