import { BridgeError } from '../../domain/errors.js';
import { isAbort } from '../http/abort.js';

/** Status of a failed request; undefined when there was no answer or the error is another one. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

export function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404;
}

export function isForbidden(error: unknown): boolean {
  return statusOf(error) === 403;
}

/** The finer code in the body (`ObjectIsDeletedButRecoverable`, `SecretDisabled`, …). */
export function innerCodeOf(error: unknown): string | undefined {
  const inner = member(member(member(error, 'details'), 'error'), 'innerError');
  const raw = inner ?? member(member(member(error, 'details'), 'error'), 'innererror');
  const code = member(raw, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** What the SDKs throw, without request, token or value. */
export function vaultFault(error: unknown, what: string): unknown {
  if (error instanceof BridgeError) return error;
  if (!(error instanceof Error)) return error;
  const status = statusOf(error);
  if (status === 401 || status === 403) {
    return new BridgeError('secret_store_unavailable', `Key Vault refuses access with ${status} (${what}).`, {
      hint: 'The app needs the role Key Vault Secrets Officer on the vault, and network access to it.',
    });
  }
  if (status !== undefined && status >= 400 && status < 500 && status !== 429 && status !== 408) {
    const code = innerCodeOf(error) ?? ('code' in error ? String(error.code) : '');
    return new BridgeError(
      'secret_store_unavailable',
      `Key Vault refuses a request with ${status} ${code} (${what}).`,
      {
        hint: 'Usually a deletion that is still under way: try again in a minute.',
        retryAfterSeconds: 60,
      },
    );
  }
  if (status !== undefined || error.name === 'RestError' || isAbort(error)) {
    const answer = status === undefined ? 'does not answer' : `answers ${status}`;
    return new BridgeError('secret_store_unavailable', `Key Vault ${answer} (${what}).`, {
      hint: 'Check the address of the vault and its network rules; usually this passes by itself.',
      retryAfterSeconds: 10,
    });
  }
  if (
    /^(CredentialUnavailable|AuthenticationRequired|Authentication|AggregateAuthentication)Error$/.test(
      error.name,
    )
  ) {
    return new BridgeError('secret_store_unavailable', `No token for Key Vault could be had (${what}).`, {
      hint: 'Check that the managed identity exists and is assigned to the app.',
    });
  }
  return error;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
