import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { company, contactVariant, person } from '../seed.js';
import { type Dump, type Harness, type Page, startHarness } from './harness.js';

let authScape: Harness;

beforeEach(async () => {
  authScape = await startHarness();
});

afterEach(() => authScape.close());

const dump = () => authScape.sim<Dump>('GET', 'dump');
const people = async () => (await dump()).users;
const hooks = () => authScape.sim<{ count: number; calls: object[] }>('GET', 'hooks');

describe('seed', () => {
  it('makes the first users the first contacts and the rest strangers', async () => {
    const added = await authScape.sim('POST', 'seed', {
      users: 40,
      companies: 6,
      locations: 9,
      seed: 7,
      overlap: 0.5,
    });
    expect(added).toEqual({ users: 40, companies: 6, locations: 9 });
    const users = await people();
    const emails = users.map((user) => user.email.toLowerCase());
    const contacts = new Set(
      Array.from({ length: 40 }, (_, index) => contactVariant(7, index).email.toLowerCase()),
    );
    expect(emails.map((email) => contacts.has(email))).toEqual(emails.map((_, index) => index < 20));
    const { companies, locations } = await dump();
    const titles = companies.map((row) => row.title);
    expect(titles.slice(0, 3)).toEqual([0, 1, 2].map((index) => company(7, index).name));
    expect(titles[3]).not.toBe(company(7, 3).name);
    expect(users.filter((user) => user.companyId !== null).length).toBeGreaterThan(30);
    expect(locations.every((location) => location.companyId !== null)).toBe(true);
    expect(users.every((user) => user.firstName && user.lastName && user.roles.join() === 'User')).toBe(true);
  });

  it('goes on with the next person the second time', async () => {
    await authScape.sim('POST', 'seed', { users: 3, seed: 7, overlap: 1 });
    await authScape.sim('POST', 'seed', { users: 2, seed: 7, overlap: 1 });
    const expected = [0, 1, 2, 3, 4].map((index) => person(7, index).email);
    expect((await people()).map((user) => user.email)).toEqual(expected);
  });

  it('makes e-mails that CreateAccount would take, and some inactive users', async () => {
    await authScape.sim('POST', 'seed', { users: 2000, seed: 3 });
    const users = await people();
    expect(users.every((user) => /^[\w\-.@+]+$/.test(user.email))).toBe(true);
    const inactive = users.filter((user) => !user.isActive).length;
    expect(inactive).toBeGreaterThan(70);
    expect(inactive).toBeLessThan(130);
  });

  it('answers large pages of a large seed', async () => {
    await authScape.sim('POST', 'seed', { users: 10_000, seed: 3 });
    const page = await authScape.api('POST', 'GetUsers', { offset: 1, length: 500, isActive: true });
    expect(page.json<Page>().data).toHaveLength(500);
  });
});

describe('reset, insert and delete', () => {
  it('empties all, but clients can still sign in as their users', async () => {
    await authScape.sim('POST', 'seed', { users: 3, companies: 2, locations: 2 });
    await authScape.sim('POST', 'reset');
    expect(await dump()).toEqual({ users: [], companies: [], locations: [] });
    expect((await authScape.api('GET', '')).json()).toMatchObject({ id: 900001 });
    expect((await authScape.api('GET', 'GetRoles')).status).toBe(200);
    await authScape.sim('POST', 'seed', { users: 1 });
    expect((await people())[0]?.id).toBe(4);
  });

  it('deletes rows for good and what refers to them', async () => {
    const insert = (rows: object) => authScape.sim<Record<string, number[]>>('POST', 'insert', rows);
    const companyId = (await insert({ companies: [{ title: 'Gone' }] })).companies?.[0];
    const locationId = (await insert({ locations: [{ title: 'Gone', companyId }] })).locations?.[0];
    await insert({ users: [{ email: 'a@x.example', companyId, locationId }] });
    await authScape.sim('POST', 'delete', { entity: 'Company', id: companyId });
    await authScape.sim('POST', 'delete', { entity: 'Location', id: locationId });
    expect(await people()).toMatchObject([{ companyId: null, locationId: null }]);
    await expect(authScape.sim('POST', 'delete', { entity: 'User', id: 4711 })).rejects.toThrow(
      'no User 4711',
    );
    await expect(insert({ users: [{ email: 'A@x.example' }] })).rejects.toThrow('already');
  });
});

