import { randomBytes } from 'node:crypto';
import type { Clock, Ids, Logger } from '../application/ports/runtime.js';
import { BridgeError } from '../domain/errors.js';
import { withoutSecrets } from './redact.js';

export type LogLevel = 'info' | 'warn' | 'error';
export type LogSink = (level: LogLevel, line: string) => void;

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end);
    }),
};

/** Milliseconds since the process began, by a clock that cannot be set. */
export function elapsedMs(): number {
  return performance.now();
}

/** 32 random bytes in letters that fit into headers, queries and XML. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** 32 characters without the ones that people mix up (i, l, o, u): five bits each. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export const systemIds: Ids = {
  random: (length = 10) => Array.from(randomBytes(length), (byte) => ALPHABET[byte & 31]).join(''),
};

const REDACTED = '[redacted]';
const SECRET_NAMES = /secret|token|authorization|password|passwd|credential|cookie|assertion|(^|[^a-z])sig$/i;
/** `key` alone would hide `keyHash` or `mappingKey`: only names that end in it are taken for keys. */
const KEY_NAMES = /key$/i;
/** Names of secrets are no secrets, and operators need them. */
const HARMLESS = /^has[A-Z]|Name$|Version$|Count$/;
const MAX_DEPTH = 6;
const MAX_TEXT = 2_000;

/**
 * Writes one JSON line per entry to the sink. Values under keys that look like secrets are replaced at any depth, and
 * errors are reduced to name, code, status and message: those of HTTP clients carry requests with their tokens.
 */
export function createLogger(sink: LogSink, fixed: Readonly<Record<string, unknown>> = {}): Logger {
  const write =
    (level: LogLevel): Logger['info'] =>
    (message, fields = {}) => {
      const entry = { level, message, ...objectOf(fixed), ...objectOf(fields) };
      sink(level, JSON.stringify(entry));
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

function objectOf(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isSecretName(name) ? REDACTED : shown(value, MAX_DEPTH, []),
    ]),
  );
}

function isSecretName(name: string): boolean {
  return !HARMLESS.test(name) && (SECRET_NAMES.test(name) || KEY_NAMES.test(name));
}

/** `above` holds the objects on the way down, to cut circles. */
function shown(value: unknown, depth: number, above: readonly object[]): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return errorShown(value, depth, above);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth === 0 || above.includes(value)) return '[…]';
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((each) => shown(each, depth - 1, path));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      isSecretName(name) ? REDACTED : shown(each, depth - 1, path),
    ]),
  );
}

function errorShown(error: Error, depth: number, above: readonly object[]): Record<string, unknown> {
  const known = error instanceof BridgeError;
  const code = 'code' in error && typeof error.code !== 'object' ? error.code : undefined;
  const status = 'statusCode' in error ? error.statusCode : 'status' in error ? error.status : undefined;
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    ...(typeof status === 'number' ? { status } : {}),
    message: withoutSecrets(error.message.slice(0, MAX_TEXT)),
    ...(known && error.hint !== undefined ? { hint: error.hint } : {}),
    ...(error.cause instanceof Error && depth > 0 && !above.includes(error.cause)
      ? { cause: errorShown(error.cause, depth - 1, [...above, error]) }
      : {}),
  };
}
