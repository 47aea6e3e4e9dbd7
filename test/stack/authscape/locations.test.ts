import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Dump, type Harness, type Page, startHarness } from './harness.js';

let authScape: Harness;
let companyId: number;
let region: string;

beforeEach(async () => {
  authScape = await startHarness();
  const field = { name: 'Region', platform: 3, type: 1 };
  region = (await authScape.sim<{ id: string }>('POST', 'custom-fields', field)).id;
  companyId = (await insert({ companies: [{ title: 'Moss Ltd' }] })).companies[0] ?? 0;
});

afterEach(() => authScape.close());

const insert = (rows: object) =>
  authScape.sim<{ companies: number[]; locations: number[] }>('POST', 'insert', rows);
const dump = async () => (await authScape.sim<Dump>('GET', 'dump')).locations;
const update = (body: object) =>
  authScape.api('POST', 'UpdateLocation', { title: 'Depot 4', customFields: [], ...body });
const orphans = () => authScape.sim<object[]>('GET', 'orphans');

describe('the lists', () => {
  it('have no order at all', async () => {
    await insert({ locations: Array.from({ length: 12 }, (_, index) => ({ title: `L${index}` })) });
    const orders = new Set<string>();
    for (let request = 0; request < 8; request += 1) {
      const answer = await authScape.api('POST', 'GetLocations', { offset: 0, length: 12, isActive: true });
      orders.add(
        answer
          .json<Page>()
          .data.map((row) => row.id)
          .join(),
      );
    }
    expect(orders.size).toBeGreaterThan(1);
  });

  it('filter when posted, with true states and the company', async () => {
    await insert({
      locations: [{ title: 'Depot 4', companyId }, { title: 'Depot 5' }, { title: 'Mill', companyId }],
    });
    const body = { offset: 0, length: 10, name: 'dEPOT', companyId, companyType: 7, isActive: true };
    const page = (await authScape.api('POST', 'GetLocations', body)).json<Page>();
    expect(page).toMatchObject({ recordsTotal: 1 });
    expect(page.data).toEqual([
      {
        ...{ id: expect.any(Number), title: 'Depot 4', isDeactivated: false, isActive: true, companyId },
        company: { id: companyId, title: 'Moss Ltd', isDeactivated: false },
      },
    ]);
  });

  it('ignore their filters when fetched and never show an active one', async () => {
    await insert({
      locations: [
        { title: 'Depot', companyId },
        { title: 'Old', isDeactivated: true },
      ],
    });
    const rows = (await authScape.api('GET', `GetLocations?companyId=${companyId}&name=x`)).json<object[]>();
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(rows.map(() => expect.objectContaining({ isActive: false })));
    expect(rows.some((row) => 'company' in row)).toBe(false);
  });
});

describe('GetLocation', () => {
  it('has company and every field of the platform', async () => {
    const { locations } = await insert({ locations: [{ title: 'Depot 4', zipCode: 'HU1', companyId }] });
    expect((await authScape.api('GET', `GetLocation?locationId=${locations[0]}`)).json()).toEqual({
      ...{
        id: locations[0],
        title: 'Depot 4',
        zipCode: 'HU1',
        companyId,
        isDeactivated: false,
        isActive: false,
      },
      company: { id: companyId, title: 'Moss Ltd', isDeactivated: false },
      customFields: [
        { ...{ customFieldId: region, name: 'Region', isRequired: false }, size: 6, customFieldType: 1 },
      ],
    });
  });

  it('answers 204 for an unknown id', async () => {
    expect((await authScape.api('GET', 'GetLocation?locationId=4711')).status).toBe(204);
  });
});

describe('UpdateLocation', () => {
  it('replaces wholly and reads the zip code as postalCode only', async () => {
    const address = { address: '1 Dock Rd', city: 'Hull', state: 'HU', zipCode: 'HU1' };
    const { locations } = await insert({
      locations: [{ title: 'Depot 4', ...address, companyId, isDeactivated: true }],
    });
    const answer = await update({ id: locations[0], address: '2 Dock Rd', zipCode: 'HU1', companyId });
    expect(answer.json()).toEqual([
      { name: 'IsDeactivated', value: 'False' },
      { name: 'Address', value: '2 Dock Rd' },
      { name: 'City' },
      { name: 'State' },
      { name: 'ZipCode' },
    ]);
    expect(await dump()).toMatchObject([
      { address: '2 Dock Rd', city: null, zipCode: null, isDeactivated: false },
    ]);
    await update({ id: locations[0], postalCode: 'HU2' });
    expect(await dump()).toMatchObject([{ zipCode: 'HU2', companyId: null }]);
  });

  it('creates with id -1 without telling the new id', async () => {
    const answer = await update({ id: -1, city: 'Hull', postalCode: 'HU1', companyId });
    expect(answer.json()).toEqual([
      { name: 'Title', value: 'Depot 4' },
      { name: 'IsDeactivated', value: 'False' },
      { name: 'CompanyId', value: String(companyId) },
      { name: 'City', value: 'Hull' },
      { name: 'ZipCode', value: 'HU1' },
    ]);
    expect(await dump()).toMatchObject([{ title: 'Depot 4', zipCode: 'HU1', companyId, customFields: [] }]);
  });

  it('stores custom fields of a creation under -1', async () => {
    const customFields = [{ customFieldId: region, name: 'Region', value: 'North' }];
    await update({ id: -1, customFields });
    expect(await dump()).toMatchObject([{ customFields: [] }]);
    expect(await orphans()).toEqual([
      { platform: 3, recordId: -1, customFieldId: region, name: 'Region', value: 'North' },
    ]);
  });

  it('answers 200 for an unknown id and leaves orphans', async () => {
    expect((await update({ id: 4711 })).json()).toEqual([]);
    await update({ id: 4711, customFields: [{ customFieldId: region, name: 'Region', value: 'x' }] });
    expect(await orphans()).toMatchObject([{ recordId: 4711 }]);
    expect(await dump()).toEqual([]);
  });

  it('fails for an unknown company, custom field or missing value', async () => {
    const { locations } = await insert({ locations: [{ title: 'Depot 4' }] });
    const id = locations[0];
    expect((await update({ id, companyId: 4711 })).status).toBe(500);
    expect((await update({ id, customFields: [{ name: 'x', value: 'x' }] })).status).toBe(500);
    expect((await update({ id, customFields: [{ customFieldId: region, name: 'x' }] })).status).toBe(500);
    expect((await update({ id, customFields: undefined })).status).toBe(400);
  });
});

describe('ArchiveLocation and ActivateLocation', () => {
  it('set the state only, and answer 200 for unknown ids', async () => {
    const { locations } = await insert({ locations: [{ title: 'Depot 4', zipCode: 'HU1', companyId }] });
    expect((await authScape.api('DELETE', `ArchiveLocation?id=${locations[0]}`)).status).toBe(200);
    expect(await dump()).toMatchObject([{ isDeactivated: true, isActive: false, zipCode: 'HU1', companyId }]);
    await authScape.api('DELETE', `ActivateLocation?id=${locations[0]}`);
    expect(await dump()).toMatchObject([{ isActive: true }]);
    expect((await authScape.api('DELETE', 'ActivateLocation?id=4711')).status).toBe(200);
  });
});
