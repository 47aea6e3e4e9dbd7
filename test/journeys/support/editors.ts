import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { control, fetchTrusting } from '../../stack/entra/trusting-fetch.js';
import type { Stack } from '../../stack/launch/stack.js';
import { Simulator } from './simulator.js';

const tokenSchema = z.object({ access_token: z.string() });
const userSchema = z.looseObject({
  permissions: z.array(z.string()).default([]),
  customFields: z.unknown().optional(),
  company: z.unknown().optional(),
  location: z.unknown().optional(),
});

const companySchema = z.looseObject({
  title: z.string(),
  isDeactivated: z.boolean(),
  locations: z.array(z.looseObject({ id: z.number() })),
  emailDomains: z.array(z.string()).default([]),
});
const locationSchema = z.looseObject({
  title: z.string(),
  isDeactivated: z.boolean(),
  address: z.string().optional(),
  city: z.string().optional(),
  state: z.string().optional(),
  zipCode: z.string().optional(),
  companyId: z.number().optional(),
});

/** People who edit on either side: the product never uses their credentials. */
export interface Editors {
  /** Of the second application user, for clients of the product's own. */
  readonly dynamicsToken: string;
  readonly authScapeToken: string;
  /** A request of the Dataverse Web API as the second application user; throws when it is refused. */
  dynamics(method: string, path: string, body?: unknown): Promise<unknown>;
  authScape(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Changes some members of a user, leaving the others as they are. */
  updateUser(id: number, changes: Record<string, unknown>): Promise<void>;
  updateCompany(id: number, changes: Record<string, unknown>): Promise<void>;
  updateLocation(id: number, changes: Record<string, unknown>): Promise<void>;
  /** Switches AuthScape's own CRM connection on: it writes to Dynamics as the editor does. */
  connectOwnCrm(): Promise<void>;
}

function trusted(stack: Stack) {
  const file = join(dirname(stack.logFiles.functions), 'trusted.pem');
  return fetchTrusting(readFileSync(file, 'utf8'));
}

/** The control routes of Entra ID and Key Vault, which speak https. */
export function identitySimulator(stack: Stack): Simulator {
  const fetchIt = trusted(stack);
  return new Simulator((method, route, body) => control(fetchIt, stack.info.entra, method, route, body));
}

/** What a full replace has to send of a user as it was read, so that it leaves all members as they are. */
export function replaceOf(found: unknown): Readonly<Record<string, unknown>> {
  const {
    permissions,
    customFields: _fields,
    company: _company,
    location: _location,
    ...user
  } = userSchema.parse(found);
  const rights = permissions.length === 0 ? {} : { permissions };
  return { ...user, ...rights, customFields: [] };
}

async function send(method: string, url: string, token: string, body?: unknown): Promise<unknown> {
  const reply = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) {
    throw new Error(`${method} ${url} answered ${reply.status}: ${text}`);
  }
  return text === '' ? undefined : JSON.parse(text);
}

/** Signs in on both sides as the editors of the stack. */
export async function signIn(stack: Stack): Promise<Editors> {
  const { info } = stack;
  const { tenantId, clientId, clientSecret } = info.editor;
  const grant = { grant_type: 'client_credentials' };
  const entra = await trusted(stack)(`${info.entra}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      ...grant,
      client_id: clientId,
      client_secret: clientSecret,
      scope: `https://${info.environment}/.default`,
    }).toString(),
  });
  const dynamicsToken = tokenSchema.parse(JSON.parse(entra.text)).access_token;
  const { clientId: client_id, clientSecret: client_secret, scope } = info.authScapeCredentials;
  const answer = await fetch(`${info.authScape}/connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ ...grant, client_id, client_secret, scope }),
  });
  const authScapeToken = tokenSchema.parse(await answer.json()).access_token;
  const authScape: Editors['authScape'] = (method, path, body) =>
    send(method, `${info.authScape}/api/UserManagement/${path}`, authScapeToken, body);
  return {
    dynamicsToken,
    authScapeToken,
    dynamics: (method, path, body) =>
      send(method, `${info.dataverse}/api/data/v9.2/${path}`, dynamicsToken, body),
    authScape,
    updateUser: async (id, changes) => {
      const found = await authScape('GET', `GetUser?userId=${id}`);
      await authScape('PUT', 'UpdateUser', { ...replaceOf(found), id, ...changes });
    },
    ...placeEditors(authScape),
    connectOwnCrm: async () => {
      await Simulator.at(info.authScape).post('crm', { url: info.dataverse, token: dynamicsToken });
    },
  };
}

function placeEditors(authScape: Editors['authScape']): Pick<Editors, 'updateCompany' | 'updateLocation'> {
  return {
    updateCompany: async (id, changes) => {
      const found = companySchema.parse(await authScape('GET', `GetCompany?companyId=${id}`));
      const { title, isDeactivated, emailDomains: domains } = found;
      const locations = found.locations.map((location) => ({ id: location.id }));
      const same = { id, title, isDeactivated, locations, domains, customFields: [] };
      await authScape('POST', 'UpdateCompany', { ...same, ...changes });
    },
    updateLocation: async (id, changes) => {
      const found = locationSchema.parse(await authScape('GET', `GetLocation?locationId=${id}`));
      const { title, isDeactivated, address, city, state, zipCode: postalCode, companyId } = found;
      const same = {
        id,
        title,
        isDeactivated,
        address,
        city,
        state,
        postalCode,
        companyId,
        customFields: [],
      };
      await authScape('POST', 'UpdateLocation', { ...same, ...changes });
    },
  };
}
