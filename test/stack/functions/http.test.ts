import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createGate,
  ECHO_KEY,
  HOST_KEY,
  MASTER_KEY,
  seen,
  startFixture,
  startHttpFixture,
  until,
} from './fixture/fixture.js';

let host: Awaited<ReturnType<typeof startHttpFixture>>;

beforeAll(async () => {
  host = await startHttpFixture();
});
afterAll(() => host.close());

const call = (path: string, init: RequestInit = {}): Promise<Response> => fetch(host.url + path, init);
const echo = (kind: string, init: RequestInit = {}): Promise<Response> =>
  call(`/api/echo/${kind}`, { method: 'POST', headers: { 'x-functions-key': HOST_KEY }, ...init });

test('every function of the app is loaded, in the order in which they are tried', () => {
  expect(host.errors).toEqual({});
  expect(host.functions.map(({ name }) => name)).toEqual([
    'aItemById',
    'echo',
    'everySecond',
    'files',
    'hourly',
    'listsHead',
    'sameRouteRead',
    'sameRouteWrite',
    'secret',
    'send',
    'switchedOff',
    'thing',
    'worker',
    'zItemNew',
  ]);
  expect(host.functions[1]).toEqual({
    name: 'echo',
    type: 'httpTrigger',
    route: 'echo/{kind}',
    methods: ['POST'],
    authLevel: 'function',
  });
});

describe('what the handler gets', () => {
  test('route parameters, query, headers, trace context', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const response = await call('/API/Things/42/x%2Fy?q=1&q=2&a=%C3%A9', {
      headers: { 'x-test': 'T', traceparent },
    });
    expect(await response.json()).toEqual({
      params: { id: '42', tail: 'x%2Fy' },
      query: { q: '1,2', a: 'é' },
      all: ['1', '2'],
      header: 'T',
      functionName: 'thing',
      traceParent: traceparent,
    });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(host.log).toContainEqual(
      expect.objectContaining({ level: 'information', category: 'user', functionName: 'thing' }),
    );
    expect(seen().logs).toContain('thing 42');
  });

  test('bodies byte for byte', async () => {
    expect(await (await echo('text', { body: 'héllo' })).text()).toBe('héllo');
    const json = await echo('json', { body: '{"a":[1,"é"]}' });
    expect([json.status, await json.json()]).toEqual([201, { a: [1, 'é'] }]);
    const bytes = Buffer.from([0, 1, 2, 254, 255]);
    const binary = await echo('binary', { body: bytes });
    expect(Buffer.from(await binary.arrayBuffer())).toEqual(Buffer.from(bytes).reverse());
  });

  test('no body when it came without a length', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = { 'x-functions-key': HOST_KEY, 'transfer-encoding': 'chunked' };
      const request = httpRequest(`${host.url}/api/echo/text`, { method: 'POST', headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve(`${response.statusCode} "${text}"`));
      });
      request.on('error', reject);
      request.write('part one');
      request.end('part two');
    });
    expect(answer).toBe('200 ""');
  });
});

describe('routing', () => {
  test.each([
    ['no such route', 'GET', '/api/nothing', 404],
    ['without the prefix', 'GET', '/things/42', 404],
    ['a constraint that fails', 'GET', '/api/things/abc', 404],
    ['a wrong method', 'DELETE', '/api/things/42', 404],
    ['HEAD where it is not listed', 'HEAD', '/api/things/42', 404],
    ['OPTIONS', 'OPTIONS', '/api/things/42', 404],
    ['HEAD where it is listed', 'HEAD', '/api/listsHead', 200],
    ['the home page', 'GET', '/', 200],
    ['a body that is too long', 'POST', '/api/send', 500],
    ['two slashes at the start', 'GET', '//api/same', 404],
    ['an empty segment', 'GET', '/api//same', 404],
    ['a zero byte in the path', 'GET', '/api/files/%00', 400],
    ['one slash at the end', 'GET', '/api/same/', 200],
  ])('%s', async (_, method, path, status) => {
    const body = path === '/api/send' ? 'x'.repeat(100_001) : null;
    const response = await call(path, { method, body });
    expect(response.status).toBe(status);
    if (status >= 400) expect(await response.text()).toBe('');
  });

  test('the first route by function name wins, however general', async () => {
    expect(await (await call('/api/items/new')).text()).toBe('id=new');
  });

  test('two functions share a path when their methods differ', async () => {
    expect(await (await call('/api/same')).text()).toBe('read');
    expect(await (await call('/api/same', { method: 'PUT' })).text()).toBe('write');
  });

  test('a catch-all takes the rest', async () => {
    expect(await (await call('/api/files/a/b%20c/d.txt')).text()).toBe('a/b c/d.txt');
  });
});

