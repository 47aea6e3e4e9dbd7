import { BridgeError, ConflictError } from '../../domain/errors.js';
import { isAbort } from '../http/abort.js';

/** Status of a failed request, read from any SDK's `RestError`; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  if (!isRestError(error)) return undefined;
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** Did another writer's row or change get in the way? 404 too: a conditional write needs its row. */
export function isConflict(error: unknown): boolean {
  const status = statusOf(error);
  return (status === 404 && codeOf(error) !== 'TableNotFound') || status === 409 || status === 412;
}

/** Undefined when another writer was faster; other failures are thrown. */
export async function unlessConflict<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConflictError) return undefined;
    throw error;
  }
}

/** False when another writer was faster. */
export async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return (await unlessConflict(work.then(() => true))) ?? false;
}

/**
 * Turns what an SDK throws into an error of this product. Requests and answers are not carried along: they hold
 * signatures and rows. Errors of this product and faults of the program pass unchanged.
 */
export function storageFault(error: unknown, what: string): unknown {
  if (error instanceof BridgeError || error instanceof ConflictError) return error;
  if (isCredentialError(error)) {
    return new BridgeError('storage_unavailable', `No token for storage could be had (${what}).`, {
      hint: 'Check that the managed identity exists and is assigned to the app.',
    });
  }
  if (isAbort(error)) return unavailable('does not answer in time', what);
  if (!isRestError(error)) return error;
  const status = statusOf(error);
  const code = codeOf(error);
  if (status === undefined || status >= 500 || status === 429 || status === 408) {
    return unavailable(status === undefined ? 'does not answer' : `answers ${status}`, what);
  }
  if (status === 401 || status === 403) {
    return new BridgeError('storage_unavailable', `Storage refuses access with ${status} (${what}).`, {
      hint: 'The app needs the roles Storage Table Data Contributor and Storage Queue Data Contributor.',
    });
  }
  return new BridgeError('internal_error', `Storage refuses a request with ${status} ${code} (${what}).`);
}

function unavailable(how: string, what: string): BridgeError {
  return new BridgeError('storage_unavailable', `Storage ${how} (${what}).`, {
    hint: 'Check the storage account and its network rules; usually this passes by itself.',
    retryAfterSeconds: 10,
  });
}

function isRestError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'RestError';
}

/** Errors of the identity library have no common class, only names. */
function isCredentialError(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(CredentialUnavailable|AuthenticationRequired|Authentication|AggregateAuthentication)Error$/.test(
      error.name,
    )
  );
}

/** The service's own code: single operations nest it, transactions do not. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('details' in error) {
    const { details } = error;
    if (typeof details === 'object' && details !== null && 'odataError' in details) {
      const { odataError } = details;
      if (typeof odataError === 'object' && odataError !== null && 'code' in odataError) {
        return String(odataError.code);
      }
    }
  }
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