describe('hooks', () => {
  it('are counted for the four operations that have one', async () => {
    const body = { firstName: 'Ada', lastName: 'Moss', email: 'ada@moss.example' };
    const id = (await authScape.api('POST', 'CreateAccount', body)).json<number>();
    await authScape.api('PUT', 'UpdateUser', { ...body, id, customFields: [] });
    const companies = await authScape.sim('POST', 'insert', { companies: [{ title: 'Moss Ltd' }] });
    const [companyId] = companies.companies as number[];
    const lists = { locations: [], customFields: [] };
    await authScape.api('POST', 'UpdateCompany', { id: companyId, title: 'Moss Ltd', ...lists });
    await authScape.api('POST', 'UpdateLocation', { id: -1, title: 'Depot', customFields: [] });
    expect((await hooks()).calls).toMatchObject([
      { operation: 'CreateAccount', entity: 'User', id },
      { operation: 'UpdateUser', entity: 'User', id },
      { operation: 'UpdateCompany', entity: 'Company', id: companyId },
      { operation: 'UpdateLocation', entity: 'Location', id: 1 },
    ]);
  });

  it('are not called by archiving, by roles, or by calls that found nothing', async () => {
    const { users } = await authScape.sim<{ users: number[] }>('POST', 'insert', {
      users: [{ email: 'a@x.example' }],
    });
    for (const path of ['User', 'Company', 'Location'].flatMap((name) => [
      `Archive${name}`,
      `Activate${name}`,
    ])) {
      await authScape.api('DELETE', `${path}?id=${users[0]}`);
    }
    await authScape.api('POST', 'AssignUserToRole', { userId: users[0], roleId: 1 });
    await authScape.api('POST', 'UpdateLocation', { id: 4711, title: 'Depot', customFields: [] });
    const unknown = { id: 4711, firstName: 'a', lastName: 'b', email: 'c@d.example', customFields: [] };
    await authScape.api('PUT', 'UpdateUser', unknown);
    expect(await hooks()).toEqual({ count: 0, calls: [] });
  });
});

describe('counting and faults', () => {
  it('labels requests by action, however they are spelt', async () => {
    await authScape.api('POST', 'getusers', { length: 1 });
    await authScape.api('GET', '');
    const { byRoute } = await authScape.sim('GET', 'requests');
    expect(byRoute).toEqual({ 'POST connect/token': 1, 'POST GetUsers': 1, 'GET UserManagement': 1 });
  });

  it('fails before or after the work was done, in the words of AuthScape', async () => {
    const body = { firstName: '', lastName: '', email: 'a@x.example' };
    await authScape.sim('POST', 'faults', [
      { match: 'POST CreateAccount', status: 500, times: 1 },
      { match: 'POST CreateAccount', status: 500, times: 1, commit: true },
      { match: 'POST CreateAccount', dropConnection: 'afterCommit', times: 1 },
    ]);
    const before = await authScape.api('POST', 'CreateAccount', body);
    expect(before.json()).toMatchObject({ statusCode: 500, error: expect.any(String) });
    expect(await people()).toHaveLength(0);
    expect((await authScape.api('POST', 'CreateAccount', body)).status).toBe(500);
    expect(await people()).toHaveLength(1);
    const other = { ...body, email: 'b@x.example' };
    await expect(authScape.api('POST', 'CreateAccount', other)).rejects.toThrow();
    expect(await people()).toHaveLength(2);
  });

  it('hits the requests of one record, whatever else goes on', async () => {
    const { users, companies } = await authScape.sim<Record<string, number[]>>('POST', 'insert', {
      users: [
        { firstName: 'Ada', email: 'ada@x.example' },
        { firstName: 'Bo', email: 'bo@x.example' },
      ],
      companies: [{ title: 'Moss' }, { title: 'Fern' }],
    });
    const [ada, bo] = users!;
    const refused = { status: 403, message: 'Not this one.' };
    await authScape.sim('POST', 'faults', [
      ...['GET GetUser', 'PUT UpdateUser', 'DELETE *'].map((match) => ({ match, row: ada, ...refused })),
      { match: 'GET GetCompany', row: String(companies![1]), status: 500 },
      { match: 'POST CreateAccount', where: { email: 'Zoe@x.example' }, status: 500 },
      { match: 'PUT UpdateUser', where: { email: 'bo@x.example' }, status: 500, times: 1 },
    ]);
    const update = (id: number | undefined, firstName: string, email: string) =>
      authScape.api('PUT', 'UpdateUser', { id, firstName, lastName: '', email, customFields: [] });
    const read = await authScape.api('GET', `GetUser?userId=${ada}`);
    expect([read.status, read.json().error]).toEqual([403, 'Not this one.']);
    expect((await update(ada, 'Ada', 'ada@x.example')).status).toBe(403);
    expect((await authScape.api('DELETE', `ArchiveUser?id=${ada}`)).status).toBe(403);
    expect((await authScape.api('GET', `GetUser?userId=${bo}`)).status).toBe(200);
    expect((await update(bo, 'Bo', 'new@x.example')).status).toBe(500);
    expect((await update(bo, 'Bo', 'new@x.example')).status).toBe(200);
    const company = (id: number | undefined) => authScape.api('GET', `GetCompany?companyId=${id}`);
    expect([(await company(companies![0])).status, (await company(companies![1])).status]).toEqual([
      200, 500,
    ]);
    const create = (email: string) =>
      authScape.api('POST', 'CreateAccount', { firstName: '', lastName: '', email });
    expect([(await create('zoe@x.example')).status, (await create('yo@x.example')).status]).toEqual([
      500, 200,
    ]);
  });

  it('answers a page of a proxy', async () => {
    const body = '<html><body>Blocked</body></html>';
    await authScape.sim('POST', 'faults', [{ match: 'GET GetRoles', status: 200, body }]);
    const answer = await authScape.api('GET', 'GetRoles');
    expect([answer.status, answer.headers.get('content-type'), answer.text]).toEqual([
      200,
      'text/html',
      body,
    ]);
  });
});
