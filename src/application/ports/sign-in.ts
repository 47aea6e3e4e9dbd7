import type { Caller } from '../../domain/roles.js';

/**
 * Checks a bearer token and answers who has brought it. Throws `unauthorized` for a token that is not valid here, and
 * `issuer_unavailable` when that cannot be told because the issuer's keys cannot be read.
 */
export type VerifyToken = (token: string) => Promise<Caller>;
