import { z } from 'zod';
import type { TokenVerifier } from '../tokens.js';
import { json, type SimReply, type SimRequest } from '../wire.js';
import { createSecretStore, type NewVersion, newest, type SecretEntry } from './secret-store.js';
import { bundle, deletedBundle, nameConflict, notFound, properties, vaultError } from './vault-replies.js';

const resource = 'https://vault.azure.net';
const pageSize = 25;
const longestValueBytes = 25_600;

export interface VaultOptions {
  verifier: TokenVerifier;
  /** Tenant that the challenge names. */
  tenantId: string;
  /** Applications that may use the secrets; others get 403. */
  readers: readonly string[];
  now(): Date;
}

export interface VaultSwitches {
  purgeProtection: boolean;
  /** How long deleting, purging and recovering take. */
  delayMs: number;
}

const attributesSchema = z.object({
  enabled: z.boolean().exactOptional(),
  nbf: z.int().exactOptional(),
  exp: z.int().exactOptional(),
});
const changeSchema = z.object({
  contentType: z.string().exactOptional(),
  tags: z.record(z.string(), z.string()).exactOptional(),
  attributes: attributesSchema.exactOptional(),
});
const secretSchema = changeSchema.extend({ value: z.string() });

/**
 * The secret plane of Key Vault: versions, lists by page, soft delete with its passing states, recover and
 * purge, behind the 401 challenge that makes a client send its token and its body a second time.
 */
export function createVault(options: VaultOptions) {
  const secrets = createSecretStore(options.now);
  const switches: VaultSwitches = { purgeProtection: false, delayMs: 200 };
  const isPurgeable = () => !switches.purgeProtection;

  function handle(request: SimRequest): SimReply {
    const refusal = refuse(request);
    if (refusal !== undefined) {
      return refusal;
    }
    const [, collection, name = '', rest = '', ...more] = request.url.pathname.split('/');
    if (more.length > 0) {
      return unsupported(request);
    }
    if (name === '') {
      return request.method === 'GET' ? list(request, collection === 'secrets') : unsupported(request);
    }
    if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) {
      return vaultError(400, 'BadParameter', `The request URI contains an invalid name: ${name}`);
    }
    return collection === 'secrets' ? live(request, name, rest) : deleted(request, name, rest);
  }

  function refuse(request: SimRequest): SimReply | undefined {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const claims = token === undefined ? undefined : options.verifier.verify(token);
    if (claims === undefined || claims.audience.replace(/\/$/, '') !== resource) {
      const authority = `https://login.microsoftonline.com/${options.tenantId}`;
      const reply = vaultError(401, 'Unauthorized', 'The request has no valid token for this vault.');
      const challenge = `Bearer authorization="${authority}", resource="${resource}"`;
      return { ...reply, headers: { ...reply.headers, 'www-authenticate': challenge } };
    }
    if (!options.readers.includes(claims.appId)) {
      const text = `The caller ${claims.appId} is not authorized to perform this action on the vault.`;
      return vaultError(403, 'Forbidden', text, 'ForbiddenByRbac');
    }
    if (!/^(7\.\d+(-preview\.\d+)?|20\d\d-\d\d-\d\d(-preview)?)$/.test(versionOf(request))) {
      return vaultError(
        400,
        'BadParameter',
        `The api-version '${versionOf(request)}' is missing or unknown.`,
      );
    }
    return undefined;
  }

  function list(request: SimRequest, isLive: boolean): SimReply {
    const base = baseOf(request);
    return isLive
      ? page(
          request,
          secrets.list('live').map((entry) => ({
            ...properties(base, entry.name, newest(entry), isPurgeable()),
            id: `${base}/secrets/${entry.name}`,
          })),
        )
      : page(
          request,
          secrets.list('deleted').map((entry) => deletedBundle(base, entry, isPurgeable())),
        );
  }

  function live(request: SimRequest, name: string, rest: string): SimReply {
    if (request.method === 'PUT') {
      return rest === '' ? put(request, name) : unsupported(request);
    }
    const entry = secrets.find(name);
    if (entry?.phase !== 'live') {
      return notFound(name);
    }
    if (request.method === 'DELETE' && rest === '') {
      secrets.move(entry, 'deleting', switches.delayMs);
      return json(200, deletedBundle(baseOf(request), entry, isPurgeable()));
    }
    if (request.method === 'GET') {
      return rest === 'versions' ? versions(request, entry) : get(request, entry, rest);
    }
    return request.method === 'PATCH' ? patch(request, entry, rest) : unsupported(request);
  }

  function put(request: SimRequest, name: string): SimReply {
    const body = secretSchema.safeParse(bodyOf(request));
    if (!body.success) {
      return vaultError(400, 'BadParameter', 'The property value is missing or a property has a wrong type.');
    }
    if (Buffer.byteLength(body.data.value) > longestValueBytes) {
      return vaultError(400, 'BadParameter', `The secret value is longer than ${longestValueBytes} bytes.`);
    }
    const known = secrets.find(name);
    const conflict = known === undefined ? undefined : nameConflict(known);
    if (conflict !== undefined) {
      return conflict;
    }
    const entry = secrets.add(name, { value: body.data.value, ...changesOf(body.data) });
    return json(200, bundle(baseOf(request), entry.name, newest(entry), isPurgeable()));
  }

  function versions(request: SimRequest, entry: SecretEntry): SimReply {
    const base = baseOf(request);
    return page(
      request,
      entry.versions.map((version) => properties(base, entry.name, version, isPurgeable())),
    );
  }

  function get(request: SimRequest, entry: SecretEntry, version: string): SimReply {
    const found = versionNamed(entry, version);
    if (found === undefined) {
      return notFound(`${entry.name}/${version}`);
    }
    if (!found.enabled) {
      const text = 'Operation get is not allowed on a disabled secret.';
      return vaultError(403, 'Forbidden', text, 'SecretDisabled');
    }
    return json(200, bundle(baseOf(request), entry.name, found, isPurgeable()));
  }

  function patch(request: SimRequest, entry: SecretEntry, version: string): SimReply {
    const found = versionNamed(entry, version);
    const body = changeSchema.safeParse(bodyOf(request));
    if (found === undefined) {
      return notFound(`${entry.name}/${version}`);
    }
    if (!body.success) {
      return vaultError(400, 'BadParameter', 'A property has a wrong type.');
    }
    Object.assign(found, changesOf(body.data), { updated: Math.floor(options.now().getTime() / 1000) });
    return json(200, properties(baseOf(request), entry.name, found, isPurgeable()));
  }

  function deleted(request: SimRequest, name: string, rest: string): SimReply {
    const entry = secrets.find(name);
    if (entry?.phase !== 'deleted') {
      return notFound(name);
    }
    const base = baseOf(request);
    switch (`${request.method} ${rest}`) {
      case 'GET ':
        return json(200, deletedBundle(base, entry, isPurgeable()));
      case 'POST recover':
        secrets.move(entry, 'recovering', switches.delayMs);
        return json(200, properties(base, entry.name, newest(entry), isPurgeable()));
      case 'DELETE ':
        if (switches.purgeProtection) {
          return vaultError(
            403,
            'Forbidden',
            'Purge is refused because purge protection is on for this vault.',
          );
        }
        secrets.move(entry, 'purging', switches.delayMs);
        return { status: 204 };
      default:
        return unsupported(request);
    }
  }

  const dumpOf = (entries: SecretEntry[]) =>
    entries.map((entry) => ({
      name: entry.name,
      versions: entry.versions.map(({ value, version, enabled, created }) => ({
        value,
        version,
        enabled,
        created: new Date(created * 1000).toISOString(),
      })),
    }));

  return {
    handle,
    switches,
    /** Everything with its values: for tests only. A secret that is being deleted counts as deleted. */
    dump: () => ({
      secrets: dumpOf([...secrets.list('live'), ...secrets.list('recovering')]),
      deleted: dumpOf([...secrets.list('deleted'), ...secrets.list('deleting')]),
    }),
    reset: () => {
      secrets.clear();
      Object.assign(switches, { purgeProtection: false, delayMs: 200 });
    },
  };
}

