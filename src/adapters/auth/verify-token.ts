import type { JWTPayload } from 'jose';
import type { Clock } from '../../application/ports/runtime.js';
import type { VerifyToken } from '../../application/ports/sign-in.js';
import { BridgeError } from '../../domain/errors.js';
import { PLAIN_LINE } from '../../domain/text-form.js';
import { createIssuerKeys, type KeyOf } from './issuer-keys.js';

export interface TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Claim that holds the roles; dots lead into nested claims. */
  readonly roleClaim: string;
  /** What the issuer calls a role to what it is called here; a name that is not listed stays as it is. */
  readonly roles: Readonly<Record<string, string>>;
}

/** Signatures with public keys only: a shared key, or none at all, proves nothing. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCK_TOLERANCE_S = 60;

/** Claims that name the caller, the most telling first. */
const NAME_CLAIMS = ['preferred_username', 'upn', 'email', 'name', 'azp', 'appid', 'client_id', 'sub'];

const LONGEST_NAME = 256;

/** Bearer tokens of OpenID Connect issuers. The library that checks them is loaded with the first token. */
export function createTokenVerifier(issuers: readonly TrustedIssuer[], clock: Clock): VerifyToken {
  const keys = new Map<string, KeyOf>();
  return async (token) => {
    const jose = await import('jose');
    try {
      const { iss } = jose.decodeJwt(token);
      const trusted = issuers.find(({ issuer }) => issuer === iss);
      if (!trusted) throw refused('Its issuer is not trusted here.');
      const keyOf = keys.get(trusted.issuer) ?? createIssuerKeys(trusted.issuer, { jose, clock });
      keys.set(trusted.issuer, keyOf);
      const { payload } = await jose.jwtVerify(token, keyOf, {
        issuer: trusted.issuer,
        audience: trusted.audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp'],
      });
      return { actor: { kind: 'user', name: nameOf(payload) }, roles: rolesOf(payload, trusted) };
    } catch (error) {
      if (error instanceof jose.errors.JOSEError) throw refused(reasonOf(error.code), error);
      throw error;
    }
  };
}

function refused(reason: string, cause?: unknown): BridgeError {
  return new BridgeError('unauthorized', `The bearer token is not accepted. ${reason}`, {
    hint: 'Sign in again; if that does not help, compare issuer and audience with the setting AUTH_ISSUERS.',
    cause,
  });
}

function reasonOf(code: string): string {
  const reasons: Readonly<Record<string, string>> = {
    ERR_JWT_EXPIRED: 'It has expired.',
    ERR_JWT_CLAIM_VALIDATION_FAILED: 'It is for another audience, or not valid yet.',
    ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'Its signature is not right.',
    ERR_JWKS_NO_MATCHING_KEY: 'Its issuer has no such key.',
    ERR_JOSE_ALG_NOT_ALLOWED: 'Its algorithm is not allowed.',
  };
  return reasons[code] ?? 'It cannot be read as a signed token.';
}

/** People choose some of these themselves, and the audit shows them. */
function isName(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME && PLAIN_LINE.test(name);
}

function nameOf(payload: JWTPayload): string {
  const names = NAME_CLAIMS.map((claim) => payload[claim]);
  return names.find(isName) ?? 'unknown';
}

function rolesOf(payload: JWTPayload, { roleClaim, roles }: TrustedIssuer): readonly string[] {
  const found = roleClaim in payload ? payload[roleClaim] : nested(payload, roleClaim.split('.'));
  const names = (Array.isArray(found) ? found : [found]).filter((name) => typeof name === 'string');
  return names.map((name) => (Object.hasOwn(roles, name) ? (roles[name] ?? name) : name));
}

function nested(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, name) =>
      typeof part === 'object' && part !== null && Object.hasOwn(part, name)
        ? (part as Readonly<Record<string, unknown>>)[name]
        : undefined,
    value,
  );
}
