import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import type { VerifyToken } from '../application/ports/sign-in.js';
import { BridgeError } from '../domain/errors.js';
import { type Caller, holdsRole, ROLES, type Role } from '../domain/roles.js';
import type { Handle } from './endpoint.js';
import { setActor } from './invocation.js';

export interface SignIn {
  /** `functionKeys`: the platform has checked the key before the app is called. */
  readonly mode: 'functionKeys' | 'app';
  /** SHA-256 digests of keys, in hex, by name. */
  readonly apiKeys: Readonly<Record<string, string>>;
  readonly verifyToken: VerifyToken;
}

/** Lets a handler be called by those only who have the role, and notes who that is. Throws `unauthorized`, `forbidden`. */
export const authorized =
  (signIn: SignIn, role: Role | null, handle: Handle): Handle =>
  async (request) => {
    if (role === null) return handle(request);
    const caller = await callerOf(signIn, request);
    if (!holdsRole(caller.roles, role)) {
      throw new BridgeError('forbidden', `This needs the role ${role}, which the token does not hold.`, {
        hint: 'Give the user or the application that role at the issuer.',
      });
    }
    setActor(caller.actor);
    return handle(request);
  };

async function callerOf({ apiKeys, mode, verifyToken }: SignIn, request: HttpRequest): Promise<Caller> {
  const key = request.headers.get('x-functions-key') ?? request.query.get('code');
  const name = key === null ? undefined : nameOfKey(apiKeys, key);
  if (mode === 'functionKeys' || name !== undefined) {
    return { actor: { kind: 'key', name: name ?? 'function key' }, roles: ROLES };
  }
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  if (token !== undefined) return challenged(() => verifyToken(token));
  throw new BridgeError(
    'unauthorized',
    key === null ? 'Neither a key nor a token came with the request.' : 'The key is not known.',
    {
      hint: 'Send a key as x-functions-key, or a token as "Authorization: Bearer …".',
      challenge: 'Bearer',
    },
  );
}

async function challenged(verify: () => Promise<Caller>): Promise<Caller> {
  try {
    return await verify();
  } catch (error) {
    if (!(error instanceof BridgeError) || error.code !== 'unauthorized') throw error;
    throw new BridgeError('unauthorized', error.message, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      challenge: `Bearer error="invalid_token", error_description="${error.message}"`,
      cause: error,
    });
  }
}

/** Every digest is compared, so that the time tells nothing. */
function nameOfKey(apiKeys: SignIn['apiKeys'], key: string): string | undefined {
  const digest = createHash('sha256').update(key).digest();
  const fitting = Object.entries(apiKeys).filter(([, hex]) =>
    timingSafeEqual(Buffer.from(hex, 'hex'), digest),
  );
  return fitting[0]?.[0];
}
