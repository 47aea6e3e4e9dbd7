import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Dump, type Harness, type Page, request, startHarness } from './harness.js';

let authScape: Harness;

beforeEach(async () => {
  authScape = await startHarness();
});

afterEach(() => authScape.close());

const insert = (rows: object) =>
  authScape.sim<{ companies: number[]; locations: number[] }>('POST', 'insert', rows);
const dump = () => authScape.sim<Dump>('GET', 'dump');

describe('the lists', () => {
  beforeEach(async () => {
    const titles = Array.from({ length: 60 }, (_, index) => `Company ${String(index).padStart(2, '0')}`);
    const { companies } = await insert({
      companies: [
        { title: 'Old', isDeactivated: true },
        ...titles.map((title) => ({ title, description: 'd' })),
      ],
    });
    const companyId = companies[1];
    await insert({
      locations: [{ title: 'Depot', companyId }],
      users: [
        { email: 'a@x.example', companyId },
        { email: 'b@x.example', companyId, isActive: false },
      ],
    });
  });

  it('come in pages by title, in two passes', async () => {
    const list = (body: object) => authScape.api('POST', 'GetCompanies', { offset: 0, length: 2, ...body });
    const active = (await list({ isActive: true })).json<Page>();
    expect(active).toMatchObject({ recordsTotal: 60, recordsFiltered: 60, draw: 0 });
    expect(active.data).toEqual([
      {
        ...{ id: expect.any(Number), title: 'Company 00', isActive: true },
        numberOfLocations: 1,
        numberOfUsers: 2,
      },
      {
        ...{ id: expect.any(Number), title: 'Company 01', isActive: true },
        numberOfLocations: 0,
        numberOfUsers: 0,
      },
    ]);
    expect((await list({})).json<Page>().data).toMatchObject([{ title: 'Old', isActive: false }]);
    expect((await list({ isActive: true, searchByName: 'NY 59' })).json<Page>().recordsTotal).toBe(1);
  });

  it('stop at 20 raw rows as a type-ahead, at 50 for a location', async () => {
    const rows = (await authScape.api('GET', 'GetCompanies?name=COMP')).json<object[]>();
    expect(rows).toHaveLength(20);
    expect(Object.keys(rows[0] ?? {})).toEqual(['id', 'title', 'description', 'isDeactivated']);
    expect((await authScape.api('GET', 'GetCompanies?name=old')).json()).toEqual([]);
    expect((await authScape.api('GET', 'GetCompaniesForLocation?searchBName=comp')).json()).toHaveLength(50);
    expect((await authScape.api('GET', 'GetCompaniesForLocation?searchBName=')).status).toBe(400);
  });

  it('show all active ones, with isActive false', async () => {
    const rows = (await authScape.api('GET', 'GetAllCompanies')).json<{ isActive: boolean }[]>();
    expect(rows).toHaveLength(60);
    expect(rows.every((row) => row.isActive === false)).toBe(true);
  });
});

