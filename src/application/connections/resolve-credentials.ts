import { BridgeError } from '../../domain/errors.js';
import type { Connection } from '../../domain/model.js';
import type { SecretStore } from '../ports/secret-store.js';

/** What the app settings offer to connections without credentials of their own. */
export interface SettingsCredentials {
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

export interface ResolvedCredentials {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Changes with the secret: clients and tokens are cached under it. */
  readonly version: string;
}

const SETTINGS_VERSION = 'app-settings';

/**
 * The credentials of a connection, each part its own or the app settings'. Throws `invalid_client_credentials` naming
 * what is missing, `secret_missing`, `secret_store_unavailable`.
 */
export const resolveCredentials =
  (deps: { readonly secrets: Pick<SecretStore, 'get'>; readonly settings: SettingsCredentials }) =>
  async (
    connection: Pick<Connection, 'tenantId' | 'clientId' | 'clientSecret'>,
  ): Promise<ResolvedCredentials> => {
    const tenantId = connection.tenantId ?? deps.settings.tenantId;
    const clientId = connection.clientId ?? deps.settings.clientId;
    const own = connection.clientSecret;
    const clientSecret = own === null ? deps.settings.clientSecret : await deps.secrets.get(own);
    if (!tenantId || !clientId || !clientSecret) throw incomplete({ tenantId, clientId, clientSecret });
    return { tenantId, clientId, clientSecret, version: own?.version ?? SETTINGS_VERSION };
  };

function incomplete(parts: Readonly<Record<string, string | undefined>>): BridgeError {
  const missing = Object.entries(parts).flatMap(([name, value]) => (value ? [] : [name]));
  return new BridgeError(
    'invalid_client_credentials',
    `The credentials are not complete: ${missing.join(', ')} missing.`,
    {
      hint: 'Set them on the connection or in the app settings CRM__Dynamics365__TenantId, ClientId and ClientSecret.',
    },
  );
}
