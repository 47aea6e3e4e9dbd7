import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthScape } from '../../../src/adapters/authscape/authscape.js';
import { authScapeSim, connect, insert, insertOne, requestsByRoute } from './fixture.js';

const sim = authScapeSim();
let authScape: AuthScape;
beforeEach(() => {
  authScape = connect(sim());
});

const addField = async (name: string, platform: number, type: number, properties?: string) =>
  (
    await sim().sim<{ id: string }>('POST', 'custom-fields', {
      name,
      platform,
      type,
      ...(properties === undefined ? {} : { properties }),
    })
  ).id;

describe('one record', () => {
  it('is read with references as ids, absent as null, and custom values in their types', async () => {
    const number = await addField('Desk', 1, 3);
    const day = await addField('Hired', 1, 4);
    const flag = await addField('Newsletter', 1, 5);
    const text = await addField('Badge', 1, 1);
    const company = await insertOne(sim(), 'companies', { title: 'Moss Ltd' });
    const id = await insertOne(sim(), 'users', {
      firstName: 'Ada',
      email: 'ada@moss.example',
      companyId: Number(company),
      roles: ['Admin', 'User'],
      customFields: [
        { customFieldId: number, value: '12.5' },
        { customFieldId: day, value: '2024-02-29T23:00:00.000Z' },
        { customFieldId: flag, value: 'true' },
      ],
    });
    const before = Date.now();
    const record = await authScape.system.get('User', id, []);
    expect(record).toEqual({
      id,
      values: {
        id,
        firstName: 'Ada',
        lastName: null,
        email: 'ada@moss.example',
        phoneNumber: null,
        companyId: company,
        locationId: null,
        isActive: true,
        emailConfirmed: true,
        [`customFields.${number}`]: 12.5,
        [`customFields.${day}`]: '2024-02-29T23:00:00.000Z',
        [`customFields.${flag}`]: true,
        [`customFields.${text}`]: null,
      },
      active: true,
      roles: ['Admin', 'User'],
      complete: true,
      readAt: expect.any(Number),
    });
    expect(record?.readAt).toBeGreaterThanOrEqual(before);
  });

  it('trap 9: takes the state of companies and locations from isDeactivated, never from the bogus isActive', async () => {
    const ids = await insert(sim(), {
      companies: [
        { title: 'On', description: 'Pumps' },
        { title: 'Off', isDeactivated: true },
      ],
      locations: [
        { title: 'On', zipCode: 'HU1' },
        { title: 'Off', isDeactivated: true },
      ],
    });
    for (const entity of ['Company', 'Location'] as const) {
      const [on, off] = entity === 'Company' ? ids.companies : ids.locations;
      expect(await authScape.system.get(entity, String(on), [])).toMatchObject({
        active: true,
        values: { isDeactivated: false },
      });
      expect(await authScape.system.get(entity, String(off), [])).toMatchObject({
        active: false,
        values: { isDeactivated: true },
      });
    }
  });

  it.each(['User', 'Company', 'Location'] as const)('%s: undefined when there is none', async (entity) => {
    expect(await authScape.system.get(entity, '987654', [])).toBeUndefined();
    expect(await authScape.system.get(entity, 'not-a-number', [])).toBeUndefined();
  });

  it('fails, instead of calling a user missing, when AuthScape fails at everything', async () => {
    await sim().sim('POST', 'faults', [{ match: 'GET *', status: 500 }]);
    await expect(authScape.system.get('User', '900001', [])).rejects.toMatchObject({
      code: 'authscape_error',
    });
  });
});

describe('[D1] proving that a record is gone', () => {
  it.each(['Company', 'Location'] as const)('%s: AuthScape says so', async (entity) => {
    const kind = entity === 'Company' ? 'companies' : 'locations';
    const id = await insertOne(sim(), kind, { title: 'Depot' });
    expect(await authScape.system.isGone(entity, id, null)).toBe(false);
    await sim().sim('POST', 'delete', { entity, id: Number(id) });
    expect(await authScape.system.isGone(entity, id, null)).toBe(true);
    expect(await authScape.system.isGone(entity, 'garbage', null)).toBe(false);
  });

  it('[D2] of a user only while another user can be read', async () => {
    const { users } = await insert(sim(), { users: [{ email: 'a@x.example' }, { email: 'b@x.example' }] });
    const [id, witness] = users.map(String) as [string, string];
    expect(await authScape.system.isGone('User', id, witness)).toBe(false);
    await sim().sim('POST', 'delete', { entity: 'User', id: Number(id) });
    expect(await authScape.system.isGone('User', id, null)).toBe(false);
    expect(await authScape.system.isGone('User', id, '987654')).toBe(false);
    expect(await authScape.system.isGone('User', id, witness)).toBe(true);
  });
});

