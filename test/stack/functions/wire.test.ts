import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOST_KEY, startHttpFixture } from './fixture/fixture.js';

let host: Awaited<ReturnType<typeof startHttpFixture>>;

beforeAll(async () => {
  host = await startHttpFixture();
});
afterAll(() => host.close());

/** Sends bytes as they are and gives the status and what follows the headers. */
const sendRaw = (text: string): Promise<{ status: number; head: string; body: string }> =>
  new Promise((resolve, reject) => {
    const socket = connect(host.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body });
    });
  });
const raw = (verb: string, target: string, ...headers: string[]) =>
  sendRaw(
    [`${verb} ${target} HTTP/1.1`, 'host: localhost', 'connection: close', ...headers, '', ''].join('\r\n'),
  );

describe('requests as they come on the wire', () => {
  test.each([
    ['a verb that does not exist', 'FOO', 404],
    ['a verb of another protocol', 'PROPFIND', 404],
    ['CONNECT', 'CONNECT', 404],
    ['a verb in lower case', 'get', 200],
    ['a verb in mixed case', 'Get', 200],
    ['a verb with characters that none has', 'G@T', 400],
  ])('%s', async (_, verb, status) => {
    expect((await raw(verb, '/api/same')).status).toBe(status);
  });

  test('a lower-case verb keeps its body', async () => {
    const { status, body } = await raw(
      'post',
      `/api/echo/text?code=${HOST_KEY}`,
      'content-length: 4',
      '',
      'body',
    );
    expect([status, body]).toEqual([200, expect.stringContaining('body')]);
  });

  test.each([
    ['a backslash', '/api/items/a\\b', 'id=a\\b'],
    ['dot segments', '/api/files/a/../b', 'a/../b'],
    ['encoded dot segments', '/api/items/%2e%2e', 'id=..'],
  ])('%s in a path changes nothing about the route', async (_, target, expected) => {
    const { status, body } = await raw('GET', target);
    expect([status, body.split('\r\n')[1]]).toEqual([200, expected]);
  });

  test('a fragment is part of the query', async () => {
    const { body } = await raw('GET', '/api/things/1?a=1&q=2#frag');
    expect(JSON.parse(body.split('\r\n')[1] ?? '')).toMatchObject({ query: { a: '1', q: '2#frag' } });
  });

  test('30 kB of headers are taken, more are not', async () => {
    expect((await raw('GET', '/api/same', `x: ${'x'.repeat(30_000)}`)).status).toBe(200);
    expect((await raw('GET', '/api/same', `x: ${'x'.repeat(40_000)}`)).status).toBe(431);
  });

  test('a body that is announced too long is a failure at once', async () => {
    const { status } = await raw('POST', '/api/send', 'content-length: 110000000');
    expect(status).toBe(500);
  });

  test('answers come in chunks', async () => {
    const { head } = await raw('GET', '/api/same');
    expect(head.toLowerCase()).toContain('transfer-encoding: chunked');
    expect(head.toLowerCase()).not.toContain('content-length');
  });
});
