import { startAuthScapeSim } from './authscape-sim.js';

export const client = { clientId: '900001', clientSecret: 'a secret that is long enough' };

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; fails when there is none. */
  json<T = Record<string, unknown>>(): T;
}

export interface Harness {
  url: string;
  /** Calls an action of the user management module, signed in unless another token is given. */
  api(method: string, path: string, body?: unknown, token?: string | null): Promise<Answer>;
  /** Calls a control route; fails when it is refused. */
  sim<T = Record<string, unknown>>(method: string, name: string, body?: unknown): Promise<T>;
  token(form?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

interface DumpedUser {
  id: number;
  firstName: string;
  lastName: string;
  email: string;
  phoneNumber: string | null;
  companyId: number | null;
  locationId: number | null;
  isActive: boolean;
  emailConfirmed: boolean;
  archived: string | null;
  created: string;
  locale: string | null;
  roles: string[];
  permissions: string[];
  customFields: { customFieldId: string; name: string; value: string }[];
}

interface DumpedCompany {
  id: number;
  title: string;
  description: string | null;
  isDeactivated: boolean;
  isActive: boolean;
  emailDomains: string[];
  customFields: { name: string; value: string }[];
}

interface DumpedLocation {
  id: number;
  title: string;
  zipCode: string | null;
  companyId: number | null;
  isDeactivated: boolean;
  isActive: boolean;
  customFields: { name: string; value: string }[];
}

export interface Dump {
  users: DumpedUser[];
  companies: DumpedCompany[];
  locations: DumpedLocation[];
}

export interface Page<T = Record<string, unknown>> {
  draw: number;
  recordsTotal: number;
  recordsFiltered: number;
  data: T[];
}

/** A simulator on a free port and the few ways the tests talk to it. */
export async function startHarness(now?: () => Date, clients = [client]): Promise<Harness> {
  const sim = await startAuthScapeSim({ port: 0, clients, ...(now === undefined ? {} : { now }) });
  let signedIn: string | undefined;

  const token: Harness['token'] = (form = {}) => {
    const { clientId, clientSecret } = client;
    const given = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const body = new URLSearchParams({ ...given, scope: 'api1', ...form });
    return request('POST', `${sim.url}/connect/token`, { body });
  };
  const newToken = async () => (await token()).json<{ access_token: string }>().access_token;

  return {
    url: sim.url,
    token,
    async api(method, path, body, bearer) {
      if (bearer === undefined) {
        signedIn ??= await newToken();
      }
      const given = bearer === undefined ? signedIn : bearer;
      const headers = given === null || given === undefined ? {} : { authorization: `Bearer ${given}` };
      return request(method, `${sim.url}/api/UserManagement/${path}`, jsonInit(body, headers));
    },
    async sim<T>(method: string, name: string, body?: unknown) {
      const answer = await request(method, `${sim.url}/_sim/${name}`, jsonInit(body, {}));
      if (answer.status !== 200) {
        throw new Error(`${method} /_sim/${name} answered ${answer.status}: ${answer.text}`);
      }
      return answer.json<T>();
    },
    close: sim.close,
  };
}

export async function request(method: string, url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { ...init, method });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: <T>() => JSON.parse(text) as T,
  };
}

function jsonInit(body: unknown, headers: Record<string, string>): RequestInit {
  return body === undefined
    ? { headers }
    : {
        headers: { ...headers, 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      };
}
