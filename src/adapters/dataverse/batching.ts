/**
 * Requests about single rows that are under way at the same time travel together, as one `$batch` without change set: a sync
 * of many records makes many small requests, and each costs as much as several rows in one.
 *
 * Each caller gets what a request of its own would have given it, so that repeats and the meaning of failures are left to
 * those above; a row occurs once in a batch. A row whose fate in a batch stayed open is asked for alone from then on, until
 * it is answered: one slow row takes its companions along once. Another process knows of it by what the callers keep
 * (`DynamicsSystem.alone`). The longer a part takes, the fewer make a batch, since parts are carried out one after the other.
 */
import type { Clock } from '../../application/ports/runtime.js';
import { keepNewest } from '../../lib/keep-newest.js';
import { isBulk } from '../bulk-work.js';
import { contextOfCaller } from '../caller-context.js';
import { type HttpAnswer, type HttpRequest, RECORD_DEADLINE_MS } from '../http/client.js';
import { afterUnknownFate, type Failure, HttpFailure } from '../http/failure.js';
import { mayHaveHappened } from '../http/retry.js';
import { type CallAnswer, isLate, type SingleTransport, type Transport } from '../http/transport.js';
import { interruption, refuseIfInterrupted, whileAnyWaits } from '../interruption.js';
import { arrive } from '../lanes.js';
import { isSentAlone } from '../sent-alone.js';
import { batchRequest, isPart } from './batch-body.js';
import { batchResult, type PartResult } from './batch-results.js';
import { createGathering } from './gathering.js';

const MIN_PARTS = 10;
const MAX_PARTS = 50;
/** However slow they are: without batches there is nothing to measure. */
const MIN_MEASURED = 2;
/** What a batch should take, and what it may be expected to take at most. */
const USUAL_MS = 1_000;
const LONGEST_MS = RECORD_DEADLINE_MS / 3;
/** Taken for the time of a part until one is measured, and how much a new measurement counts. */
const FIRST_PART_MS = 100;
const NEWEST_SHARE = 0.3;
/** Refusals of whole batches in a row after which an environment is held to take none, and for how long. */
const REFUSALS = 2;
const WITHOUT_BATCHES_MS = 10 * 60_000;
const MAX_SUSPECTS = 1_000;

export interface BatchingOptions {
  /** Sends one request. */
  readonly transport: SingleTransport;
  /** Address of `$batch`. */
  readonly url: string;
  readonly clock: Clock;
}

interface Part {
  readonly request: HttpRequest;
  readonly record: string;
  readonly interruption: AbortSignal | undefined;
  /** Does any work in the name of this part's caller, whose measurement counts it. */
  readonly inContext: <T>(work: () => Promise<T>) => Promise<T>;
  readonly done: (answer: CallAnswer) => void;
  readonly failed: (error: unknown) => void;
}

const suspicion = ({ record, request }: Part): string => `${request.method} ${record}`;

type Times = Pick<CallAnswer, 'sentAt' | 'answeredAt'>;

