import { json, type SimReply, type SimRequest } from '../wire.js';
import type { TokenIssuer } from './token-issuer.js';

export interface ManagedIdentityOptions {
  issuer: TokenIssuer;
  tenantId: string;
  /** Application id of the identity; asking for another one is an error. */
  clientId: string;
  /** What the caller proves itself with: `IDENTITY_HEADER`. */
  header: string;
  now(): Date;
}

/** The token endpoint that App Service and Functions give to the app's own identity (version 2019-08-01). */
export function managedIdentityToken(options: ManagedIdentityOptions, request: SimRequest): SimReply {
  const query = request.url.searchParams;
  if (request.headers['x-identity-header'] !== options.header) {
    return refuse(401, 'The identity header is missing or wrong.');
  }
  if (query.get('api-version') !== '2019-08-01') {
    return refuse(400, `The api-version '${query.get('api-version') ?? ''}' is not supported.`);
  }
  const resource = query.get('resource');
  if (resource === null || resource === '') {
    return refuse(400, 'The parameter resource is missing.');
  }
  const wanted = query.get('client_id');
  if (wanted !== null && wanted.toLowerCase() !== options.clientId.toLowerCase()) {
    return refuse(400, 'No managed identity was found for the given client id.');
  }
  const { token, expiresIn } = options.issuer.issue({
    appId: options.clientId,
    tenantId: options.tenantId,
    audience: resource,
  });
  return json(200, {
    access_token: token,
    expires_on: String(Math.floor(options.now().getTime() / 1000) + expiresIn),
    resource,
    token_type: 'Bearer',
    client_id: options.clientId,
  });
}

function refuse(statusCode: number, message: string): SimReply {
  return json(statusCode, { statusCode, message });
}
