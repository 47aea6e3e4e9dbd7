import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Dump, type Harness, type Page, startHarness } from './harness.js';

let authScape: Harness;

beforeEach(async () => {
  authScape = await startHarness();
});

afterEach(() => authScape.close());

const insert = (rows: object) =>
  authScape.sim<{ users: number[]; companies: number[]; locations: number[] }>('POST', 'insert', rows);
const list = (body: object) =>
  authScape.api('POST', 'GetUsers', { offset: 0, length: 100, isActive: true, ...body });
const listed = async (body: object) => (await list(body)).json<Page>().data;
const dumped = async (id: number | undefined) =>
  (await authScape.sim<Dump>('GET', 'dump')).users.find((user) => user.id === id);

it('GetUsers fails where the offset overflows', async () => {
  expect((await list({ offset: 2_000_000_000, length: 500 })).status).toBe(500);
  expect((await list({ offset: 2_000_000, length: 500 })).status).toBe(200);
});

describe('GetUsers', () => {
  beforeEach(async () => {
    await insert({
      users: [{ firstName: 'Sync', lastName: 'Robot', email: 'robot@x.example', roles: ['Admin'] }],
    });
  });

  it('projects what it projects, with defaults for the rest', async () => {
    const { id: badge } = await authScape.sim('POST', 'custom-fields', {
      name: 'Badge',
      platform: 1,
      type: 1,
    });
    await authScape.sim('POST', 'custom-fields', { name: 'Empty', platform: 1, type: 5, properties: '[]' });
    await authScape.sim('POST', 'permissions', { name: 'invoices.read' });
    const { companies, locations } = await insert({
      companies: [{ title: 'Moss Ltd' }],
      locations: [{ title: 'Depot 4' }],
    });
    const { users } = await insert({
      users: [
        {
          ...{ firstName: 'Ada', lastName: 'Moss', email: 'ada@moss.example', phoneNumber: '+1 555 0100' },
          ...{ companyId: companies[0], locationId: locations[0], roles: ['Admin', 'User'] },
          permissions: ['invoices.read'],
          customFields: [{ customFieldId: badge, value: 'A-17' }],
        },
      ],
    });
    const [ada] = await listed({ searchByName: 'ada moss' });
    expect(ada).toEqual({
      id: users[0],
      firstName: 'Ada',
      lastName: 'Moss',
      userName: 'ada@moss.example',
      isActive: true,
      phoneNumber: '+1 555 0100',
      company: { id: 0, title: 'Moss Ltd', isDeactivated: false },
      location: { id: 0, title: 'Depot 4', isDeactivated: false, isActive: false },
      roles: 'Admin,User',
      permissions: 'invoices.read',
      customFields: [
        {
          customFieldId: badge,
          name: 'Badge',
          isRequired: false,
          size: 6,
          customFieldType: 1,
          value: 'A-17',
        },
      ],
      created: '0001-01-01T00:00:00+00:00',
      lastLoggedIn: '0001-01-01T00:00:00+00:00',
      emailConfirmed: false,
      phoneNumberConfirmed: false,
      twoFactorEnabled: false,
      lockoutEnabled: false,
      accessFailedCount: 0,
      concurrencyStamp: expect.any(String),
    });
  });

  it('shows an untitled company and location where there are none, and a new stamp at every read', async () => {
    const [first] = await listed({});
    const [again] = await listed({});
    expect(first).toMatchObject({ company: { id: 0, title: '' }, location: { title: '' }, roles: 'Admin' });
    expect(first?.concurrencyStamp).not.toBe(again?.concurrencyStamp);
  });

  it('searches in user names and full names without regard to case, and filters', async () => {
    const { companies } = await insert({ companies: [{ title: 'Moss Ltd' }] });
    await insert({
      users: [
        { firstName: 'Åse', lastName: "O'Dell", email: 'ASE@x.example', companyId: companies[0] },
        { firstName: 'Bo', lastName: 'Ek', email: 'bo@x.example', emailConfirmed: false },
      ],
    });
    const names = async (body: object) => (await listed(body)).map((user) => user.firstName);
    expect(await names({ searchByName: "SE O'D" })).toEqual(['Åse']);
    expect(await names({ searchByName: 'ase@X' })).toEqual(['Åse']);
    expect(await names({ searchByCompanyId: companies[0] })).toEqual(['Åse']);
    expect(await names({ searchByRoleId: 1 })).toEqual(['Sync']);
    expect(await names({ emailConfirmed: false })).toEqual(['Bo']);
    expect(await names({ searchByName: ' ' })).toEqual(['Åse', 'Bo', 'Sync']);
  });

  it('shows none of the users that clients sign in as', async () => {
    expect((await listed({})).map((user) => user.userName)).toEqual(['robot@x.example']);
  });

  it('orders by first and last name and deals the ties in an order for each page length', async () => {
    const twins = Array.from({ length: 12 }, (_, index) => ({
      firstName: index % 2 ? 'ada' : 'Ada',
      lastName: 'Moss',
      email: `ada${index}@moss.example`,
    }));
    await insert({ users: [{ firstName: 'Ada', lastName: 'Aas', email: 'aas@x.example' }, ...twins] });
    const order = async (length: number) => {
      const rows = await listed({ length });
      expect(rows[0]?.lastName).toBe('Aas');
      expect(rows[13]?.lastName).toBe('Robot');
      return rows.map((user) => user.id).join();
    };
    const orders = new Set([await order(14), await order(15), await order(16), await order(17)]);
    expect(orders.size).toBeGreaterThan(1);
    expect(await order(14)).toBe(await order(14));
    const seen = [...(await listed({ length: 7 })), ...(await listed({ offset: 1, length: 7 }))];
    expect(new Set(seen.map((user) => user.id)).size).toBe(14);
    await authScape.sim('POST', 'lists', { ties: 'shuffled' });
    const shuffled = new Set<string>();
    for (let request = 0; request < 8; request += 1) {
      shuffled.add(await order(14));
    }
    expect(shuffled.size).toBeGreaterThan(1);
  });

  it.each([
    ['a blank claim', ['']],
    ['two claims', ['known', 'known']],
    ['a claim of a deleted permission', ['gone']],
  ])('fails for the whole page because of %s', async (_what, claims) => {
    const { id: known } = await authScape.sim<{ id: string }>('POST', 'permissions', { name: 'known' });
    const { id: gone } = await authScape.sim<{ id: string }>('POST', 'permissions', { name: 'gone' });
    await authScape.sim('POST', 'delete', { entity: 'Permission', id: gone });
    const ids: Record<string, string> = { known, gone };
    const permissionClaims = claims.map((claim) => ids[claim] ?? claim);
    await insert({ users: [{ firstName: 'Zoe', email: 'zoe@x.example', permissionClaims }] });
    expect((await list({})).status).toBe(500);
    expect((await list({ length: 1 })).status).toBe(200);
    expect((await list({ offset: 1, length: 1 })).status).toBe(500);
  });

  it('fails after a permission was given and then deleted, while the user can be read; null repairs it', async () => {
    await authScape.api('POST', 'AddPermission', { name: 'invoices.read' });
    const [permission] = (await authScape.api('GET', 'GetPermissions')).json<{ id: string }[]>();
    const { users } = await insert({ users: [{ firstName: 'Zoe', email: 'zoe@x.example' }] });
    const zoe = { id: users[0], firstName: 'Zoe', lastName: '', email: 'zoe@x.example', isActive: true };
    const update = (permissions: string[] | null) =>
      authScape.api('PUT', 'UpdateUser', { ...zoe, permissions, customFields: [] });
    await update(['invoices.read']);
    expect((await list({})).status).toBe(200);
    expect((await authScape.api('DELETE', `DeletePermission?id=${permission?.id}`)).status).toBe(200);
    expect((await list({})).status).toBe(500);
    const read = await authScape.api('GET', `GetUser?userId=${users[0]}`);
    expect([read.status, read.json().permissions]).toEqual([200, []]);
    await update(null);
    expect((await list({})).status).toBe(200);
    await update([]);
    expect((await list({})).status).toBe(500);
  });

  it('keeps its order through renames, archiving and new rows', async () => {
    const { users } = await insert({
      users: ['C', 'A', 'B'].map((name) => ({ firstName: name, email: `${name}@x.example` })),
    });
    const names = async () => (await listed({})).map((user) => user.firstName);
    expect(await names()).toEqual(['A', 'B', 'C', 'Sync']);
    await authScape.api('DELETE', `ArchiveUser?id=${users[2]}`);
    await insert({ users: [{ firstName: 'AA', email: 'aa@x.example' }] });
    expect(await names()).toEqual(['A', 'AA', 'C', 'Sync']);
    await authScape.sim('POST', 'delete', { entity: 'User', id: users[1] });
    expect(await names()).toEqual(['AA', 'C', 'Sync']);
  });
});

