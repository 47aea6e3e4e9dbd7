import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  type ClientSecretCredentialOptions,
  type TokenCredential,
} from '@azure/identity';
import { BridgeError } from '../../domain/errors.js';
import type { ClientCredentials } from './credentials.js';

/** The audience of tokens that a federated credential takes (*Workload identity federation*). */
const EXCHANGE = 'api://AzureADTokenExchange/.default';

/** What a connection signs in with; throws what the library says of a certificate that is none. */
export function createCredential(
  credentials: ClientCredentials,
  settings: ClientSecretCredentialOptions,
  identity: TokenCredential | undefined,
): TokenCredential {
  const { clientId, tenantId } = credentials;
  switch (credentials.kind) {
    case 'certificate':
      return new ClientCertificateCredential(
        tenantId,
        clientId,
        { certificate: credentials.pem },
        // With the chain, an authority can be trusted instead of each certificate.
        { ...settings, sendCertificateChain: true },
      );
    case 'managedIdentity':
      return new ClientAssertionCredential(tenantId, clientId, () => assertionOf(identity), settings);
    case undefined:
      return new ClientSecretCredential(tenantId, clientId, credentials.clientSecret, settings);
  }
}

async function assertionOf(identity: TokenCredential | undefined): Promise<string> {
  const token = await identity?.getToken(EXCHANGE).catch((error: unknown) => {
    throw new BridgeError('invalid_client_credentials', 'The app has no managed identity to sign in with.', {
      hint: 'Give the function app its identity, or choose another kind of credential.',
      cause: error,
    });
  });
  if (token) return token.token;
  throw new BridgeError('invalid_client_credentials', 'The app has no managed identity to sign in with.');
}
