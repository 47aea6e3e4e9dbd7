/** What a connection keeps in the vault. */
export type SecretKind = 'client-secret' | 'webhook-secret' | 'alert-target';

/**
 * The vault's name for a secret of a connection. Names allow only letters, digits and hyphens, so any other character
 * of the id becomes a hyphen; ids are random enough that two of them never meet under one name. A name belongs to its
 * connection for good: a new secret is a new version of it.
 */
export function secretName(connectionId: string, kind: SecretKind): string {
  return `conn-${connectionId.replace(/[^0-9a-zA-Z-]/g, '-')}-${kind}`;
}
