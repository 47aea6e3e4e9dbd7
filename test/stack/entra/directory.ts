import { randomUUID } from 'node:crypto';
import { json, type SimReply, type SimRequest } from '../wire.js';
import { assertionFault } from './assertions.js';
import type { createPeople } from './people.js';
import type { Registrations, SecretCheck } from './registrations.js';
import type { TokenIssuer } from './token-issuer.js';

export interface DirectoryOptions {
  registrations: Registrations;
  issuer: TokenIssuer;
  people: ReturnType<typeof createPeople>;
  /** Whether tokens are given for this resource, such as https://contoso.crm.dynamics.com. */
  isResource(resource: string): boolean;
  now(): Date;
}

interface Failure {
  status: number;
  error: string;
  code: number;
  text: string;
}

const failures = {
  grantMissing: failure(400, 'invalid_request', 900144, "The request body lacks the parameter 'grant_type'."),
  clientMissing: failure(400, 'invalid_request', 900144, "The request body lacks the parameter 'client_id'."),
  grantUnsupported: failure(
    400,
    'unsupported_grant_type',
    70003,
    'Only client_credentials is served for this client.',
  ),
  secretMissing: failure(
    401,
    'invalid_client',
    7000218,
    "The request body must contain 'client_assertion' or 'client_secret'.",
  ),
  wrongSecret: failure(
    401,
    'invalid_client',
    7000215,
    'Invalid client secret provided. Send the value of the secret, not its id.',
  ),
  expiredSecret: failure(
    401,
    'invalid_client',
    7000222,
    'The provided client secret keys are expired. Create new keys for the app.',
  ),
  badScope: failure(
    400,
    'invalid_scope',
    70011,
    'The scope of an application must be one resource followed by /.default.',
  ),
} as const;

function failure(status: number, error: string, code: number, text: string): Failure {
  return { status, error, code, text };
}

/**
 * Entra ID as an application meets it: `/{tenant}/v2.0/.well-known/openid-configuration`, its key set and
 * `/{tenant}/oauth2/v2.0/token` for client credentials. Undefined: the path is not one of these.
 * Errors carry the shape and numbers of "Microsoft Entra authentication and authorization error codes".
 */
export function createDirectory(options: DirectoryOptions) {
  const { registrations, issuer, people } = options;

  function handle(request: SimRequest): SimReply | undefined {
    const [, tenant, path] = /^\/([^/]+)\/(.+)$/.exec(request.url.pathname) ?? [];
    const route = routes[`${request.method} ${path}`];
    if (tenant === undefined || route === undefined) {
      return undefined;
    }
    if (!registrations.hasTenant(tenant)) {
      const error = path?.startsWith('oauth2/') === true ? 'invalid_request' : 'invalid_tenant';
      const text = `Tenant '${tenant}' not found. Check that you have the correct tenant id.`;
      return refuse(request, failure(400, error, 90002, text));
    }
    return route(request, tenant);
  }

  const routes: Record<string, (request: SimRequest, tenant: string) => SimReply> = {
    'GET v2.0/.well-known/openid-configuration': (request, tenant) =>
      open(json(200, metadata(baseOf(request, tenant)))),
    'GET discovery/v2.0/keys': () => open(json(200, { keys: issuer.keys() })),
    'GET oauth2/v2.0/authorize': (request) => people.authorize(request),
    'POST oauth2/v2.0/authorize': (request) => people.authorize(request),
    'POST oauth2/v2.0/token': token,
  };

  function token(request: SimRequest, tenant: string): SimReply {
    const form = new URLSearchParams(request.body.toString());
    if (form.get('grant_type') === 'authorization_code') {
      return open(people.token(form, baseOf(request, tenant)));
    }
    const fault = faultOf(form, tenant, baseOf(request, tenant));
    if (fault !== undefined) {
      return refuse(request, fault);
    }
    const resource = resourceOf(form);
    if (resource === undefined) {
      return refuse(request, failures.badScope);
    }
    if (!options.isResource(resource)) {
      const text = `The resource principal named ${resource} was not found in the tenant named ${tenant}.`;
      return refuse(request, failure(400, 'invalid_resource', 500011, text));
    }
    const claims = { appId: form.get('client_id') ?? '', tenantId: tenant, audience: resource };
    const issued = issuer.issue(claims);
    return json(200, {
      token_type: 'Bearer',
      expires_in: issued.expiresIn,
      ext_expires_in: issued.expiresIn,
      access_token: issued.token,
    });
  }

  function faultOf(form: URLSearchParams, tenant: string, base: string): Failure | undefined {
    const grant = form.get('grant_type');
    if (grant === null || grant !== 'client_credentials') {
      return grant === null ? failures.grantMissing : failures.grantUnsupported;
    }
    const clientId = form.get('client_id');
    if (clientId === null) {
      return failures.clientMissing;
    }
    const secret = form.get('client_secret');
    if (registrations.check(tenant, clientId, secret ?? '') === 'unknownApplication') {
      const text = `Application with identifier '${clientId}' was not found in the directory '${tenant}'.`;
      return failure(400, 'unauthorized_client', 700016, text);
    }
    const assertion = form.get('client_assertion');
    if (assertion !== null) {
      const fault = assertionFault({
        ...{ assertion, clientId, issuer, now: options.now() },
        endpoint: `${base}/oauth2/v2.0/token`,
        trusted: registrations.trusted(tenant, clientId) ?? { certificates: [], identities: [] },
      });
      return fault && failure(401, 'invalid_client', fault.code, fault.text);
    }
    return secret === null
      ? failures.secretMissing
      : secretFault(registrations.check(tenant, clientId, secret));
  }

  const refuse = (request: SimRequest, fault: Failure) => refusal(fault, options.now(), request);

  return { handle };
}

