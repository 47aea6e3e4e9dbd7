import type { z } from 'zod';
import type { Clock } from '../../application/ports/runtime.js';
import { BridgeError } from '../../domain/errors.js';
import type { Caller } from '../http/caller.js';
import { type HttpAnswer, type HttpClient, type HttpRequest, RECORD_DEADLINE_MS } from '../http/client.js';
import { HttpFailure, jsonOf } from '../http/failure.js';
import type { Throttle } from '../http/throttle.js';
import type { CallAnswer } from '../http/transport.js';
import { interruption, refuseIfInterrupted } from '../interruption.js';
import { answerAboutRecord, bodyOf, effectFault, readFault, statusOf } from './failures.js';
import type { TokenSource } from './tokens.js';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Name of the action; empty for the controller's own route. */
  readonly action: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

export interface Reply {
  readonly status: number;
  /** The JSON of the body; undefined when there is none. */
  readonly data: unknown;
  /** Milliseconds (our clock) at which the request was sent. */
  readonly sentAt: number;
}

/** Calls of the user management module with token, throttle and faults sorted out. */
export interface AuthScapeApi {
  /**
   * Repeats as needed. `taken`: statuses outside 2xx that mean something to the caller. Throws `BridgeError` for the rest.
   */
  read(call: ApiCall, taken?: readonly number[]): Promise<Reply>;
  /**
   * A read of one record: an answer that may be about the record is given back, a status outside 2xx too, or 0 when no whole
   * answer came. Throws `BridgeError` for the rest, and when AuthScape fails at another question as well.
   */
  readRecord(call: ApiCall): Promise<Reply>;
  /**
   * Sends once. `guard` is awaited directly before, when the call's turn in the queue has come. Throws
   * `UnknownOutcomeError`, `RecordRejectedError` or `BridgeError`.
   */
  effect(call: ApiCall, guard: () => Promise<void>): Promise<Reply>;
  /** Our clock minus AuthScape's in milliseconds. */
  clockOffset(): number;
}

interface ApiOptions {
  readonly apiUrl: string;
  readonly client: HttpClient;
  readonly caller: Caller;
  readonly throttle: Throttle;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly dataTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** How long a read that met a 500 waits before its one repeat. */
  readonly repeatAfterMs: number;
  /** Longest pause that an effect waits for. */
  readonly maxPauseMs: number;
  onRequest(): void;
}

export function createApi(options: ApiOptions): AuthScapeApi {
  const { caller, client, clock, throttle, tokens } = options;
  let offset = 0;

  /** A refused token is replaced once: the API checks it before it does anything. */
  async function withToken<T>(send: (token: string) => Promise<T>): Promise<T> {
    const token = await tokens.token();
    try {
      return await send(token);
    } catch (error) {
      if (statusOf(error) !== 401) throw error;
    }
    tokens.drop(token);
    const fresh = await tokens.token();
    try {
      return await send(fresh);
    } catch (error) {
      if (statusOf(error) !== 401) throw error;
      tokens.drop(fresh);
      throw tokens.refusedTwice();
    }
  }

  function replyOf(answer: Omit<CallAnswer, 'afterUnknownFate'>): Reply {
    const date = Date.parse(answer.headers.date ?? '');
    // The header has whole seconds, cut off: half a second is what it lacks on average.
    if (!Number.isNaN(date)) offset = Math.round((answer.sentAt + answer.answeredAt) / 2 - date - 500);
    return { status: answer.status, data: dataOf(answer), sentAt: answer.sentAt };
  }

  /** `withinMs`: of a read of one record, its repeats included. */
  async function readOnce(call: ApiCall, withinMs?: number): Promise<Reply> {
    const timeoutMs = Math.min(options.dataTimeoutMs, withinMs ?? options.dataTimeoutMs);
    return replyOf(
      await withToken((token) =>
        caller.call(requestOf(options.apiUrl, call, token, timeoutMs), true, withinMs),
      ),
    );
  }

  /** A 500 may be a passing fault or AuthScape's way to say something of the record: it is asked twice. */
  async function readTwice(call: ApiCall, withinMs?: number): Promise<Reply> {
    try {
      return await readOnce(call, withinMs);
    } catch (error) {
      if (statusOf(error) !== 500) throw error;
    }
    await clock.sleep(options.repeatAfterMs, interruption());
    return readOnce(call, withinMs);
  }

  async function read(call: ApiCall, taken: readonly number[] = []): Promise<Reply> {
    try {
      return await readTwice(call);
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined || !taken.includes(status)) throw readFault(error, call.action);
      return { status, data: jsonOf(bodyOf(error)), sentAt: clock.now() };
    }
  }

  async function readRecord(call: ApiCall): Promise<Reply> {
    try {
      return await readTwice(call, RECORD_DEADLINE_MS);
    } catch (error) {
      const status = answerAboutRecord(error);
      if (status === undefined) throw readFault(error, call.action);
      // AuthScape may fail at everything: then this throws.
      if (status !== 400) await read({ method: 'GET', action: 'GetRoles' });
      return { status, data: jsonOf(bodyOf(error)), sentAt: clock.now() };
    }
  }

  async function effect(call: ApiCall, guard: () => Promise<void>): Promise<Reply> {
    const send = async (token: string) => {
      await guard();
      refuseIfInterrupted();
      options.onRequest();
      const sentAt = clock.now();
      const answer = await client.send(requestOf(options.apiUrl, call, token, options.writeTimeoutMs));
      return { ...answer, sentAt, answeredAt: clock.now() };
    };
    const sendOnce = (token: string) =>
      throttle.run(() => send(token), options.maxPauseMs, `${call.method} ${call.action}`);
    try {
      return replyOf(await withToken(sendOnce));
    } catch (error) {
      throw effectFault(error, call);
    }
  }

  return { read, readRecord, effect, clockOffset: () => offset };
}

function requestOf(apiUrl: string, call: ApiCall, token: string, timeoutMs: number): HttpRequest {
  const path = call.action === '' ? 'api/UserManagement' : `api/UserManagement/${call.action}`;
  const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query).toString()}`;
  const json = call.body === undefined ? undefined : JSON.stringify(call.body);
  return {
    method: call.method,
    url: `${apiUrl}/${path}${query}`,
    headers: {
      Authorization: `Bearer ${token}`,
      Accept: 'application/json',
      ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    body: json,
    timeoutMs,
  };
}

function dataOf(answer: HttpAnswer): unknown {
  if (answer.text === '') return undefined;
  const data = jsonOf(answer.text);
  if (data === undefined) throw new HttpFailure({ kind: 'malformed', status: answer.status });
  return data;
}

/** Reads an answer by its schema; throws `authscape_error` when it has another form. */
export function shaped<T extends z.ZodType>(schema: T, data: unknown, action: string): z.output<T> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new BridgeError(
    'authscape_error',
    `The answer of AuthScape to ${action} has an unexpected form${where === '' ? '' : ` at ${where}`}.`,
  );
}
