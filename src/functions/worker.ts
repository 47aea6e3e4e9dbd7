import type { InvocationContext, StorageQueueHandler } from '@azure/functions';
import { z } from 'zod';
import type { Job } from '../domain/job.js';
import { inInvocation } from './invocation.js';

const id = z.string().min(1);

const job = z.discriminatedUnion('kind', [
  z.object({ v: z.literal(1), kind: z.literal('run'), connectionId: id, runId: id, watches: id.optional() }),
  z.object({ v: z.literal(1), kind: z.literal('erase'), connectionId: id }),
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
    byHand: z.boolean().optional(),
  }),
]);

/**
 * Works on one message. Whatever goes wrong is thrown: only then does the host deliver the message again, and in the end
 * put it where a person finds it.
 */
export function workerHandler(
  processJob: (job: Job, delivery: number) => Promise<void>,
): StorageQueueHandler {
  return (message, context) =>
    inInvocation(context, async () => processJob(read(message), deliveryOf(context)));
}

/**
 * Takes messages that the host has given up. One that this version cannot read is thrown back: the host keeps it, and a
 * version that can read it may come.
 */
export function poisonHandler(deadLetterJob: (job: Job) => Promise<void>): StorageQueueHandler {
  return (message, context) => inInvocation(context, async () => deadLetterJob(read(message)));
}

function read(message: unknown): Job {
  const parsed = job.safeParse(message);
  if (!parsed.success) throw new Error('The queue message has a layout that this version does not know.');
  return parsed.data;
}

/** How often the host has delivered the message, from 1. */
function deliveryOf(context: InvocationContext): number {
  const count = Number(context.triggerMetadata?.dequeueCount ?? 1);
  return Number.isInteger(count) && count > 0 ? count : 1;
}
