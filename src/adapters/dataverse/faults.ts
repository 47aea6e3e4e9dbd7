import { BridgeError, type ErrorCode } from '../../domain/errors.js';
import type { Failure, HttpFailure } from '../http/failure.js';
import { type DataverseFault, faultOf, isProtection, safeText } from './error-body.js';

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
const NOT_A_MEMBER = '0x80072560';
/** The caller, or a user that a row names, is disabled: in an answer to a write only a read tells which. */
const DISABLED = new Set(['0x80040225', '0x8004a112', '0x80041d1f']);
const ADDRESS_BLOCKED = '0x80095ffe';
const APPLICATION_BLOCKED = '0x80095ffc';
/** OrganizationDisabled, OrganizationMigrationUnderway, OrganizationNotConfigured. */
const ORGANIZATION_OFF = new Set(['0x8004a104', '0x8004b044', '0x8004d253']);
const ORGANIZATION_OFF_TEXT =
  /\b(?:organi[sz]ation|environment|instance)\b.{0,80}\b(?:disabled|maintenance|administration mode)\b/i;
const NO_TRACKING = '0x80072491';
/** The version stamp of a read of changes has expired, or is not one. */
const EXPIRED_VERSION = new Set(['0x80044352', '0x80044183']);

/** Is the answer about every call of this connection? */
export function concernsAll(fault: DataverseFault): boolean {
  const { code, status } = fault;
  return (
    status === 401 ||
    isProtection(fault) ||
    [NOT_A_MEMBER, ADDRESS_BLOCKED, APPLICATION_BLOCKED].includes(code) ||
    isSwitchedOff(fault)
  );
}

function isSwitchedOff({ code, message, status }: DataverseFault): boolean {
  return (
    ORGANIZATION_OFF.has(code) || ((status === 403 || status >= 500) && ORGANIZATION_OFF_TEXT.test(message))
  );
}

/** Codes of "this name is not in the schema" (attribute, entity). */
const UNKNOWN_NAME = new Set(['0x80041102', '0x80041103']);
/** General codes, such as 0x80060888 and 0x8006088a, are told by their text. */
const UNKNOWN_NAME_TEXT =
  /could not find a property named|invalid property '|undeclared property|resource not found for the segment|no http resource was found|does not exist in the metadata|does not contain attribute/i;

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
    case 'late':
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
  if (isSwitchedOff(fault)) {
    return bridgeError(
      'dynamics_unavailable',
      'The environment is switched off: disabled, or under maintenance.',
      {
        hint: 'Look at the state of the environment in the Power Platform admin centre. The work goes on when it is back.',
      },
    );
  }
  if (code === ADDRESS_BLOCKED) {
    return bridgeError(
      'access_denied',
      'The IP firewall of the environment blocks the address of this service.',
      {
        hint: 'Add the outbound addresses of the service to the IP firewall of the environment (Power Platform admin centre, Privacy + Security).',
      },
    );
  }
  if (code === APPLICATION_BLOCKED) {
    return bridgeError('access_denied', 'The environment does not allow this application.', {
      hint: 'Add the client id to the applications that the environment allows (Power Platform admin centre, Privacy + Security).',
    });
  }
  if (code === NOT_A_MEMBER) {
    return bridgeError('application_user_missing', 'The application is not a user of this environment.');
  }
  if (DISABLED.has(code)) {
    return bridgeError('application_user_missing', 'The application user of this environment is disabled.', {
      hint: 'Activate the application user of the app registration in the Power Platform admin centre.',
    });
  }
  if (DENIED.has(code) || status === 403) {
    return bridgeError('access_denied', deniedText(code, message));
  }
  if (status === 401) {
    return bridgeError('invalid_client_credentials', 'Dynamics refuses the access token of the application.');
  }
  return undefined;
}

/** Which privilege is missing; the rest of such a text is ids. */
export function deniedText(code: string, message: string): string {
  const privilege = /\bprv[A-Za-z0-9_]+/.exec(message)?.[0];
  if (privilege !== undefined) return `The application user lacks the privilege ${privilege}.`;
  if (code === '0x80042f09') return 'The application user has no security role.';
  return code === '' ? 'Dynamics denies access.' : `Dynamics denies access (${code}).`;
}

function schemaError(fault: DataverseFault): BridgeError | undefined {
  if (EXPIRED_VERSION.has(fault.code)) {
    return bridgeError('delta_link_expired', 'The position in the changes of the table has expired.');
  }
  if (fault.code === NO_TRACKING) {
    return bridgeError('schema_changed', 'Change tracking is not enabled for the table.', {
      hint: 'Enable change tracking in the properties of the table.',
    });
  }
  if (!isUnknownName(fault)) return undefined;
  const name =
    /(?:property|property named|segment|attribute) '([A-Za-z0-9_@.]{1,100})'/i.exec(fault.message)?.[1] ??
    /'([A-Za-z0-9_@.]{1,100})'/.exec(fault.message)?.[1];
  const what = name === undefined ? 'a name' : `\`${name}\``;
  return bridgeError('schema_changed', `Dynamics does not know ${what} (any more).`);
}

const UNSUPPORTED = /\b(?:is|are) not supported\b/i;

function otherError(fault: DataverseFault, retryAfterMs: number | undefined): BridgeError {
  const { code, status } = fault;
  const label = code === '' ? String(status) : `${status}, ${code}`;
  if ([408, 502, 503, 504].includes(status)) {
    return bridgeError('dynamics_unavailable', `Dynamics is not available (${label}).`, {
      ...(retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
    });
  }
  if (status === 400 && UNSUPPORTED.test(fault.message)) {
    return bridgeError(
      'dynamics_error',
      `Dynamics does not support a request (${label}): ${safeText(fault.message)}`,
      {
        hint: 'This is a fault of this service, nothing that can be set up: please report it.',
      },
    );
  }
  return bridgeError('dynamics_error', `Dynamics answered with an error (${label}).`);
}
