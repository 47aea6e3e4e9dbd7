import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, appId, SimClient } from '../sim-client.js';

const select = 'contacts?$select=firstname,lastname';
const track = 'odata.track-changes';
const dayS = 86_400;

let client: SimClient;
let ids: string[];

beforeEach(async () => {
  client = await SimClient.start();
  ids = [];
  for (const lastname of ['Berg', 'Dahl', 'Eide', 'Foss', 'Gran']) {
    ids.push(await client.create('contacts', { lastname }));
  }
});

afterEach(() => client.sim.close());

function idAt(index: number): string {
  return ids[index] ?? '';
}

function deltaLink(answer: Answer): string {
  return String(answer.json['@odata.deltaLink']);
}

function patch(id: string, body: Record<string, unknown>) {
  return client.ask('PATCH', `contacts(${id})`, { body, headers: { 'if-match': '*' } });
}

function remove(id: string) {
  return client.ask('DELETE', `contacts(${id})`);
}

describe('the first run', () => {
  it('lists all rows and has the delta link on the last page only', async () => {
    const first = await client.get(select, `${track},odata.maxpagesize=2`);
    expect(first.json['@odata.deltaLink']).toBeUndefined();
    expect(decodeURIComponent(String(first.json['@odata.nextLink']))).toContain('istracking="True"');
    const all = await client.readAll(select, `${track},odata.maxpagesize=2`);
    expect(all.pages).toBe(3);
    expect(all.json.value.map((row) => row.contactid).sort()).toEqual([...ids].sort());
    expect(deltaLink(all)).toMatch(/\$select=firstname,lastname&\$deltatoken=\d+%21\d\d%2F\d\d%2F\d{4}%20/);
  });

  it.each(['$filter=statecode%20eq%200', '$orderby=lastname', '$expand=ownerid', '$top=2'])(
    'refuses %s',
    async (option) => {
      const answer = await client.get(`contacts?${option}`, track);
      expect(answer.status).toBe(400);
      expect(answer.json.error.message).toMatch(
        /The "\$\w+" query parameter isn't supported when Change Tracking/,
      );
    },
  );

  it('needs a tracked table and global read', async () => {
    const untracked = await client.get('new_memberships', track);
    expect([untracked.status, untracked.json.error.code]).toEqual([400, '0x80072491']);
    await client.control('POST', 'tracking', { enabled: { contact: false } });
    expect((await client.get('contacts', track)).json.error.code).toBe('0x80072491');
    await client.control('POST', 'tracking', { enabled: { contact: true } });
    await client.control('POST', 'users', { appId, state: 'noGlobalRead' });
    expect((await client.get('contacts', track)).status).toBe(403);
    expect((await client.get('contacts')).status).toBe(200);
  });

  it('says nothing of rows deleted before it', async () => {
    await remove(idAt(0));
    expect((await client.get(select, track)).json.value).toHaveLength(4);
  });
});

