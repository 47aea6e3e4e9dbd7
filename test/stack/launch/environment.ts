import { createHash } from 'node:crypto';
import type { AzuriteAnswer } from './azurite-config.js';
import { environment, functionsKey, type Identities, newSecret } from './identities.js';
import type { SimulatorsAnswer } from './simulators-config.js';

export interface Wiring {
  identities: Identities;
  simulators: SimulatorsAnswer;
  azurite: AzuriteAnswer;
  /** File with the identity simulator's certificate, and what the caller already trusted. */
  trustFile: string;
}

/**
 * The settings the Functions process finds, as they would stand in the function app: everything the caller
 * has set passes through, the addresses and credentials are the stack's. The port is set by the caller.
 */
export function functionsEnvironment(base: NodeJS.ProcessEnv, wiring: Wiring): NodeJS.ProcessEnv {
  const { identities, simulators, azurite, trustFile } = wiring;
  return {
    SYNC_SCHEDULE: '0 * * * * *',
    ...withoutProxyForLoopback(base),
    FUNCTIONS_KEY: functionsKey,
    FUNCTIONS_MASTER_KEY: newSecret(),
    FUNCTIONS_OWN_KEYS: JSON.stringify({ eventsAuthScape: identities.eventsKey }),
    AzureWebJobsStorage: azurite.connectionString,
    KEY_VAULT_URI: simulators.identity,
    IDENTITY_ENDPOINT: `${simulators.identity}/msi/token`,
    IDENTITY_HEADER: identities.managedIdentity.header,
    AZURE_AUTHORITY_HOST: simulators.identity,
    NODE_EXTRA_CA_CERTS: trustFile,
    CRM__Dynamics365__Environment: environment,
    CRM__Dynamics365__TenantId: identities.credentials.tenantId,
    CRM__Dynamics365__ClientId: identities.credentials.clientId,
    CRM__Dynamics365__ClientSecret: identities.credentials.clientSecret,
    AuthScape__ApiUrl: simulators.authScape,
    AuthScape__IdpUrl: simulators.authScape,
    AuthScape__ClientId: identities.authScape.product.clientId,
    AuthScape__ClientSecret: identities.authScape.product.clientSecret,
    ...signIn(base, wiring),
    DATAVERSE_HOST_MAP: JSON.stringify({ [environment]: simulators.dataverse }),
  };
}

/** With `STACK_AUTH=app` the app itself checks keys, and tokens of the identity simulator. */
function signIn(base: NodeJS.ProcessEnv, { identities, simulators }: Wiring): NodeJS.ProcessEnv {
  if (base.STACK_AUTH !== 'app') return {};
  const { clientId } = identities.application;
  const issuer = issuerOf(simulators.identity, identities);
  const digest = createHash('sha256').update(functionsKey).digest('hex');
  const eventsDigest = createHash('sha256').update(identities.eventsKey).digest('hex');
  return {
    AUTH_MODE: 'app',
    AUTH_ISSUERS: JSON.stringify([{ issuer, audience: clientId, name: 'Entra ID', clientId }]),
    API_KEYS: JSON.stringify({ 'local-dev': digest, 'authscape-events': eventsDigest }),
  };
}

/** The issuer that people of the stack sign in at. */
export function issuerOf(identity: string, { credentials }: Identities): string {
  return `${identity}/${credentials.tenantId}/v2.0`;
}

/** The clients of the product honour proxy settings; the stack's addresses must not go there. */
function withoutProxyForLoopback(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const direct = [base.NO_PROXY ?? base.no_proxy, 'localhost', '127.0.0.1'].filter(Boolean).join(',');
  return { ...base, NO_PROXY: direct, no_proxy: direct };
}
