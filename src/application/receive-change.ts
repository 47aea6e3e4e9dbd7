import { createHash, timingSafeEqual } from 'node:crypto';
import { BridgeError } from '../domain/errors.js';
import type { RecordJob } from '../domain/job.js';
import type { JobQueue } from './ports/job-queue.js';
import type { Clock } from './ports/runtime.js';
import type { SecretStore } from './ports/secret-store.js';
import type { ConnectionStore } from './ports/stores.js';

export interface ReceiveDeps {
  readonly connections: ConnectionStore;
  readonly secrets: SecretStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

/** What of a Dynamics notification counts: which row may have changed. Everything else is read from Dynamics. */
export interface RowHint {
  readonly table: string;
  readonly id: string;
}

/**
 * Takes one notification of Dynamics: checks the secret, then parses, then stores. Returns once the event is on the
 * queue. Throws `unauthorized` alike for an unknown connection and a wrong secret.
 */
export const receiveDynamicsEvent =
  (deps: ReceiveDeps, parse: (body: string) => RowHint) =>
  async (event: { connectionId: string; secret: string | undefined; body: string }): Promise<void> => {
    await checkSecret(deps, event.connectionId, event.secret);
    const hint = parse(event.body);
    await deps.queue.enqueue({
      v: 1,
      kind: 'record',
      connectionId: event.connectionId,
      source: 'dynamics',
      entity: hint.table,
      id: hint.id,
      receivedAt: new Date(deps.clock.now()).toISOString(),
    });
  };

async function checkSecret(
  deps: ReceiveDeps,
  connectionId: string,
  given: string | undefined,
): Promise<void> {
  const stored = await deps.connections.get(connectionId);
  const ref = stored?.value.webhookSecret ?? null;
  const expected = ref === null ? null : await deps.secrets.get(ref);
  // Digests have one length, so the comparison takes the same time for every input, known connection or not.
  const same = timingSafeEqual(digest(given ?? ''), digest(expected ?? ''));
  if (expected === null || expected === '' || given === undefined || !same) {
    throw new BridgeError('unauthorized', 'The webhook secret is missing or wrong.', {
      hint: 'Send the secret of the connection in the header x-authscape-webhook-secret or as ?code=.',
    });
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

export interface AuthScapeHint {
  readonly entity: RecordJob['entity'];
  readonly id: string;
  readonly occurredAt?: string | undefined;
}

const PAGE = 100;

/** Takes notifications of AuthScape: one AuthScape serves all connections, so each enabled one gets every event. */
export const receiveAuthScapeEvents =
  (deps: Omit<ReceiveDeps, 'secrets'>) =>
  async (events: readonly AuthScapeHint[]): Promise<void> => {
    const receivedAt = new Date(deps.clock.now()).toISOString();
    for (const connectionId of await enabledConnections(deps)) {
      for (const event of events) {
        await deps.queue.enqueue({
          v: 1,
          kind: 'record',
          connectionId,
          source: 'authScape',
          entity: event.entity,
          id: event.id,
          receivedAt,
          ...(event.occurredAt === undefined ? {} : { occurredAt: event.occurredAt }),
        });
      }
    }
  };

async function enabledConnections(deps: Pick<ReceiveDeps, 'connections'>): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await deps.connections.list(PAGE, cursor);
    for (const { value } of page.items) {
      if (value.enabled) ids.push(value.id);
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return ids;
}
