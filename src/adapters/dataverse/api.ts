import type { Clock } from '../../application/ports/runtime.js';
import type { Caller } from '../http/caller.js';
import { DATA_DEADLINE_MS, type HttpRequest, parseJson, RECORD_DEADLINE_MS } from '../http/client.js';
import type { ClientCredentials, TokenSource } from '../http/credentials.js';
import { afterUnknownFate, HttpFailure, PausedError } from '../http/failure.js';
import type { CallAnswer } from '../http/transport.js';
import { bridgeError, protectionError, systemError } from './faults.js';

export interface ApiRequest {
  readonly method: HttpRequest['method'];
  /** Below `/api/data/v9.2/`, encoded; or what `follow` makes of a link that Dynamics gave out. */
  readonly path: string;
  readonly prefer?: readonly string[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  /** May it be repeated although it may have taken effect? */
  readonly safe: boolean;
  readonly timeoutMs?: number | undefined;
  /** Id of the one record that it concerns: nothing else waits long for it. */
  readonly record?: string | undefined;
  /** Milliseconds of our clock after which it is not sent any more. */
  readonly latest?: number | undefined;
}

interface ReadAnswer {
  readonly body: unknown;
  /** Milliseconds, our clock, when the request was sent. */
  readonly readAt: number;
}

export interface DataverseApi {
  /** Throws `HttpFailure` for the caller to judge, `BridgeError` when no token is to be had or calls are paused. */
  send(request: ApiRequest): Promise<CallAnswer>;
  /** A GET whose failures concern the system as a whole: throws `BridgeError`. */
  read(path: string, options?: Pick<ApiRequest, 'prefer' | 'headers' | 'timeoutMs'>): Promise<ReadAnswer>;
  /** The absolute URL of a link that Dynamics gave out. Throws `BridgeError` when it leads elsewhere. */
  follow(link: string): string;
  clockOffset(): number;
}

export interface ApiOptions {
  /** Domain of the environment: names the resource that tokens are for. */
  readonly environment: string;
  /** Origin that is really called, without a trailing slash. */
  readonly origin: string;
  readonly credentials: ClientCredentials;
  readonly tokens: TokenSource;
  readonly caller: Caller;
  readonly clock: Clock;
  readonly dataTimeoutMs?: number | undefined;
}

const HEADERS = { Accept: 'application/json', 'OData-Version': '4.0', 'OData-MaxVersion': '4.0' };
const BASE_PATH = '/api/data/v9.2/';

/** Where an environment takes several requests as one. */
export function batchUrl(origin: string): string {
  return `${origin}${BASE_PATH}$batch`;
}

/** A `Date` header has whole seconds: on average half a second has passed since. */
const DATE_GRAIN_MS = 500;

/** One environment's Web API: addresses, headers, tokens, one repeat after a 401. */
export function createApi(options: ApiOptions): DataverseApi {
  const { caller, credentials, environment, origin, tokens } = options;
  const dataDeadlineMs = options.dataTimeoutMs ?? DATA_DEADLINE_MS;
  const recordDeadlineMs = Math.min(dataDeadlineMs, RECORD_DEADLINE_MS);
  let offset = 0;

  function request(
    token: string,
    { body, headers, latest, method, path, prefer, record, timeoutMs }: ApiRequest,
  ): HttpRequest {
    return {
      method,
      url: path.startsWith(`${origin}/`) ? path : `${origin}${BASE_PATH}${path}`,
      headers: {
        ...HEADERS,
        Authorization: `Bearer ${token}`,
        ...(prefer === undefined || prefer.length === 0 ? {} : { Prefer: prefer.join(',') }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json; charset=utf-8' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      timeoutMs: record === undefined ? (timeoutMs ?? dataDeadlineMs) : recordDeadlineMs,
      record,
      latest,
    };
  }

  /** `before`: an attempt with another token may have taken effect. */
  async function sendOnce(token: string, what: ApiRequest, before = false): Promise<CallAnswer> {
    try {
      const withinMs = what.record === undefined ? undefined : recordDeadlineMs;
      const answer = await caller.call(request(token, what), what.safe, withinMs);
      const date = Date.parse(answer.headers.date ?? '');
      if (!Number.isNaN(date)) offset = answer.answeredAt - date - DATE_GRAIN_MS;
      return { ...answer, afterUnknownFate: before || answer.afterUnknownFate };
    } catch (error) {
      if (error instanceof PausedError) throw protectionError(error.remainingMs);
      throw before && error instanceof HttpFailure ? afterUnknownFate(error) : error;
    }
  }

  async function send(what: ApiRequest): Promise<CallAnswer> {
    const token = await tokens.token(credentials, environment);
    try {
      return await sendOnce(token, what);
    } catch (error) {
      const refused =
        error instanceof HttpFailure && error.failure.kind === 'status' && error.failure.status === 401;
      if (!refused) throw error;
      // The token may have been revoked or have run out on the way; a second refusal is final.
      tokens.drop(credentials, environment, token);
      return sendOnce(await tokens.token(credentials, environment), what, error.afterUnknownFate);
    }
  }

  return {
    send,
    read: async (path, readOptions = {}) => {
      try {
        const answer = await send({ method: 'GET', path, safe: true, ...readOptions });
        return { body: parseJson(answer), readAt: answer.sentAt };
      } catch (error) {
        throw error instanceof HttpFailure ? systemError(error) : error;
      }
    },
    follow: (link) => {
      if (link.startsWith(`${origin}/`)) return link;
      const { host, rest } = partsOf(link);
      if (host !== undefined && !isSame(host, environment) && !isSame(host, new URL(origin).host)) {
        throw bridgeError('dynamics_error', 'Dynamics gave out a link that leads to another host.');
      }
      return rest.startsWith('/') ? `${origin}${rest}` : `${origin}${BASE_PATH}${rest}`;
    },
    clockOffset: () => offset,
  };
}

/** Cut by hand, since a URL parser would change the encoding; a relative link has no host. */
function partsOf(link: string): { host: string | undefined; rest: string } {
  const [, host, rest] = /^(?:https?:)?\/\/([^/?#]*)(\/.*)$/is.exec(link) ?? [];
  if (host !== undefined && rest !== undefined) return { host, rest };
  return /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link)
    ? { host: '', rest: link }
    : { host: undefined, rest: link };
}

/**
 * Do two names stand for one host? Each environment has two, `org.crm.dynamics.com` and `org.api.crm.dynamics.com`, and
 * so has a local counterpart.
 */
function isSame(host: string, other: string): boolean {
  const plain = (name: string) =>
    name
      .toLowerCase()
      .replace(/:443$/, '')
      .replace(/^([^.]+)\.api\./, '$1.')
      .replace(/^127\.0\.0\.1(?=:|$)/, 'localhost');
  return plain(host) === plain(other);
}
