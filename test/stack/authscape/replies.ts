import { randomBytes } from 'node:crypto';
import type { SimReply } from '../wire.js';

/** Anything AuthScape throws that it did not foresee: 500. */
export class ServerError extends Error {}

/** AuthScape's own BadRequestException: 400 with its text. */
export class BadRequestError extends Error {}

/** Model validation failed: 400 as a problem document. */
export class ValidationError extends Error {
  readonly errors: Record<string, string[]>;

  constructor(errors: Record<string, string[]>) {
    super('One or more validation errors occurred.');
    this.errors = errors;
  }
}

/** A body that does not call itself JSON: 415. */
export class UnsupportedMediaTypeError extends Error {}

/** The simulator does not know this: 501, so that it is not taken for AuthScape's answer. */
export class UnsupportedError extends Error {}

/** Returned by an action that answers 200 without a body. */
export const emptyOk = Symbol('200 without a body');

/** A violated constraint: AuthScape never says which. */
export function saveFailed(): ServerError {
  return new ServerError(
    'An error occurred while saving the entity changes. See the inner exception for details.',
  );
}

/** Two new rows with one key in one save. */
export function trackedTwice(): ServerError {
  return new ServerError(
    'The instance of entity type cannot be tracked because another one is tracked already.',
  );
}

export function nullReference(): ServerError {
  return new ServerError('Object reference not set to an instance of an object.');
}

export function nullSource(): ServerError {
  return new ServerError("Value cannot be null. (Parameter 'source')");
}

/** What ASP.NET Core makes of an action's result: nothing is 204, a string is text, nulls are left out. */
export function resultReply(result: unknown): SimReply {
  if (result === emptyOk) {
    return { status: 200 };
  }
  if (result === undefined) {
    return { status: 204 };
  }
  if (typeof result === 'string') {
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: result };
  }
  const body = JSON.stringify(result, (_key, value: unknown) => (value === null ? undefined : value));
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body };
}

/** The body AuthScape's error middleware writes. */
export function errorReply(statusCode: number, error: string): SimReply {
  return {
    status: statusCode,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error, statusCode, traceId: traceId() }),
  };
}

/** ASP.NET Core's own problem document. */
function problemReply(status: number, section: string, title: string, extra: object = {}): SimReply {
  const problem = {
    type: `https://tools.ietf.org/html/rfc9110#section-15.5.${section}`,
    title,
    status,
    ...extra,
    traceId: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
  };
  const headers = { 'content-type': 'application/problem+json; charset=utf-8' };
  return { status, headers, body: JSON.stringify(problem) };
}

export function failureReply(error: unknown): SimReply {
  if (error instanceof ValidationError) {
    return problemReply(400, '1', error.message, { errors: error.errors });
  }
  if (error instanceof UnsupportedMediaTypeError) {
    return problemReply(415, '16', 'Unsupported Media Type');
  }
  if (error instanceof BadRequestError) {
    return errorReply(400, error.message);
  }
  if (error instanceof UnsupportedError) {
    return errorReply(501, `The simulator does not do this: ${error.message}`);
  }
  if (error instanceof ServerError) {
    return errorReply(500, error.message);
  }
  throw error;
}

function traceId(): string {
  return `0HN${randomBytes(5).toString('hex').toUpperCase()}:00000001`;
}