describe('one company', () => {
  let id: number;
  let depot: number;
  let foreign: number;
  let segment: string;

  beforeEach(async () => {
    const field = { name: 'Segment', platform: 2, type: 7, properties: '[]' };
    segment = (await authScape.sim<{ id: string }>('POST', 'custom-fields', field)).id;
    const { companies } = await insert({
      companies: [
        {
          title: 'Moss Ltd',
          description: 'Pumps',
          emailDomains: ['moss.example'],
          customFields: [{ customFieldId: segment, value: 'gold' }],
        },
        { title: 'Other' },
      ],
    });
    id = companies[0] ?? 0;
    const { locations } = await insert({
      locations: [
        { title: 'Depot 4', zipCode: 'HU1', companyId: id, isDeactivated: true },
        { title: 'Foreign', companyId: companies[1] },
      ],
    });
    [depot = 0, foreign = 0] = locations;
  });

  const update = (changes: object) =>
    authScape.api('POST', 'UpdateCompany', {
      ...{ id, title: 'Moss Ltd', isDeactivated: false, locations: [{ id: depot }], customFields: [] },
      ...{ domains: ['moss.example'], ...changes },
    });
  const current = async () => (await dump()).companies.find((company) => company.id === id);
  const ownerOf = async (locationId: number) =>
    (await dump()).locations.find((location) => location.id === locationId)?.companyId;

  it('comes with its locations, custom fields and domains', async () => {
    expect((await authScape.api('GET', `GetCompany?companyId=${id}`)).json()).toEqual({
      ...{
        id,
        title: 'Moss Ltd',
        description: 'Pumps',
        isDeactivated: false,
        emailDomains: ['moss.example'],
      },
      locations: [
        {
          ...{ id: depot, title: 'Depot 4', zipCode: 'HU1', isDeactivated: true },
          companyId: id,
          isActive: false,
        },
      ],
      customFields: [
        {
          ...{ customFieldId: segment, name: 'Segment', isRequired: false, size: 6, customFieldType: 7 },
          ...{ properties: '[]', value: 'gold' },
        },
      ],
    });
  });

  it('answers its changes; the description stays', async () => {
    const customFields = [{ customFieldId: segment, name: 'Segment', value: 'silver' }];
    const answer = await update({
      title: 'Moss Group',
      isDeactivated: true,
      customFields,
      description: 'new',
    });
    expect(answer.json()).toEqual([
      { name: 'Title', value: 'Moss Group' },
      { name: 'IsDeactivated', value: 'True' },
      { name: 'Segment', value: 'silver' },
    ]);
    expect(await current()).toMatchObject({
      description: 'Pumps',
      emailDomains: ['moss.example'],
      isActive: false,
    });
  });

  it('loses its domains when they are left out, and is re-activated when the state is', async () => {
    await update({ isDeactivated: true });
    await update({ isDeactivated: undefined, domains: undefined });
    expect(await current()).toMatchObject({ isDeactivated: false, emailDomains: [] });
  });

  it('lets go of locations that are not named and takes those of others', async () => {
    await update({ locations: [{ id: foreign }] });
    expect([await ownerOf(depot), await ownerOf(foreign)]).toEqual([null, id]);
    await update({ locations: [] });
    expect(await ownerOf(foreign)).toBe(null);
  });

  it('is saved halfway when a later step fails', async () => {
    const customFields = [{ customFieldId: segment, name: 'Segment' }];
    const answer = await update({ title: 'Half', locations: [], domains: [], customFields });
    expect(answer.status).toBe(500);
    expect(await current()).toMatchObject({ title: 'Half', emailDomains: ['moss.example'] });
    expect(await ownerOf(depot)).toBe(null);
  });

  it.each([
    ['locations are left out', { locations: undefined }, 500],
    ['custom fields are left out', { customFields: undefined }, 400],
    ['it does not exist', { id: 4711 }, 500],
    ['it is to be created', { id: -1, locations: [] }, 500],
  ])('is not saved when %s', async (_what, change, status) => {
    const before = await dump();
    expect((await update({ title: 'New', ...change })).status).toBe(status);
    expect(await dump()).toEqual(before);
  });

  it('is archived and activated without a touch on the rest, also when unknown', async () => {
    expect((await authScape.api('DELETE', `ArchiveCompany?id=${id}`)).status).toBe(200);
    expect(await current()).toMatchObject({ isDeactivated: true, emailDomains: ['moss.example'] });
    await authScape.api('DELETE', `ActivateCompany?id=${id}`);
    expect(await current()).toMatchObject({ isDeactivated: false });
    expect((await authScape.api('DELETE', 'ArchiveCompany?id=4711')).status).toBe(200);
  });
});

describe('the sample host', () => {
  const create = async (body: object) => {
    const { access_token } = (await authScape.token()).json<{ access_token: string }>();
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${access_token}` };
    return request('PUT', `${authScape.url}/api/Companies`, { headers, body: JSON.stringify(body) });
  };
  const lists = {
    users: [],
    storeCredits: [],
    locations: [],
    dnsRecords: [],
    customFields: [],
    emailDomains: [],
  };

  it('is absent until it is installed, then creates companies without an id in the answer', async () => {
    expect((await create({ title: 'New', ...lists })).status).toBe(404);
    await authScape.sim('POST', 'install', { sampleCompanies: true });
    expect((await create({ title: 'New' })).status).toBe(400);
    const made = await create({ title: 'New', ...lists });
    expect([made.status, made.text]).toEqual([200, '']);
    expect((await dump()).companies).toMatchObject([{ title: 'New', isActive: true }]);
  });
});
