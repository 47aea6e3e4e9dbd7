import axios, { type AxiosResponse, isAxiosError } from 'axios';
import { CONNECT_TIMEOUT, createAgents } from './agents.js';
import { type Failure, HttpFailure, type HttpHeaders } from './failure.js';

/** Deadlines in milliseconds. */
const CONNECT_DEADLINE_MS = 10_000;
export const PROBE_DEADLINE_MS = 30_000;
export const DATA_DEADLINE_MS = 120_000;

/** Keeps a run-away answer from filling the memory; a page of 5,000 rows has about 2 MB. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute; sent as it is, but for what the URL standard escapes (a quote in the query). */
  readonly url: string;
  readonly headers?: HttpHeaders | undefined;
  readonly body?: string | undefined;
  /** For the whole call, from connecting to the last byte. */
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly text: string;
}

export interface HttpClient {
  /** Resolves on 2xx only; throws `HttpFailure` for everything else. Never follows a redirect. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

export interface HttpClientOptions {
  /** Sockets per host; default 16. */
  readonly maxSockets?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
}

/** An axios instance of its own with keep-alive, gzip and deadlines. Axios' errors hold tokens: none gets out. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { close, ...agents } = createAgents({
    maxSockets: options.maxSockets ?? 16,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_DEADLINE_MS,
  });
  const instance = axios.create({
    ...agents,
    // A redirect would carry the bearer token to wherever it points.
    maxRedirects: 0,
    // Otherwise axios reads proxies from the environment and by-passes the agents above.
    proxy: false,
    maxContentLength: MAX_ANSWER_BYTES,
    responseType: 'text',
    // Bodies stay text: axios hands broken JSON out as a string without a word.
    transformResponse: (body: unknown) => body,
    headers: { 'User-Agent': 'authscape-dynamics-bridge', 'Accept-Encoding': 'gzip' },
  });

  async function send(request: HttpRequest): Promise<HttpAnswer> {
    const deadline = AbortSignal.timeout(request.timeoutMs);
    try {
      const answer: AxiosResponse<unknown> = await instance.request({
        method: request.method,
        url: request.url,
        headers: { ...request.headers },
        data: request.body,
        signal: deadline,
      });
      return plain(answer);
    } catch (error) {
      throw new HttpFailure(failureOf(error, deadline.aborted));
    }
  }
  return { send, close };
}

/** The JSON of a 2xx answer; throws `HttpFailure` `malformed` for anything else. */
export function parseJson(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    throw new HttpFailure({ kind: 'malformed', status: answer.status });
  }
}

function plain(answer: AxiosResponse<unknown>): HttpAnswer {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value);
  }
  return { status: answer.status, headers, text: typeof answer.data === 'string' ? answer.data : '' };
}

/** Error codes of calls of which nothing was sent. */
const NEVER_SENT = new Set([
  CONNECT_TIMEOUT,
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ERR_INVALID_URL',
  'EPROTO',
]);
const TLS_FAULT = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

function failureOf(error: unknown, deadlinePassed: boolean): Failure {
  if (!isAxiosError(error)) return { kind: 'reset', reason: 'unknown' };
  if (error.response !== undefined && !deadlinePassed && error.code !== 'ERR_CANCELED') {
    const answer = plain(error.response);
    // A 2xx whose body was cut off is an error of axios, too.
    if (answer.status >= 200 && answer.status < 300) return { kind: 'reset', reason: error.code ?? 'cut' };
    return { kind: 'status', ...answer };
  }
  if (deadlinePassed) return { kind: 'timeout' };
  const reason = error.code ?? 'unknown';
  if (NEVER_SENT.has(reason) || TLS_FAULT.test(reason)) return { kind: 'unreachable', reason };
  return { kind: 'reset', reason };
}
