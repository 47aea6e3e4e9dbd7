import { createHash } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Precondition } from '../application/shared/precondition.js';
import { BridgeError, type Fault } from '../domain/errors.js';
import { PLAIN_LINE } from '../domain/text-form.js';
import { repeatedKey } from './repeated-key.js';

/** 1 MiB: far more than any body of this API needs. */
const BODY_LIMIT = 1_048_576;

/** The body as text; throws `payload_too_large`, `invalid_json`. */
export async function readText(request: HttpRequest): Promise<string> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > BODY_LIMIT) throw tooLarge();
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > BODY_LIMIT) throw tooLarge();
  return decodeUtf8(bytes);
}

/** Throws `invalid_json` for what is not UTF-8: read with replacements it would be stored as something else. */
function decodeUtf8(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new BridgeError('invalid_json', 'The body is not UTF-8.', { cause });
  }
}

/** The body as JSON; throws `unsupported_media_type`, `payload_too_large`, `invalid_json`. */
export async function readJson(request: HttpRequest): Promise<unknown> {
  return parseJson(request, await readText(request));
}

export function parseJson(request: HttpRequest, text: string): unknown {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (text.length > 0 && !/^application\/(?:[\w.-]+\+)?json$/.test(type)) {
    throw new BridgeError('unsupported_media_type', 'The body must come as application/json.', {
      hint: 'Set the header "Content-Type: application/json".',
    });
  }
  const value = readableJson(text, 'body');
  const twice = repeatedKey(text);
  if (twice !== undefined) {
    throw new BridgeError('invalid_request', 'The request is not valid.', {
      errors: [{ path: twice, message: 'This property is there twice.' }],
    });
  }
  return value;
}

/** JSON of a text that came in a request; `what` names it. Throws `invalid_json`. */
export function readableJson(text: string, what: 'body' | 'event'): unknown {
  try {
    // Some editors start a file with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    if (text.trim() !== '') {
      throw new BridgeError('invalid_json', `The ${what} cannot be read as JSON.`, { cause });
    }
    // The host drops a body that comes in chunks, so its sender would look for the fault in the JSON.
    throw new BridgeError('invalid_json', 'The body is empty; JSON is expected.', {
      cause,
      hint: 'Send the body with a Content-Length: of one that comes in chunks nothing arrives.',
    });
  }
}

function tooLarge(): BridgeError {
  return new BridgeError('payload_too_large', 'The body is larger than 1 MiB.');
}

export async function readBody<T>(request: HttpRequest, schema: z.ZodType<T>): Promise<T> {
  return check(schema, await readJson(request));
}

/** A name: one line, without control characters and marks that turn the direction of what follows, trimmed. */
export function plainName(most: number) {
  return z
    .string()
    .regex(PLAIN_LINE, 'Must be one line without control characters and marks of direction.')
    .trim()
    .min(1)
    .max(most);
}

/** Checks a value against a schema; throws `invalid_request` with every fault, its path and what would be right. */
export function check<T>(schema: z.ZodType<T>, value: unknown, message = 'The request is not valid.'): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new BridgeError('invalid_request', message, { errors: faultsOf(result.error) });
}

/** Every fault of a value that stands at `at` in the input. */
export function faultsOf(error: z.ZodError, at: readonly PropertyKey[] = []): readonly Fault[] {
  return error.issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code !== 'unrecognized_keys') return [{ path: pathOf(path), message: issue.message }];
    return issue.keys.map((key) => ({
      path: pathOf([...path, key]),
      message: 'This property is not known.',
    }));
  });
}

/** `fields[2].crmField`; empty for the whole. */
function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

/** The query, all of it: an unknown name is a fault. The function key (`code`) is none of our business. */
export function readQuery<T>(request: HttpRequest, schema: z.ZodType<T>): T {
  const entries = [...request.query.entries()].filter(([name]) => name !== 'code');
  return check(schema, Object.fromEntries(entries), 'The query is not valid.');
}

/** The query parameters of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().min(1).max(4096).optional(),
};

/** `?validate=false` stores a mapping without a look at the schemas. */
export const validateQuery = z.strictObject({
  validate: z
    .enum(['true', 'false'])
    .default('true')
    .transform((text) => text === 'true'),
});

/** No id has what leads elsewhere in an address: separators, a segment of dots, control characters. */
const idParameter = z
  .string()
  .min(1)
  .max(512)
  .refine((id) => !/[\\/\p{Cc}]/u.test(id) && !/^\.+$/.test(id), { message: 'This is no id.' });

/**
 * Throws `invalid_request` for an address with a segment of dots, encoded or not: a server on the way may have resolved it and
 * chosen another route than the one that was meant. The platform passes the address on as it came.
 */
export function refuseDotSegments(request: HttpRequest): void {
  for (const header of ['x-waws-unencoded-url', 'x-original-url']) {
    const [path = ''] = (request.headers.get(header) ?? '').split('?', 1);
    const hasDots = path.split(/[/\\]|%2f|%5c/i).some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
    if (hasDots) throw new BridgeError('invalid_request', 'The address must not contain segments of dots.');
  }
}

/** The id of an AuthScape record in a body. */
export const recordId = z.union([plainName(100), z.number().int().transform(String)], {
  error: 'Must be the id of a record.',
});

/** A route parameter. What cannot be an id at all is refused; any other is looked up. */
export function routeParameter(request: HttpRequest, name: string): string {
  const raw = request.params[name] ?? '';
  const address = z.strictObject({ [name]: idParameter });
  return check(address, { [name]: decoded(raw) }, 'The address is not valid.')[name] ?? '';
}

/** The host leaves an escaped slash as it came. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The entity tag of a stored version. Stores name versions in ways that are no business of callers. */
export function entityTag(etag: string): string {
  return `"${createHash('sha256').update(etag).digest('base64url').slice(0, 22)}"`;
}

/** What `If-Match` demands; undefined when the header is missing or takes any version. */
export function readPrecondition(request: HttpRequest): Precondition {
  const header = request.headers.get('if-match');
  if (header === null || header.trim() === '') return undefined;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (tags.includes('*')) return undefined;
  return (etag) => tags.includes(entityTag(etag));
}
