import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Harness, type Page, request, startHarness } from './harness.js';

let authScape: Harness;

beforeEach(async () => {
  authScape = await startHarness();
  await authScape.sim('POST', 'insert', { users: [{ firstName: 'Sync', email: 'robot@x.example' }] });
});

afterEach(() => authScape.close());

const problem = (errors: object) =>
  expect.objectContaining({ status: 400, title: 'One or more validation errors occurred.', errors });

describe('bodies and answers', () => {
  it('reads member names without regard to case, numbers also as text, and ignores the unknown', async () => {
    const body = { OFFSET: '0', Length: '5', ISACTIVE: true, whatever: [1], searchByCompanyId: null };
    const answer = await authScape.api('POST', 'getusers', body);
    expect(answer.json<Page>().data).toHaveLength(1);
    expect(answer.headers.get('content-type')).toContain('application/json');
  });

  it('leaves nulls out and keeps defaults', async () => {
    const page = (await authScape.api('POST', 'GetUsers', { length: 5, isActive: true })).json<Page>();
    const [user] = page.data;
    expect(user).toMatchObject({ accessFailedCount: 0, lockoutEnabled: false });
    expect(user).toMatchObject({ created: '0001-01-01T00:00:00+00:00' });
    expect(Object.keys(user ?? {})).not.toContain('phoneNumber');
    expect(Object.keys(user ?? {})).not.toContain('archived');
  });

  it('answers a bare number and 204 for null', async () => {
    const body = { firstName: 'Ada', lastName: 'Moss', email: 'ada@moss.example' };
    const made = await authScape.api('POST', 'CreateAccount', body);
    expect(made.text).toMatch(/^\d+$/);
    const refused = await authScape.api('POST', 'CreateAccount', body);
    expect([refused.status, refused.text]).toEqual([204, '']);
  });

  it('writes dates with an offset and seven decimals', async () => {
    const { users } = await authScape.sim<{ users: number[] }>('POST', 'insert', {
      users: [{ email: 'a@b.example' }],
    });
    await authScape.api('DELETE', `ArchiveUser?id=${users[0]}`);
    const page = (await authScape.api('POST', 'GetUsers', { length: 5 })).json<Page>();
    expect(page.data[0]?.archived).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{4,7}-05:00$/);
  });

  it('takes enums in a query as number or name', async () => {
    await authScape.sim('POST', 'custom-fields', { name: 'Segment', platform: 2, type: 7 });
    for (const platform of ['2', 'Companies']) {
      const fields = await authScape.api('GET', `GetCustomFields?platformType=${platform}`);
      expect(fields.json()).toEqual([
        expect.objectContaining({ name: 'Segment', fieldType: 7, customFieldPlatformType: 2, gridSize: 6 }),
      ]);
    }
  });
});

const unread = (parameter: string, path: string, type: string, place: string) => ({
  [parameter]: [`The ${parameter} field is required.`],
  [path]: [`The JSON value could not be converted to ${type}. Path: ${path} | ${place}.`],
});

