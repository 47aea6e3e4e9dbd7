import type { TokenCredential } from '@azure/identity';
import { onceUntilItFails } from '../../lib/once-until-it-fails.js';

export interface AppIdentitySettings {
  /** Only the identity of the function app; else the first way to sign in that works here. */
  readonly managedIdentity: boolean;
}

/** What the app itself signs in with at Azure. The identity library is loaded with the first token. */
export function appIdentity(
  { managedIdentity }: AppIdentitySettings,
  clientId: string | undefined,
): TokenCredential {
  const open = onceUntilItFails(async (): Promise<TokenCredential> => {
    const { DefaultAzureCredential, ManagedIdentityCredential } = await import('./azure-identity.js');
    if (!managedIdentity) return new DefaultAzureCredential();
    return clientId === undefined
      ? new ManagedIdentityCredential()
      : new ManagedIdentityCredential({ clientId });
  });
  return { getToken: async (scopes, options) => (await open()).getToken(scopes, options) };
}
