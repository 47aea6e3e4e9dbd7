/** What a caller may be allowed to do: each role holds the ones before it. */
export const ROLES = ['sync.read', 'sync.operate', 'sync.admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who asked for something. */
export interface Actor {
  readonly kind: 'key' | 'user' | 'system';
  readonly name: string;
}

/** A caller who is known, and what is allowed to them. */
export interface Caller {
  readonly actor: Actor;
  readonly roles: readonly string[];
}

/** Do these roles hold the one that is needed? */
export function holdsRole(roles: readonly string[], needed: Role): boolean {
  return ROLES.slice(ROLES.indexOf(needed)).some((role) => roles.includes(role));
}
