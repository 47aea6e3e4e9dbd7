import type { HttpResponseInit } from '@azure/functions';
import type { BridgeError, ErrorCode } from '../domain/errors.js';

interface Kind {
  readonly status: number;
  readonly title: string;
}

/** What each code is in HTTP. Faults of the outside world are 502 to 504: the caller's request was fine. */
const KINDS = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_json: { status: 400, title: 'The body is not JSON' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  unauthorized: { status: 401, title: 'Not authorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  precondition_failed: { status: 412, title: 'The resource has changed' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used for another request' },
  not_found: { status: 404, title: 'Not found' },
  connection_not_found: { status: 404, title: 'Connection not found' },
  mapping_not_found: { status: 404, title: 'Mapping not found' },
  field_not_found: { status: 404, title: 'Field mapping not found' },
  relationship_not_found: { status: 404, title: 'Relationship not found' },
  run_not_found: { status: 404, title: 'Run not found' },
  link_not_found: { status: 404, title: 'Link not found' },
  record_not_found: { status: 404, title: 'Record not found' },
  dead_letter_not_found: { status: 404, title: 'Dead letter not found' },
  connection_name_taken: { status: 409, title: 'The name is taken' },
  table_already_mapped: { status: 409, title: 'The table is mapped already' },
  connection_has_links: { status: 409, title: 'The connection has links' },
  connection_disabled: { status: 409, title: 'The connection is switched off' },
  record_already_linked: { status: 409, title: 'The record has a partner' },
  link_not_allowed: { status: 422, title: 'The mapping does not allow the link' },
  run_in_progress: { status: 409, title: 'A run is in progress' },
  sample_final: { status: 409, title: 'The run cannot be taken back' },
  run_not_waiting: { status: 409, title: 'The run does not wait for approval' },
  table_without_events: { status: 422, title: 'The table has no events' },
  no_enabled_mappings: { status: 422, title: 'No mapping is enabled' },
  mapping_invalid: { status: 422, title: 'The mapping is not valid' },
  version_too_old: { status: 409, title: 'A later version has to do this' },
  configuration_invalid: { status: 422, title: 'The configuration is not valid' },
  record_busy: { status: 409, title: 'The record is being synced' },
  invalid_client_credentials: { status: 502, title: 'Invalid client credentials' },
  access_denied: { status: 502, title: 'Access denied' },
  connection_timeout: { status: 504, title: 'The connection timed out' },
  environment_not_found: { status: 502, title: 'Environment not found' },
  tenant_not_found: { status: 502, title: 'Tenant not found' },
  application_user_missing: { status: 502, title: 'The application user is missing' },
  authscape_unauthorized: { status: 502, title: 'AuthScape refused the sign-in' },
  authscape_unreachable: { status: 502, title: 'AuthScape cannot be reached' },
  authscape_module_missing: { status: 502, title: 'AuthScape lacks a module' },
  environment_changed: { status: 409, title: 'The environment has changed' },
  issuer_unavailable: { status: 503, title: 'The token issuer is not available' },
  dynamics_unavailable: { status: 503, title: 'Dynamics is not available' },
  dynamics_error: { status: 502, title: 'Dynamics answered with an error' },
  authscape_error: { status: 502, title: 'AuthScape answered with an error' },
  service_protection_limit: { status: 503, title: 'Dynamics limits the requests' },
  schema_changed: { status: 409, title: 'The schema has changed' },
  delta_link_expired: { status: 502, title: 'The change feed has expired' },
  authscape_empty: { status: 502, title: 'AuthScape answered with an empty list' },
  storage_unavailable: { status: 503, title: 'The storage is not available' },
  secret_store_unavailable: { status: 503, title: 'The key vault is not available' },
  secret_missing: { status: 503, title: 'A secret is missing' },
  internal_error: { status: 500, title: 'Internal error' },
} as const satisfies Record<ErrorCode, Kind>;

/** The HTTP status of a code. */
export function statusOf(code: ErrorCode): number {
  return KINDS[code].status;
}

/** The problem document (RFC 9457) of an error. `message` and `hint` of the error are made to be shown. */
export function problem(error: BridgeError, traceId: string): HttpResponseInit {
  const { status, title } = KINDS[error.code];
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (error.retryAfterSeconds !== undefined)
    headers['retry-after'] = String(Math.ceil(error.retryAfterSeconds));
  if (error.location !== undefined) headers.location = error.location;
  if (error.challenge !== undefined) headers['www-authenticate'] = error.challenge;
  return {
    status,
    headers,
    body: JSON.stringify({
      type: 'about:blank',
      title,
      status,
      code: error.code,
      detail: error.message,
      hint: error.hint,
      errors: error.errors,
      traceId,
    }),
  };
}