const versionOf = (request: SimRequest) => request.url.searchParams.get('api-version') ?? '';
const baseOf = (request: SimRequest) => `https://${request.headers.host}`;

function versionNamed(entry: SecretEntry, version: string) {
  return version === '' ? newest(entry) : entry.versions.find((known) => known.version === version);
}

function bodyOf(request: SimRequest): unknown {
  try {
    return JSON.parse(request.body.toString());
  } catch {
    return undefined;
  }
}

function changesOf(change: z.infer<typeof changeSchema>): Omit<NewVersion, 'value'> {
  const { enabled, nbf, exp } = change.attributes ?? {};
  return {
    ...(change.contentType === undefined ? {} : { contentType: change.contentType }),
    ...(change.tags === undefined ? {} : { tags: change.tags }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(nbf === undefined ? {} : { notBefore: nbf }),
    ...(exp === undefined ? {} : { expires: exp }),
  };
}

function page(request: SimRequest, items: unknown[]): SimReply {
  const query = request.url.searchParams;
  const size = Number(query.get('maxresults') ?? pageSize);
  if (!Number.isInteger(size) || size < 1 || size > pageSize) {
    return vaultError(400, 'BadParameter', `maxresults must be between 1 and ${pageSize}.`);
  }
  const token = Buffer.from(query.get('$skiptoken') ?? '', 'base64url').toString();
  const from = /^\d+$/.test(token) ? Number(token) : 0;
  const next = from + size;
  const link = new URL(request.url.pathname, baseOf(request));
  link.searchParams.set('api-version', versionOf(request));
  link.searchParams.set('$skiptoken', Buffer.from(String(next)).toString('base64url'));
  link.searchParams.set('maxresults', String(size));
  return json(200, { value: items.slice(from, next), nextLink: next < items.length ? link.href : null });
}

function unsupported(request: SimRequest): SimReply {
  const text = `The simulator does not support ${request.method} ${request.url.pathname}.`;
  return vaultError(501, 'NotImplemented', text);
}
