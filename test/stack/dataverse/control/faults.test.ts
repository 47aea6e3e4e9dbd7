import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimClient } from '../sim-client.js';

let client: SimClient;
let ada: string;
let bo: string;

beforeEach(async () => {
  client = await SimClient.start();
  ada = await client.create('contacts', { firstname: 'Ada', emailaddress1: 'ada@x.example' });
  bo = await client.create('contacts', { firstname: 'Bo' });
});

afterEach(() => client.sim.close());

const inject = (...faults: object[]) => client.control('POST', 'faults', faults);
const rename = (id: string, firstname: string) =>
  client.ask('PATCH', `contacts(${id})`, { body: { firstname }, headers: { 'if-match': '*' } });
const nameOf = async (id: string) => (await client.get(`contacts(${id})`)).json.firstname;

describe('faults of one row', () => {
  it('hit its writes, in any spelling of its id, and spare all other rows', async () => {
    const message = 'owner With Id = 1 Does Not Exist';
    await inject({
      match: 'PATCH contacts',
      row: `{${ada.toUpperCase()}}`,
      status: 404,
      code: '0x80040217',
      message,
    });
    const refused = await rename(ada, 'Eva');
    expect([refused.status, refused.json.error]).toEqual([404, { code: '0x80040217', message }]);
    expect((await rename(bo, 'Bob')).status).toBe(204);
    expect([await nameOf(ada), await nameOf(bo)]).toEqual(['Ada', 'Bob']);
  });

  it('can be named by what the row or the body holds', async () => {
    await inject(
      { match: 'PATCH contacts', where: { emailaddress1: 'ADA@x.example' }, status: 400 },
      { match: '* contacts', where: { firstname: 'Evil' }, status: 500 },
    );
    expect((await rename(ada, 'Eva')).status).toBe(400);
    expect((await rename(bo, 'Evil')).status).toBe(500);
    expect((await client.ask('POST', 'contacts', { body: { firstname: 'Evil' } })).status).toBe(500);
    expect((await rename(bo, 'Bob')).status).toBe(204);
  });

  it('hit a creation that brings its id, and only once where they are counted', async () => {
    const id = 'c0000000-0000-4000-8000-000000000011';
    await inject({ match: 'POST contacts', row: id, status: 412, code: '0x80040237', times: 1 });
    const create = () => client.ask('POST', 'contacts', { body: { contactid: id } });
    expect((await client.ask('POST', 'contacts', { body: {} })).status).toBe(204);
    expect([(await create()).status, (await create()).status]).toEqual([412, 204]);
  });

  it('do the work first where that is wanted', async () => {
    await inject({ match: 'PATCH contacts', row: ada, status: 500, code: '0x80040224', commit: true });
    expect((await rename(ada, 'Eva')).status).toBe(500);
    expect(await nameOf(ada)).toBe('Eva');
  });

  it.each([true, undefined])('hit that part of a batch (part: %s)', async (part) => {
    await inject({ match: 'PATCH contacts', row: ada, status: 500, ...(part === undefined ? {} : { part }) });
    expect(await batch()).toEqual(['500', '204']);
  });

  it('spare the parts of batches when told to', async () => {
    await inject({ match: 'PATCH contacts', row: ada, status: 500, part: false });
    expect(await batch()).toEqual(['204', '204']);
    expect((await rename(ada, 'Eva')).status).toBe(500);
  });
});

describe('what a fault answers', () => {
  it('may be any body of any type', async () => {
    const body = '<html><body>Proxy</body></html>';
    await inject({ match: 'GET contacts', status: 502, body, times: 1 });
    await inject({ match: 'GET contacts', status: 403, body: 'No.', contentType: 'text/plain', times: 1 });
    const first = await client.get('contacts');
    expect([first.status, first.headers['content-type'], first.text]).toEqual([502, 'text/html', body]);
    const second = await client.get('contacts');
    expect([second.status, second.headers['content-type'], second.text]).toEqual([403, 'text/plain', 'No.']);
    expect((await client.get('contacts')).status).toBe(200);
  });
});

async function batch(): Promise<string[]> {
  const part = (id: string) =>
    [
      ...['--b', 'Content-Type: application/http', 'Content-Transfer-Encoding: binary', ''],
      ...[
        `PATCH /api/data/v9.2/contacts(${id}) HTTP/1.1`,
        'Content-Type: application/json',
        '',
        '{"firstname":"X"}',
      ],
    ].join('\r\n');
  const answer = await client.ask('POST', '$batch', {
    body: `${part(ada)}\r\n${part(bo)}\r\n--b--\r\n`,
    headers: { 'content-type': 'multipart/mixed; boundary=b', prefer: 'odata.continue-on-error' },
  });
  return [...answer.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1] ?? '');
}
