import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangePage, DynamicsSystem } from '../../../src/application/ports/systems.js';
import { reply } from '../http/script.js';
import { type Bench, rejection, startBench, startScriptBench } from './support.js';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(async () => {
  await bench.control('POST', 'reset');
  await bench.control('DELETE', 'faults');
});
afterAll(async () => {
  await bench.close();
});

const COLUMNS = ['lastname', 'emailaddress1'];
type From = Parameters<DynamicsSystem['changes']>[2];

async function readAll(from: From): Promise<{ pages: ChangePage[]; deltaLink: string | null }> {
  const pages = [await bench.system.changes('contact', COLUMNS, from)];
  for (let last = pages.at(-1); last?.next; last = pages.at(-1)) {
    pages.push(await bench.system.changes('contact', COLUMNS, { kind: 'page', link: last.next }));
  }
  return { pages, deltaLink: pages.at(-1)?.deltaLink ?? null };
}

async function create(lastname: string): Promise<string> {
  const id = randomUUID();
  await bench.system.create('contact', id, { lastname }, COLUMNS);
  return id;
}

describe('reading a table', () => {
  it('reads 10,200 rows in pages of 5,000, each once, tracked or not', async () => {
    await bench.control('POST', 'seed', { contacts: 10_200, seed: 1 });
    for (const tracked of [true, false]) {
      const { pages, deltaLink } = await readAll({ kind: 'start', tracked });
      expect(pages.map((page) => page.rows.length)).toEqual([5_000, 5_000, 200]);
      expect(new Set(pages.flatMap((page) => page.rows.map((row) => row.id))).size).toBe(10_200);
      expect(pages.slice(0, -1).every((page) => page.deltaLink === null)).toBe(true);
      expect(deltaLink !== null).toBe(tracked);
    }
  });

  it('brings the table of a lookup along, page by page', async () => {
    const company = randomUUID();
    await bench.system.create('account', company, { name: 'Fjord AS' }, ['name']);
    await bench.system.create(
      'contact',
      randomUUID(),
      { lastname: 'Lie', parentcustomerid: `account:${company}` },
      COLUMNS,
    );
    const columns = [...COLUMNS, 'parentcustomerid'];
    const first = await bench.system.changes('contact', columns, { kind: 'start', tracked: true });
    expect(first.rows[0]?.values.parentcustomerid).toBe(`account:${company}`);
    await create('Berg');
    const link = first.deltaLink ?? '';
    const delta = await bench.system.changes('contact', columns, { kind: 'delta', link });
    expect(delta.rows).toHaveLength(1);
    expect(delta.rows[0]?.values.parentcustomerid).toBeNull();
  });
});

describe('reading changes', () => {
  it('gives changed rows as a whole and the ids of deleted ones, then a new link', async () => {
    const kept = await create('Kept');
    const changed = await create('Changed');
    const deleted = await create('Deleted');
    const { deltaLink } = await readAll({ kind: 'start', tracked: true });
    await bench.system.update('contact', changed, null, { lastname: 'New' }, COLUMNS);
    await bench.system.remove('contact', deleted, null);
    const delta = await readAll({ kind: 'delta', link: deltaLink ?? '' });
    const [page] = delta.pages;
    expect(page?.rows.map((row) => [row.id, row.values.lastname])).toEqual([[changed, 'New']]);
    expect(page?.deletedIds).toEqual([deleted]);
    expect(page?.rows.map((row) => row.id)).not.toContain(kept);
    const empty = await readAll({ kind: 'delta', link: delta.deltaLink ?? '' });
    expect(empty.pages).toHaveLength(1);
    expect(empty.pages[0]).toMatchObject({ rows: [], deletedIds: [], next: null });
    expect(empty.deltaLink).not.toBeNull();
  });

  it.each([400, 410])(
    'trap: an expired link (%i) is an error of its own, never "no changes"',
    async (status) => {
      const { deltaLink } = await readAll({ kind: 'start', tracked: true });
      await create('Later');
      await bench.control('POST', 'tracking', { expireTokens: true, status });
      expect(await rejection(readAll({ kind: 'delta', link: deltaLink ?? '' }))).toMatchObject({
        code: 'delta_link_expired',
      });
    },
  );

  it.each(['%24deltatoken=nonsense', '%24deltatoken=999999999%2101%2f01%2f2026%2000%3a00%3a00'])(
    'trap: a malformed or strange token (%s) asks for a full read',
    async (token) => {
      const link = `${bench.url}/api/data/v9.2/contacts?$select=lastname&${token}`;
      expect(await rejection(readAll({ kind: 'delta', link }))).toMatchObject({ code: 'delta_link_expired' });
    },
  );

  it('a malformed page position asks for a full read', async () => {
    const link = `tracked ${bench.url}/api/data/v9.2/contacts?$select=lastname&$skiptoken=nonsense`;
    expect(await rejection(readAll({ kind: 'page', link }))).toMatchObject({ code: 'delta_link_expired' });
  });

  it('a table that is not tracked is told apart', async () => {
    await bench.control('POST', 'tracking', { enabled: { contact: false } });
    expect(await rejection(readAll({ kind: 'start', tracked: true }))).toMatchObject({
      code: 'schema_changed',
    });
    await expect(readAll({ kind: 'start', tracked: false })).resolves.toMatchObject({ deltaLink: null });
  });

  it('lost rights are not an expired link', async () => {
    const { deltaLink } = await readAll({ kind: 'start', tracked: true });
    await bench.control('POST', 'faults', [
      { match: 'GET contacts', status: 403, code: '0x80040220', times: 1 },
    ]);
    expect(await rejection(readAll({ kind: 'delta', link: deltaLink ?? '' }))).toMatchObject({
      code: 'access_denied',
    });
  });

  it('never follows a link to another host', async () => {
    const link = 'https://elsewhere.example/api/data/v9.2/contacts?$deltatoken=1';
    expect(await rejection(readAll({ kind: 'delta', link }))).toMatchObject({ code: 'dynamics_error' });
  });
});