describe('GetUser', () => {
  it('has no id, lists every field of the platform, and arrays of names', async () => {
    const { id: badge } = await authScape.sim('POST', 'custom-fields', {
      name: 'Badge',
      platform: 1,
      type: 1,
    });
    const properties = '[{"id":1,"key":"a","value":"A"}]';
    await authScape.sim('POST', 'custom-fields', { name: 'Tier', platform: 1, type: 7, properties });
    await authScape.sim('POST', 'custom-fields', { name: 'Other', platform: 2, type: 1 });
    const { companies } = await insert({ companies: [{ title: 'Moss Ltd' }] });
    const { users } = await insert({
      users: [
        {
          ...{ firstName: 'Ada', lastName: '', email: 'ada@moss.example', companyId: companies[0] },
          customFields: [{ customFieldId: badge, value: '' }],
        },
      ],
    });
    const answer = await authScape.api('GET', `GetUser?userId=${users[0]}`);
    expect(answer.json()).toEqual({
      firstName: 'Ada',
      lastName: '',
      companyId: companies[0],
      email: 'ada@moss.example',
      isActive: true,
      emailConfirmed: true,
      roles: ['User'],
      permissions: [],
      customFields: [
        { customFieldId: badge, name: 'Badge', isRequired: false, size: 6, customFieldType: 1, value: '' },
        {
          ...{ customFieldId: expect.any(String), name: 'Tier', isRequired: false, size: 6 },
          customFieldType: 7,
          properties,
        },
      ],
      company: { id: companies[0], title: 'Moss Ltd', isDeactivated: false },
    });
  });

  it('answers 500 for an unknown id', async () => {
    expect((await authScape.api('GET', 'GetUser?userId=4711')).status).toBe(500);
  });
});

