import type { InvocationContext, StorageQueueHandler } from '@azure/functions';
import { z } from 'zod';
import type { Clock } from '../application/ports/runtime.js';
import type { Telemetry } from '../application/ports/telemetry.js';
import type { Job, UnreadJob } from '../domain/job.js';
import { inInvocation } from './invocation.js';

const id = z.string().min(1);

const job = z.discriminatedUnion('kind', [
  z.object({
    v: z.literal(1),
    kind: z.literal('run'),
    connectionId: id,
    runId: id,
    watches: id.optional(),
    passedOn: z.int().nonnegative().optional(),
  }),
  z.object({ v: z.literal(1), kind: z.literal('erase'), connectionId: id }),
  z.object({
    v: z.literal(1),
    kind: z.literal('batch'),
    connectionId: id,
    source: z.enum(['dynamics', 'authScape']),
    receivedAt: z.string(),
    records: z.array(z.object({ entity: id, id, occurredAt: z.string().optional() })),
  }),
  z.object({
    v: z.literal(1),
    kind: z.literal('record'),
    connectionId: id,
    source: z.enum(['dynamics', 'authScape']),
    entity: id,
    id,
    receivedAt: z.string(),
    occurredAt: z.string().optional(),
    putOff: z.number().int().nonnegative().optional(),
    waited: z.boolean().optional(),
    byHand: z.boolean().optional(),
  }),
]);

/**
 * Works on one message. What goes wrong is thrown: only then does the host deliver the message again, and in the end
 * put it where a person finds it.
 */
export function workerHandler(
  processJob: (job: Job, delivery: number) => Promise<void>,
  watch: WatchDeps,
): StorageQueueHandler {
  return (message, context) =>
    watched(watch, message, context, () => processJob(read(message), deliveryOf(context)));
}

/**
 * Takes messages that the host has given up. In a poison queue they live for seven days only, so one that this version
 * cannot read is kept for the version that can. What names no connection is none of ours, and is thrown back.
 */
export function poisonHandler(
  deadLetterJob: (job: Job | UnreadJob) => Promise<void>,
  watch: WatchDeps,
): StorageQueueHandler {
  return (message, context) =>
    watched(watch, message, context, () => deadLetterJob(readMessage(message) ?? readUnread(message)));
}

export interface WatchDeps {
  readonly telemetry: Pick<Telemetry, 'duration' | 'span'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Messages of versions that traced nothing carry no `traceparent`. */
const carrier = z.object({ traceparent: z.string().optional().catch(undefined) });

function watched(
  { clock, telemetry }: WatchDeps,
  message: unknown,
  context: InvocationContext,
  work: () => Promise<void>,
): Promise<void> {
  const timed = async () => {
    const putAt = Date.parse(String(context.triggerMetadata?.insertionTime ?? ''));
    const age = Math.max(0, clock.now() - putAt);
    if (!Number.isNaN(age)) telemetry.duration('bridge.queue.age', age, { function: context.functionName });
    await work();
  };
  const { traceparent } = carrier.safeParse(message).data ?? {};
  return inInvocation(telemetry, context, timed, { traceparent });
}

/** The job of a queue message; undefined where this version does not know its layout. */
export function readMessage(message: unknown): Job | undefined {
  return job.safeParse(message).data;
}

const unread = z.looseObject({ connectionId: id });

function readUnread(message: unknown): UnreadJob {
  const { data } = unread.safeParse(message);
  if (data === undefined) throw unknownLayout();
  return { v: 1, kind: 'unread', connectionId: data.connectionId, message: data };
}

function read(message: unknown): Job {
  const known = readMessage(message);
  if (known === undefined) throw unknownLayout();
  return known;
}

function unknownLayout(): Error {
  return new Error('The queue message has a layout that this version does not know.');
}

/** How often the host has delivered the message, from 1. */
function deliveryOf(context: InvocationContext): number {
  const count = Number(context.triggerMetadata?.dequeueCount ?? 1);
  return Number.isInteger(count) && count > 0 ? count : 1;
}