function secretFault(check: SecretCheck): Failure | undefined {
  if (check === 'wrongSecret' || check === 'expiredSecret') {
    return failures[check];
  }
  return undefined;
}

/** The one resource of the scope; the library adds openid scopes of its own, which mean nothing here. */
function resourceOf(form: URLSearchParams): string | undefined {
  const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope.endsWith('/.default'));
  return scopes.length === 1 ? scopes[0]?.slice(0, -'/.default'.length) : undefined;
}

function baseOf(request: SimRequest, tenant: string): string {
  return `https://${request.headers.host}/${tenant}`;
}

/** Pages of other origins may read it, as they do when they sign a person in. */
function open(reply: SimReply): SimReply {
  return { ...reply, headers: { ...reply.headers, 'access-control-allow-origin': '*' } };
}

function metadata(base: string) {
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    response_types_supported: ['code'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

const errorNames: Record<number, { status: number; error: string }> = {
  7000215: { status: 401, error: 'invalid_client' },
  7000218: { status: 401, error: 'invalid_client' },
  7000222: { status: 401, error: 'invalid_client' },
  700016: { status: 400, error: 'unauthorized_client' },
  90002: { status: 400, error: 'invalid_request' },
  65001: { status: 400, error: 'invalid_grant' },
  70011: { status: 400, error: 'invalid_scope' },
  500011: { status: 400, error: 'invalid_resource' },
};

/** The answer for an injected fault: `code` is the number of an AADSTS error, with or without its letters. */
export function injectedTokenError(status: number, code: string | undefined, now: Date): SimReply {
  const number = Number((code ?? '').replace(/^AADSTS/, ''));
  if (status === 429 || !Number.isSafeInteger(number) || number === 0) {
    const text = 'The service is temporarily unavailable. Please retry later.';
    return refusal(failure(status, 'temporarily_unavailable', 90033, text), now);
  }
  const known = errorNames[number] ?? { status, error: 'invalid_request' };
  return refusal(failure(status, known.error, number, 'The request was refused on purpose.'), now);
}

function refusal(fault: Failure, now: Date, request?: SimRequest): SimReply {
  const traceId = randomUUID();
  const asked = request?.headers['client-request-id'];
  const correlationId = typeof asked === 'string' ? asked : randomUUID();
  const timestamp = now
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
  const place = [`Trace ID: ${traceId}`, `Correlation ID: ${correlationId}`, `Timestamp: ${timestamp}`];
  return json(fault.status, {
    error: fault.error,
    error_description: [`AADSTS${fault.code}: ${fault.text}`, ...place].join('\r\n'),
    error_codes: [fault.code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${fault.code}`,
  });
}
