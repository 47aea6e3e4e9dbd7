import { BridgeError } from '../../domain/errors.js';
import type { BatchJob, RecordJob } from '../../domain/job.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import type { ConnectionCache } from '../connections/connection-cache.js';
import type { Clock, Logger } from '../ports/runtime.js';
import type { SecretStore } from '../ports/secret-store.js';
import type { ConnectionStore, MappingStore } from '../ports/stores.js';
import { pagesOf } from '../shared/pages.js';
import { within } from '../shared/time-limit.js';
import { type CoalesceDeps, createCoalescer } from './coalesce-events.js';
import { createEventCounts } from './event-counters.js';
import { createEventGatherer } from './gather-events.js';
import { createLastEventTimes } from './last-event-time.js';
import { createReceiverCache } from './receiver-cache.js';
import { checkSecret } from './verify-webhook-secret.js';

export interface ReceiveDeps extends CoalesceDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly secrets: SecretStore;
  readonly connectionCache: Pick<ConnectionCache, 'find'>;
  readonly logger: Logger;
}

/** What of a Dynamics notification counts: which row may have changed. Everything else is read from Dynamics. */
export interface RowHint {
  readonly table: string;
  readonly id: string;
  /** Lower case; null when the sender did not say. */
  readonly organizationId: string | null;
}

const RETRY_AFTER_SECONDS = 10;
/** Dataverse waits 60 s and never comes back after that, but it does after a 503. */
const TAKE_WITHIN_MS = 30_000;

/**
 * Takes one notification of Dynamics: checks the secret, then reads and checks the body, then stores. Returns once the
 * event is on the queue. An event about a table that is not mapped is counted and dropped. Throws `unauthorized` alike
 * for an unknown connection and a wrong secret, `invalid_json`, `invalid_request` (also for the body of another
 * organization), and 503s with the time after which the sender should try again.
 */
export const receiveDynamicsEvent = (deps: ReceiveDeps, parse: (body: string) => RowHint) => {
  const tell = createCoalescer(deps, createEventGatherer(deps));
  const profileOf = createReceiverCache(deps);
  const noteEvent = createLastEventTimes(deps);
  const count = createEventCounts(deps);
  const receive = async (event: IncomingEvent): Promise<void> => {
    const { connectionId } = event;
    await checkSecret(deps, connectionId, event.secret);
    const { id, organizationId, table } = parse(await event.body());
    const isOurs = (known: string | null) =>
      organizationId === null || known === null || known.toLowerCase() === organizationId;
    const profile = await profileOf(
      connectionId,
      (known) => isOurs(known.organizationId) && known.tables.has(table),
    );
    if (!isOurs(profile.organizationId)) throw otherOrganization();
    if (!profile.tables.has(table)) return count(connectionId, 'ignoredEvents');
    const receivedAt = new Date(deps.clock.now()).toISOString();
    await tell({ v: 1, kind: 'record', connectionId, source: 'dynamics', entity: table, id, receivedAt });
    await noteEvent(connectionId);
  };
  return (event: IncomingEvent): Promise<void> => withPause(inTime(deps.clock, receive(event)));
};

interface IncomingEvent {
  readonly connectionId: string;
  readonly secret: string | undefined;
  readonly body: () => Promise<string>;
}

function otherOrganization(): BridgeError {
  return new BridgeError('invalid_request', 'The event is not valid.', {
    hint: 'Was the environment copied together with its webhook? Unregister the webhook there.',
    errors: [
      { path: 'OrganizationId', message: 'This is not the organization that the connection syncs with.' },
    ],
  });
}

/** Storage that hangs is as good as away; should the event be stored later, it comes twice. */
function inTime(clock: Clock, work: Promise<void>): Promise<void> {
  return within(clock, TAKE_WITHIN_MS, work, () => {
    throw new BridgeError('storage_unavailable', 'The event could not be stored in time.');
  });
}

/** Dataverse repeats after a 503 only, and flows wait as long as they are told. */
async function withPause(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof BridgeError) || !PASSING.includes(error.code)) throw error;
    throw new BridgeError(error.code, error.message, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      retryAfterSeconds: error.retryAfterSeconds ?? RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
}

