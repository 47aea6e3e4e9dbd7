import { useSyncExternalStore } from 'react';

/** Who is signed in: by a function key, or by a token of an OpenID Connect provider. Kept for the tab only. */

export interface Issuer {
  readonly name: string;
  readonly authority: string;
  readonly clientId: string;
  readonly scope: string;
}

export interface ConsoleConfig {
  readonly authMode: 'functionKeys' | 'app';
  readonly issuers: readonly Issuer[];
  readonly version: string;
}

export type Credentials =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'token'; readonly token: string; readonly name: string };

interface Session {
  readonly credentials: Credentials | null;
  /** Why a session that there was has ended. */
  readonly ended: 'refused' | null;
}

export type Role = 'sync.read' | 'sync.operate' | 'sync.admin';

const STORED = 'crm-integration.session';
const listeners = new Set<() => void>();
let session: Session = { credentials: restore(), ended: null };

function restore(): Credentials | null {
  const kept = sessionStorage.getItem(STORED);
  return kept === null ? null : (JSON.parse(kept) as Credentials);
}

function change(next: Session): void {
  session = next;
  if (next.credentials === null) sessionStorage.removeItem(STORED);
  else sessionStorage.setItem(STORED, JSON.stringify(next.credentials));
  for (const listener of listeners) listener();
}

export function signIn(credentials: Credentials): void {
  change({ credentials, ended: null });
}

export function signOut(): void {
  change({ credentials: null, ended: null });
}

/** The service refused the credentials: the page asks for others and stays where it is. */
export function endSession(refused: Credentials | null): void {
  if (session.credentials === refused) change({ credentials: null, ended: 'refused' });
}

export const currentCredentials = (): Credentials | null => session.credentials;

export function useSession(): Session {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => session,
  );
}

/** The link that `npm start` prints carries the key in the fragment, which no server and no log sees. */
export function takeKeyFromAddress(): void {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  signIn({ kind: 'key', key });
}

export function headersOf(credentials: Credentials | null): Record<string, string> {
  if (credentials === null) return {};
  return credentials.kind === 'key'
    ? { 'x-functions-key': credentials.key }
    : { authorization: `Bearer ${credentials.token}` };
}

const ROLES: readonly Role[] = ['sync.read', 'sync.operate', 'sync.admin'];

/** A key may do everything; of a token that names no known role the service decides when it is asked. */
export function mayDo(role: Role): boolean {
  const { credentials } = session;
  if (credentials?.kind !== 'token') return true;
  const known = rolesIn(credentials.token);
  return known.length === 0 || known.some((one) => ROLES.indexOf(one) >= ROLES.indexOf(role));
}

function rolesIn(token: string): readonly Role[] {
  try {
    const [, body = ''] = token.split('.');
    const bytes = Uint8Array.from(atob(body.replaceAll('-', '+').replaceAll('_', '/')), (one) =>
      one.charCodeAt(0),
    );
    const { roles, role } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const claimed = [roles, role].flat();
    return ROLES.filter((one) => claimed.includes(one));
  } catch {
    // Not a JSON Web Token: nothing is known of its roles.
    return [];
  }
}
