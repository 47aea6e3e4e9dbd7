import { randomBytes } from 'node:crypto';
import type { SimulatorsConfig } from './simulators-config.js';

export const environment = 'contoso.crm.dynamics.com';
export const functionsKey = 'local-dev-key';

const tenantId = '6f1c3a52-8f0e-4d0b-9c43-0b7a4f1e2d10';

/** A new secret of 32 characters that needs no escaping anywhere. */
export const newSecret = () => randomBytes(24).toString('base64url');

export interface Identities extends Omit<SimulatorsConfig, 'ports'> {
  /** Function key that opens the receiver of AuthScape's events and nothing else. */
  eventsKey: string;
}

/** Who knows which application: fixed ids, secrets that are new each time. */
export function createIdentities(): Identities {
  return {
    environment,
    credentials: {
      tenantId,
      clientId: '2b9d7e04-51c6-4f3a-a8d2-7c1e90b3f511',
      clientSecret: newSecret(),
    },
    editor: {
      tenantId,
      clientId: '94e0c6d8-3a7b-4b52-8e19-d5f26a08c722',
      clientSecret: newSecret(),
    },
    authScape: {
      product: { clientId: '900001', clientSecret: newSecret() },
      editor: { clientId: '900002', clientSecret: newSecret() },
    },
    application: {
      clientId: 'c5d2a8b4-7f13-4e60-9d2a-61b0e3f4a944',
      people: [
        { name: 'reader', roles: ['sync.read'], password: newSecret() },
        { name: 'operator', roles: ['sync.operate'], password: newSecret() },
        { name: 'admin', roles: ['sync.admin'], password: newSecret() },
        { name: 'guest', roles: [], password: newSecret() },
      ],
    },
    eventsKey: newSecret(),
    managedIdentity: { clientId: 'd07a5b93-6e2f-4c18-b1f4-38c9e7a2d633', header: newSecret() },
  };
}
