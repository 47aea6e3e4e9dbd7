import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Dump, type Harness, startHarness } from './harness.js';

let authScape: Harness;
let id: number;
let badge: string;
let companyId: number;

beforeEach(async () => {
  authScape = await startHarness();
  badge = (
    await authScape.sim<{ id: string }>('POST', 'custom-fields', { name: 'Badge', platform: 1, type: 1 })
  ).id;
  await authScape.sim('POST', 'permissions', { name: 'invoices.read' });
  const rows = await insert({ companies: [{ title: 'Moss Ltd' }] });
  companyId = rows.companies[0] ?? 0;
  id =
    (await insert({ users: [{ ...stored(), customFields: [{ customFieldId: badge, value: 'A-17' }] }] }))
      .users[0] ?? 0;
});

afterEach(() => authScape.close());

const insert = (rows: object) =>
  authScape.sim<{ users: number[]; companies: number[] }>('POST', 'insert', rows);
const stored = () => ({
  ...{ firstName: 'Ada', lastName: 'Moss', email: 'ada@moss.example', phoneNumber: '+1 555 0100', companyId },
  ...{ isActive: true, emailConfirmed: true, roles: ['User'], permissions: ['invoices.read'] },
});
/** The stored user as a full body; a member given as undefined is left out. */
const update = (changes: object) =>
  authScape.api('PUT', 'UpdateUser', { id, ...stored(), customFields: [], ...changes });
const dump = async () => (await authScape.sim<Dump>('GET', 'dump')).users;
const current = async () => (await dump()).find((user) => user.id === id);

describe('UpdateUser on an existing user', () => {
  it('answers what changed, as text, and [] when nothing did', async () => {
    expect((await update({})).json()).toEqual([]);
    const answer = await update({
      ...{ phoneNumber: '+1 555 0199', isActive: false, companyId: null, roles: ['Admin'] },
      customFields: [{ customFieldId: badge, name: 'Badge', value: 'B-2' }],
    });
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual([
      { name: 'IsActive', value: 'False' },
      { name: 'PhoneNumber', value: '+1 555 0199' },
      { name: 'CompanyId', value: '' },
      { name: 'Badge', value: 'B-2' },
    ]);
    expect(await current()).toMatchObject({
      ...{ isActive: false, archived: null, companyId: null, roles: ['Admin'], phoneNumber: '+1 555 0199' },
      customFields: [{ customFieldId: badge, name: 'Badge', value: 'B-2' }],
    });
  });

  it.each([
    ['phoneNumber', { phoneNumber: null }],
    ['companyId', { companyId: null }],
    ['isActive', { isActive: false }],
    ['emailConfirmed', { emailConfirmed: false }],
    ['roles', { roles: [] }],
    ['permissions', { permissions: [] }],
  ])('empties %s when it is left out', async (member, expected) => {
    expect((await update({ [member]: undefined })).status).toBe(200);
    expect(await current()).toMatchObject(expected);
  });

  it.each([
    ['firstName is left out', { firstName: undefined }],
    ['lastName is null', { lastName: null }],
    ['email is left out', { email: undefined }],
    ['customFields are left out', { customFields: undefined }],
    ['a custom field has no value', { customFields: [{ customFieldId: '%', name: 'Badge' }] }],
    ['a custom field is unknown', { customFields: [{ name: 'Badge', value: 'x' }] }],
    ['the company does not exist', { companyId: 4711 }],
    ['the e-mail is taken', { email: 'SYNC-900001@authscape.example' }],
    ['the e-mail is too long', { email: `${'x'.repeat(250)}@x.example` }],
  ])('fails with 500 and saves nothing when %s', async (_what, change) => {
    const before = await current();
    const text = JSON.stringify({ id, ...stored(), customFields: [], phoneNumber: 'new', ...change });
    const answer = await authScape.api('PUT', 'UpdateUser', text.replace('%', badge));
    expect(answer.status).toBe(500);
    expect(await current()).toEqual(before);
  });

  it('answers 204 and does nothing for an unknown or missing id', async () => {
    const before = await dump();
    expect((await update({ id: 4711 })).status).toBe(204);
    expect((await update({ id: undefined })).status).toBe(204);
    expect(await dump()).toEqual(before);
  });

  it('drops unknown roles without an error and matches known ones without regard to case', async () => {
    await update({ roles: ['ADMIN', 'Nobody'] });
    expect(await current()).toMatchObject({ roles: ['Admin'] });
  });

  it('never deletes a custom field value; an empty text is a value', async () => {
    const other = await authScape.sim('POST', 'custom-fields', { name: 'Other', platform: 1, type: 1 });
    await update({ customFields: [{ customFieldId: other.id, name: 'Other', value: '' }] });
    expect((await current())?.customFields.map((field) => [field.name, field.value])).toEqual([
      ['Badge', 'A-17'],
      ['Other', ''],
    ]);
  });

  it('fails for a custom field that is sent twice', async () => {
    const other = await authScape.sim('POST', 'custom-fields', { name: 'Other', platform: 1, type: 1 });
    const field = (value: string) => ({ customFieldId: other.id, name: 'Other', value });
    expect((await update({ customFields: [field('x'), field('y')] })).status).toBe(500);
    expect((await update({ customFields: [field('y')] })).status).toBe(200);
  });

  it.each([[[]], [['no such permission']]])(
    'breaks the list with permissions %j until they are left out',
    async (permissions) => {
      const list = () => authScape.api('POST', 'GetUsers', { offset: 0, length: 10, isActive: true });
      await update({ permissions });
      expect((await list()).status).toBe(500);
      await update({ permissions: undefined });
      expect((await list()).status).toBe(200);
    },
  );

  it('refuses a nested company or location as it was read', async () => {
    const company = await update({ company: { id: companyId, title: 'Moss Ltd', isDeactivated: false } });
    expect(company.status).toBe(400);
    expect(Object.keys(company.json<{ errors: object }>().errors)).toContain('Company.Users');
    expect((await update({ location: { id: 1, title: 'Depot' } })).status).toBe(400);
  });

  it('changes e-mail and user name together, without a check of characters', async () => {
    await update({ email: "o'brien@möss.example" });
    expect((await authScape.api('GET', `GetUser?userId=${id}`)).json()).toMatchObject({
      email: "o'brien@möss.example",
    });
    const again = { firstName: 'x', lastName: 'y', email: 'ada@moss.example' };
    expect((await authScape.api('POST', 'CreateAccount', again)).status).toBe(200);
  });
});

describe('UpdateUser with id -1', () => {
  const fresh = { id: -1, email: "d'arcy@moss.example" };
  const made = async () => (await dump()).find((user) => user.email === fresh.email);

  it('creates past the checks of CreateAccount, without telling the id', async () => {
    const answer = await update({ ...fresh, permissions: undefined });
    expect(answer.json<{ name: string }[]>().map((change) => change.name)).toEqual([
      ...['FirstName', 'LastName', 'Email', 'IsActive', 'EmailConfirmed', 'PhoneNumber', 'CompanyId'],
    ]);
    expect(await made()).toMatchObject({
      roles: ['User'],
      created: '0001-01-01T00:00:00+00:00',
      locale: null,
    });
  });

  it('leaves half a user behind when what follows fails', async () => {
    expect((await update({ ...fresh, customFields: undefined })).status).toBe(500);
    expect(await made()).toMatchObject({ phoneNumber: '+1 555 0100', roles: [] });
  });
});
