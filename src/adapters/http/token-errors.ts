import { BridgeError, type ErrorCode } from '../../domain/errors.js';

/** What was seen of the authority during one request for a token. */
export interface AuthorityContact {
  readonly reached: boolean;
  /** Error code of the transport when nothing was answered. */
  readonly unreachable: string | undefined;
  readonly status: number | undefined;
  /** The last answer had a body that was no JSON: nothing of the authority, which always answers with JSON. */
  readonly foreign: boolean;
}

export const NO_CONTACT: AuthorityContact = {
  reached: false,
  unreachable: undefined,
  status: undefined,
  foreign: false,
};

interface Explanation {
  readonly code: ErrorCode;
  readonly message: string;
  /** Where that of the code does not fit. */
  readonly hint?: string;
}

const CREDENTIALS_HINT =
  'Check the client id and the tenant id, whether the client secret or the certificate has expired (the value of a secret is needed, not its id), and whether admin consent was granted.';

const HINTS: Partial<Record<ErrorCode, string>> = {
  invalid_client_credentials: CREDENTIALS_HINT,
  access_denied:
    'Check that the app registration has the permission user_impersonation of Dynamics CRM, that admin consent was granted, and that the application user has a security role in Dynamics.',
  tenant_not_found: 'Check the tenant id: it is the directory (tenant) id of the app registration.',
  environment_not_found:
    'Check the environment: a bare domain such as yourorg.crm.dynamics.com, of an environment that belongs to this tenant.',
  connection_timeout:
    'Check that the network lets the service reach the sign-in service of Microsoft Entra ID.',
};

const NO_FEDERATION = 'No federated credential of the application names the identity of this service';

/** *Microsoft Entra authentication and authorization error codes*. */
const BY_NUMBER = new Map<string, Explanation>([
  ['7000215', { code: 'invalid_client_credentials', message: 'The client secret is wrong' }],
  ['7000222', { code: 'invalid_client_credentials', message: 'The client secret has expired' }],
  ['7000218', { code: 'invalid_client_credentials', message: 'The client secret is missing' }],
  [
    '700027',
    { code: 'invalid_client_credentials', message: 'The certificate is not one of the application' },
  ],
  ['700024', { code: 'invalid_client_credentials', message: 'The assertion has expired: a clock is wrong' }],
  ['1000502', { code: 'invalid_client_credentials', message: 'The certificate has expired' }],
  ['700211', { code: 'invalid_client_credentials', message: NO_FEDERATION }],
  ['700212', { code: 'invalid_client_credentials', message: NO_FEDERATION }],
  ['700213', { code: 'invalid_client_credentials', message: NO_FEDERATION }],
  ['700016', { code: 'invalid_client_credentials', message: 'The application is not known in this tenant' }],
  ['7000112', { code: 'invalid_client_credentials', message: 'The application is disabled in this tenant' }],
  ['90002', { code: 'tenant_not_found', message: 'The tenant does not exist' }],
  ['900021', { code: 'tenant_not_found', message: 'The tenant id is not valid' }],
  ['900023', { code: 'tenant_not_found', message: 'The tenant id is not valid' }],
  ['500011', { code: 'environment_not_found', message: 'The environment is not known in this tenant' }],
  ['70011', { code: 'environment_not_found', message: 'The environment is not a resource of this tenant' }],
  [
    '65001',
    {
      code: 'access_denied',
      message: 'Consent to the permissions of the application is missing',
    },
  ],
  [
    '650052',
    { code: 'access_denied', message: 'No administrator of this tenant has consented to the application' },
  ],
  [
    '650057',
    {
      code: 'access_denied',
      message: 'The application has no permission of Dynamics CRM that could be consented to',
    },
  ],
  [
    '7000229',
    {
      code: 'access_denied',
      message:
        'No administrator of this tenant has consented to the application: it has no service principal',
    },
  ],
  ['90033', { code: 'connection_timeout', message: 'Microsoft Entra ID is not available for the moment' }],
  ['90006', { code: 'connection_timeout', message: 'Microsoft Entra ID is not available for the moment' }],
  [
    '53003',
    {
      code: 'access_denied',
      message: 'A conditional access policy blocks the application',
      hint: 'Look up in the sign-in log of Microsoft Entra ID (service principal sign-ins) which policy it is. Let it leave the application out, or allow the outbound addresses of this service.',
    },
  ],
]);

/** What the service says beside the number that names the cause. */
const GENERAL = new Set(['70011']);

/** The number that tells most of those in a text: one that is known before one that is not, the first of equals. */
function tellingNumber(text: string): string | undefined {
  const listed = /Error\(s\):\s*([\d,\s]+)/.exec(text)?.[1]?.match(/\d+/g) ?? [];
  const numbers = [...[...text.matchAll(/AADSTS(\d+)/g)].map(([, number = '']) => number), ...listed];
  return (
    numbers.find((number) => BY_NUMBER.has(number) && !GENERAL.has(number)) ??
    numbers.find((number) => BY_NUMBER.has(number)) ??
    numbers[0]
  );
}

/**
 * Turns a failure of the identity library into a `BridgeError`. The library gives neither class nor status away, so the
 * number of the service's own error decides, unless the authority itself was in trouble.
 */
export function tokenError(error: unknown, contact: AuthorityContact, timedOut = false): BridgeError {
  if (contact.status !== undefined && (contact.status >= 500 || contact.status === 429)) {
    return bridgeError('connection_timeout', `Microsoft Entra ID is not available (${contact.status}).`);
  }
  if (error instanceof BridgeError) return error;
  const text = error instanceof Error ? error.message : '';
  const number = tellingNumber(text);
  if (number !== undefined) {
    const known = BY_NUMBER.get(number);
    return known === undefined
      ? bridgeError('invalid_client_credentials', `Microsoft Entra ID refused the sign-in (AADSTS${number}).`)
      : bridgeError(known.code, `${known.message} (AADSTS${number}).`, known.hint);
  }
  if (contact.foreign) {
    const status = contact.status === undefined ? '' : ` (${contact.status})`;
    return bridgeError(
      'connection_timeout',
      `Something in the network answered instead of Microsoft Entra ID${status}: a proxy or a firewall.`,
    );
  }
  if (timedOut || contact.unreachable !== undefined) {
    return bridgeError(
      'connection_timeout',
      'Microsoft Entra ID cannot be reached or does not answer in time.',
    );
  }
  if (/endpoints_resolution_error|tenant/i.test(text)) {
    return bridgeError('tenant_not_found', 'The tenant does not exist or its id is not valid.');
  }
  return bridgeError('invalid_client_credentials', 'Microsoft Entra ID refused the sign-in.');
}

function bridgeError(code: ErrorCode, message: string, ownHint?: string): BridgeError {
  const hint = ownHint ?? HINTS[code];
  return new BridgeError(code, message, hint === undefined ? {} : { hint });
}
