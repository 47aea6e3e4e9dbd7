import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import { onceUntilItFails } from '../../lib/once-until-it-fails.js';
import { interruption } from '../interruption.js';
import { CONNECT_TIMEOUT, type Failure, HttpFailure, type HttpHeaders } from './failure.js';

/** Deadlines in milliseconds. */
const CONNECT_DEADLINE_MS = 10_000;
export const PROBE_DEADLINE_MS = 30_000;
export const DATA_DEADLINE_MS = 120_000;
/** Of a call about one record, its repeats included: a run has more to do than to wait for one record. */
export const RECORD_DEADLINE_MS = 45_000;

/** Bounds of what is read of an answer, unpacked; a page of 5,000 rows has about 2 MB. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;
const ERROR_LIMIT_BYTES = 1024 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute; sent as it is, but for what the URL standard escapes (a quote in the query). */
  readonly url: string;
  readonly headers?: HttpHeaders | undefined;
  readonly body?: string | undefined;
  /** For the whole call, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** The one record that the request is about: it may share a way of sending with requests of other records. */
  readonly record?: string | undefined;
  /** Milliseconds of our clock after which it is not sent any more. */
  readonly latest?: number | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly text: string;
}

export interface HttpClient {
  /**
   * Resolves on 2xx only; throws `HttpFailure` for everything else. Never follows a redirect, reads no more of an answer
   * than its bound, and cuts a GET off when the work that it is sent for is interrupted.
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

export interface HttpClientOptions {
  /** Sockets per host; default 16. */
  readonly maxSockets?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /** Resolves names; the platform's own if left out. */
  readonly lookup?: LookupFunction | undefined;
}

/** An axios instance of its own with keep-alive, gzip and deadlines. Axios' errors hold tokens: none gets out. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  let close = () => {};
  // The library and the agents are loaded with the first request.
  const open = onceUntilItFails(async () => {
    const { createAxiosInstance } = await import('./axios-instance.js');
    const opened = createAxiosInstance({
      maxSockets: options.maxSockets ?? 16,
      connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_DEADLINE_MS,
      lookup: options.lookup,
    });
    close = opened.close;
    return opened.instance;
  });

  async function send(request: HttpRequest): Promise<HttpAnswer> {
    const instance = await open();
    const deadline = AbortSignal.timeout(request.timeoutMs);
    const stopped = request.method === 'GET' ? interruption() : undefined;
    const signal = stopped === undefined ? deadline : AbortSignal.any([deadline, stopped]);
    try {
      const answer: AxiosResponse<Readable> = await instance.request({
        method: request.method,
        url: request.url,
        headers: { ...request.headers },
        data: request.body,
        signal,
      });
      return await whole(answer);
    } catch (error) {
      throw error instanceof HttpFailure ? error : new HttpFailure(failureOf(error, signal.aborted));
    }
  }
  return { send, close: () => close() };
}

/** The JSON of a 2xx answer; throws `HttpFailure` `malformed` for anything else. */
export function parseJson(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    throw new HttpFailure({ kind: 'malformed', status: answer.status });
  }
}

/** The answer with its text; throws `HttpFailure` for one outside 2xx, and for one that is longer than it may be. */
async function whole({ data, headers: raw, status }: AxiosResponse<Readable>): Promise<HttpAnswer> {
  const isError = status < 200 || status >= 300;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value);
  }
  const text = await textOf(data, isError ? ERROR_LIMIT_BYTES : ANSWER_LIMIT_BYTES);
  if (text === undefined) throw new HttpFailure({ kind: 'malformed', status });
  if (isError) throw new HttpFailure({ kind: 'status', status, headers, text });
  return { status, headers, text };
}

/** Undefined, and the connection closed, as soon as there is more than the bound. */
async function textOf(stream: Readable, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    // Leaving the loop destroys the stream.
    if (length > limit) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
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

function failureOf(error: unknown, isOver: boolean): Failure {
  if (isOver) return { kind: 'timeout' };
  const reason =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  if (NEVER_SENT.has(reason) || TLS_FAULT.test(reason)) return { kind: 'unreachable', reason };
  return { kind: 'reset', reason };
}
