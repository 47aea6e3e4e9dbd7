/** The HTTP side: routing, keys, the host's own routes. Answers of the host itself have no body. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { RegisteredFunction } from './core-api.js';
import {
  readBody,
  searchParamsOf,
  sendRpcResponse,
  sendStatus,
  sendText,
  type Target,
  targetOf,
  toRpcRequest,
} from './http-messages.js';
import type { Invoker } from './invocation.js';
import type { RouteMatcher } from './routes.js';
import type { HostSettings } from './settings.js';
import { takeAnyVerb } from './verbs.js';

export interface HostKeys {
  /** Opens everything, and alone the `admin` level and `/admin`. */
  master: string;
  host: Record<string, string>;
  /** A key by the name of the one function that it opens. */
  functions?: Record<string, string>;
}

export interface HttpFunction {
  fn: RegisteredFunction;
  bindingName: string;
  /** As registered, without the prefix. */
  route: string;
  /** The route with the prefix. */
  match: RouteMatcher;
  methods: string[];
  authLevel: string;
  disabled: boolean;
}

export interface HttpHostOptions {
  /** In the order in which they are tried. */
  functions: HttpFunction[];
  settings: HostSettings;
  env: NodeJS.ProcessEnv;
  keys: HostKeys;
  invoker: Invoker;
  errors: Record<string, string>;
  logFailure: (functionName: string, error: unknown) => void;
  /** Starts a function that has no HTTP trigger; false when there is none of that name. */
  runByName: (name: string, input: string) => boolean;
}

const DEFAULT_BODY_LIMIT = 104_857_600;
/** Of all headers of a request. */
const HEADER_LIMIT = 32_768;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Constant time for all lengths. */
const sameKey = (given: string, expected: string): boolean =>
  expected !== '' && timingSafeEqual(digest(given), digest(expected));

type KeyLevel = 'none' | 'function' | 'admin';

/** A header that is there counts, even an empty one; only without it does the query. */
const givenKey = (request: IncomingMessage, target: Target): string | undefined => {
  const header = request.headers['x-functions-key'];
  return typeof header === 'string' ? header : (searchParamsOf(target).get('code') ?? undefined);
};

/** What a key opens; `own` is a key that opens the one function that is asked for. */
const levelOf = (key: string | undefined, keys: HostKeys, own?: string): KeyLevel => {
  if (key === undefined) return 'none';
  if (sameKey(key, keys.master)) return 'admin';
  const accepted = [...Object.values(keys.host), ...(own === undefined ? [] : [own])];
  return accepted.some((expected) => sameKey(key, expected)) ? 'function' : 'none';
};

const isAuthorized = (level: KeyLevel, needed: string): boolean => {
  if (needed === 'anonymous') return true;
  return needed === 'admin' ? level === 'admin' : level !== 'none';
};

const traceContext = (request: IncomingMessage) => ({
  traceParent: String(request.headers.traceparent ?? ''),
  traceState: String(request.headers.tracestate ?? ''),
  attributes: {},
});

const createFunctionHandler = (options: HttpHostOptions) => {
  const { settings, keys, invoker } = options;
  const limit = Number(options.env.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ?? DEFAULT_BODY_LIMIT);
  const find = (method: string, pathname: string) => {
    for (const entry of options.functions) {
      const params = entry.methods.includes(method) ? entry.match(pathname) : undefined;
      if (params !== undefined) return { entry, params };
    }
    return undefined;
  };
  return async (request: IncomingMessage, response: ServerResponse, target: Target): Promise<void> => {
    const hit = find(request.method ?? '', target.path);
    if (hit === undefined) return sendStatus(response, 404);
    const { entry, params } = hit;
    const level = levelOf(givenKey(request, target), keys, keys.functions?.[entry.fn.metadata.name]);
    if (!isAuthorized(level, entry.authLevel)) return sendStatus(response, 401);
    if (entry.disabled) return sendStatus(response, 404);
    const body = await readBody(request, limit);
    if (body === undefined) {
      // The real host fails on such a body instead of naming it.
      response.setHeader('connection', 'close');
      return sendStatus(response, 500);
    }
    try {
      const { returnValue } = await invoker.invoke(entry.fn, {
        inputData: [{ name: entry.bindingName, data: { http: toRpcRequest(request, target, params, body) } }],
        triggerMetadata: {},
        traceContext: traceContext(request),
      });
      const answer = returnValue?.http;
      if (answer === undefined) return sendStatus(response, 204);
      return sendRpcResponse(response, answer, settings.customHeaders);
    } catch (error) {
      options.logFailure(entry.fn.metadata.name, error);
      return response.headersSent ? void response.destroy() : sendStatus(response, 500);
    }
  };
};

/** The text a caller of `POST /admin/functions/<name>` passes; undefined when the body is not what it must be. */
const adminInput = (body: Buffer): string | undefined => {
  if (body.length === 0) return '';
  try {
    const { input = '' } = JSON.parse(body.toString('utf8')) as { input?: unknown };
    return typeof input === 'string' ? input : undefined;
  } catch {
    return undefined;
  }
};

const createAdminHandler = (options: HttpHostOptions) => {
  const status = (): string =>
    JSON.stringify({ state: 'Running', version: '4.1041.0', errors: Object.values(options.errors) });
  const functions = (): string =>
    JSON.stringify(
      options.functions.map(({ fn, disabled }) => ({ name: fn.metadata.name, isDisabled: disabled })),
    );
  return async (request: IncomingMessage, response: ServerResponse, target: Target): Promise<void> => {
    const route = `${request.method} ${target.path}`;
    if (/^(GET|POST) \/admin\/host\/ping$/.test(route)) return sendStatus(response, 200);
    const level = levelOf(givenKey(request, target), options.keys);
    if (level !== 'admin') {
      if (level === 'none') response.setHeader('www-authenticate', 'Bearer');
      return sendStatus(response, level === 'none' ? 401 : 403);
    }
    if (route === 'GET /admin/host/status') return sendText(response, 200, 'application/json', status());
    if (route === 'GET /admin/functions') return sendText(response, 200, 'application/json', functions());
    const name = /^POST \/admin\/functions\/([^/]+)$/.exec(route)?.[1];
    if (name === undefined) return sendStatus(response, 404);
    const input = adminInput((await readBody(request, DEFAULT_BODY_LIMIT)) ?? Buffer.from('?'));
    if (input === undefined) return sendStatus(response, 400);
    return sendStatus(response, options.runByName(name, input) ? 202 : 404);
  };
};

/** The server, not yet listening. */
export const createHttpServer = (options: HttpHostOptions): Server => {
  const callFunction = createFunctionHandler(options);
  const callAdmin = createAdminHandler(options);
  const ownsRoot = options.functions.some(({ match, methods }) => methods.includes('GET') && match('/'));
  const home = (response: ServerResponse): void => {
    if (/^true$/i.test(options.env.AzureWebJobsDisableHomepage ?? '')) sendStatus(response, 204);
    else sendText(response, 200, 'text/html', '<html>Your Functions 4.0 app is up and running</html>');
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = targetOf(request);
    if (target === undefined || /%00/.test(target.path)) return sendStatus(response, 400);
    if (target.path.startsWith('/admin/')) return callAdmin(request, response, target);
    if (request.method === 'GET' && target.path === '/' && !ownsRoot) return home(response);
    return callFunction(request, response, target);
  };
  const server = createServer({ maxHeaderSize: HEADER_LIMIT }, (request, response) => {
    handle(request, response).catch(() => {
      // The caller went away while sending its body: there is no one to answer.
      response.destroy();
    });
  });
  takeAnyVerb(server);
  return server;
};
