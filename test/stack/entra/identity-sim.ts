import { z } from 'zod';
import { type Fault, startSimShell } from '../control.js';
import { createVault } from '../key-vault/vault.js';
import { vaultError } from '../key-vault/vault-replies.js';
import type { TokenVerifier } from '../tokens.js';
import { json, type SimReply, type SimRequest } from '../wire.js';
import type { Certificate } from './certificate.js';
import { createDirectory, injectedTokenError } from './directory.js';
import { managedIdentityToken } from './managed-identity.js';
import { createPeople, type WebApplication } from './people.js';
import { type AppRegistration, createRegistrations } from './registrations.js';
import { createTokenIssuer } from './token-issuer.js';

export interface IdentitySimOptions {
  /** 0 picks a free port. */
  port: number;
  /** Tenant ids; the first one holds the vault and the managed identity. */
  tenants: readonly [string, ...string[]];
  clients: readonly AppRegistration[];
  certificate: Certificate;
  /** Domains of Dataverse environments that tokens are given for. */
  environments: readonly string[];
  managedIdentity: { clientId: string; header: string };
  /** Where people sign in, and who they are. */
  application?: WebApplication;
  /** Applications beside the managed identity that may use the vault. */
  vaultReaders?: readonly string[];
  now?(): Date;
}

export interface IdentitySim {
  /** https origin of all three: authority host, vault and (with `/msi/token`) identity endpoint. */
  url: string;
  port: number;
  verifier: TokenVerifier;
  close(): Promise<void>;
}

const clientSchema = z.strictObject({
  tenantId: z.string().min(1),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  keepOld: z.boolean().exactOptional(),
  expired: z.boolean().exactOptional(),
});
const trustSchema = z.strictObject({
  tenantId: z.string().min(1),
  clientId: z.string().min(1),
  certificates: z.array(z.string()).default([]),
  identities: z.array(z.string()).default([]),
});
const tokensSchema = z.strictObject({
  expiresIn: z.int().exactOptional(),
  revokeAll: z.boolean().exactOptional(),
  rollKey: z.enum(['keep', 'forget']).exactOptional(),
});
const vaultSchema = z.strictObject({
  purgeProtection: z.boolean().exactOptional(),
  delayMs: z.int().nonnegative().exactOptional(),
});

/**
 * One https server for Entra ID, the managed identity and Key Vault. Beside the shared control routes:
 * `POST /_sim/clients` adds an application or rotates its secret, `POST /_sim/trust` names
 * the certificates (PEM) and managed identities that an application may sign in with, `POST /_sim/tokens` shortens the lifetime
 * of tokens, revokes those given or signs with a new key (`rollKey`: is the former one kept?), `POST /_sim/vault` switches purge protection, `GET /_sim/dump` shows the
 * secrets, `POST /_sim/reset` empties the vault and takes registrations back. Injected faults match
 * "POST oauth2/v2.0/token" (their `code` is an AADSTS number), "GET msi/token" or "PUT secrets".
 */
export async function startIdentitySim(options: IdentitySimOptions): Promise<IdentitySim> {
  const now = options.now ?? (() => new Date());
  const [homeTenant] = options.tenants;
  const identity = options.managedIdentity;
  const issuer = createTokenIssuer(now);
  const registrations = createRegistrations(options.tenants, options.clients);
  const directory = createDirectory({
    registrations,
    issuer,
    people: createPeople(issuer, options.application, now),
    isResource: (resource) => isKnownResource(options.environments, resource),
    now,
  });
  const vault = createVault({
    verifier: issuer,
    tenantId: homeTenant,
    readers: [identity.clientId, ...(options.vaultReaders ?? [])],
    now,
  });

  function handle(request: SimRequest): SimReply {
    const path = request.url.pathname;
    if (path === '/msi/token' && request.method === 'GET') {
      return managedIdentityToken({ issuer, tenantId: homeTenant, ...identity, now }, request);
    }
    if (/^\/(deleted)?secrets(\/|$)/.test(path)) {
      return vault.handle(request);
    }
    const text = `The simulator does not support ${request.method} ${path}.`;
    return directory.handle(request) ?? json(501, { error: 'not_implemented', error_description: text });
  }

  const shell = await startSimShell({
    port: options.port,
    tls: options.certificate,
    routeOf,
    handle,
    faultReply: (fault) => faultReply(fault, now()),
    control: {
      'POST /_sim/clients': (body) => {
        const { keepOld = false, expired = false, ...app } = clientSchema.parse(body);
        registrations.put(app, { keepOld, expired });
      },
      'POST /_sim/trust': (body) => {
        const { tenantId, clientId, ...assertions } = trustSchema.parse(body);
        registrations.trust(tenantId, clientId, assertions);
      },
      'POST /_sim/tokens': (body) => {
        const { expiresIn, revokeAll, rollKey } = tokensSchema.parse(body);
        if (expiresIn !== undefined) {
          issuer.setLifetime(expiresIn);
        }
        if (rollKey !== undefined) {
          issuer.rollKey(rollKey === 'forget');
        }
        if (revokeAll === true) {
          issuer.revokeAll();
        }
      },
      'POST /_sim/vault': (body) => Object.assign(vault.switches, vaultSchema.parse(body)),
      'GET /_sim/dump': () => vault.dump(),
      'POST /_sim/reset': () => {
        vault.reset();
        registrations.reset();
        issuer.setLifetime(3599);
      },
    },
  });
  return { url: shell.url, port: shell.port, verifier: issuer, close: shell.close };
}

function isKnownResource(environments: readonly string[], resource: string): boolean {
  const bare = resource.replace(/\/$/, '').toLowerCase();
  const dataverse = environments.flatMap((domain) => [domain, domain.replace('.', '.api.')]);
  const domains = ['vault.azure.net', 'storage.azure.com', ...dataverse];
  return domains.some((domain) => bare === `https://${domain}`);
}

/** Without tenant and secret names, so that routes can be counted. */
function routeOf({ method, url }: SimRequest): string {
  const path = url.pathname.slice(1);
  const vaultRoute = /^(?:deleted)?secrets(?=\/|$)/.exec(path)?.[0];
  return `${method} ${vaultRoute ?? (path === 'msi/token' ? path : path.replace(/^[^/]+\//, ''))}`;
}

function faultReply(fault: Fault, now: Date): SimReply {
  const status = fault.status ?? 503;
  if (/secrets/i.test(fault.match)) {
    const [code = 'Throttled', inner] = (fault.code ?? 'Throttled').split('/');
    return vaultError(status, code, 'The request was refused on purpose.', inner);
  }
  if (/msi/i.test(fault.match)) {
    return json(status, { statusCode: status, message: 'The request was refused on purpose.' });
  }
  return injectedTokenError(status, fault.code, now);
}
