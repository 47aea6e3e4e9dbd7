/** What a verified access token says. */
export interface TokenClaims {
  appId: string;
  tenantId: string;
  audience: string;
}

/** Checks access tokens of the identity simulator. */
export interface TokenVerifier {
  /** The claims of the token; undefined when it is unknown, forged or expired. */
  verify(token: string): TokenClaims | undefined;
}
