import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimClient } from '../sim-client.js';

let client: SimClient;

beforeEach(async () => {
  client = await SimClient.start();
});

afterEach(() => client.sim.close());

interface Item {
  method: string;
  url: string;
  body?: unknown;
  headers?: string[];
  contentId?: string;
}

const mime = ['Content-Type: application/http', 'Content-Transfer-Encoding: binary'];

function partOf({ method, url, body, headers = [], contentId }: Item): string {
  const head = contentId === undefined ? mime : [...mime, `Content-ID: ${contentId}`];
  const target = url.startsWith('$') || url.startsWith('/') ? url : `/api/data/v9.2/${url}`;
  const type = body === undefined ? [] : ['Content-Type: application/json'];
  const request = [`${method} ${target} HTTP/1.1`, ...headers, ...type];
  return [...head, '', ...request, '', body === undefined ? '' : JSON.stringify(body)].join('\r\n');
}

function multipart(boundary: string, parts: string[]): string {
  return `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
}

function changeSet(items: Item[]): string {
  return `Content-Type: multipart/mixed; boundary="cs"\r\n\r\n${multipart('cs', items.map(partOf))}`;
}

function send(body: string, prefer?: string) {
  const headers = { 'content-type': 'multipart/mixed; boundary="batch_1"' };
  return client.ask('POST', '$batch', {
    body,
    headers: prefer === undefined ? headers : { ...headers, prefer },
  });
}

function statuses(text: string): number[] {
  return [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map((match) => Number(match[1]));
}

const create = (lastname: string, contentId?: string): Item => ({
  method: 'POST',
  url: 'contacts',
  body: { lastname },
  ...(contentId === undefined ? {} : { contentId }),
});
const missing: Item = { method: 'GET', url: 'contacts(c0000000-0000-4000-8000-0000000000ff)' };

async function names(): Promise<unknown[]> {
  const answer = await client.get('contacts?$select=lastname&$orderby=lastname');
  return answer.json.value.map((row) => row.lastname);
}

describe('a batch', () => {
  it('answers each part in order, with CRLF throughout', async () => {
    const answer = await send(
      multipart('batch_1', [
        partOf(create('A')),
        partOf({ method: 'GET', url: 'contacts?$select=lastname', headers: ['Accept: application/json'] }),
      ]),
    );
    expect(answer.status).toBe(200);
    const boundary = /boundary=(batchresponse_[0-9a-f-]+)/.exec(answer.headers['content-type'] ?? '')?.[1];
    expect(answer.text.split(`--${boundary}`)).toHaveLength(4);
    expect(answer.text.replaceAll('\r\n', '')).not.toContain('\n');
    expect(statuses(answer.text)).toEqual([204, 200]);
    expect(answer.text).toContain(
      'Content-Type: application/json; odata.metadata=minimal; odata.streaming=true',
    );
    expect(answer.text).toMatch(/OData-EntityId: http\S+\/contacts\([0-9a-f-]{36}\)\r\n/);
    expect(await client.control('GET', 'requests')).toMatchObject({
      byPart: { 'POST contacts': 1, 'GET contacts': 1 },
    });
  });

  it('stops at the first failure with its status', async () => {
    const answer = await send(
      multipart('batch_1', [partOf(create('A')), partOf(missing), partOf(create('B'))]),
    );
    expect(answer.status).toBe(404);
    expect(statuses(answer.text)).toEqual([204, 404]);
    expect(answer.headers['content-type']).toContain('multipart/mixed');
    expect(answer.text).toContain('"code":"0x80040217"');
    expect(await names()).toEqual(['A']);
  });

  it('goes on after failures when asked to', async () => {
    const body = multipart('batch_1', [partOf(create('A')), partOf(missing), partOf(create('B'))]);
    const answer = await send(body, 'odata.continue-on-error');
    expect([answer.status, answer.headers['preference-applied']]).toEqual([200, 'odata.continue-on-error']);
    expect(statuses(answer.text)).toEqual([204, 404, 204]);
    expect(await names()).toEqual(['A', 'B']);
  });

  it('may stop at the first failure whatever it is asked', async () => {
    await client.control('POST', 'behaviour', { batchStops: true });
    const body = multipart('batch_1', [partOf(create('A')), partOf(missing), partOf(create('B'))]);
    const answer = await send(body, 'odata.continue-on-error');
    expect([answer.status, answer.headers['preference-applied']]).toEqual([404, undefined]);
    expect([statuses(answer.text), await names()]).toEqual([[204, 404], ['A']]);
  });

  it('takes headers per part', async () => {
    const id = await client.create('contacts', { lastname: 'A' });
    const stale = {
      method: 'PATCH',
      url: `contacts(${id})`,
      body: { lastname: 'B' },
      headers: ['If-Match: W/"1"'],
    };
    const shown = { ...stale, headers: ['If-Match: *', 'Prefer: return=representation'] };
    const answer = await send(
      multipart('batch_1', [partOf(stale), partOf(shown)]),
      'odata.continue-on-error',
    );
    expect(statuses(answer.text)).toEqual([412, 200]);
    expect(answer.text).toContain('"lastname":"B"');
  });

  it('takes absolute addresses and long ones', async () => {
    const values = Array.from({ length: 900 }, (_, index) => `nobody-with-a-long-name-${index}@example.com`);
    const filter = `Microsoft.Dynamics.CRM.In(PropertyName=@p,PropertyValues=@v)&@p='emailaddress1'&@v=`;
    const url = `/api/data/v9.2/contacts?$filter=${filter}${encodeURIComponent(JSON.stringify(values))}`;
    expect(url.length).toBeGreaterThan(32_768);
    const answer = await send(
      multipart('batch_1', [
        partOf({ method: 'GET', url: `${client.root}/WhoAmI`.replace('http:', '$http:') }).replace(
          '$http:',
          'http:',
        ),
        partOf({ method: 'GET', url }),
      ]),
    );
    expect(statuses(answer.text)).toEqual([200, 200]);
  });

  it.each<[string, string]>([
    ['bare line feeds', multipart('batch_1', [partOf(create('A'))]).replaceAll('\r\n', '\n')],
    ['another boundary', multipart('batch_2', [partOf(create('A'))])],
    ['no closing boundary', multipart('batch_1', [partOf(create('A'))]).replace('--batch_1--\r\n', '')],
    ['a part of another type', multipart('batch_1', ['Content-Type: text/plain\r\n\r\nhello'])],
    ['a GET in a change set', multipart('batch_1', [changeSet([{ ...missing, contentId: '1' }])])],
    ['a change set without Content-ID', multipart('batch_1', [changeSet([create('A')])])],
    [
      'too many operations',
      multipart(
        'batch_1',
        Array.from({ length: 1001 }, () => partOf(create('A'))),
      ),
    ],
  ])('is refused as a whole, in JSON, for %s', async (_name, body) => {
    const answer = await send(body, 'odata.continue-on-error');
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/json');
    expect(answer.json.error.message).not.toBe('');
    expect(await names()).toEqual([]);
  });
});

describe('a change set', () => {
  it('lets later operations refer to rows of earlier ones', async () => {
    const body = changeSet([
      { method: 'POST', url: 'accounts', body: { name: 'Fjord AS' }, contentId: '1' },
      {
        method: 'POST',
        url: 'contacts',
        body: { lastname: 'Berg', 'parentcustomerid_account@odata.bind': '$1' },
        contentId: '2',
      },
      { method: 'PATCH', url: '$2', body: { firstname: 'Ada' }, contentId: '3' },
      { method: 'PATCH', url: '/api/data/v9.2/$1', body: { fax: '1' }, contentId: '4' },
    ]);
    const answer = await send(multipart('batch_1', [body]));
    expect(statuses(answer.text)).toEqual([204, 204, 204, 204]);
    expect(answer.text).toContain('boundary=changesetresponse_');
    expect(answer.text.match(/Content-ID: \d/g)).toEqual([1, 2, 3, 4].map((id) => `Content-ID: ${id}`));
    const rows = await client.get(
      'contacts?$select=fullname&$expand=parentcustomerid_account($select=name,fax)',
    );
    expect(rows.json.value).toMatchObject([
      { fullname: 'Ada Berg', parentcustomerid_account: { name: 'Fjord AS', fax: '1' } },
    ]);
  });

  it('is done wholly or not at all, and fails with a single answer', async () => {
    const id = await client.create('contacts', { lastname: 'Old' });
    const before = (await client.get(`contacts(${id})`)).json;
    const tracked = await client.get('contacts', 'odata.track-changes');
    const failing = changeSet([
      create('A', '1'),
      { method: 'PATCH', url: `contacts(${id})`, body: { lastname: 'New' }, contentId: '2' },
      { method: 'DELETE', url: `contacts(${id})`, contentId: '3' },
      { method: 'PATCH', url: 'contacts(bad)', body: {}, contentId: '4' },
    ]);
    const answer = await send(
      multipart('batch_1', [failing, partOf(create('Z'))]),
      'odata.continue-on-error',
    );
    expect(statuses(answer.text)).toEqual([400, 204]);
    expect(await names()).toEqual(['Old', 'Z']);
    expect((await client.get(`contacts(${id})`)).json).toEqual(before);
    const changes = await client.get(String(tracked.json['@odata.deltaLink']));
    expect(changes.json.value.map((row) => row.lastname)).toEqual(['Z']);
    const found = await client.get(`contacts?$filter=contactid%20eq%20${id}`);
    expect(found.json.value).toHaveLength(1);
  });

  it('refuses forward and unknown references', async () => {
    const body = changeSet([
      {
        method: 'POST',
        url: 'contacts',
        body: { 'parentcustomerid_account@odata.bind': '$2' },
        contentId: '1',
      },
      { method: 'POST', url: 'accounts', body: { name: 'Late' }, contentId: '2' },
    ]);
    const answer = await send(multipart('batch_1', [body]));
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("Content-ID Reference: '$2' does not exist in the batch context.");
  });
});

describe('faults inside a batch', () => {
  it('hit the operations they match', async () => {
    await client.control('POST', 'faults', [
      { match: 'POST contacts', status: 503, code: '0x80044151', times: 1 },
    ]);
    const body = multipart('batch_1', [partOf(create('A')), partOf(create('B'))]);
    const answer = await send(body, 'odata.continue-on-error');
    expect(statuses(answer.text)).toEqual([503, 204]);
    expect(await names()).toEqual(['B']);
  });

  it('can do the work and cut the connection', async () => {
    await client.control('POST', 'faults', [
      { match: 'POST contacts', dropConnection: 'afterCommit', times: 1 },
    ]);
    await expect(send(multipart('batch_1', [partOf(create('A')), partOf(create('B'))]))).rejects.toThrow();
    expect(await names()).toEqual(['A']);
  });

  it('can cut the answer short after the work', async () => {
    await client.control('POST', 'faults', [{ match: 'POST $batch', cutAfter: 40, times: 1 }]);
    const answer = await send(multipart('batch_1', [partOf(create('A')), partOf(create('B'))]));
    expect([answer.status, answer.text.length, await names()]).toEqual([200, 40, ['A', 'B']]);
  });

  it('spare the batch itself', async () => {
    await client.control('POST', 'faults', [{ match: 'POST $batch', status: 500, times: 1 }]);
    const answer = await send(multipart('batch_1', [partOf(create('A'))]));
    expect([answer.status, await names()]).toEqual([500, []]);
  });
});
