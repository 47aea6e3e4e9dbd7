import { createHash } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Logger } from '../application/ports/runtime.js';
import type { IdempotencyStore, StoredAnswer } from '../application/ports/stores.js';
import { BridgeError } from '../domain/errors.js';
import type { Answer } from './endpoint.js';
import { check, parseJson, readText } from './request.js';

export interface CreationDeps {
  readonly idempotency: IdempotencyStore;
  readonly logger: Logger;
}

const keyHeader = z.string().trim().min(1).max(255);

/** Seconds after which the first request of a key is likely to be done. */
const PENDING_RETRY_S = 2;

/**
 * A POST that creates. With an `Idempotency-Key` the first answer is given again to the same request; only successes
 * are kept, so that a caller may mend a request and repeat it. Throws `idempotency_key_reused`, and `record_busy` while the
 * first request is under way.
 */
export const creation =
  (deps: CreationDeps) =>
  <T>(schema: z.ZodType<T>, create: (body: T, request: HttpRequest) => Promise<Answer>) =>
  async (request: HttpRequest): Promise<Answer> => {
    const text = await readText(request);
    const work = async () => create(check(schema, parseJson(request, text)), request);
    const header = request.headers.get('idempotency-key');
    if (header === null) return work();
    const { pathname, search } = new URL(request.url);
    const key = hash(
      `${request.method} ${pathname}\n${check(keyHeader, header, 'The Idempotency-Key is not valid.')}`,
    );
    const begun = await deps.idempotency.begin(key, hash(`${search}\n${text}`));
    switch (begun.kind) {
      case 'done':
        return restored(begun.answer);
      case 'mismatch':
        throw new BridgeError(
          'idempotency_key_reused',
          'This Idempotency-Key came with another request before.',
          {
            hint: 'Use a new key for a new request.',
          },
        );
      case 'pending':
        throw new BridgeError('record_busy', 'The first request with this Idempotency-Key is under way.', {
          retryAfterSeconds: PENDING_RETRY_S,
        });
      case 'fresh':
        return firstTime(deps, key, work);
    }
  };

async function firstTime(deps: CreationDeps, key: string, work: () => Promise<Answer>): Promise<Answer> {
  let answer: Answer;
  try {
    answer = await work();
  } catch (error) {
    await quietly(deps, () => deps.idempotency.release(key));
    throw error;
  }
  const stored: StoredAnswer = {
    status: answer.status,
    headers: answer.headers ?? {},
    body: answer.body === undefined ? '' : JSON.stringify(answer.body),
  };
  // The thing exists: a caller who is told of a failure now would make a second one.
  await quietly(deps, () => deps.idempotency.complete(key, stored));
  return answer;
}

async function quietly(deps: CreationDeps, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    deps.logger.warn('The state of an idempotency key could not be stored', { error });
  }
}

function restored(answer: StoredAnswer): Answer {
  const body: unknown = answer.body === '' ? undefined : JSON.parse(answer.body);
  return { status: answer.status, headers: answer.headers, body, isRepeat: true };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
