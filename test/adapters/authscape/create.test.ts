import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthScape } from '../../../src/adapters/authscape/authscape.js';
import { UnknownOutcomeError } from '../../../src/application/ports/systems.js';
import type { Dump } from '../../stack/authscape/harness.js';
import {
  authScapeSim,
  connect,
  dumpedLocation,
  dumpedUser,
  insert,
  insertOne,
  requestsByRoute,
} from './fixture.js';

const sim = authScapeSim();
let authScape: AuthScape;
beforeEach(() => {
  authScape = connect(sim());
});

const ada = { firstName: 'Ada', lastName: 'Moss', email: 'ada@moss.example', phoneNumber: '1' };
const inject = (...faults: object[]) => sim().sim('POST', 'faults', faults);
const dump = () => sim().sim<Dump>('GET', 'dump');

const unguarded = () => Promise.resolve();

describe('creating a user', () => {
  it('[P12] fills names and e-mail, and nothing else has been filled', async () => {
    const result = await authScape.system.create('User', ada, [], unguarded);
    expect(result).toMatchObject({
      kind: 'created',
      record: {
        values: { firstName: 'Ada', lastName: 'Moss', email: 'ada@moss.example', phoneNumber: null },
      },
    });
    if (result.kind !== 'created') throw new Error('not created');
    expect(await dumpedUser(sim(), result.id)).toMatchObject({ isActive: true, emailConfirmed: true });
    expect(authScape.system.creationKeys('User')).toEqual(['firstName', 'lastName', 'email']);
  });

  it('trap 10: 204 is a refusal, of an e-mail that another user has in any case and state', async () => {
    await insert(sim(), { users: [{ email: 'ADA@moss.example', isActive: false }] });
    expect(await authScape.system.create('User', ada, [], unguarded)).toMatchObject({
      kind: 'refused',
      reason: 'email_taken',
    });
  });

  it.each(["o'brien@moss.example", 'zoë@moss.example'])(
    'trap 13: 204 for characters of %s',
    async (email) => {
      const result = await authScape.system.create('User', { ...ada, email }, [], unguarded);
      expect(result).toMatchObject({ kind: 'refused', reason: 'email_refused' });
      // A dry run asks neither system, and comes to the same.
      expect(authScape.system.foreseenRefusal('User', { email })).toEqual({
        reason: 'email_refused',
        message: result.kind === 'refused' ? result.message : '',
      });
      expect(authScape.system.foreseenRefusal('User', ada)).toBeNull();
    },
  );

  it('[P5] refuses a user without e-mail without asking', async () => {
    expect(
      await authScape.system.create('User', { lastName: 'Moss', email: null }, [], unguarded),
    ).toMatchObject({
      reason: 'email_refused',
    });
    expect(await requestsByRoute(sim())).toEqual({});
  });

  it.each([
    ['cut after the commit', { dropConnection: 'afterCommit' }],
    ['answered 500 after the commit', { status: 500, commit: true }],
    ['answered 504 after the commit', { status: 504, commit: true }],
  ])('trap 11: %s, it is found and not sent again', async (_name, fault) => {
    await inject({ match: 'POST CreateAccount', ...fault });
    const result = await authScape.system.create('User', ada, [], unguarded);
    expect(result).toMatchObject({ kind: 'created', record: { values: { email: 'ada@moss.example' } } });
    expect((await requestsByRoute(sim()))['POST CreateAccount']).toBe(1);
  });

  it('keeps the id of a new user that cannot be read afterwards', async () => {
    await inject({ match: 'GET GetUser', status: 503, times: 20 });
    const result = await authScape.system.create('User', ada, [], unguarded);
    if (result.kind !== 'created') throw new Error('not created');
    expect(result.record).toBeUndefined();
    expect(await dumpedUser(sim(), result.id)).toMatchObject({ email: 'ada@moss.example' });
  });

  it('trap 11: cut before the commit, its fate stays unknown and it is not sent again', async () => {
    await inject({ match: 'POST CreateAccount', dropConnection: 'before' });
    await expect(authScape.system.create('User', ada, [], unguarded)).rejects.toBeInstanceOf(
      UnknownOutcomeError,
    );
    expect((await requestsByRoute(sim()))['POST CreateAccount']).toBe(1);
  });

  it('does not take another user of that e-mail for its own after an unknown fate', async () => {
    await insert(sim(), { users: [{ email: 'ada@moss.example', firstName: 'Adam', lastName: 'Moss' }] });
    await inject({ match: 'POST CreateAccount', dropConnection: 'before' });
    await expect(authScape.system.create('User', ada, [], unguarded)).rejects.toBeInstanceOf(
      UnknownOutcomeError,
    );
  });

  it('fails as the system does where the module is missing or the API is away', async () => {
    await authScape.system.identity();
    await sim().sim('POST', 'install', { module: false });
    await expect(authScape.system.create('User', ada, [], unguarded)).rejects.toMatchObject({
      code: 'authscape_module_missing',
    });
    await expect(
      connect(sim(), { apiUrl: 'http://127.0.0.1:9' }).system.create('User', ada, [], unguarded),
    ).rejects.toMatchObject({ code: 'authscape_unreachable' });
  });
});

