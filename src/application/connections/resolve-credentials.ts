import { X509Certificate } from 'node:crypto';
import { BridgeError } from '../../domain/errors.js';
import type { Connection, SecretRef } from '../../domain/model.js';
import type { Clock } from '../ports/runtime.js';
import type { SecretStore } from '../ports/secret-store.js';

/** What the app settings offer to connections without credentials of their own. */
export interface SettingsCredentials {
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

export type ResolvedCredentials = {
  readonly tenantId: string;
  readonly clientId: string;
  /** Changes with what proves the identity: clients and tokens are cached under it. */
  readonly version: string;
} & (
  | { readonly kind?: undefined; readonly clientSecret: string }
  /** Private key, certificate and the chain above it, in PEM. */
  | { readonly kind: 'certificate'; readonly pem: string }
  | { readonly kind: 'managedIdentity' }
);

const SETTINGS_VERSION = 'app-settings';
/** A new version of a certificate is used after so long at the latest. */
const LATEST_MS = 5 * 60_000;

type Secrets = Pick<SecretStore, 'get' | 'latest'>;
type Given = Pick<Connection, 'tenantId' | 'clientId' | 'clientSecret' | 'credential'>;

/**
 * The credentials of a connection, each part its own or the app settings'. Throws `invalid_client_credentials` naming
 * what is missing, `secret_missing`, `secret_store_unavailable`.
 */
export const resolveCredentials = (deps: {
  readonly secrets: Secrets;
  readonly settings: SettingsCredentials;
  readonly clock: Pick<Clock, 'now'>;
}) => {
  const certificateOf = recentCertificates(deps.secrets, deps.clock);
  const secretOf = async (own: SecretRef | null): Promise<string | undefined> =>
    own === null ? deps.settings.clientSecret : deps.secrets.get(own);
  return async (connection: Given): Promise<ResolvedCredentials> => {
    const tenantId = connection.tenantId ?? deps.settings.tenantId;
    const clientId = connection.clientId ?? deps.settings.clientId;
    const { clientSecret: own, credential } = connection;
    if (credential?.kind === 'certificate') {
      const app = demandParts({ tenantId, clientId });
      return { ...app, kind: 'certificate', ...(await certificateOf(credential.name)) };
    }
    if (credential?.kind === 'managedIdentity') {
      return { ...demandParts({ tenantId, clientId }), kind: 'managedIdentity', version: 'managed-identity' };
    }
    const parts = demandParts({ tenantId, clientId, clientSecret: await secretOf(own) });
    return { ...parts, version: own?.version ?? SETTINGS_VERSION };
  };
};

/** The parts, all there; throws with the names of those that are missing. */
function demandParts<K extends string>(parts: Readonly<Record<K, string | undefined>>): Record<K, string> {
  const missing = Object.entries(parts).flatMap(([name, value]) => (value ? [] : [name]));
  if (missing.length > 0) throw incomplete(missing);
  return parts as Record<K, string>;
}

/** The newest version of each certificate, asked for anew from time to time: Key Vault may renew it by itself. */
function recentCertificates(secrets: Secrets, clock: Pick<Clock, 'now'>) {
  const recent = new Map<string, { readonly read: Certificate; readonly until: number }>();
  return async (name: string) => {
    const known = recent.get(name);
    if (known !== undefined && known.until > clock.now()) return known.read;
    const read = await readCertificate(secrets, name);
    recent.set(name, { read, until: clock.now() + LATEST_MS });
    return read;
  };
}

interface Certificate {
  readonly pem: string;
  readonly version: string;
}

/** Reads a certificate with its key; throws `secret_missing`, and `invalid_client_credentials` when it is none. */
async function readCertificate(secrets: Pick<SecretStore, 'latest'>, name: string): Promise<Certificate> {
  const found = await secrets.latest(name);
  if (found === undefined) {
    throw new BridgeError('secret_missing', `Key Vault has no certificate "${name}".`, {
      hint: 'Make it in the vault of this service, or name another one in "credential".',
    });
  }
  const pem = found.value;
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem) || !pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new BridgeError(
      'invalid_client_credentials',
      `"${name}" in Key Vault is no certificate with its key in PEM.`,
      {
        hint: 'Choose the content type PEM (application/x-pem-file) and an exportable RSA key in the policy of the certificate.',
      },
    );
  }
  return { pem, version: found.ref.version };
}

/**
 * ISO time at which what the connection signs in with expires: of a certificate as it says itself, of a client secret as a
 * person has entered it; null: it does not, or that is not known. Throws what reading the vault throws.
 */
export const credentialExpiry =
  (deps: { readonly secrets: Pick<SecretStore, 'latest'> }) =>
  async ({ credential, credentialExpiresAt = null }: Connection): Promise<string | null> => {
    if (credential?.kind === 'managedIdentity') return null;
    if (credential?.kind !== 'certificate') return credentialExpiresAt;
    const { pem } = await readCertificate(deps.secrets, credential.name);
    return new Date(new X509Certificate(leafOf(pem)).validTo).toISOString();
  };

/** The certificate itself stands first; after it come those that it was signed with. */
function leafOf(pem: string): string {
  return pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----'));
}

function incomplete(missing: readonly string[]): BridgeError {
  return new BridgeError(
    'invalid_client_credentials',
    `The credentials are not complete: ${missing.join(', ')} missing.`,
    {
      hint: 'Set them on the connection or in the app settings CRM__Dynamics365__TenantId, ClientId and ClientSecret.',
    },
  );
}
