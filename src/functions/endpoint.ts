import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Interruption, Logger } from '../application/ports/runtime.js';
import type { Telemetry } from '../application/ports/telemetry.js';
import { BridgeError, ConflictError } from '../domain/errors.js';
import { inInvocation } from './invocation.js';
import { problem } from './problem.js';
import { refuseDotSegments } from './request.js';

/** What a handler answers: a body is sent as JSON, a stream as it comes, under the content type of its headers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The answer to an earlier request, given once more: nothing was done this time. */
  readonly isRepeat?: boolean;
  /** What would be done was shown, and nothing was done. */
  readonly isPreview?: true;
  /** Address of what was acted on, where the one that was called does not name it. */
  readonly about?: string;
  /** What was done has its entries in the audit already. */
  readonly isAudited?: true;
  readonly stream?: AsyncIterable<string>;
}

export type Handle = (request: HttpRequest) => Promise<Answer>;

/** The platform cuts a request off at 230 s, and an answer after that reaches no caller. */
const LIMIT_MS = 210_000;

/**
 * Makes an HTTP function of a handler: every error leaves as a problem document with the trace id under which it was
 * logged, and an unexpected one tells nothing else. What a handler still has to ask of other systems when its time is over is
 * not asked any more.
 */
export const endpoint =
  (deps: EndpointDeps) =>
  (handle: Handle): HttpHandler =>
  (request, context) =>
    inInvocation(deps.telemetry, context, async () => {
      const answer = await answerOf(deps, handle, request, context);
      const labels = { function: context.functionName, status: answer.status ?? 200 };
      deps.telemetry.count('bridge.api.answers', 1, labels);
      return answer;
    });

export interface EndpointDeps {
  readonly logger: Logger;
  readonly interruption: Interruption;
  readonly telemetry: Pick<Telemetry, 'count' | 'span'>;
}

async function answerOf(
  { interruption, logger }: EndpointDeps,
  handle: Handle,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  try {
    const limit = AbortSignal.timeout(LIMIT_MS);
    return response(
      await interruption.run(limit, async () => {
        refuseDotSegments(request);
        return handle(request);
      }),
    );
  } catch (error) {
    return failure(logger, error, { traceId: traceOf(context), functionName: context.functionName });
  }
}

function response(answer: Answer): HttpResponseInit {
  const headers = { 'cache-control': 'no-store', ...answer.headers };
  if (answer.stream !== undefined) return { status: answer.status, headers, body: bytesOf(answer.stream) };
  if (answer.body === undefined) return { status: answer.status, headers };
  return {
    status: answer.status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(answer.body),
  };
}

function bytesOf(stream: AsyncIterable<string>): ReadableStream<Uint8Array> {
  return ReadableStream.from(stream).pipeThrough(new TextEncoderStream());
}

function failure(
  logger: Logger,
  error: unknown,
  where: { traceId: string; functionName: string },
): HttpResponseInit {
  if (error instanceof BridgeError) {
    if (error.code === 'internal_error') logger.error('A request failed', { ...where, error });
    else logger.info('A request was refused', { ...where, code: error.code });
    return problem(error, where.traceId);
  }
  if (error instanceof ConflictError) {
    const busy = 'The resource is being modified by another request.';
    return problem(new BridgeError('record_busy', busy, { retryAfterSeconds: 1 }), where.traceId);
  }
  logger.error('A request failed unexpectedly', { ...where, error });
  return problem(
    new BridgeError('internal_error', 'The request failed for a reason that was logged.', {
      hint: 'Look for the trace id in the log.',
    }),
    where.traceId,
  );
}

/** The W3C trace id when the platform gives one, else the invocation's id. */
function traceOf(context: InvocationContext): string {
  const [, traceId] = /^[\da-f]{2}-([\da-f]{32})-/.exec(context.traceContext?.traceParent ?? '') ?? [];
  return traceId ?? context.invocationId;
}
