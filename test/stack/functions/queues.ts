/**
 * Queue triggers: batches, an invisibility that is renewed while a function runs, and the poison queue. A message
 * is deleted only after its function succeeded, so it runs at least once; when the worker dies it comes back by
 * itself once its invisibility has run out.
 */
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { RegisteredFunction } from './core-api.js';
import type { Invoker } from './invocation.js';
import type { RpcInput } from './rpc.js';
import type { QueueSettings } from './settings.js';
import { decodeMessage, messageOf, type Queues, statusOf } from './storage.js';
import type { StorageWatch } from './storage-watch.js';

export interface QueueFunction {
  fn: RegisteredFunction;
  bindingName: string;
  connection: string;
  queueName: string;
}

export interface QueueListenerOptions {
  queues: Queues;
  settings: QueueSettings;
  invoker: Invoker;
  invisibilitySeconds: number;
  /** Told after each poll whether storage could be reached at all. */
  watch: StorageWatch;
  log: (level: 'information' | 'warning' | 'error', message: string) => void;
  logFailure: (functionName: string, error: unknown) => void;
}

export interface QueueListener {
  /**
   * Polls until `stop` ends it and resolves when its last message is settled. After `abandon` messages are left
   * as they are, as if the worker had died.
   */
  listen(stop: AbortSignal, abandon: AbortSignal): Promise<void>;
}

const FIRST_PAUSE_MS = 100;
/** Storage that is away is asked again at least this often. */
const LONGEST_ERROR_PAUSE_MS = 1000;
/** The local limit of the real host, which host.json does not change. */
const LONGEST_IDLE_PAUSE_MS = 2000;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });

/** The scalars and objects of a JSON message are metadata too, as in the real host. */
const ownProperties = (text: string): Record<string, RpcInput> => {
  if (!text.trimStart().startsWith('{')) return {};
  try {
    return Object.fromEntries(
      Object.entries(JSON.parse(text) as Record<string, unknown>).map(([name, value]) => [
        name,
        { string: typeof value === 'string' ? value : JSON.stringify(value) },
      ]),
    );
  } catch {
    return {};
  }
};

const metadataOf = (message: DequeuedMessageItem, text: string): Record<string, RpcInput> => ({
  ...ownProperties(text),
  QueueTrigger: { string: text },
  DequeueCount: { json: String(message.dequeueCount) },
  ExpirationTime: { json: JSON.stringify(message.expiresOn) },
  Id: { string: message.messageId },
  InsertionTime: { json: JSON.stringify(message.insertedOn) },
  NextVisibleTime: { json: JSON.stringify(message.nextVisibleOn) },
  PopReceipt: { string: message.popReceipt },
});

/** Keeps a message invisible; `release` ends that and gives the receipt that is valid then. */
const keepInvisible = (
  client: QueueClient,
  message: DequeuedMessageItem,
  seconds: number,
  abandon: AbortSignal,
): { release(): Promise<string> } => {
  let receipt = message.popReceipt;
  let renewal: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    try {
      const renewed = await client.updateMessage(message.messageId, receipt, undefined, seconds);
      receipt = renewed.popReceipt ?? receipt;
    } catch {
      // Lost for now: two more renewals fit into the period, and a message seen twice is allowed.
    }
  };
  const timer = setInterval(
    () => {
      renewal = renewal.then(renew);
    },
    (seconds * 1000) / 3,
  );
  const end = (): void => clearInterval(timer);
  abandon.addEventListener('abort', end);
  return {
    release: async () => {
      end();
      abandon.removeEventListener('abort', end);
      await renewal;
      return receipt;
    },
  };
};

