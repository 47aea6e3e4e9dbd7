import { randomUUID } from 'node:crypto';
import { type Fault, type SimReply, type SimRequest, type SimShell, startSimShell } from '../control.js';
import type { TokenVerifier } from '../tokens.js';
import { authenticate, findUser, requireUser } from './access.js';
import { type BatchOptions, runBatch } from './batch/batch.js';
import { type Call, parseQuery } from './call.js';
import { controlRoutes } from './control/control-routes.js';
import { RowTarget } from './control/row-target.js';
import { Seeder } from './control/seeding.js';
import { ServiceLimits } from './control/service-limits.js';
import { answer, failure } from './dispatch.js';
import { Environment } from './environment.js';
import { DataverseError, errorReply, methodNotAllowed, noSuchSegment } from './errors.js';
import { parsePreferences } from './reading/preferences.js';
import { parsePath } from './resource-path.js';
import { WebhookSender } from './webhooks/webhook-sender.js';

/** The application behind a request's token, or the answer to a token that is none. */
type Caller = ReturnType<typeof authenticate>;

/** GET addresses of a request of its own. */
const maxUrlLength = 32_768;

export interface DataverseSimOptions {
  /** 0 picks a free port. */
  port: number;
  verifier: TokenVerifier;
  /** Domain such as contoso.crm.dynamics.com: tokens for it are accepted. */
  environment: string;
  applicationUsers: { appId: string; fullName: string }[];
  now?: () => Date;
}

export interface DataverseSim {
  url: string;
  port: number;
  organizationId: string;
  close(): Promise<void>;
}

/**
 * Starts a simulator of the Dataverse Web API with one environment, empty but for its system rows. Of its control routes,
 * `POST /_sim/limits` with `{ requests?, executionSeconds?, concurrent?, windowSeconds? }` enforces service protection
 * limits for each application user, the documented ones where nothing is said; `GET` reports them and what they refused,
 * `DELETE` and a reset refuse no request any more.
 */
export async function startDataverseSim(options: DataverseSimOptions): Promise<DataverseSim> {
  const environment = new Environment({
    domain: options.environment,
    applicationUsers: options.applicationUsers,
    now: options.now ?? (() => new Date()),
  });
  const webhooks = new WebhookSender(environment);
  const limits = new ServiceLimits(() => environment.now());
  const faultReply = (fault: Fault) => injected(environment, fault);
  const callers = new WeakMap<SimRequest, Caller>();
  let shell: SimShell | undefined;

  function callerOf(request: SimRequest): Caller {
    const caller =
      callers.get(request) ?? authenticate(environment, options.verifier, request.headers.authorization);
    callers.set(request, caller);
    return caller;
  }

  async function handle(request: SimRequest): Promise<SimReply | undefined> {
    return shell === undefined
      ? { status: 503 }
      : answerRequest(environment, callerOf(request), request, { shell, faultReply });
  }

  /** Lets a known user's request in as its limits allow, and puts the platform's headers on every answer. */
  async function around(
    request: SimRequest,
    work: () => Promise<SimReply | undefined>,
  ): Promise<SimReply | undefined> {
    const caller = callerOf(request);
    const user = 'appId' in caller ? findUser(environment, caller.appId) : undefined;
    if (user === undefined) {
      return completed(environment, await work());
    }
    const entrance = limits.enter(user.userId);
    let reply: SimReply | undefined;
    if (entrance.isRefused) {
      const preferences = parsePreferences(joined(request.headers.prefer));
      reply = failure({ environment, preferences }, entrance.error);
      reply.headers = { ...reply.headers, 'Retry-After': String(entrance.retryAfterSeconds) };
    } else {
      try {
        reply = await work();
      } finally {
        entrance.leave();
      }
    }
    return completed(environment, reply, limits.headers(user.userId));
  }

  shell = await startSimShell({
    port: options.port,
    routeOf: labelOf,
    handle,
    around,
    control: controlRoutes({ environment, seeder: new Seeder(environment), webhooks, limits }),
    faultReply,
    targetOf: ({ url, body }) => new RowTarget(environment, url.pathname, body),
  });
  const { url, port, close } = shell;
  return {
    url,
    port,
    organizationId: environment.organizationId,
    close: () => {
      webhooks.close();
      return close();
    },
  };
}

/** "GET contacts" for a set, its rows and all that is below them. */
function labelOf(request: SimRequest): string {
  const { pathname } = request.url;
  const name = pathname.replace(/^\/api\/data\/v9\.\d+\//, '').split(/[(/]/)[0];
  return `${request.method} ${name === '' ? pathname : name}`;
}

async function answerRequest(
  environment: Environment,
  identity: Caller,
  request: SimRequest,
  options: BatchOptions,
): Promise<SimReply | undefined> {
  const plainHeaders = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, joined(value)]),
  );
  const preferences = parsePreferences(plainHeaders.prefer);
  if (!('appId' in identity)) {
    return identity;
  }
  let call: Call;
  try {
    if (request.url.pathname.length + request.url.search.length > maxUrlLength) {
      throw new DataverseError(414, '0x0', 'The request URL is too long.');
    }
    const segments = parsePath(request.url.pathname);
    if (segments === undefined) {
      throw noSuchSegment(request.url.pathname);
    }
    const search = request.url.search.slice(1);
    call = {
      environment,
      user: requireUser(environment, identity.appId),
      method: request.method,
      segments,
      search,
      query: parseQuery(search),
      headers: plainHeaders,
      body: request.body.toString(),
      preferences,
      root: `http://${request.headers.host ?? ''}/api/data/v9.2`,
    };
  } catch (error) {
    return failure({ environment, preferences }, error);
  }
  if (call.segments[0]?.name !== '$batch') {
    return answer(call);
  }
  return call.method === 'POST' ? runBatch(call, options) : failure(call, methodNotAllowed(call.method));
}

/** The body of an injected error: gateways answer HTML, the platform JSON. */
function injected(environment: Environment, fault: Fault): SimReply {
  const status = fault.status ?? 503;
  const isWorded = fault.code !== undefined || fault.message !== undefined;
  const isGateway = status >= 502 && status <= 504 && !isWorded;
  if (isGateway && environment.behaviour.gatewayBody === 'empty') {
    return { status };
  }
  if (isGateway && environment.behaviour.gatewayBody === 'html') {
    const body = `<html><head><title>${status}</title></head><body><h1>Service Unavailable</h1></body></html>`;
    return { status, headers: { 'Content-Type': 'text/html' }, body };
  }
  const codes: Record<number, string> = { 429: '0x80072322', 401: '0x0', 412: '0x80060882' };
  const code = fault.code ?? codes[status] ?? '0x80040216';
  const message =
    fault.message ??
    (status === 429
      ? 'Number of requests exceeded the limit of 6000 over time window of 300 seconds.'
      : 'An injected error occurred.');
  return errorReply(status, code, message);
}

function joined(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}

/** The reply with the headers that every answer of the platform has. */
function completed(
  environment: Environment,
  reply: SimReply | undefined,
  limitHeaders: Record<string, string> = {},
): SimReply | undefined {
  if (reply === undefined) {
    return undefined;
  }
  return {
    ...reply,
    headers: {
      'OData-Version': '4.0',
      Date: environment.now().toUTCString(),
      REQ_ID: randomUUID(),
      'x-ms-service-request-id': randomUUID(),
      'x-ms-dop-hint': String(environment.behaviour.dopHint),
      ...limitHeaders,
      'Set-Cookie': 'ARRAffinity=5f8c1d2e; Path=/; HttpOnly; Secure; SameSite=None',
      ...reply.headers,
    },
  };
}
