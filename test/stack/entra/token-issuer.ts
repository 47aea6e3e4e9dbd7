import { createHash, generateKeyPairSync, type JsonWebKey, randomUUID, sign, verify } from 'node:crypto';
import { z } from 'zod';
import type { TokenClaims, TokenVerifier } from '../tokens.js';

/** An issued token and its lifetime in seconds. */
export interface IssuedToken {
  token: string;
  expiresIn: number;
}

/** Signs the access tokens of all tenants and checks them again. */
export interface TokenIssuer extends TokenVerifier {
  issue(claims: TokenClaims): IssuedToken;
  /** Signs claims as they are; times are added. */
  sign(claims: object): IssuedToken;
  /** The public keys as a client finds them in the key set, the present one last. */
  keys(): readonly JsonWebKey[];
  /** Signs with a new key from now on; the former keys stay in the set unless `forget`. */
  rollKey(forget: boolean): void;
  /** Lifetime in seconds of the tokens issued from now on. */
  setLifetime(seconds: number): void;
  /** No token issued so far is taken any more. */
  revokeAll(): void;
}

const defaultLifetimeS = 3599;

const payloadSchema = z.object({
  aud: z.string(),
  tid: z.string(),
  appid: z.string(),
  exp: z.number(),
  serial: z.number(),
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** RS256 tokens with the claims of a version 1 token for an application, as resources receive them. */
export function createTokenIssuer(now: () => Date): TokenIssuer {
  let keys = [newKey()];
  let lifetime = defaultLifetimeS;
  let lastSerial = 0;
  let revokedUpTo = 0;
  const seconds = () => Math.floor(now().getTime() / 1000);

  function issue({ appId, tenantId, audience }: TokenClaims): IssuedToken {
    lastSerial += 1;
    return signed({
      aud: audience,
      iss: `https://sts.windows.net/${tenantId}/`,
      appid: appId,
      appidacr: '1',
      idtyp: 'app',
      oid: objectId(tenantId, appId),
      tid: tenantId,
      ver: '1.0',
      serial: lastSerial,
    });
  }

  function signed(claims: object): IssuedToken {
    const issuedAt = seconds();
    const { header, privateKey } = keys.at(-1) ?? newKey();
    const payload = encode({ ...claims, iat: issuedAt, nbf: issuedAt, exp: issuedAt + lifetime });
    const signature = sign('RSA-SHA256', Buffer.from(`${header}.${payload}`), privateKey);
    return { token: `${header}.${payload}.${signature.toString('base64url')}`, expiresIn: lifetime };
  }

  function check(token: string): TokenClaims | undefined {
    const [head, body, signature, ...rest] = token.split('.');
    const key = keys.find(({ header }) => header === head);
    if (key === undefined || body === undefined || signature === undefined || rest.length > 0) {
      return undefined;
    }
    const isOurs = verify(
      'RSA-SHA256',
      Buffer.from(`${head}.${body}`),
      key.publicKey,
      Buffer.from(signature, 'base64url'),
    );
    if (!isOurs) {
      return undefined;
    }
    const claims = payloadSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    if (claims.exp <= seconds() || claims.serial <= revokedUpTo) {
      return undefined;
    }
    return { appId: claims.appid, tenantId: claims.tid, audience: claims.aud };
  }

  return {
    issue,
    verify: check,
    sign: signed,
    keys: () => keys.map(({ jwk }) => jwk),
    rollKey: (forget) => {
      keys = forget ? [newKey()] : [...keys, newKey()];
    },
    setLifetime: (value) => {
      lifetime = value;
    },
    revokeAll: () => {
      revokedUpTo = lastSerial;
    },
  };
}

function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomUUID();
  const jwk: JsonWebKey = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
  return { publicKey, privateKey, jwk, header: encode({ typ: 'JWT', alg: 'RS256', kid }) };
}

/** The same object id for the same application, as a directory gives it. */
function objectId(tenantId: string, appId: string): string {
  const hex = createHash('sha256').update(`${tenantId}/${appId}`).digest('hex');
  return [8, 12, 16, 20, 32].map((end, index, ends) => hex.slice(ends[index - 1] ?? 0, end)).join('-');
}
