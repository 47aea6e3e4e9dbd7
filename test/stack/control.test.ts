import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlError, type SimShell, startSimShell } from './control.js';
import { FaultList } from './faults.js';

let shell: SimShell;
let done: string[];

beforeEach(async () => {
  done = [];
  shell = await startSimShell({
    port: 0,
    routeOf: ({ method, url }) => `${method} ${url.pathname.split('/').at(-1)}`,
    handle: ({ method, url, body }) => {
      done.push(`${method} ${url.pathname}${url.search} ${body}`);
      return {
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: 'x'.repeat(Number(url.searchParams.get('size'))),
      };
    },
    faultReply: ({ status = 0, code }) => ({ status, body: JSON.stringify({ code }) }),
    control: {
      'POST /_sim/echo': (body) => body,
      'POST /_sim/refuse': () => {
        throw new ControlError(418, 'No.');
      },
    },
  });
});

afterEach(() => shell.close());

const send = (method: string, path: string, body?: unknown) =>
  fetch(`${shell.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const requests = async () => (await send('GET', '/_sim/requests')).json();

describe('the emulated API', () => {
  it('gets the request as it was sent, with the path still encoded', async () => {
    await send('PATCH', "/api/contacts(name='a%2Fb')?x=%20", { a: 1 });
    expect(done).toEqual(['PATCH /api/contacts(name=\'a%2Fb\')?x=%20 {"a":1}']);
    expect(shell.url).toBe(`http://127.0.0.1:${shell.port}`);
  });

  it('takes an address of 32,768 characters beside long headers', async () => {
    const path = `/contacts?$filter=${'x'.repeat(32_750)}`;
    const answer = await fetch(`${shell.url}${path}`, { headers: { authorization: 'y'.repeat(16_000) } });
    expect(answer.status).toBe(200);
    expect(done).toEqual([`GET ${path} `]);
  });

  it('compresses long answers for those who take it', async () => {
    const long = await send('GET', '/contacts?size=9000');
    expect(long.headers.get('content-encoding')).toBe('gzip');
    expect(await long.text()).toHaveLength(9000);
    const plain = await fetch(`${shell.url}/contacts?size=9000`, {
      headers: { 'accept-encoding': 'identity' },
    });
    expect(plain.headers.get('content-length')).toBe('9000');
    expect((await send('GET', '/contacts?size=100')).headers.get('content-encoding')).toBeNull();
  });
});

describe('counting', () => {
  it('counts by label and in bytes, without the control routes, until the reset', async () => {
    await send('GET', '/contacts?size=10');
    await send('GET', '/contacts?size=5');
    await send('POST', '/$batch', { a: 1 });
    shell.counters.countPart('GET a');
    shell.counters.countPart('GET a');
    expect(await requests()).toEqual({
      total: 3,
      byRoute: { 'GET contacts': 2, 'POST $batch': 1 },
      byPart: { 'GET a': 2 },
      batchOperations: 2,
      bytesIn: 7,
      bytesOut: 15,
    });
    await send('DELETE', '/_sim/requests');
    expect(await requests()).toEqual({
      total: 0,
      byRoute: {},
      byPart: {},
      batchOperations: 0,
      bytesIn: 0,
      bytesOut: 0,
    });
  });
});

describe('control routes', () => {
  it('answer JSON, 204 for nothing, 404 when unknown, and what they throw', async () => {
    expect(await (await send('POST', '/_sim/echo', { a: [1] })).json()).toEqual({ a: [1] });
    expect((await send('POST', '/_sim/echo')).status).toBe(204);
    expect((await send('GET', '/_sim/echo')).status).toBe(404);
    expect((await send('POST', '/_sim/toString')).status).toBe(404);
    const refused = await send('POST', '/_sim/refuse');
    expect([refused.status, await refused.json()]).toEqual([418, { error: 'No.' }]);
  });

  it.each([
    ['faults', [{ match: 'GET x', status: 'bad' }]],
    ['faults', { match: 'GET x' }],
    ['faults', [{ match: 'GET x', wait: 1 }]],
    ['latency', { perRequestMs: -1 }],
    ['latency', undefined],
  ])('refuse a bad body for %s with a sentence', async (name, body) => {
    const answer = await send('POST', `/_sim/${name}`, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: expect.stringContaining(`/_sim/${name} cannot use this body`),
    });
  });

  it('refuse what is no JSON', async () => {
    expect((await fetch(`${shell.url}/_sim/echo`, { method: 'POST', body: '{' })).status).toBe(400);
  });
});

