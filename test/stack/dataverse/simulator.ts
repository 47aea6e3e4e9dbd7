import { randomUUID } from 'node:crypto';
import { type Fault, type SimReply, type SimRequest, type SimShell, startSimShell } from '../control.js';
import type { TokenVerifier } from '../tokens.js';
import { authenticate, requireUser } from './access.js';
import { type BatchOptions, runBatch } from './batch.js';
import { type Call, parseQuery } from './call.js';
import { controlRoutes } from './control-routes.js';
import { answer, failure } from './dispatch.js';
import { Environment } from './environment.js';
import { DataverseError, errorReply, methodNotAllowed, noSuchSegment } from './errors.js';
import { parsePreferences } from './preferences.js';
import { parsePath } from './resource-path.js';
import { Seeder } from './seeding.js';
import { WebhookSender } from './webhook-sender.js';

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

/** Starts a simulator of the Dataverse Web API with one environment, empty but for its system rows. */
export async function startDataverseSim(options: DataverseSimOptions): Promise<DataverseSim> {
  const environment = new Environment({
    domain: options.environment,
    applicationUsers: options.applicationUsers,
    now: options.now ?? (() => new Date()),
  });
  const webhooks = new WebhookSender(environment);
  const headers = new HeaderWriter(environment);
  const faultReply = (fault: Fault) => injected(environment, fault);
  let shell: SimShell | undefined;

  async function handle(request: SimRequest): Promise<SimReply | undefined> {
    if (shell === undefined) {
      return { status: 503 };
    }
    const reply = await answerRequest(environment, options.verifier, request, { shell, faultReply });
    return reply === undefined ? undefined : headers.complete(reply);
  }

  shell = await startSimShell({
    port: options.port,
    routeOf: labelOf,
    handle,
    control: controlRoutes(environment, new Seeder(environment), webhooks),
    faultReply: (fault) => headers.complete(faultReply(fault)),
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

/** "GET contacts" for a set, its rows and whatever is below them. */
function labelOf(request: SimRequest): string {
  const { pathname } = request.url;
  const name = pathname.replace(/^\/api\/data\/v9\.\d+\//, '').split(/[(/]/)[0];
  return `${request.method} ${name === '' ? pathname : name}`;
}

async function answerRequest(
  environment: Environment,
  verifier: TokenVerifier,
  request: SimRequest,
  options: BatchOptions,
): Promise<SimReply | undefined> {
  const plainHeaders = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : value,
    ]),
  );
  const preferences = parsePreferences(plainHeaders.prefer);
  const identity = authenticate(environment, verifier, request.headers.authorization);
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
  const isGateway = status >= 502 && status <= 504 && fault.code === undefined;
  if (isGateway && environment.behaviour.gatewayBody === 'empty') {
    return { status };
  }
  if (isGateway && environment.behaviour.gatewayBody === 'html') {
    const body = `<html><head><title>${status}</title></head><body><h1>Service Unavailable</h1></body></html>`;
    return { status, headers: { 'Content-Type': 'text/html' }, body };
  }
  const codes: Record<number, string> = { 429: '0x80072322', 401: '0x80072560', 412: '0x80060882' };
  const code = fault.code ?? codes[status] ?? '0x80040216';
  const message =
    status === 429
      ? 'Number of requests exceeded the limit of 6000 over time window of 300 seconds.'
      : 'An injected error occurred.';
  return errorReply(status, code, message);
}

/** Puts the headers on a reply that every answer of the platform has. */
class HeaderWriter {
  readonly #environment: Environment;
  #remaining = 6000;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  complete(reply: SimReply): SimReply {
    this.#remaining = this.#remaining <= 1 ? 6000 : this.#remaining - 1;
    return {
      ...reply,
      headers: {
        'OData-Version': '4.0',
        Date: this.#environment.now().toUTCString(),
        REQ_ID: randomUUID(),
        'x-ms-service-request-id': randomUUID(),
        'x-ms-dop-hint': '4',
        'x-ms-ratelimit-burst-remaining-xrm-requests': String(this.#remaining),
        'x-ms-ratelimit-time-remaining-xrm-requests': '1,200.00',
        'Set-Cookie': 'ARRAffinity=5f8c1d2e; Path=/; HttpOnly; Secure; SameSite=None',
        ...reply.headers,
      },
    };
  }
}
