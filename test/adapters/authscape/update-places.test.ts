import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthScape } from '../../../src/adapters/authscape/authscape.js';
import {
  asSeen,
  authScapeSim,
  connect,
  dumpedCompany,
  dumpedLocation,
  insert,
  insertOne,
  requestsByRoute,
  unguarded,
} from './fixture.js';

const sim = authScapeSim();
let authScape: AuthScape;
beforeEach(() => {
  authScape = connect(sim());
});

const customField = async (name: string, platform: number, type: number) =>
  (await sim().sim<{ id: string }>('POST', 'custom-fields', { name, platform, type })).id;

describe('updating a company', () => {
  it('trap 5: keeps locations (inactive ones too), domains, state and custom fields', async () => {
    const kept = await customField('Kept', 2, 1);
    const changed = await customField('Changed', 2, 1);
    const id = await insertOne(sim(), 'companies', {
      title: 'Moss',
      description: 'Pumps',
      isDeactivated: true,
      emailDomains: ['moss.example'],
      customFields: [{ customFieldId: kept, value: 'k' }],
    });
    const { locations } = await insert(sim(), {
      locations: [
        { title: 'A', companyId: Number(id) },
        { title: 'B', companyId: Number(id), isDeactivated: true },
        { title: 'C' },
      ],
    });
    const before = await dumpedCompany(sim(), id);
    const values = { title: 'Moss Group', [`customFields.${changed}`]: 'c' };
    const result = await authScape.system.update('Company', id, values, {
      expected: asSeen,
      guard: unguarded,
    });
    expect(result).toMatchObject({ kind: 'written', undone: [], record: { active: false, values } });
    const after = await dumpedCompany(sim(), id);
    expect({ ...after, customFields: [] }).toEqual({ ...before, title: 'Moss Group', customFields: [] });
    expect(after.customFields.map((field) => field.value).sort()).toEqual(['c', 'k']);
    const owners = await Promise.all(locations.map((each) => dumpedLocation(sim(), String(each))));
    expect(owners.map((location) => location.companyId)).toEqual([Number(id), Number(id), null]);
  });

  it('archives and activates by the calls for that', async () => {
    const id = await insertOne(sim(), 'companies', { title: 'Moss' });
    await authScape.system.update(
      'Company',
      id,
      { isDeactivated: true },
      { expected: asSeen, guard: unguarded },
    );
    expect(await dumpedCompany(sim(), id)).toMatchObject({ isDeactivated: true });
    await authScape.system.update(
      'Company',
      id,
      { isDeactivated: false },
      { expected: asSeen, guard: unguarded },
    );
    expect(await dumpedCompany(sim(), id)).toMatchObject({ isDeactivated: false });
    expect((await requestsByRoute(sim()))['POST UpdateCompany']).toBeUndefined();
  });

  it('is gone when AuthScape says so, cannot lose its title, and has a description for reading only', async () => {
    expect(
      await authScape.system.update(
        'Company',
        '987654',
        { title: 'X' },
        { expected: asSeen, guard: unguarded },
      ),
    ).toEqual({
      kind: 'gone',
    });
    const id = await insertOne(sim(), 'companies', { title: 'Moss' });
    for (const values of [{ title: null }, { description: 'x' }]) {
      await expect(
        authScape.system.update('Company', id, values, { expected: asSeen, guard: unguarded }),
      ).rejects.toMatchObject({ name: 'RecordRefusedError' });
    }
  });
});

describe('updating a location', () => {
  it('trap 6: keeps zip code, company and state', async () => {
    const company = Number(await insertOne(sim(), 'companies', { title: 'Moss' }));
    const id = await insertOne(sim(), 'locations', {
      title: 'Depot',
      address: '1 Dock Rd',
      city: 'Hull',
      state: 'HU',
      zipCode: 'HU1',
      companyId: company,
      isDeactivated: true,
    });
    const before = await dumpedLocation(sim(), id);
    await authScape.system.update('Location', id, { city: 'York' }, { expected: asSeen, guard: unguarded });
    expect(await dumpedLocation(sim(), id)).toEqual({ ...before, city: 'York' });
    await authScape.system.update(
      'Location',
      id,
      { zipCode: 'YO1', companyId: null },
      { expected: asSeen, guard: unguarded },
    );
    expect(await dumpedLocation(sim(), id)).toEqual({
      ...before,
      city: 'York',
      zipCode: 'YO1',
      companyId: null,
    });
  });

  it('trap 14: names an undone edit of the address, and takes the address state for no state', async () => {
    const id = await insertOne(sim(), 'locations', { title: 'Depot', state: 'HU', zipCode: 'HU1' });
    const guard = async () => {
      const theirs = { state: 'YO', zipCode: 'YO1', title: 'Theirs' };
      await connect(sim()).system.update('Location', id, theirs, { expected: asSeen, guard: unguarded });
    };
    const result = await authScape.system.update(
      'Location',
      id,
      { title: 'Ours' },
      { expected: asSeen, guard },
    );
    expect(result).toMatchObject({
      undone: [
        { field: 'state', value: 'HU' },
        { field: 'zipCode', value: 'HU1' },
      ],
    });
  });

  it('trap 10: is gone before anything is written, so that no values end up under an unknown id', async () => {
    const field = await customField('Dock', 3, 1);
    const values = { title: 'X', [`customFields.${field}`]: 'x', isDeactivated: true };
    expect(
      await authScape.system.update('Location', '987654', values, { expected: asSeen, guard: unguarded }),
    ).toEqual({
      kind: 'gone',
    });
    expect(await sim().sim('GET', 'orphans')).toEqual([]);
    expect(await requestsByRoute(sim())).toEqual({ 'POST connect/token': 1, 'GET GetLocation': 1 });
  });
});
