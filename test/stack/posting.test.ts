import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Poster } from './posting.js';

let server: Server | undefined;
const poster = new Poster();

/** Answers the first request of each connection and closes the connection at the second one. */
async function closingServer(answered: string[]): Promise<string> {
  const used = new Set<Socket>();
  server = createServer((request, response) => {
    if (used.has(request.socket)) {
      request.socket.resetAndDestroy();
      return;
    }
    used.add(request.socket);
    let text = '';
    request.on('data', (part) => {
      text += String(part);
    });
    request.on('end', () => {
      answered.push(text);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const post = (url: string, body: string) => poster.post({ url, headers: {}, body, timeoutMs: 5_000 });

describe('[C5] a post', () => {
  afterEach(() => {
    poster.close();
    server?.closeAllConnections();
    server?.close();
  });

  it('is sent again when the receiver closes the kept connection under it: no event is lost', async () => {
    const answered: string[] = [];
    const url = await closingServer(answered);
    for (const body of ['1', '2', '3']) {
      expect(await post(url, body)).toEqual({ status: 200 });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(answered).toEqual(['1', '2', '3']);
  });

  it('fails where no server listens', async () => {
    const url = await closingServer([]);
    server?.close();
    expect(await post(url, '1')).toMatchObject({ failed: 'connection' });
  });
});
