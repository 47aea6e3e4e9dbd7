import { request } from 'node:http';
import type { TokenVerifier } from '../tokens.js';
import { type DataverseSim, startDataverseSim } from './simulator.js';

export const domain = 'contoso.crm.dynamics.com';
export const appId = '11111111-1111-4111-8111-111111111111';
export const editorId = '22222222-2222-4222-8222-222222222222';

/** Tokens are spelled "<app id>|<audience>"; "expired" is none. */
const verifier: TokenVerifier = {
  verify(token) {
    const [app, audience] = token.split('|');
    return app === undefined || audience === undefined ? undefined : { appId: app, tenantId: 't', audience };
  },
};

export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  text: string;
  json: Body;
}

/** A parsed body, empty where there is none; the two properties are those that most tests look at. */
export interface Body {
  value: Record<string, unknown>[];
  error: { code: string; message: string };
  [name: string]: unknown;
}

export interface Ask {
  body?: unknown;
  headers?: Record<string, string>;
  token?: string;
}

/** A started simulator with the calls that tests make; paths are relative to the service root. */
export class SimClient {
  readonly sim: DataverseSim;
  readonly root: string;

  constructor(sim: DataverseSim) {
    this.sim = sim;
    this.root = `${sim.url}/api/data/v9.2`;
  }

  static async start(now: () => Date = () => new Date()): Promise<SimClient> {
    const applicationUsers = [
      { appId, fullName: 'Sync App' },
      { appId: editorId, fullName: 'Editor' },
    ];
    return new SimClient(
      await startDataverseSim({ port: 0, verifier, environment: domain, applicationUsers, now }),
    );
  }

  ask(method: string, path: string, { body, headers = {}, token = `${appId}|https://${domain}` }: Ask = {}) {
    const url = path.startsWith('http') ? path : `${this.root}/${path}`;
    const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    return exchange(method, url, { authorization: `Bearer ${token}`, ...headers }, sent);
  }

  get(path: string, prefer?: string): Promise<Answer> {
    return this.ask('GET', path, prefer === undefined ? {} : { headers: { prefer } });
  }

  /** Follows nextLinks to the end; the last page is returned with the values of all. */
  async readAll(path: string, prefer?: string): Promise<Answer & { pages: number }> {
    let answer = await this.get(path, prefer);
    const value = [...answer.json.value];
    let pages = 1;
    while (typeof answer.json['@odata.nextLink'] === 'string') {
      answer = await this.get(answer.json['@odata.nextLink'], prefer);
      value.push(...answer.json.value);
      pages += 1;
    }
    return { ...answer, json: { ...answer.json, value }, pages };
  }

  /** Creates a row and returns its id. */
  async create(setName: string, body: Record<string, unknown>): Promise<string> {
    const answer = await this.ask('POST', setName, { body });
    const id = /\(([^)]+)\)$/.exec(answer.headers['odata-entityid'] ?? '')?.[1];
    if (id === undefined) {
      throw new Error(`${setName} was not created: ${answer.status} ${answer.text}`);
    }
    return id;
  }

  async control(method: string, name: string, body?: unknown): Promise<Body> {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const answer = await exchange(method, `${this.sim.url}/_sim/${name}`, {}, sent);
    if (answer.status >= 300) {
      throw new Error(`${name}: ${answer.status} ${answer.text}`);
    }
    return answer.json;
  }
}

function exchange(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: string | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(url, { method, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = String(response.headers['content-type'] ?? '').includes('application/json');
        const flat = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(flat),
          text,
          json: (isJson && text !== '' ? JSON.parse(text) : {}) as Body,
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
