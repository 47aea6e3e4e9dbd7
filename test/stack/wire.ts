import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface SimRequest {
  method: string;
  /** The pathname is still percent-encoded. */
  url: URL;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Address of the peer, for limits that count per client. */
  remoteAddress: string;
}

export interface SimReply {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

const compressFrom = 4096;

export function json(status: number, value: unknown): SimReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

export async function readRequest(message: IncomingMessage): Promise<SimRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) {
    chunks.push(chunk as Buffer);
  }
  return {
    method: message.method ?? 'GET',
    url: new URL(`http://127.0.0.1${message.url ?? '/'}`),
    headers: message.headers,
    body: Buffer.concat(chunks),
    remoteAddress: message.socket.remoteAddress ?? '',
  };
}

/** Returns the number of body bytes that went out. */
export function send(request: SimRequest, response: ServerResponse, reply: SimReply): number {
  const plain = Buffer.from(reply.body ?? '');
  const isGzip =
    plain.length > compressFrom && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = isGzip ? gzipSync(plain, { level: 1 }) : plain;
  const hasBody = reply.status !== 204 && reply.status !== 304;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(hasBody ? { 'content-length': String(body.length) } : {}),
    ...(isGzip ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
  });
  response.end(hasBody ? body : undefined);
  return hasBody ? body.length : 0;
}

/** A defect of the simulator itself, or a client that went away: say so if a client still listens. */
export function abandon(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  response.writeHead(500, { 'content-type': 'text/plain' }).end(`The simulator failed: ${text}`);
}

export function listen(server: Server, port: number): Promise<number> {
  // Longer than the idle time of usual clients, so that a reused connection is not cut under a request.
  server.keepAliveTimeout = 65_000;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

export function stop(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
