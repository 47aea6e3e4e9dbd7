import { constants, verify, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { TokenIssuer } from './token-issuer.js';

/** What an application may sign in with beside a secret. */
export interface TrustedAssertions {
  /** PEM texts of the certificates that are uploaded to it. */
  certificates: readonly string[];
  /** Application ids of the managed identities that its federated credentials name. */
  identities: readonly string[];
}

export interface AssertionRequest {
  assertion: string;
  clientId: string;
  /** Address of the token endpoint, which a certificate's assertion has to be for. */
  endpoint: string;
  trusted: TrustedAssertions;
  issuer: TokenIssuer;
  now: Date;
}

/** The number of the AADSTS error, and what it says. */
export interface AssertionFault {
  code: number;
  text: string;
}

/** The audience of tokens that stand for a managed identity in a federated credential. */
const EXCHANGE = 'api://AzureADTokenExchange';

const headerSchema = z.looseObject({
  alg: z.enum(['RS256', 'PS256']),
  'x5t#S256': z.string().optional(),
  x5t: z.string().optional(),
  x5c: z.union([z.string(), z.array(z.string())]).optional(),
});
const claimsSchema = z.looseObject({
  iss: z.string(),
  aud: z.string(),
  exp: z.number(),
  nbf: z.number().optional(),
  sub: z.string().optional(),
});

/** Undefined: the assertion proves who it is. As *Microsoft identity platform application authentication certificate credentials* says. */
export function assertionFault(request: AssertionRequest): AssertionFault | undefined {
  const [head = '', body = '', signature = ''] = request.assertion.split('.');
  const header = headerSchema.safeParse(decoded(head));
  const claims = claimsSchema.safeParse(decoded(body));
  if (!header.success || !claims.success) return { code: 50027, text: 'JWT token is invalid or malformed.' };
  const isOwn = header.data.x5t !== undefined || header.data['x5t#S256'] !== undefined;
  const isExpired = claims.data.exp <= request.now.getTime() / 1000;
  if (isExpired) return { code: 700024, text: 'Client assertion is not within its valid time range.' };
  return isOwn
    ? certificateFault(
        request,
        header.data,
        claims.data,
        `${head}.${body}`,
        Buffer.from(signature, 'base64url'),
      )
    : federationFault(request, claims.data);
}

function certificateFault(
  { clientId, endpoint, now, trusted }: AssertionRequest,
  header: z.infer<typeof headerSchema>,
  claims: z.infer<typeof claimsSchema>,
  signed: string,
  signature: Buffer,
): AssertionFault | undefined {
  const certificate = trusted.certificates
    .map((pem) => new X509Certificate(pem))
    .find(
      ({ fingerprint, fingerprint256 }) =>
        base64url(fingerprint256) === header['x5t#S256'] || base64url(fingerprint) === header.x5t,
    );
  if (certificate === undefined || !isSigned(certificate, header.alg, signed, signature)) {
    const text =
      'The certificate with identifier used to sign the client assertion is not registered on application.';
    return { code: 700027, text };
  }
  // With the chain an authority can be trusted instead of each certificate.
  const [leaf] = [header.x5c ?? []].flat();
  if (leaf !== undefined && !certificate.raw.equals(Buffer.from(leaf, 'base64'))) {
    return { code: 700027, text: 'The chain of the client assertion does not begin with its certificate.' };
  }
  if (Date.parse(certificate.validTo) <= now.getTime()) {
    return { code: 1000502, text: 'The provided certificate is not within its specified validity window.' };
  }
  if (claims.aud.toLowerCase() !== endpoint.toLowerCase()) {
    return { code: 700023, text: 'Client assertion audience claim does not match Realm issuer.' };
  }
  if (claims.iss !== clientId || claims.sub !== clientId) {
    return {
      code: 700021,
      text: 'Client assertion application identifier does not match client_id parameter.',
    };
  }
  return undefined;
}

function federationFault(
  { assertion, issuer, trusted }: AssertionRequest,
  { aud }: z.infer<typeof claimsSchema>,
): AssertionFault | undefined {
  const proven = issuer.verify(assertion);
  if (proven === undefined) return { code: 700027, text: 'Client assertion failed signature validation.' };
  const missing = 'No matching federated identity record found for presented assertion';
  if (aud !== EXCHANGE) return { code: 700212, text: `${missing} audience '${aud}'.` };
  const isKnown = trusted.identities.some((id) => id.toLowerCase() === proven.appId.toLowerCase());
  return isKnown ? undefined : { code: 700213, text: `${missing} subject.` };
}

function isSigned({ publicKey }: X509Certificate, alg: 'RS256' | 'PS256', text: string, signature: Buffer) {
  const padding =
    alg === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { padding: constants.RSA_PKCS1_PADDING };
  return verify('sha256', Buffer.from(text), { key: publicKey, ...padding }, signature);
}

/** A fingerprint, `AB:CD:…`, as header parameters have it. */
function base64url(fingerprint: string): string {
  return Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