describe('faults', () => {
  const inject = (...faults: object[]) => send('POST', '/_sim/faults', faults);

  it('answer the given status as often as asked, with Retry-After, then it works again', async () => {
    await inject({ match: 'GET contacts', status: 429, code: '0x1', retryAfter: 7, times: 2 });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const answer = await send('GET', '/contacts');
      expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
        429,
        '7',
        { code: '0x1' },
      ]);
    }
    expect((await send('GET', '/contacts')).status).toBe(200);
    expect(await requests()).toMatchObject({ total: 3 });
  });

  it('stay until they are deleted, and default to 503', async () => {
    await inject({ match: '* contacts' });
    expect((await send('PATCH', '/contacts')).status).toBe(503);
    expect((await send('GET', '/_sim/requests')).status).toBe(200);
    await send('DELETE', '/_sim/faults');
    expect((await send('PATCH', '/contacts')).status).toBe(200);
  });

  it('cut the connection before or after the work', async () => {
    await inject(
      { match: 'POST a', dropConnection: 'before' },
      { match: 'POST b', dropConnection: 'afterCommit' },
    );
    await expect(send('POST', '/a')).rejects.toThrow();
    await expect(send('POST', '/b')).rejects.toThrow();
    expect(done).toEqual(['POST /b ']);
  });

  it('do the work when they only delay, or fail after it', async () => {
    await inject({ match: 'POST a', delayMs: 30 }, { match: 'POST b', status: 500, commit: true });
    const started = performance.now();
    expect((await send('POST', '/a')).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(25);
    expect((await send('POST', '/b')).status).toBe(500);
    expect(done).toEqual(['POST /a ', 'POST /b ']);
  });

  it.each([
    ['PATCH contacts', 'PATCH contacts', true],
    ['PATCH contacts', 'GET contacts', false],
    ['PATCH contacts', 'PATCH contactsets', false],
    ['PATCH contact*', 'PATCH contactsets', true],
    ['* contacts', 'DELETE contacts', true],
    ['PATCH *', 'PATCH accounts', true],
    ['*', 'POST $batch', true],
    ['POST $batch', 'POST $batch', true],
    ['post connect/token', 'POST connect/token', true],
  ])('%s against %s: %s', (match, label, expected) => {
    const faults = new FaultList();
    faults.add([{ match }]);
    expect(faults.take(label) !== undefined).toBe(expected);
  });

  it('take the first that matches, and never one without a chance', () => {
    const faults = new FaultList();
    faults.add([
      { match: '*', probability: 0, status: 1 },
      { match: '*', status: 2, times: 1 },
      { match: '*', status: 3 },
    ]);
    expect([faults.take('GET a')?.status, faults.take('GET a')?.status]).toEqual([2, 3]);
    expect(faults.size).toBe(2);
  });
});

describe('latency', () => {
  it('delays every request, and every operation that is none of a batch', async () => {
    await send('POST', '/_sim/latency', { perRequestMs: 20, perOperationMs: 30 });
    expect(shell.latency).toEqual({ perRequestMs: 20, perOperationMs: 30 });
    const started = performance.now();
    await send('GET', '/contacts');
    expect(performance.now() - started).toBeGreaterThan(45);
    await send('POST', '/_sim/latency', { perRequestMs: 0 });
    expect(shell.latency).toEqual({ perRequestMs: 0, perOperationMs: 30 });
  });
});
