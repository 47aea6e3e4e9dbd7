import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface PortalPage {
  readonly entity: string;
  readonly recordId: string;
  readonly token: string;
}

/** A page of AuthScape's portal, and the function app as Azure serves it: to the origins that are allowed (CORS). */
export class Portal {
  readonly #portal: Server;
  readonly #app: Server;
  /** Whether the portal is among the allowed origins. */
  isAllowed = true;

  private constructor(functions: string) {
    this.#app = createServer((request, response) => void this.#pass(functions, request, response));
    this.#portal = createServer((request, response) => this.#page(request, response));
  }

  static async start(functions: string): Promise<Portal> {
    const portal = new Portal(functions);
    for (const server of [portal.#app, portal.#portal])
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return portal;
  }

  stop(): void {
    for (const server of [this.#app, this.#portal]) {
      server.close();
      server.closeAllConnections();
    }
  }

  /** Of the page that offers the record's sync. */
  address(page: PortalPage): string {
    return `${originOf(this.#portal)}/?${new URLSearchParams({ ...page })}`;
  }

  /** The policy lets the service's script in and lets it call the service, and nothing else but the page's own lines. */
  #page({ url = '' }: IncomingMessage, response: ServerResponse): void {
    const app = originOf(this.#app);
    const asked = new URL(url, app).searchParams;
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; img-src data:; script-src ${app} 'nonce-portal'; connect-src ${app}`,
    });
    response.end(`<!doctype html><title>User Management</title><link rel="icon" href="data:,">
      <script type="module" src="${app}/api/console/embed.js"></script>
      <sync-to-crm entity="${asked.get('entity')}" record-id="${asked.get('recordId')}"></sync-to-crm>
      <script type="module" nonce="portal">
        const credentials = async () => ({ authorization: 'Bearer ${asked.get('token')}' });
        document.querySelector('sync-to-crm').credentials = credentials;
      </script>`);
  }

  async #pass(functions: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization = '', origin } = request.headers;
    if (this.isAllowed && origin === originOf(this.#portal)) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-allow-headers', 'authorization, content-type');
    }
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    const { method = 'GET', url = '' } = request;
    const body = method === 'GET' ? {} : { body: await text(request) };
    const answer = await fetch(functions + url, { method, headers: { authorization }, ...body });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(await answer.text());
  }
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