const PASSING: readonly string[] = ['storage_unavailable', 'secret_store_unavailable'];

export interface AuthScapeHint {
  readonly entity: AuthScapeEntity;
  readonly id: string;
  readonly occurredAt?: string | undefined;
}

const PAGE = 100;
const AT_A_TIME = 16;
/** More events than that go on the queue together: their sender waits some seconds only. */
const MOST_SINGLE = 16;
/** Of the events of one message; the queue takes 48 KiB. */
const BATCH_BYTES = 40_000;

/**
 * Takes notifications of AuthScape: one AuthScape serves all connections, so each enabled one that maps the entity gets
 * the event. Returns once all of them are on the queue, many of them grouped; after a failure the sender repeats the post.
 */
export const receiveAuthScapeEvents = (deps: Omit<ReceiveDeps, 'secrets' | 'recentConnections'>) => {
  const tell = createCoalescer(deps);
  const profileOf = createReceiverCache(deps);
  return async (events: readonly AuthScapeHint[]): Promise<void> => {
    const newest = newestOfEach(events);
    const entities = [...new Set(newest.map(({ entity }) => entity))];
    const receivedAt = new Date(deps.clock.now()).toISOString();
    const jobs: RecordJob[] = [];
    for (const connectionId of await enabledConnections(deps)) {
      const profile = await profileOf(connectionId, (known) =>
        entities.every((entity) => known.entities.has(entity)),
      );
      for (const { entity, id, occurredAt } of newest) {
        if (!profile.entities.has(entity)) continue;
        const when = occurredAt === undefined ? {} : { occurredAt };
        jobs.push({
          v: 1,
          kind: 'record',
          connectionId,
          source: 'authScape',
          entity,
          id,
          receivedAt,
          ...when,
        });
      }
    }
    const store = async () => {
      if (jobs.length <= MOST_SINGLE) await mapConcurrent(jobs, AT_A_TIME, tell);
      else await mapConcurrent(grouped(jobs), AT_A_TIME, (batch) => deps.queue.enqueue(batch));
    };
    await withPause(inTime(deps.clock, store()));
  };
};

/** As few messages as hold all of them, each of one connection. */
function grouped(jobs: readonly RecordJob[]): readonly BatchJob[] {
  const batches: (BatchJob & { readonly records: BatchedRecord[] })[] = [];
  let room = 0;
  for (const { connectionId, receivedAt, entity, id, occurredAt } of jobs) {
    const record = { entity, id, ...(occurredAt === undefined ? {} : { occurredAt }) };
    const size = bytesOf(record);
    if (batches.at(-1)?.connectionId !== connectionId || size > room) {
      batches.push({ v: 1, kind: 'batch', connectionId, source: 'authScape', receivedAt, records: [] });
      room = BATCH_BYTES;
    }
    batches.at(-1)?.records.push(record);
    room -= size;
  }
  return batches;
}

type BatchedRecord = BatchJob['records'][number];

/** With the comma behind it. */
const bytesOf = (record: BatchedRecord) => new TextEncoder().encode(JSON.stringify(record)).length + 1;

/** Of several events about one record the newest stands for all: the record is read as it is now. */
function newestOfEach(events: readonly AuthScapeHint[]): readonly AuthScapeHint[] {
  const newest = new Map<string, AuthScapeHint>();
  for (const event of events) {
    const key = `${event.entity} ${event.id}`;
    const before = newest.get(key);
    if (before === undefined || timeOf(event) > timeOf(before)) newest.set(key, event);
  }
  return [...newest.values()];
}

function timeOf({ occurredAt }: AuthScapeHint): number {
  return occurredAt === undefined ? 0 : Date.parse(occurredAt);
}

async function enabledConnections(deps: Pick<ReceiveDeps, 'connections'>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of pagesOf((cursor) => deps.connections.list(PAGE, cursor))) {
    for (const { value } of page.items) {
      if (value.enabled) ids.push(value.id);
    }
  }
  return ids;
}