describe('CreateAccount', () => {
  const create = (email: string) =>
    authScape.api('POST', 'CreateAccount', { firstName: '', lastName: '', email });

  it('makes an active, confirmed user without the rest', async () => {
    const id = (await create('Ada@moss.example')).json<number>();
    expect(await dumped(id)).toMatchObject({
      ...{
        email: 'Ada@moss.example',
        isActive: true,
        emailConfirmed: true,
        phoneNumber: null,
        companyId: null,
      },
      ...{ roles: [], locale: 'Eastern Standard Time', created: expect.stringMatching(/^20.*-05:00$/) },
    });
  });

  it.each(["o'brien@x.example", 'zoë@x.example', 'a b@x.example', ''])(
    'refuses %j with 204',
    async (email) => {
      expect((await create(email)).status).toBe(204);
    },
  );

  it('fails for an e-mail over 256 characters', async () => {
    expect((await create(`${'a'.repeat(247)}@x.example`)).status).toBe(500);
    expect((await create(`${'a'.repeat(246)}@x.example`)).status).toBe(200);
  });

  it('lets one of two equal ones win, whatever their case', async () => {
    const answers = await Promise.all([create('ada@moss.example'), create('ADA@moss.example')]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 204]);
  });
});

describe('ArchiveUser and ActivateUser', () => {
  it('set the state and the date of archiving, and answer 200 for unknown ids too', async () => {
    const { users } = await insert({ users: [{ email: 'a@x.example' }] });
    const archive = await authScape.api('DELETE', `ArchiveUser?id=${users[0]}`);
    expect([archive.status, archive.text]).toEqual([200, '']);
    expect(await dumped(users[0])).toMatchObject({ isActive: false, archived: expect.any(String) });
    await authScape.api('DELETE', `ActivateUser?id=${users[0]}`);
    expect(await dumped(users[0])).toMatchObject({ isActive: true, archived: null });
    expect((await authScape.api('DELETE', 'ArchiveUser?id=4711')).status).toBe(200);
    expect((await authScape.api('DELETE', 'ActivateUser?id=4711')).status).toBe(200);
  });
});