/** The requests of one connection, with those that concern a single row gathered into batches. */
export function batching({ clock, transport, url }: BatchingOptions): Transport {
  /** Rows whose fate in a batch stayed open, or that are slow, by method: that a row can be read says nothing about its writes. */
  const suspects = new Map<string, true>();
  const pace = createPace(clock);
  const gather = () =>
    createGathering<Part>({
      clock,
      size: pace.size,
      send: (first, more) => (more.length === 0 ? sendAlone(first) : sendTogether(first, more)),
    });
  // A batch waits in the lane of its first part: those of events must not wait with those of runs.
  const gatherings = { bulk: gather(), urgent: gather() };

  /** Never fails. `before`: the request may have been carried out in a batch. */
  async function sendAlone(part: Part, before = false): Promise<void> {
    const { failed, inContext, request } = part;
    try {
      const answer = await inContext(() => transport.attempt(request));
      if (answer.answeredAt - answer.sentAt < LONGEST_MS) suspects.delete(suspicion(part));
      part.done({ ...answer, afterUnknownFate: before });
    } catch (error) {
      if (error instanceof HttpFailure && !mayHaveHappened(error.failure)) suspects.delete(suspicion(part));
      failed(before && error instanceof HttpFailure ? afterUnknownFate(error) : error);
    }
  }

  /** Never fails. */
  async function sendTogether(first: Part, more: readonly Part[]): Promise<void> {
    const all = [first, ...more];
    let parts: readonly Part[] = all;
    let sentAt = clock.now();
    const makeRequest = () => {
      sentAt = clock.now();
      parts = withoutLate(withoutInterrupted(all), sentAt);
      if (parts.length === 0) throw new HttpFailure({ kind: 'late' });
      return batchRequest(
        url,
        parts.map((part) => part.request),
      );
    };
    const signals = all.map((part) => part.interruption);
    try {
      const answer = await first.inContext(() =>
        whileAnyWaits(signals, () => transport.attemptLater(makeRequest)),
      );
      await settle(parts, answer, { sentAt: answer.sentAt, answeredAt: answer.answeredAt });
    } catch (error) {
      if (error instanceof HttpFailure)
        await settle(parts, error.failure, { sentAt, answeredAt: clock.now() });
      else for (const part of parts) part.failed(error);
    }
  }

  async function settle(parts: readonly Part[], outcome: HttpAnswer | Failure, times: Times): Promise<void> {
    const result = batchResult(outcome, parts.length);
    const hasTime = result.isTaken === true || ('kind' in outcome && outcome.kind === 'timeout');
    pace.note(result.isTaken, hasTime ? (times.answeredAt - times.sentAt) / parts.length : undefined);
    await Promise.all(parts.map((part, at) => settlePart(part, result.part(at), times)));
  }

  /** Never fails. */
  async function settlePart(part: Part, result: PartResult, times: Times): Promise<void> {
    if (result.kind === 'alone') return sendAlone(part, result.mayHaveHappened);
    if (result.kind === 'answered') {
      part.done({ ...times, ...result.answer, afterUnknownFate: false });
      return;
    }
    // The layers above do not repeat what was answered, and a row must not count as unreadable for the batch that it was read in.
    if (result.failure.kind === 'malformed' && part.request.method === 'GET') return sendAlone(part);
    if (mayHaveHappened(result.failure)) keepNewest(suspects, MAX_SUSPECTS, [suspicion(part), true]);
    part.failed(new HttpFailure(result.failure));
  }

  return {
    attempt: async (request) => {
      const record = request.record?.toLowerCase();
      if (record === undefined || !isPart(request) || !pace.takesBatches()) return transport.attempt(request);
      // Pairs that are worked on side by side come to their writes together.
      await arrive()?.ready;
      return new Promise((done, failed) => {
        const inContext = contextOfCaller();
        const part = { request, record, interruption: interruption(), inContext, done, failed };
        if (isSentAlone() || suspects.has(suspicion(part))) void sendAlone(part);
        else gatherings[isBulk() ? 'bulk' : 'urgent'].add(part);
      });
    },
  };
}

/** How many parts a batch may have, from what they took; and whether the environment takes batches at all. */
function createPace(clock: Clock) {
  let partMs = FIRST_PART_MS;
  let refusals = 0;
  let resumesAt = 0;
  return {
    size: () => {
      const usual = Math.min(MAX_PARTS, Math.max(MIN_PARTS, USUAL_MS / partMs));
      return Math.max(MIN_MEASURED, Math.floor(Math.min(usual, LONGEST_MS / partMs)));
    },
    takesBatches: () => clock.now() >= resumesAt,
    note: (isTaken: boolean | undefined, tookMs: number | undefined) => {
      if (tookMs !== undefined) partMs += NEWEST_SHARE * (tookMs - partMs);
      if (isTaken === undefined) return;
      refusals = isTaken ? 0 : refusals + 1;
      if (refusals >= REFUSALS) resumesAt = clock.now() + WITHOUT_BATCHES_MS;
    },
  };
}

/** Those whose callers still wait; the others are told that nothing was sent. */
function withoutInterrupted(parts: readonly Part[]): readonly Part[] {
  const isStopped = (part: Part) => part.interruption?.aborted === true;
  for (const part of parts.filter(isStopped)) {
    void part.inContext(async () => refuseIfInterrupted()).catch(part.failed);
  }
  return parts.filter((part) => !isStopped(part));
}

/** Those that may still be sent; the callers of the others are told that they were not. */
function withoutLate(parts: readonly Part[], now: number): readonly Part[] {
  const late = parts.filter(({ request }) => isLate(request, now));
  for (const { failed } of late) failed(new HttpFailure({ kind: 'late' }));
  return parts.filter((part) => !late.includes(part));
}