describe('pages that are out of the ordinary', () => {
  const id = 'c0000000-0000-4000-8000-000000000001';

  it('trap: an empty page with a next link is not the end', async () => {
    const script = await startScriptBench((response, request) => {
      const isFirst = !request.path.includes('skiptoken');
      const next = `http://${request.headers.host}/api/data/v9.2/contacts?$skiptoken=%253ccookie%2520page`;
      const body = isFirst
        ? { value: [], '@odata.nextLink': next }
        : { value: [{ contactid: id, statecode: 0, firstname: 'Ada' }] };
      response.writeHead(200).end(JSON.stringify(body));
    });
    const first = await script.system.changes('contact', ['firstname'], { kind: 'start', tracked: false });
    expect(first.next).not.toBeNull();
    const second = await script.system.changes('contact', ['firstname'], {
      kind: 'page',
      link: first.next ?? '',
    });
    expect(second.rows).toHaveLength(1);
    expect(second.next).toBeNull();
    expect(script.server.seen.at(-1)?.path).toBe('/api/data/v9.2/contacts?$skiptoken=%253ccookie%2520page');
    await script.close();
  });

  it.each([
    ['https://contoso.api.crm.dynamics.com/api/data/v9.2/'],
    ['https://Contoso.crm.dynamics.com:443/api/data/v9.2/'],
    ['/api/data/v9.2/'],
    [''],
  ])('a link that names the same environment as "%s" is followed to its origin', async (base) => {
    const rest = 'contacts?$select=firstname&$deltatoken=1%2103%2f02';
    const script = await startScriptBench(reply(200, { value: [], '@odata.deltaLink': `${base}${rest}` }));
    const first = await script.system.changes('contact', ['firstname'], { kind: 'start', tracked: true });
    await script.system.changes('contact', ['firstname'], { kind: 'delta', link: first.deltaLink ?? '' });
    expect(script.server.seen.at(-1)?.path).toBe(`/api/data/v9.2/${rest}`);
    await script.close();
  });

  it('a link that names a local counterpart in another way is followed to its origin', async () => {
    const script = await startScriptBench((response, request) => {
      const port = request.headers.host?.split(':')[1];
      const link = `http://localhost:${port}/api/data/v9.2/contacts?$deltatoken=1`;
      response.writeHead(200).end(JSON.stringify({ value: [], '@odata.deltaLink': link }));
    });
    const first = await script.system.changes('contact', ['firstname'], { kind: 'start', tracked: true });
    await script.system.changes('contact', ['firstname'], { kind: 'delta', link: first.deltaLink ?? '' });
    expect(script.server.seen.at(-1)?.path).toBe('/api/data/v9.2/contacts?$deltatoken=1');
    const other = { kind: 'delta', link: 'http://localhost:1/api/data/v9.2/contacts?$deltatoken=1' } as const;
    expect(await rejection(script.system.changes('contact', ['firstname'], other))).toMatchObject({
      code: 'dynamics_error',
    });
    await script.close();
  });

  it.each([
    'https://contoso.crm.dynamics.com.elsewhere.example/api/data/v9.2/contacts',
    'https://contoso.crm.dynamics.com@elsewhere.example/api/data/v9.2/contacts',
    '//elsewhere.example/api/data/v9.2/contacts',
    'ftp://contoso.crm.dynamics.com/api/data/v9.2/contacts',
  ])('the link %s leads elsewhere', async (link) => {
    const script = await startScriptBench(reply(200, { value: [] }));
    const read = script.system.changes('contact', ['firstname'], { kind: 'delta', link });
    expect(await rejection(read)).toMatchObject({ code: 'dynamics_error' });
    await script.close();
  });

  it('links that are null are links that are absent', async () => {
    const links = { '@odata.nextLink': null, '@odata.deltaLink': null };
    const script = await startScriptBench(reply(200, { value: [], ...links }));
    const read = script.system.changes('contact', ['firstname'], { kind: 'start', tracked: true });
    expect(await read).toMatchObject({ next: null, deltaLink: null });
    expect(await script.system.getMany('contact', [id], ['firstname'])).toEqual(new Map());
    await script.close();
  });

  it('a page that is HTML or of another shape is an error', async () => {
    const script = await startScriptBench(reply(200, '<html>'), reply(200, { items: [] }));
    for (let index = 0; index < 2; index += 1) {
      const read = script.system.changes('contact', ['firstname'], { kind: 'start', tracked: true });
      expect(await rejection(read)).toMatchObject({ code: 'dynamics_error' });
    }
    await script.close();
  });
});