describe('a delta run', () => {
  let link: string;

  beforeEach(async () => {
    link = deltaLink(await client.get(select, track));
  });

  it('is empty with a new link when nothing happened', async () => {
    const answer = await client.get(link, track);
    expect(answer.json.value).toEqual([]);
    expect(answer.json['@odata.context']).toBe(
      `${client.root}/$metadata#contacts(firstname,lastname)/$delta`,
    );
    expect(deltaLink(answer)).toContain('$deltatoken=');
  });

  it('collapses several changes into the row as it is, deletions last', async () => {
    await remove(idAt(4));
    await patch(idAt(1), { lastname: 'Dahle' });
    await patch(idAt(0), { firstname: 'Ada' });
    await patch(idAt(1), { firstname: 'Ola' });
    const answer = await client.get(link);
    expect(answer.json.value).toEqual([
      { '@odata.etag': expect.any(String), firstname: 'Ada', lastname: 'Berg', contactid: idAt(0) },
      { '@odata.etag': expect.any(String), firstname: 'Ola', lastname: 'Dahle', contactid: idAt(1) },
      {
        '@odata.context': `${client.root}/$metadata#contacts/$deletedEntity`,
        id: idAt(4),
        reason: 'deleted',
      },
    ]);
    expect((await client.get(deltaLink(answer))).json.value).toEqual([]);
  });

  it('reports unselected columns, equal values and rows that came and went', async () => {
    await patch(idAt(0), { jobtitle: 'CEO' });
    await patch(idAt(1), { lastname: 'Dahl' });
    const shortLived = await client.create('contacts', { lastname: 'Brief' });
    await remove(shortLived);
    const answer = await client.get(link);
    expect(answer.json.value.map((row) => row.contactid ?? row.id)).toEqual([idAt(0), idAt(1), shortLived]);
    expect((await client.get(`contacts/$count?$deltatoken=${link.split('$deltatoken=')[1]}`)).text).toBe(
      '\uFEFF3',
    );
  });

  it('reports a row that was deleted and created again as present', async () => {
    await remove(idAt(0));
    await client.ask('PATCH', `contacts(${idAt(0)})`, { body: { lastname: 'Again' } });
    const answer = await client.get(link);
    expect(answer.json.value).toMatchObject([{ contactid: idAt(0), lastname: 'Again' }]);
  });

  it('pages, and leaves what is written meanwhile to the next run', async () => {
    for (const id of ids.slice(0, 3)) {
      await patch(id, { firstname: 'X' });
    }
    await remove(idAt(3));
    await remove(idAt(4));
    const prefer = `${track},odata.maxpagesize=2`;
    const first = await client.get(link, prefer);
    await patch(idAt(2), { firstname: 'Y' });
    await patch(idAt(0), { firstname: 'Z' });
    const rest = await client.readAll(String(first.json['@odata.nextLink']), prefer);
    const entries = [...first.json.value, ...rest.json.value].map((row) => row.contactid ?? row.id);
    expect(entries).toEqual([idAt(0), idAt(1), idAt(3), idAt(4)]);
    const next = await client.get(deltaLink(rest), prefer);
    expect(next.json.value).toMatchObject([
      { contactid: idAt(2), firstname: 'Y' },
      { contactid: idAt(0), firstname: 'Z' },
    ]);
  });

  it('does not lose what is written while the first run is read', async () => {
    const first = await client.get(select, `${track},odata.maxpagesize=2`);
    const seen = String(first.json.value[0]?.contactid);
    await patch(seen, { firstname: 'Late' });
    const last = await client.readAll(String(first.json['@odata.nextLink']), `${track},odata.maxpagesize=2`);
    expect((await client.get(deltaLink(last))).json.value).toMatchObject([
      { contactid: seen, firstname: 'Late' },
    ]);
  });

  it('expires after the days that the organization row tells', async () => {
    await client.control('POST', 'clock', { advanceSeconds: 7 * dayS - 60 });
    expect((await client.get(link)).status).toBe(200);
    await client.control('POST', 'clock', { advanceSeconds: 120 });
    const answer = await client.get(link);
    expect([answer.status, answer.json.error.code]).toEqual([400, '0x80044352']);
  });

  it('expires when told to, with either status; new tokens work', async () => {
    await client.control('POST', 'tracking', { expireTokens: true, status: 410 });
    const answer = await client.get(link);
    expect([answer.status, answer.json.error.code]).toEqual([410, '0x80044352']);
    const fresh = await client.get(select, track);
    expect((await client.get(deltaLink(fresh))).status).toBe(200);
  });

  it('refuses a malformed token', async () => {
    expect((await client.get('contacts?$deltatoken=tomorrow')).status).toBe(400);
  });
});

describe('switches of change tracking', () => {
  const track = (path: string, size = 1) => client.get(path, `odata.track-changes,odata.maxpagesize=${size}`);
  const ids = (rows: Record<string, unknown>[]) => rows.map((row) => row.contactid ?? row.id);

  it.each([
    ['firstPage', true],
    ['lastPage', false],
  ])('%s: an edit of a row that was read before is in the next run: %s', async (tokenFixedAt, isThere) => {
    await client.control('POST', 'reset');
    await client.control('POST', 'behaviour', { tokenFixedAt });
    await client.create('contacts', {});
    await client.create('contacts', {});
    const first = await track('contacts?$select=firstname');
    const [read] = ids(first.json.value);
    await client.ask('PATCH', `contacts(${read})`, { body: { firstname: 'Between' } });
    const last = await track(String(first.json['@odata.nextLink']));
    const next = await track(String(last.json['@odata.deltaLink']));
    expect(ids(next.json.value)).toEqual(isThere ? [read] : []);
  });

  it('can answer a run without changes with an empty object', async () => {
    await client.control('POST', 'behaviour', { emptyFeed: true });
    const link = String((await track('contacts', 500)).json['@odata.deltaLink']);
    const empty = await track(link);
    expect([empty.status, empty.text]).toEqual([200, '{}']);
    const id = await client.create('contacts', {});
    const changed = await track(link);
    expect(ids(changed.json.value)).toEqual([id]);
    expect(changed.json).toHaveProperty(['@odata.deltaLink']);
  });

  it('can call the tokens given so far invalid', async () => {
    const link = String((await track('contacts', 500)).json['@odata.deltaLink']);
    await client.control('POST', 'tracking', { invalidateTokens: true });
    const refused = await track(link);
    expect([refused.status, refused.json.error.code]).toEqual([500, '0x80044183']);
    const fresh = String((await track('contacts', 500)).json['@odata.deltaLink']);
    expect((await track(fresh)).status).toBe(200);
  });
});