describe('the fields of an entity', () => {
  it('are the built-in ones and the custom ones by id', async () => {
    const options = '[{"id":1,"key":"gold","value":"Gold"},{"id":2,"key":"tin"}]';
    const segment = await addField('Segment', 2, 7, options);
    const memo = await addField('Notes', 2, 2);
    const { fields } = await authScape.system.schema('Company');
    expect(
      fields.filter((field) => !field.custom).map((field) => [field.key, field.writable, field.inList]),
    ).toEqual([
      ['id', false, true],
      ['title', true, true],
      ['description', false, false],
      ['isDeactivated', true, true],
    ]);
    expect(fields.filter((field) => field.custom)).toMatchObject([
      {
        name: 'customFields.Segment',
        key: `customFields.${segment}`,
        type: 'choice',
        inList: false,
        options: [
          { key: 'gold', label: 'Gold' },
          { key: 'tin', label: 'tin' },
        ],
      },
      { name: 'customFields.Notes', key: `customFields.${memo}`, type: 'memo', options: null },
    ]);
  });

  it('are remembered for a while, and read anew on demand', async () => {
    await authScape.system.schema('User');
    await addField('Badge', 1, 1);
    const names = async (fresh: boolean) =>
      (await authScape.system.schema('User', { fresh })).fields.map((field) => field.name);
    expect(await names(false)).not.toContain('customFields.Badge');
    expect(await names(true)).toContain('customFields.Badge');
  });

  it.each(['User', 'Company', 'Location'] as const)(
    '%s: custom ones come from a record when the token names no user (GetCustomFields answers 500)',
    async (entity) => {
      await sim().sim('POST', 'tokens', { identity: false });
      const platform = { User: 1, Company: 2, Location: 3 }[entity];
      const key = `customFields.${await addField('Tier', platform, 7, '[{"key":"a","value":"A"}]')}`;
      await insert(sim(), {
        users: [{ email: 'a@x.example' }],
        companies: [{ title: 'Off', isDeactivated: true }],
        locations: [{ title: 'Depot' }],
      });
      const { fields } = await authScape.system.schema(entity);
      expect(fields.filter((field) => field.custom)).toMatchObject([
        { key, name: 'customFields.Tier', options: [{ key: 'a', label: 'A' }] },
      ]);
    },
  );

  it('have no custom ones without identity and without records', async () => {
    await sim().sim('POST', 'tokens', { identity: false });
    expect((await authScape.system.schema('Location')).fields.every((field) => !field.custom)).toBe(true);
  });
});

describe('finding records by their values', () => {
  it('[P1] takes users of both states whose whole e-mail is equal without case', async () => {
    const ids = await insert(sim(), {
      users: [
        { email: 'Ada@Moss.example', isActive: false },
        { email: 'xada@moss.example' },
        { email: 'ada@moss.example.org' },
      ],
    });
    const found = await authScape.system.findBy('User', { email: 'ada@moss.EXAMPLE' }, ['email', 'isActive']);
    expect(found.map((record) => record.id)).toEqual([String(ids.users[0])]);
    expect(found[0]).toMatchObject({ active: false, complete: true });
    expect(await requestsByRoute(sim())).toMatchObject({ 'POST GetUsers': 2 });
  });

  it('misses none of many namesakes, and looks at details for what lists lack', async () => {
    const company = await insertOne(sim(), 'companies', { title: 'Moss' });
    const { users } = await insert(sim(), {
      users: Array.from({ length: 7 }, (_, index) => ({
        email: `u${index}@x.example`,
        firstName: 'Ann',
        lastName: 'Lee',
        companyId: index === 5 ? Number(company) : null,
      })),
    });
    const { system } = connect(sim(), { pageSize: 2 });
    const named = await system.findBy('User', { firstName: 'ann', lastName: 'LEE ' }, []);
    // Read in one piece: ties come in another order on each page, so that pages may lack one.
    expect(named).toHaveLength(7);
    const inCompany = await authScape.system.findBy('User', { lastName: 'Lee', companyId: company }, []);
    expect(inCompany.map((record) => record.id)).toEqual([String(users[5])]);
    expect(inCompany[0]?.values.companyId).toBe(company);
  });

  it('finds companies beyond the twenty of the type-ahead, inactive ones too', async () => {
    await insert(sim(), {
      companies: Array.from({ length: 30 }, (_, index) => ({ title: `Moss ${index}` })),
    });
    const off = await insertOne(sim(), 'companies', { title: 'Moss', isDeactivated: true });
    const found = await authScape.system.findBy('Company', { title: 'MOSS' }, []);
    expect(found.map((record) => record.id)).toEqual([off]);
  });

  it('finds locations by title and company, also by a company that is empty', async () => {
    const company = await insertOne(sim(), 'companies', { title: 'Moss' });
    const ids = await insert(sim(), {
      locations: [
        { title: 'Depot', companyId: Number(company) },
        { title: 'depot', isDeactivated: true },
        { title: 'Depot 2', companyId: Number(company) },
      ],
    });
    const find = async (criteria: Record<string, string | null>) =>
      (await authScape.system.findBy('Location', criteria, [])).map((record) => Number(record.id));
    expect(await find({ title: 'DEPOT', companyId: company })).toEqual([ids.locations[0]]);
    expect(await find({ title: 'depot', companyId: null })).toEqual([ids.locations[1]]);
    expect(await find({ title: 'depot' })).toEqual(ids.locations.slice(0, 2));
  });

  it('finds nothing for empty values', async () => {
    await insert(sim(), { users: [{ email: 'a@x.example' }] });
    expect(await authScape.system.findBy('User', { phoneNumber: null }, [])).toEqual([]);
    expect(await authScape.system.findBy('User', {}, [])).toEqual([]);
  });

  it('trap 3: refuses to answer when a user that matches cannot be listed', async () => {
    await insert(sim(), { users: [{ email: 'ada@x.example', permissionClaims: [''] }] });
    await expect(authScape.system.findBy('User', { email: 'ada@x.example' }, [])).rejects.toMatchObject({
      name: 'RecordRefusedError',
      reason: 'lookup_failed',
    });
    await sim().sim('POST', 'faults', [{ match: 'POST GetUsers', status: 500 }]);
    await expect(authScape.system.findBy('User', { email: 'b@x.example' }, [])).rejects.toMatchObject({
      code: 'authscape_error',
    });
  });
});