describe('errors', () => {
  it.each([
    [
      'a missing title',
      'UpdateCompany',
      { id: 1, customFields: [] },
      { Title: ['The Title field is required.'] },
    ],
    [
      'a nameless custom field',
      'UpdateLocation',
      { id: 1, title: 'x', customFields: [{ value: 'x' }] },
      { 'CustomFields[0].Name': ['The Name field is required.'] },
    ],
    [
      'a number that is none',
      'UpdateCompany',
      { id: 'x' },
      unread('param', '$.id', 'System.Int64', 'LineNumber: 0 | BytePositionInLine: 9'),
    ],
    [
      'a boolean as text, in the letter case that was sent',
      'GetUsers',
      '{\n  "offset": 0,\n  "ISACTIVE": "true"\n}',
      unread('param', '$.ISACTIVE', 'System.Boolean', 'LineNumber: 2 | BytePositionInLine: 20'),
    ],
    [
      'only the first of two wrong members, counted in bytes',
      'UpdateUser',
      { firstName: 'Zoë', phoneNumber: 5, roles: 7 },
      unread('user', '$.phoneNumber', 'System.String', 'LineNumber: 0 | BytePositionInLine: 35'),
    ],
    [
      'a member of a list',
      'UpdateUser',
      { customFields: [{ name: 'a', customFieldId: 'x' }] },
      unread(
        'user',
        '$.customFields[0].customFieldId',
        'System.Guid',
        'LineNumber: 0 | BytePositionInLine: 48',
      ),
    ],
    [
      'malformed JSON',
      'GetUsers',
      '{"offset":',
      { param: ['The param field is required.'], $: [expect.stringContaining('Path: $ | LineNumber: 0')] },
    ],
  ])('400 as a problem document for %s', async (_what, action, body, errors) => {
    const answer = await authScape.api(action === 'UpdateUser' ? 'PUT' : 'POST', action, body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.json()).toEqual(problem(errors));
    const { errors: shown } = answer.json<{ errors: object }>();
    expect(Object.keys(shown)).toEqual(Object.keys(errors));
  });

  it('415 as a problem document for a body that is no JSON', async () => {
    const { access_token } = (await authScape.token()).json<{ access_token: string }>();
    const answer = await request('POST', `${authScape.url}/api/UserManagement/GetUsers`, {
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'text/plain' },
      body: 'x',
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      415,
      'application/problem+json; charset=utf-8',
    ]);
    expect(answer.json()).toMatchObject({ status: 415, title: 'Unsupported Media Type' });
  });

  it('400 with its own text for an unknown company, 500 for nearly everything else', async () => {
    const company = await authScape.api('GET', 'GetCompany?companyId=404');
    expect(company.status).toBe(400);
    expect(company.json()).toEqual({
      error: 'Company not found',
      statusCode: 400,
      traceId: expect.any(String),
    });
    const user = await authScape.api('GET', 'GetUser?userId=404');
    expect(user.status).toBe(500);
    expect(user.json()).toMatchObject({ statusCode: 500, error: expect.any(String) });
  });

  it('404 for an unknown action, 405 for a wrong verb, both empty; 404 for SCIM', async () => {
    const unknown = await authScape.api('POST', 'EditUser', {});
    expect([unknown.status, unknown.text]).toEqual([404, '']);
    const verb = await authScape.api('POST', 'ArchiveUser?id=1');
    expect([verb.status, verb.text]).toEqual([405, '']);
    expect((await request('GET', `${authScape.url}/scim/v2/ServiceProviderConfig`)).status).toBe(404);
  });

  it('501 for what the simulator does not do', async () => {
    expect((await request('GET', `${authScape.url}/connect/authorize`)).status).toBe(501);
    expect((await authScape.api('PUT', 'ChangeUserPassword', { userId: 1, password: 'x' })).status).toBe(501);
  });

  it('404 for every action when the module is not installed', async () => {
    await authScape.sim('POST', 'install', { module: false });
    expect((await authScape.api('GET', 'GetRoles')).status).toBe(404);
    expect((await authScape.api('GET', '')).status).toBe(200);
  });

  it('an empty 429 beyond the limit, counted per address and before authentication', async () => {
    await authScape.sim('POST', 'limits', { permitLimit: 2, windowSeconds: 60 });
    expect((await authScape.api('GET', 'GetRoles', undefined, null)).status).toBe(401);
    expect((await authScape.api('GET', 'GetRoles')).status).toBe(200);
    const third = await authScape.api('GET', 'GetRoles');
    expect([third.status, third.text, third.headers.get('retry-after')]).toEqual([429, '', null]);
  });
});

describe('paging', () => {
  beforeEach(() =>
    authScape.sim('POST', 'insert', {
      users: Array.from({ length: 5 }, (_, index) => ({
        firstName: `U${index}`,
        email: `u${index}@x.example`,
      })),
    }),
  );

  const page = (offset: number, length: number) =>
    authScape.api('POST', 'GetUsers', { offset, length, isActive: true });

  it('takes the offset as a page index', async () => {
    const second = (await page(1, 4)).json<Page>();
    expect(second).toMatchObject({ draw: 0, recordsTotal: 6, recordsFiltered: 6 });
    expect(second.data.map((user) => user.firstName)).toEqual(['U3', 'U4']);
  });

  it('is empty past the end with the true total, and fails for length 0 and negatives', async () => {
    expect((await page(9, 4)).json<Page>()).toMatchObject({ recordsTotal: 6, data: [] });
    expect((await page(0, 0)).status).toBe(500);
    expect((await page(-1, 5)).status).toBe(500);
    expect((await page(2_000_000_000, 500)).status).toBe(500);
    expect((await page(3_000_000_000, 500)).status).toBe(400);
  });

  it.each(['GetUsers', 'GetCompanies', 'GetLocations'])(
    '%s shows the inactive ones by default',
    async (action) => {
      await authScape.sim('POST', 'insert', {
        users: [{ email: 'off@x.example', isActive: false }],
        companies: [{ title: 'On' }, { title: 'Off', isDeactivated: true }],
        locations: [{ title: 'On' }, { title: 'Off', isDeactivated: true }],
      });
      const answer = (await authScape.api('POST', action, { offset: 0, length: 50 })).json<Page>();
      expect(answer.data).toHaveLength(1);
      expect(answer.data[0]).toMatchObject({ isActive: false });
    },
  );
});
