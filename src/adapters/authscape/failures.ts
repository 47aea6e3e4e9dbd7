import { UnknownOutcomeError } from '../../application/ports/systems.js';
import { BridgeError, RecordRejectedError } from '../../domain/errors.js';
import { type Failure, HttpFailure, hasUnknownOutcome, jsonOf, PausedError } from '../http/failure.js';
import { mayHaveHappened } from '../http/retry.js';
import { withoutSecrets } from '../redact.js';
import type { ApiCall } from './api.js';
import { customKey } from './fields.js';
import { errorBody, sentCustomFields, validationProblem } from './wire.js';

/** AuthScape's limiter, where one is on, counts per minute and names no time to wait. */
const LIMIT_WINDOW_SECONDS = 60;

/** The HTTP status that a call failed with; undefined when it failed in another way. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof HttpFailure && error.failure.kind === 'status' ? error.failure.status : undefined;
}

export function bodyOf(error: unknown): string {
  return error instanceof HttpFailure && error.failure.kind === 'status' ? error.failure.text : '';
}

/** What a failed read means to callers: always a `BridgeError`, since a record that is missing is no failure. */
export function readFault(error: unknown, action: string): unknown {
  if (error instanceof PausedError) return slowDown(Math.ceil(error.remainingMs / 1000));
  if (!(error instanceof HttpFailure)) return error;
  return systemFault(error.failure, action) ?? unforeseen(error.failure, action);
}

/**
 * What the read of one record was answered, where that may be about the record: a status, or 0 for no whole answer.
 * Undefined for what concerns every call.
 */
export function answerAboutRecord(error: unknown): number | undefined {
  if (!(error instanceof HttpFailure)) return undefined;
  if (hasUnknownOutcome(error.failure)) return 0;
  const status = statusOf(error);
  return status === undefined || concernsAll(status) ? undefined : status;
}

/** A token, a limit, a redirect: nothing of it is about one record. */
function concernsAll(status: number): boolean {
  return status < 400 || status === 401 || status === 429;
}

/**
 * What a failed effect means: `UnknownOutcomeError` when it may have happened, `BridgeError` when it is proven that nothing
 * was done because of the system as a whole, `RecordRejectedError` for every other answer.
 */
export function effectFault(error: unknown, call: ApiCall): unknown {
  if (error instanceof PausedError) return slowDown(Math.ceil(error.remainingMs / 1000));
  if (!(error instanceof HttpFailure)) return error;
  const { failure } = error;
  const { action } = call;
  const status = statusOf(error);
  if (failure.kind === 'status' && failure.status === 400) return refusedInput(failure.text, call);
  // Any exception inside AuthScape is a 500, a violated constraint as well as an unknown company.
  if (status !== 500 && mayHaveHappened(failure)) {
    return new UnknownOutcomeError(`${action} was sent to AuthScape, and its outcome is not known.`, {
      timedOut: failure.kind === 'timeout' || failure.kind === 'status',
    });
  }
  if (status === undefined || concernsAll(status))
    return systemFault(failure, action) ?? unforeseen(failure, action);
  const guess =
    status === 500
      ? ' It may name a company or location that does not exist, or an e-mail that another user has.'
      : '';
  return new RecordRejectedError(
    'refused',
    `AuthScape did not save the record (${action} answered ${status} without a reason).${guess}`,
    { unproven: `${action} ${status}` },
  );
}

/** The names of the members that validation complains of; their values stay out. The parameter itself stands before them. */
function refusedInput(body: string, call: ApiCall): RecordRejectedError {
  const problem = validationProblem.safeParse(jsonOf(body));
  const keys = problem.success ? Object.keys(problem.data.errors) : [];
  const paths = keys.filter((key) => key.startsWith('$.'));
  const members = (paths.length > 0 ? paths : keys).map((key) => memberOf(key, call));
  const [only, ...others] = new Set(members);
  const named = members.length === 0 ? '' : ` (${withoutSecrets(members.join(', ')).slice(0, 200)})`;
  return new RecordRejectedError(
    'invalid_value',
    `AuthScape refused the input of ${call.action}${named}.`,
    only === undefined || others.length > 0 ? {} : { field: only },
  );
}

/** The key of the field that a path of the body is about: `$.PostalCode`, `$.customFields[0].value`. */
function memberOf(path: string, { body }: ApiCall): string {
  const [head = '', index] = path.replace(/^\$\./, '').split(/[.[\]]/);
  const name = `${head.charAt(0).toLowerCase()}${head.slice(1)}`;
  if (name === 'postalCode') return 'zipCode';
  if (name !== 'customFields') return name;
  const sent = sentCustomFields.safeParse(body);
  const field = sent.success ? sent.data.customFields[Number(index)] : undefined;
  return field === undefined ? name : customKey(field.customFieldId);
}

function systemFault(failure: Failure, action: string): BridgeError | undefined {
  if (failure.kind === 'unreachable' || failure.kind === 'timeout' || failure.kind === 'reset') {
    return unreachable(failure.kind === 'timeout' ? 'does not answer in time' : 'cannot be reached');
  }
  if (failure.kind !== 'status') return undefined;
  switch (failure.status) {
    case 404:
    case 405:
      return moduleMissing(action);
    case 408:
    case 502:
    case 503:
    case 504:
      return unreachable(`is not available at the moment (${failure.status})`);
    case 429:
      return slowDown(LIMIT_WINDOW_SECONDS);
    default:
      return undefined;
  }
}

function unreachable(what: string): BridgeError {
  return new BridgeError('authscape_unreachable', `The AuthScape API ${what}.`, {
    hint: 'Check the setting AuthScape__ApiUrl, and that the AuthScape API runs and can be reached from this service.',
  });
}

function moduleMissing(action: string): BridgeError {
  return new BridgeError(
    'authscape_module_missing',
    `This AuthScape does not have the user management module (${action} is unknown to it).`,
    {
      hint: 'The API host must include the UserManagement module. AuthScape hosts built since the redesign of June 2026 leave it out by default; check also that AuthScape__ApiUrl names the API, not the website or the identity provider.',
    },
  );
}

function slowDown(retryAfterSeconds: number): BridgeError {
  return new BridgeError('service_protection_limit', 'AuthScape limits the number of requests.', {
    hint: 'Raise RateLimiting:PermitLimit in AuthScape for this service.',
    retryAfterSeconds,
  });
}

function unforeseen(failure: Failure, action: string): BridgeError {
  if (failure.kind !== 'status') {
    return new BridgeError('authscape_error', `The answer of AuthScape to ${action} cannot be read.`);
  }
  if (failure.status >= 300 && failure.status < 400) {
    return new BridgeError('authscape_error', `AuthScape redirects ${action}; redirects are not followed.`, {
      hint: 'Set AuthScape__ApiUrl to the https address of the API.',
    });
  }
  return new BridgeError('authscape_error', `AuthScape failed at ${action} (status ${failure.status}).`);
}

/** Is this GetCompany's way to say that there is no such company? Other 400s are not. */
export function saysNotFound(body: unknown): boolean {
  const parsed = errorBody.safeParse(body);
  return parsed.success && /not found/i.test(parsed.data.error);
}
