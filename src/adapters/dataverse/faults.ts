import { BridgeError, type ErrorCode } from '../../domain/errors.js';
import type { Failure, HttpFailure } from '../http/failure.js';
import { type DataverseFault, faultOf, isProtection } from './error-body.js';

/** Hints follow the troubleshooting part of the set-up guide. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  application_user_missing:
    'Add the app registration as an application user of this environment (Power Platform admin centre) and give it a security role.',
  access_denied:
    'Check that the application user has a security role that reads and writes the mapped tables in the whole organization, that the app registration has the permission user_impersonation, and that admin consent was granted.',
  invalid_client_credentials:
    'Check the client id and the tenant id (it must be the tenant of the environment), whether the client secret has expired, and whether admin consent was granted.',
  environment_not_found: 'Check the environment: a bare domain such as yourorg.crm.dynamics.com, not a URL.',
  connection_timeout:
    'Check the network to Dynamics, and that the environment is a bare domain such as yourorg.crm.dynamics.com, not a URL. Large syncs are split into small steps and go on by themselves.',
  service_protection_limit:
    'Dynamics limits the requests of one application user within five minutes. The work goes on by itself after the pause; another program with the same application user shares the limit.',
  dynamics_unavailable: 'Dynamics is not available for the moment. The work is tried again by itself.',
  schema_changed: 'Check the mapping against the columns that Dynamics offers now.',
  delta_link_expired: 'The next read of this table is a full one.',
};

export function bridgeError(
  code: ErrorCode,
  message: string,
  details: { hint?: string; retryAfterSeconds?: number } = {},
): BridgeError {
  const hint = details.hint ?? HINTS[code];
  const wait = details.retryAfterSeconds;
  return new BridgeError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(wait === undefined ? {} : { retryAfterSeconds: wait }),
  });
}

/** The error for calls that are paused for longer than they may wait. */
export function protectionError(waitMs: number | undefined): BridgeError {
  const retryAfterSeconds = Math.ceil((waitMs ?? 60_000) / 1000);
  return bridgeError(
    'service_protection_limit',
    `Dynamics asked to wait ${retryAfterSeconds} s because of its service protection limits.`,
    { retryAfterSeconds },
  );
}

const DENIED = new Set(['0x80042f09', '0x80040220', '0x80040299']);
const DISABLED = new Set(['0x80040225', '0x8004a112']);
const NO_TRACKING = '0x80072491';
const EXPIRED_VERSION = '0x80044352';

/** Codes of "this name is not in the schema"; those that also mean something else are told by their text. */
const UNKNOWN_NAME = new Set(['0x80060888', '0x8006088a']);
const UNKNOWN_NAME_TEXT =
  /could not find a property named|invalid property '|undeclared property|resource not found for the segment|no http resource was found|does not exist in the metadata/i;

export function isUnknownName(fault: DataverseFault): boolean {
  return UNKNOWN_NAME.has(fault.code) || UNKNOWN_NAME_TEXT.test(fault.message);
}

/** The error of a call that concerns the system as a whole. */
export function systemError(failure: HttpFailure): BridgeError {
  const fault = faultOf(failure.failure);
  if (fault === undefined) return transportError(failure.failure);
  if (isProtection(fault)) return protectionError(failure.retryAfterMs);
  return deniedError(fault) ?? schemaError(fault) ?? otherError(fault, failure.retryAfterMs);
}

function transportError(failure: Failure): BridgeError {
  switch (failure.kind) {
    case 'timeout':
      return bridgeError('connection_timeout', 'Dynamics did not answer in time.');
    case 'unreachable':
      return failure.reason === 'ENOTFOUND'
        ? bridgeError('environment_not_found', 'The host of the environment does not exist.')
        : bridgeError('connection_timeout', `Dynamics cannot be reached (${failure.reason}).`);
    case 'reset':
      return bridgeError(
        'dynamics_unavailable',
        'The connection to Dynamics ended before the answer was complete.',
      );
    case 'malformed':
    case 'status':
      return bridgeError('dynamics_error', 'Dynamics answered with something that is not JSON.');
  }
}

function deniedError(fault: DataverseFault): BridgeError | undefined {
  const { code, message, status } = fault;
  if (code === '0x80072560') {
    return bridgeError('application_user_missing', 'The application is not a user of this environment.');
  }
  if (DISABLED.has(code)) {
    return bridgeError('application_user_missing', 'The application user of this environment is disabled.');
  }
  if (DENIED.has(code) || status === 403) {
    return bridgeError('access_denied', deniedText(code, message));
  }
  if (status === 401) {
    return bridgeError('invalid_client_credentials', 'Dynamics refuses the access token of the application.');
  }
  return undefined;
}

function deniedText(code: string, message: string): string {
  const privilege = /\bprv[A-Za-z0-9_]+/.exec(message)?.[0];
  if (privilege !== undefined) return `The application user lacks the privilege ${privilege}.`;
  if (code === '0x80042f09') return 'The application user has no security role.';
  return code === '' ? 'Dynamics denies access.' : `Dynamics denies access (${code}).`;
}

function schemaError(fault: DataverseFault): BridgeError | undefined {
  if (fault.code === EXPIRED_VERSION) {
    return bridgeError('delta_link_expired', 'The position in the changes of the table has expired.');
  }
  if (fault.code === NO_TRACKING) {
    return bridgeError('schema_changed', 'Change tracking is not enabled for the table.', {
      hint: 'Enable change tracking in the properties of the table.',
    });
  }
  if (!isUnknownName(fault)) return undefined;
  const name = /'([A-Za-z0-9_@.]{1,100})'/.exec(fault.message)?.[1];
  const what = name === undefined ? 'a name' : `\`${name}\``;
  return bridgeError('schema_changed', `Dynamics does not know ${what} (any more).`);
}

function otherError(fault: DataverseFault, retryAfterMs: number | undefined): BridgeError {
  const { code, status } = fault;
  const label = code === '' ? String(status) : `${status}, ${code}`;
  if ([408, 502, 503, 504].includes(status)) {
    return bridgeError('dynamics_unavailable', `Dynamics is not available (${label}).`, {
      ...(retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
    });
  }
  return bridgeError('dynamics_error', `Dynamics answered with an error (${label}).`);
}