describe('creating a location', () => {
  const depot = { title: 'Depot', address: '1 Dock Rd', zipCode: 'HU1', state: null };

  it('trap 6, trap 7: writes the zip code, and no custom fields, which would be shared under the id -1', async () => {
    const { id: field } = await sim().sim<{ id: string }>('POST', 'custom-fields', {
      name: 'Dock',
      platform: 3,
      type: 1,
    });
    const company = await insertOne(sim(), 'companies', { title: 'Moss' });
    const values = { ...depot, companyId: company, [`customFields.${field}`]: 'x' };
    const result = await authScape.system.create('Location', values, [], unguarded);
    if (result.kind !== 'created') throw new Error('not created');
    expect(result.record?.values).toMatchObject({
      title: 'Depot',
      zipCode: 'HU1',
      companyId: company,
      isDeactivated: false,
      [`customFields.${field}`]: null,
    });
    expect(await sim().sim('GET', 'orphans')).toEqual([]);
    expect(authScape.system.creationKeys('Location')).not.toContain(`customFields.${field}`);
  });

  it('finds the new one among others of the same title and company', async () => {
    const company = Number(await insertOne(sim(), 'companies', { title: 'Moss' }));
    const { locations } = await insert(sim(), {
      locations: [{ title: 'Depot' }, { title: 'Depot', companyId: company }, { title: 'depot' }],
    });
    const result = await authScape.system.create('Location', depot, [], unguarded);
    if (result.kind !== 'created') throw new Error('not created');
    expect(locations.map(String)).not.toContain(result.id);
    expect(await dumpedLocation(sim(), result.id)).toMatchObject({ companyId: null, zipCode: 'HU1' });
  });

  it('[E11] costs few lists, however many are made, side by side', async () => {
    await insert(sim(), { locations: [{ title: 'First' }] });
    await sim().sim('DELETE', 'requests');
    const titles = Array.from({ length: 40 }, (_, index) => `Depot ${index}`);
    const made = await Promise.all(
      titles.map(async (title) => {
        expect(await authScape.system.findBy('Location', { title }, [])).toEqual([]);
        return authScape.system.create('Location', { title }, [], unguarded);
      }),
    );
    const ids = made.map((one) => (one.kind === 'created' ? one.id : ''));
    expect(new Set(ids).size).toBe(40);
    const { locations } = await dump();
    expect(ids.map((id) => locations.find((row) => String(row.id) === id)?.title)).toEqual(titles);
    expect((await requestsByRoute(sim()))['GET GetLocations']).toBeLessThanOrEqual(2);
  });

  it('[E11] sees what another one made a moment ago', async () => {
    await authScape.system.create('Location', depot, [], unguarded);
    await insert(sim(), { locations: [{ title: 'Late' }] });
    expect(await authScape.system.findBy('Location', { title: 'Late' }, [])).toHaveLength(1);
    const result = await authScape.system.create('Location', depot, [], unguarded);
    expect(result).toMatchObject({ kind: 'created', record: { values: { title: 'Depot' } } });
  });

  it('can be created inactive', async () => {
    const result = await authScape.system.create(
      'Location',
      { ...depot, isDeactivated: true },
      [],
      unguarded,
    );
    expect(result).toMatchObject({ kind: 'created', record: { active: false } });
  });

  it('trap 11: cut after the commit it is found, cut before it is not sent again', async () => {
    await inject({ match: 'POST UpdateLocation', dropConnection: 'afterCommit', times: 1 });
    expect(await authScape.system.create('Location', depot, [], unguarded)).toMatchObject({
      kind: 'created',
    });
    await inject({ match: 'POST UpdateLocation', dropConnection: 'before', times: 1 });
    await expect(authScape.system.create('Location', depot, [], unguarded)).rejects.toBeInstanceOf(
      UnknownOutcomeError,
    );
    expect((await dump()).locations).toHaveLength(1);
    expect((await requestsByRoute(sim()))['POST UpdateLocation']).toBe(2);
  });

  it('is refused without title, or with a company that AuthScape does not have', async () => {
    await expect(authScape.system.create('Location', { title: ' ' }, [], unguarded)).rejects.toMatchObject({
      reason: 'required_value_missing',
      field: 'title',
    });
    await expect(
      authScape.system.create('Location', { ...depot, companyId: '987654' }, [], unguarded),
    ).rejects.toMatchObject({
      reason: 'refused',
    });
    await expect(
      authScape.system.create('Location', { ...depot, companyId: 'Moss' }, [], unguarded),
    ).rejects.toMatchObject({
      reason: 'invalid_value',
      field: 'companyId',
    });
  });
});

describe('creating a company', () => {
  it('trap 12: is not tried', async () => {
    expect(authScape.system.canCreate('Company')).toBe(false);
    expect(await authScape.system.create('Company', { title: 'Moss' }, [], unguarded)).toMatchObject({
      kind: 'refused',
      reason: 'create_not_supported',
    });
    expect(await requestsByRoute(sim())).toEqual({});
  });
});
