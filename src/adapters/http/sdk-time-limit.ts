import { RestError, type TableServiceClientOptions } from '@azure/data-tables';
import { isAbort } from './abort.js';

type Policy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number]['policy'];

export interface TimeLimits {
  /** For one attempt to read; a read without an answer is repeated once. */
  readonly readMs: number;
  /** For a write, which is not repeated: it may have taken effect. */
  readonly writeMs: number;
}

/** The code that the pipelines of the SDKs take for worth a repeat. */
const REPEATED = 'ETIMEDOUT';
const GIVEN_UP = 'REQUEST_TIMEOUT';

/**
 * Limits each attempt of a request of an Azure SDK. Its own clock ends a request with an error that says nothing of the
 * service and is never repeated; this makes it one of the service that does not answer.
 */
export function limitTime(limits: TimeLimits): Policy {
  const repeated = new WeakSet<object>();
  return {
    name: 'limitTime',
    sendRequest: async (request, next) => {
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      request.timeout = isRead ? limits.readMs : limits.writeMs;
      try {
        return await next(request);
      } catch (error) {
        if (!isAbort(error) || request.abortSignal?.aborted === true) throw error;
        const mayRepeat = isRead && !repeated.has(request);
        repeated.add(request);
        throw new RestError('No answer came in time.', { code: mayRepeat ? REPEATED : GIVEN_UP });
      }
    },
  };
}
