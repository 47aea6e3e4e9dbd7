/**
 * Every fault that a person or a caller can meet has a stable code, a plain sentence and, where something can be
 * done about it, a hint. `functions/problem.ts` maps the codes to HTTP.
 */
export const ERROR_CODES = [
  // the request
  'invalid_request',
  'invalid_json',
  'payload_too_large',
  'unsupported_media_type',
  'unauthorized',
  'forbidden',
  'precondition_failed',
  'idempotency_key_reused',
  'not_found',
  'connection_not_found',
  'mapping_not_found',
  'field_not_found',
  'relationship_not_found',
  'run_not_found',
  'link_not_found',
  'record_not_found',
  'dead_letter_not_found',
  'connection_name_taken',
  'table_already_mapped',
  'connection_has_links',
  'connection_disabled',
  'record_already_linked',
  'link_not_allowed',
  'run_in_progress',
  'run_not_waiting',
  'sample_final',
  'no_enabled_mappings',
  'mapping_invalid',
  'table_without_events',
  'version_too_old',
  'configuration_invalid',
  'record_busy',
  // the outside world
  'invalid_client_credentials',
  'access_denied',
  'connection_timeout',
  'environment_not_found',
  'tenant_not_found',
  'application_user_missing',
  'authscape_unauthorized',
  'authscape_unreachable',
  'authscape_module_missing',
  'environment_changed',
  'issuer_unavailable',
  'dynamics_unavailable',
  'dynamics_error',
  'authscape_error',
  'service_protection_limit',
  'schema_changed',
  'delta_link_expired',
  'authscape_empty',
  'storage_unavailable',
  'secret_store_unavailable',
  'secret_missing',
  'internal_error',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Faults of the systems around us that pass by themselves. */
const TRANSIENT: readonly ErrorCode[] = [
  'connection_timeout',
  'dynamics_unavailable',
  'authscape_unreachable',
  'service_protection_limit',
  'storage_unavailable',
  'secret_store_unavailable',
];

export function isTransient(code: ErrorCode): boolean {
  return TRANSIENT.includes(code);
}

/** One fault of an input: `path` in dotted form (`massDeleteGuard.count`), `message` a sentence. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

export interface BridgeErrorDetails {
  readonly hint?: string;
  readonly errors?: readonly Fault[];
  /** Seconds to wait before a repeat makes sense. */
  readonly retryAfterSeconds?: number;
  /** Where the thing in the way can be looked at (`run_in_progress`). */
  readonly location?: string;
  /** How a caller may sign in (`WWW-Authenticate` of `unauthorized`). */
  readonly challenge?: string;
  readonly cause?: unknown;
}

/** The typed error of the whole product. `message` is safe to show: it never holds a secret, token or body. */
export class BridgeError extends Error {
  override readonly name = 'BridgeError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly errors: readonly Fault[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly location: string | undefined;
  readonly challenge: string | undefined;

  constructor(code: ErrorCode, message: string, details: BridgeErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.errors = details.errors;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.location = details.location;
    this.challenge = details.challenge;
  }
}

/**
 * One record was refused by the other system: the record fails, nothing else suffers.
 * `reason` is stable (`value_too_long`, `email_refused`, `required_value_missing`, …).
 */
export class RecordRejectedError extends Error {
  override readonly name = 'RecordRefusedError';
  readonly reason: string;
  /** Column or field that was named by the refusal, when known. */
  readonly field: string | undefined;
  /**
   * What was answered (`500 0x80040224`), where the answer does not prove that it is about this record: the same answer
   * to several records in a row is the system's.
   */
  readonly unproven: string | undefined;

  constructor(
    reason: string,
    message: string,
    options: { field?: string; unproven?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.field = options.field;
    this.unproven = options.unproven;
  }
}

/** Lost a compare-and-set: another writer changed the row since it was read. Start over from a fresh read. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}
