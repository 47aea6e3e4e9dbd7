import type { HttpAnswer } from '../http/client.js';
import type { Failure } from '../http/failure.js';
import { mayHaveHappened } from '../http/retry.js';
import { parseBatchAnswer } from './batch-body.js';
import { dataverseVerdict, faultOf } from './error-body.js';
import { concernsAll } from './faults.js';

/** What became of one part; an answer is one of 2xx. `alone`: only a request of its own can tell. */
export type PartResult =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'alone'; readonly mayHaveHappened: boolean };

export interface BatchResult {
  part(at: number): PartResult;
  /** Was it taken as a batch? Undefined: the answer says nothing about that. */
  readonly isTaken: boolean | undefined;
}

/**
 * What an answer to a batch, or its failure, means for each of its parts. Each part's own answer counts where it was read
 * whole. What concerns all calls, or leaves the fate of the whole open, is the failure of each part. Any other answer to
 * the whole proves nothing about a part: each is asked for alone.
 */
export function batchResult(outcome: HttpAnswer | Failure, count: number): BatchResult {
  if ('kind' in outcome && outcome.kind !== 'status') return failed(outcome);
  const answer = parseBatchAnswer(outcome);
  if (answer === undefined) return ofWhole(outcome);
  const { isWhole, parts } = answer;
  const malformed: PartResult = { kind: 'failed', failure: { kind: 'malformed', status: outcome.status } };
  // Which answer belongs to which part is open.
  if (parts.length > count) return { part: () => malformed, isTaken: false };
  // A server that stops at the first failure, asked or not, gives the whole that failure's status.
  const hasStopped = isWhole && outcome.status >= 400 && (parts.at(-1)?.status ?? 0) >= 400;
  const unread: PartResult = hasStopped ? { kind: 'alone', mayHaveHappened: false } : malformed;
  const read = parts.map((part) => (part === undefined ? malformed : ofPart(part, outcome.headers.date)));
  return { part: (at) => read[at] ?? unread, isTaken: parts.some((part) => part !== undefined) };
}

/** As a request of its own would have ended; only the whole tells the time. */
function ofPart(part: HttpAnswer, date: string | undefined): PartResult {
  const answer = date === undefined ? part : { ...part, headers: { date, ...part.headers } };
  const isSuccess = answer.status >= 200 && answer.status < 300;
  return isSuccess
    ? { kind: 'answered', answer }
    : { kind: 'failed', failure: { kind: 'status', ...answer } };
}

/** No multipart answer: of a gateway, of a server that takes no batches, or that refuses this one. */
function ofWhole(outcome: HttpAnswer | (Failure & { kind: 'status' })): BatchResult {
  const failure: Failure = 'kind' in outcome ? outcome : { kind: 'status', ...outcome };
  const isSuccess = outcome.status < 300;
  const fault = faultOf(failure);
  const isOfAll = fault !== undefined && (dataverseVerdict(failure) !== 'final' || concernsAll(fault));
  if (isOfAll && !isSuccess) return failed(failure);
  const alone: PartResult = { kind: 'alone', mayHaveHappened: isSuccess || mayHaveHappened(failure) };
  return { part: () => alone, isTaken: false };
}

function failed(failure: Failure): BatchResult {
  return { part: () => ({ kind: 'failed', failure }), isTaken: undefined };
}