const createMessageHandler = (queue: QueueFunction, options: QueueListenerOptions) => {
  const { fn, connection, queueName } = queue;
  const { settings, invoker, queues, log } = options;
  const client = queues.reliable(connection, queueName);
  const poisonName = `${queueName}-poison`;
  /** A poison queue has none of its own: what fails there stays, and is seen again when its invisibility runs out. */
  const hasPoison = !queueName.endsWith('-poison');

  const moveToPoison = async (
    message: DequeuedMessageItem,
    receipt: string,
    reason: string,
  ): Promise<void> => {
    const poison = queues.reliable(connection, poisonName);
    await poison.createIfNotExists();
    // As the real host does, without a time to live: the service keeps such a message for seven days.
    await poison.sendMessage(message.messageText);
    await client.deleteMessage(message.messageId, receipt);
    log('error', `${reason} Moving message to queue '${poisonName}'.`);
  };

  const succeeds = async (message: DequeuedMessageItem, text: string): Promise<boolean> => {
    try {
      await invoker.invoke(fn, {
        inputData: [{ name: queue.bindingName, data: { string: text } }],
        triggerMetadata: metadataOf(message, text),
      });
      return true;
    } catch (error) {
      options.logFailure(fn.metadata.name, error);
      return false;
    }
  };

  return async (message: DequeuedMessageItem, abandon: AbortSignal): Promise<void> => {
    const exhausted = `Message has reached MaxDequeueCount of ${settings.maxDequeueCount}.`;
    if (hasPoison && message.dequeueCount > settings.maxDequeueCount) {
      return moveToPoison(message, message.popReceipt, exhausted);
    }
    const text = decodeMessage(message.messageText, settings.messageEncoding);
    if (text === undefined) {
      return hasPoison
        ? moveToPoison(message, message.popReceipt, 'Message is not valid base64.')
        : undefined;
    }
    const lease = keepInvisible(client, message, options.invisibilitySeconds, abandon);
    const succeeded = await succeeds(message, text);
    const receipt = await lease.release();
    if (abandon.aborted) return;
    if (succeeded) await client.deleteMessage(message.messageId, receipt);
    else if (!hasPoison) return;
    else if (message.dequeueCount >= settings.maxDequeueCount)
      await moveToPoison(message, receipt, exhausted);
    else await client.updateMessage(message.messageId, receipt, undefined, settings.visibilityTimeoutS);
  };
};

/** Receives with one attempt per call; undefined while storage does not answer, which is logged once. */
const createReceiver = (queue: QueueFunction, options: QueueListenerOptions) => {
  const client = options.queues.polling(queue.connection, queue.queueName);
  let away = false;
  const note = (nowAway: boolean, message: string): void => {
    if (away !== nowAway) options.log(nowAway ? 'error' : 'information', message);
    away = nowAway;
  };
  return async (): Promise<DequeuedMessageItem[] | undefined> => {
    try {
      const { receivedMessageItems } = await client.receiveMessages({
        numberOfMessages: options.settings.batchSize,
        visibilityTimeout: options.invisibilitySeconds,
      });
      options.watch.answered();
      note(false, `Queue '${queue.queueName}' answers again.`);
      return receivedMessageItems;
    } catch (error) {
      options.watch.failed(error);
      const missing = statusOf(error) === 404;
      // A queue that does not exist yet is an empty one.
      if (missing) note(false, `Queue '${queue.queueName}' answers again.`);
      else note(true, `Queue '${queue.queueName}' cannot be polled: ${messageOf(error)}`);
      return missing ? [] : undefined;
    }
  };
};

export const createQueueListener = (queue: QueueFunction, options: QueueListenerOptions): QueueListener => {
  const { settings } = options;
  const handleMessage = createMessageHandler(queue, options);
  const receive = createReceiver(queue, options);
  const giveBack = async (message: DequeuedMessageItem): Promise<void> => {
    const client = options.queues.reliable(queue.connection, queue.queueName);
    await client.updateMessage(message.messageId, message.popReceipt, undefined, 0);
  };
  return {
    listen: async (stop, abandon) => {
      const busy = new Set<Promise<void>>();
      const start = (message: DequeuedMessageItem): void => {
        // A batch that arrives after the stop is not begun: it goes back at once instead of staying invisible.
        const work = stop.aborted ? giveBack(message) : handleMessage(message, abandon);
        const settled = work
          .catch((error: unknown) =>
            options.log('warning', `Message ${message.messageId} comes back later: ${messageOf(error)}`),
          )
          .finally(() => busy.delete(settled));
        busy.add(settled);
      };
      const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()));
      const longestIdle = Math.min(settings.maxPollingIntervalMs, LONGEST_IDLE_PAUSE_MS);
      let wait = FIRST_PAUSE_MS;
      while (!stop.aborted) {
        if (busy.size > settings.newBatchThreshold) {
          await Promise.race([...busy, stopped]);
          continue;
        }
        const messages = await receive();
        messages?.forEach(start);
        if (messages !== undefined && messages.length > 0) {
          wait = FIRST_PAUSE_MS;
          continue;
        }
        await pause(wait, stop);
        wait = Math.min(wait * 2, messages === undefined ? LONGEST_ERROR_PAUSE_MS : longestIdle);
      }
      await Promise.all(busy);
    },
  };
};
