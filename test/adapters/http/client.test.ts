import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import { createGzip, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpRequest, parseJson } from '../../../src/adapters/http/client.js';
import { HttpFailure } from '../../../src/adapters/http/failure.js';
import { systemInterruption } from '../../../src/adapters/interruption.js';
import { makeCertificate } from '../../stack/entra/certificate.js';
import { cut, noAnswer, reply, type ScriptedServer, type Step, startScript } from './script.js';

const client = createHttpClient({ connectTimeoutMs: 500 });
const servers: ScriptedServer[] = [];

async function serve(...steps: readonly [Step, ...Step[]]): Promise<ScriptedServer> {
  const server = await startScript(...steps);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function get(url: string, timeoutMs = 5_000): HttpRequest {
  return { method: 'GET', url, headers: { Authorization: 'Bearer top-secret' }, timeoutMs };
}

async function failureOf(promise: Promise<unknown>): Promise<HttpFailure> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HttpFailure)) throw new Error(`expected an HttpFailure, got ${inspect(error)}`);
  return error;
}

describe('http client', () => {
  it('sends the URL untouched and gives back status, lower-case headers and text', async () => {
    const server = await serve(reply(200, '{"a":1}', { 'X-Some-Header': 'yes' }));
    const path = '/x?$filter=a%20eq%20%27b%27&$skiptoken=%253ccookie%253e';
    const answer = await client.send(get(server.url + path));
    expect(server.seen[0]?.path).toBe(path);
    expect(answer.status).toBe(200);
    expect(answer.headers['x-some-header']).toBe('yes');
    expect(parseJson(answer)).toEqual({ a: 1 });
  });

  it('asks for gzip and unpacks it', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"zipped":true}'));
    });
    expect(parseJson(await client.send(get(server.url)))).toEqual({ zipped: true });
    expect(server.seen[0]?.headers['accept-encoding']).toContain('gzip');
  });

  it.each([
    ['an answer', 200, 65 * 1024 * 1024],
    ['an error', 503, 1_100_000],
    ['an error of 200 MB', 500, 200 * 1024 * 1024],
  ])('reads no more of %s than its bound, packed or plain', async (_, status, size) => {
    const heap = process.memoryUsage().rss;
    const piece = Buffer.alloc(1024 * 1024, 'x');
    const send =
      (zipped: boolean): Step =>
      async (response) => {
        response.setMaxListeners(0);
        response.writeHead(status, zipped ? { 'content-encoding': 'gzip' } : {});
        const stream = zipped ? createGzip() : new PassThrough();
        stream.on('error', () => undefined);
        stream.pipe(response);
        response.on('close', () => stream.destroy());
        for (let sent = 0; sent < size && !stream.destroyed; sent += piece.length) {
          if (!stream.write(piece))
            await Promise.race([once(stream, 'drain'), once(response, 'close')]).catch(() => undefined);
        }
        stream.end();
      };
    const server = await serve(send(false), send(true));
    for (const _each of ['plain', 'packed']) {
      const { failure } = await failureOf(client.send(get(server.url, 20_000)));
      expect(failure).toEqual({ kind: 'malformed', status });
    }
    expect(process.memoryUsage().rss - heap).toBeLessThan(500 * 1024 * 1024);
  });

  it('cuts a read off when its work is interrupted, and lets a write end', async () => {
    const server = await serve(noAnswer);
    const stop = new AbortController();
    const reading = systemInterruption.run(stop.signal, () =>
      failureOf(client.send(get(server.url, 60_000))),
    );
    const writing = systemInterruption.run(stop.signal, () =>
      failureOf(client.send({ ...get(server.url, 500), method: 'POST' })),
    );
    const began = Date.now();
    setTimeout(() => stop.abort(), 50);
    expect((await reading).failure).toEqual({ kind: 'timeout' });
    expect(Date.now() - began).toBeLessThan(450);
    await writing;
    expect(Date.now() - began).toBeGreaterThanOrEqual(490);
  });

  it('keeps connections', async () => {
    const server = await serve(reply(200, '{}'));
    for (let index = 0; index < 5; index += 1) await client.send(get(server.url));
    expect(server.sockets()).toBe(1);
  });

  it('sends a body as it is', async () => {
    const server = await serve(reply(204));
    const body = JSON.stringify({ name: 'Bjørn' });
    const headers = { 'Content-Type': 'application/json; charset=utf-8' };
    await client.send({ method: 'PATCH', url: server.url, headers, body, timeoutMs: 5_000 });
    expect(server.seen[0]?.body).toBe(body);
    expect(server.seen[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('does not follow redirects, which would carry the token away', async () => {
    const target = await serve(reply(200, '{}'));
    const server = await serve(reply(302, '', { location: target.url }));
    const { failure } = await failureOf(client.send(get(server.url)));
    expect(failure).toMatchObject({ kind: 'status', status: 302 });
    expect(target.seen).toHaveLength(0);
  });

  it.each([
    ['an error with JSON', reply(400, { error: { code: '0x0' } }), { kind: 'status', status: 400 }],
    ['an error with HTML', reply(502, '<html>'), { kind: 'status', status: 502, text: '<html>' }],
    ['an error without a body', reply(401), { kind: 'status', status: 401, text: '' }],
    ['a cut connection', cut, { kind: 'reset' }],
    [
      'a cut body',
      ((response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"a"');
        setImmediate(() => response.destroy());
      }) satisfies Step,
      { kind: 'reset' },
    ],
  ])('tells apart: %s', async (_name, step, expected) => {
    const server = await serve(step);
    const { failure } = await failureOf(client.send(get(server.url)));
    expect(failure).toMatchObject(expected);
  });

  it('tells apart: no answer within the deadline', async () => {
    const server = await serve(noAnswer);
    const { failure } = await failureOf(client.send(get(server.url, 50)));
    expect(failure).toEqual({ kind: 'timeout' });
  });

  it('tells apart: an answer that trickles past the deadline', async () => {
    const server = await serve((response) => {
      response.writeHead(200);
      response.write('{');
    });
    const { failure } = await failureOf(client.send(get(server.url, 50)));
    expect(failure).toEqual({ kind: 'timeout' });
  });

  it('tells apart: no server listens', async () => {
    const server = await startScript(noAnswer);
    await server.close();
    const { failure } = await failureOf(client.send(get(server.url)));
    expect(failure).toEqual({ kind: 'unreachable', reason: 'ECONNREFUSED' });
  });

  it('tells apart: a host that never completes the handshake', async () => {
    const sleeper = createServer();
    await new Promise<void>((resolve) => sleeper.listen(0, '127.0.0.1', resolve));
    const { port } = sleeper.address() as AddressInfo;
    const { failure } = await failureOf(client.send(get(`https://127.0.0.1:${port}`)));
    expect(failure).toEqual({ kind: 'unreachable', reason: 'CONNECT_TIMEOUT' });
    sleeper.close();
  });

  it('tells apart: a certificate without a known issuer', async () => {
    const { cert, key } = await makeCertificate();
    const server = createTlsServer({ cert, key }, (_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { failure } = await failureOf(client.send(get(`https://127.0.0.1:${port}`)));
    expect(failure).toMatchObject({ kind: 'unreachable', reason: expect.stringContaining('CERT') });
    server.close();
  });

  it('calls JSON that does not parse malformed instead of handing it out as text', async () => {
    const server = await serve(reply(200, '<html>sign in</html>'));
    const answer = await client.send(get(server.url));
    expect(() => parseJson(answer)).toThrow(HttpFailure);
  });

  it('never shows token or body when a failure is printed', async () => {
    const server = await serve(reply(400, 'body with ada@example.com'));
    const error = await failureOf(client.send(get(server.url)));
    for (const text of [
      inspect(error, { depth: 10, showHidden: true }),
      JSON.stringify(error),
      String(error),
    ]) {
      expect(text).not.toContain('top-secret');
      expect(text).not.toContain('ada@example.com');
    }
  });
});
