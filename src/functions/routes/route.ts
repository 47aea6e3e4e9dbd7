import type { z } from 'zod';
import type { ErrorCode } from '../../domain/errors.js';
import type { Role } from '../../domain/roles.js';

/** One answer that a route gives when all is well. */
export interface RouteAnswer {
  readonly description: string;
  /** The body as JSON; without it there is none. */
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  readonly headers?: readonly AnswerHeader[];
}

export type AnswerHeader = 'ETag' | 'Location';
export type RequestHeader = 'If-Match' | 'Idempotency-Key';

/**
 * One route: the only place that names its method, path, role and shapes. The Functions registration, the check of roles
 * and the OpenAPI document are all made from it.
 */
export interface Route {
  /** Name of the function and of the operation. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api`, as the host takes it. */
  readonly path: string;
  /** null: for callers without a key or token. */
  readonly role: Role | null;
  readonly group: string;
  readonly summary: string;
  /** What the audit calls it; without it a call leaves no entry there. */
  readonly audit?: string;
  readonly query?: z.ZodObject;
  readonly headers?: readonly RequestHeader[];
  /** The schema that the handler parses the body with. */
  readonly body?: { readonly schema: z.ZodType; readonly example: unknown };
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Beyond those that every route can answer. */
  readonly errors?: readonly ErrorCode[];
}

/** Codes that any route can answer. */
export const COMMON_ERRORS = [
  'invalid_request',
  'record_busy',
  'storage_unavailable',
  'internal_error',
] as const satisfies readonly ErrorCode[];

/** Codes of a request that brings a body. */
export const BODY_ERRORS = [
  'invalid_json',
  'payload_too_large',
  'unsupported_media_type',
] as const satisfies readonly ErrorCode[];

export const SECRET_ERRORS = [
  'secret_store_unavailable',
  'secret_missing',
] as const satisfies readonly ErrorCode[];

/** What goes wrong when Dynamics is asked. */
export const DYNAMICS_ERRORS = [
  ...SECRET_ERRORS,
  'invalid_client_credentials',
  'access_denied',
  'connection_timeout',
  'environment_not_found',
  'tenant_not_found',
  'application_user_missing',
  'environment_changed',
  'schema_changed',
  'service_protection_limit',
  'dynamics_unavailable',
  'dynamics_error',
] as const satisfies readonly ErrorCode[];

/** What goes wrong when AuthScape is asked. */
export const AUTHSCAPE_ERRORS = [
  ...SECRET_ERRORS,
  'connection_timeout',
  'authscape_unauthorized',
  'authscape_unreachable',
  'authscape_module_missing',
  'authscape_error',
  'authscape_empty',
] as const satisfies readonly ErrorCode[];

export const BOTH_SIDES_ERRORS = [...DYNAMICS_ERRORS, ...AUTHSCAPE_ERRORS] as const;
export const CREATION_ERRORS = ['idempotency_key_reused'] as const satisfies readonly ErrorCode[];

/** What is wrong with a mapping is found by asking both sides for their schemas. */
export const MAPPING_ERRORS = [
  'connection_not_found',
  'mapping_not_found',
  'mapping_invalid',
  ...BOTH_SIDES_ERRORS,
] as const satisfies readonly ErrorCode[];

/** Routes of handlers that have the same names: none without a handler, no handler without a route. */
export type RoutesOf<Handlers> = Readonly<Record<keyof Handlers, Route>>;