describe('keys', () => {
  const header = (key: string) => ({ headers: { 'x-functions-key': key } });
  test.each<[string, string, RequestInit, number]>([
    ['function level without a key', '/api/echo/empty', { method: 'POST' }, 401],
    ['function level, wrong key', '/api/echo/empty', { method: 'POST', ...header('no') }, 401],
    ['function level, host key', '/api/echo/empty', { method: 'POST', ...header(HOST_KEY) }, 200],
    ['function level, key in the query', `/api/echo/empty?code=${HOST_KEY}`, { method: 'POST' }, 200],
    ['the header goes first', `/api/echo/empty?code=${HOST_KEY}`, { method: 'POST', ...header('no') }, 401],
    [
      'an empty header hides the query',
      `/api/echo/empty?code=${HOST_KEY}`,
      { method: 'POST', ...header('') },
      401,
    ],
    ['the key of the function itself', '/api/echo/empty', { method: 'POST', ...header(ECHO_KEY) }, 200],
    ['the key of another function', '/api/switchedOff', header(ECHO_KEY), 401],
    ['function level, master key', '/api/echo/empty', { method: 'POST', ...header(MASTER_KEY) }, 200],
    ['admin level, host key', '/api/ops/secret', header(HOST_KEY), 401],
    ['admin level, master key', '/api/ops/secret', header(MASTER_KEY), 200],
    ['a disabled function without a key', '/api/switchedOff', {}, 401],
    ['a disabled function with a key', '/api/switchedOff', header(HOST_KEY), 404],
    ['a wrong method asks for no key', '/api/echo/empty', {}, 404],
  ])('%s', async (_, path, init, status) => {
    const response = await call(path, init);
    expect(response.status).toBe(status);
    if (status === 401) expect(await response.text()).toBe('');
  });
});

describe('answers', () => {
  test.each([
    ['nothing', 204],
    ['empty', 200],
    ['string', 500],
    ['throw', 500],
  ])('a handler that gives %s: %i with an empty body', async (kind, status) => {
    const response = await echo(kind);
    expect([response.status, await response.text()]).toEqual([status, '']);
  });

  test('a failure reaches the log and the post-invocation hook', async () => {
    await echo('throw');
    const entry = host.log.find(({ message }) => message.includes('Error: boom'));
    expect(entry).toMatchObject({ level: 'error', category: 'system', functionName: 'echo' });
    expect(seen().errors).toContainEqual({ message: 'boom', started: true });
  });

  test('cookies', async () => {
    const response = await echo('cookies');
    expect(response.status).toBe(204);
    expect(response.headers.getSetCookie()).toEqual([
      'a=b%20c; max-age=60; path=/; samesite=lax; httponly',
      'd=e; expires=Tue, 05 Nov 1985 00:53:20 GMT; secure',
    ]);
  });
});

describe('the host itself', () => {
  const admin = (path: string, init: RequestInit = {}): Promise<Response> =>
    call(path, { headers: { 'x-functions-key': MASTER_KEY }, ...init });

  test('status needs the master key', async () => {
    const withKey = (path: string): Promise<Response> => call(`${path}?code=${HOST_KEY}`);
    for (const path of ['/admin/host/status', '/admin/functions']) {
      expect((await withKey(path)).status).toBe(403);
      const without = await call(path);
      expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    expect((await withKey('/admin/host/ping')).status).toBe(200);
    expect(await (await admin('/admin/functions')).json()).toContainEqual({
      name: 'echo',
      isDisabled: false,
    });
    expect(await (await admin('/admin/host/status')).json()).toMatchObject({ state: 'Running', errors: [] });
    expect((await admin('/admin/host/ping')).status).toBe(200);
    expect((await admin('/admin/unknown')).status).toBe(404);
  });

  test('a queue function runs by its name, ignoring case', async () => {
    const run = (name: string, body: string): Promise<Response> =>
      admin(`/admin/functions/${name}`, { method: 'POST', body });
    expect((await run('WORKER', '{"input":"{\\"by\\":\\"hand\\"}"}')).status).toBe(202);
    await until(() => seen().messages.some(({ message }) => JSON.stringify(message) === '{"by":"hand"}'));
    expect((await run('echo', '')).status).toBe(404);
    expect((await run('worker', '{')).status).toBe(400);
  });
});

test('close lets a running request finish and answer', async () => {
  const other = await startFixture('app', { listeners: 'none' });
  const gate = createGate();
  seen().gate = gate.promise;
  const answer = fetch(`${other.url}/api/echo/wait?code=${HOST_KEY}`, { method: 'POST' });
  await until(() => fetch(`${other.url}/api/same`).then(({ ok }) => ok));
  const closing = other.close();
  await until(() =>
    fetch(`${other.url}/api/same`).then(
      () => false,
      () => true,
    ),
  );
  gate.open();
  expect(await (await answer).text()).toBe('waited');
  await closing;
  expect(seen().terminated).toBe(true);
});
