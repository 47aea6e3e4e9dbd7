/** Node's HTTP messages to and from the worker protocol, with the real host's losses. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Nullable, RpcCookie, RpcHttpRequest, RpcHttpResponse } from './rpc.js';

const wrap = (values: Iterable<[string, string]>): Record<string, Nullable<string>> =>
  Object.fromEntries([...values].map(([name, value]) => [name, { value }]));

const headersOf = (request: IncomingMessage): [string, string][] =>
  Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(',') : (value ?? ''),
  ]);

/** A request target as it came: nothing is resolved, cut or decoded. */
export interface Target {
  /** Scheme and host, without a slash at the end. */
  origin: string;
  path: string;
  /** Without the question mark; a `#` is a character like others. */
  query: string;
}

/** The target of the request, or undefined when it is none. */
export const targetOf = (request: IncomingMessage): Target | undefined => {
  const { host } = request.headers;
  const raw = (request.url ?? '').replace(/^https?:\/\/[^/?#]*(?=\/)/i, '');
  if (host === undefined || !raw.startsWith('/') || !URL.canParse(`http://${host}/`)) return undefined;
  const [path = ''] = raw.split('?', 1);
  return { origin: `http://${host}`, path, query: raw.slice(path.length + 1) };
};

export const searchParamsOf = ({ query }: Target): URLSearchParams => new URLSearchParams(query);

/** Repeated query keys arrive joined, the way the real host passes them. */
const queryOf = (target: Target): [string, string][] => {
  const params = searchParamsOf(target);
  return [...new Set(params.keys())].map((key) => [key, params.getAll(key).join(',')]);
};

/** The request as the library expects it. A body of length 0 is no body. */
export const toRpcRequest = (
  request: IncomingMessage,
  target: Target,
  params: Record<string, string>,
  body: Buffer,
): RpcHttpRequest => ({
  url: `${target.origin}${target.path}${target.query === '' ? '' : `?${target.query}`}`,
  method: request.method ?? 'GET',
  nullableHeaders: wrap(headersOf(request)),
  nullableQuery: wrap(queryOf(target)),
  nullableParams: wrap(Object.entries(params)),
  headers: {},
  query: {},
  params: {},
  ...(body.length > 0 ? { body: { bytes: body } } : {}),
});

/**
 * Reads the whole body; undefined when it is longer than `limit` bytes. As with the real host, a body without
 * a Content-Length (chunked) never reaches the function: it is read and dropped.
 */
export const readBody = async (request: IncomingMessage, limit: number): Promise<Buffer | undefined> => {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (announced > 0) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const SAME_SITE = { none: undefined, lax: 'lax', strict: 'strict', explicitNone: 'none' } as const;

const cookieText = (cookie: RpcCookie): string => {
  const sameSite = SAME_SITE[cookie.sameSite ?? 'none'];
  const expires = cookie.expires && new Date(cookie.expires.value.seconds * 1000).toUTCString();
  return [
    `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`,
    expires && `expires=${expires}`,
    cookie.maxAge && `max-age=${Math.trunc(cookie.maxAge.value)}`,
    cookie.domain && `domain=${cookie.domain.value}`,
    cookie.path && `path=${cookie.path.value}`,
    cookie.secure?.value === true && 'secure',
    sameSite && `samesite=${sameSite}`,
    cookie.httpOnly?.value === true && 'httponly',
  ]
    .filter(Boolean)
    .join('; ');
};

const bodyBytes = (response: RpcHttpResponse): Buffer => {
  const { body } = response;
  if (body?.bytes !== undefined) return Buffer.from(body.bytes);
  return Buffer.from(body?.string ?? '');
};

/** An answer of the host itself: the real one sends no body. */
export const sendStatus = (response: ServerResponse, status: number): void => {
  if (status !== 204) response.setHeader('content-length', 0);
  response.writeHead(status).end();
};

export const sendText = (
  response: ServerResponse,
  status: number,
  contentType: string,
  text: string,
): void => {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
};

/**
 * Sends what the function answered, in chunks as the real host does. `custom` are the headers host.json adds to every
 * answer.
 */
export const sendRpcResponse = (
  response: ServerResponse,
  answer: RpcHttpResponse,
  custom: Record<string, string>,
): void => {
  const status = Number(answer.statusCode ?? 200);
  const headers: Record<string, string | number | string[]> = { ...custom, ...answer.headers };
  const cookies = (answer.cookies ?? []).map(cookieText);
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  const body = bodyBytes(answer);
  if (body.length === 0 && ![204, 205, 304].includes(status)) headers['content-length'] = 0;
  response.writeHead(status, headers);
  response.end(body);
};
