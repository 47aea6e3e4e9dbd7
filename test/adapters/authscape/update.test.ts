import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthScape } from '../../../src/adapters/authscape/authscape.js';
import { UnknownOutcomeError } from '../../../src/application/ports/systems.js';
import {
  asSeen,
  authScapeSim,
  connect,
  dumpedUser,
  insert,
  insertOne,
  requestsByRoute,
  scanAll,
  unguarded,
} from './fixture.js';

const sim = authScapeSim();
let authScape: AuthScape;
beforeEach(() => {
  authScape = connect(sim());
});

const inject = (...faults: object[]) => sim().sim('POST', 'faults', faults);
const customField = async (name: string, platform: number, type: number) =>
  (await sim().sim<{ id: string }>('POST', 'custom-fields', { name, platform, type })).id;

async function fullUser(more: object = {}): Promise<string> {
  await sim().sim('POST', 'permissions', { name: 'invoices.read' });
  const ids = await insert(sim(), { companies: [{ title: 'Moss' }], locations: [{ title: 'Depot' }] });
  return insertOne(sim(), 'users', {
    firstName: 'Ada',
    lastName: 'Moss',
    email: 'ada@moss.example',
    phoneNumber: '+1 555 0100',
    companyId: ids.companies[0],
    locationId: ids.locations[0],
    roles: ['Admin', 'User'],
    permissions: ['invoices.read'],
    ...more,
  });
}

describe('updating a user', () => {
  it('trap 1, trap 2: changes one value and wipes nothing', async () => {
    const kept = await customField('Kept', 1, 1);
    const id = await fullUser({ customFields: [{ customFieldId: kept, value: 'A-17' }] });
    const before = await dumpedUser(sim(), id);
    const result = await authScape.system.update(
      'User',
      id,
      { phoneNumber: '+1 555 0199' },
      { expected: asSeen, guard: unguarded },
    );
    expect(await dumpedUser(sim(), id)).toEqual({ ...before, phoneNumber: '+1 555 0199' });
    expect(result).toMatchObject({
      kind: 'written',
      undone: [],
      record: { values: { phoneNumber: '+1 555 0199' } },
    });
  });

  it('empties and fills: names to empty text, references and phone to nothing', async () => {
    const id = await fullUser();
    const cleared = { firstName: null, phoneNumber: null, companyId: null, locationId: null };
    const result = await authScape.system.update('User', id, cleared, { expected: asSeen, guard: unguarded });
    expect(result).toMatchObject({ record: { values: cleared } });
    expect(await dumpedUser(sim(), id)).toMatchObject({ ...cleared, firstName: '' });
    const company = await insertOne(sim(), 'companies', { title: 'New' });
    await authScape.system.update('User', id, { companyId: company }, { expected: asSeen, guard: unguarded });
    expect(await dumpedUser(sim(), id)).toMatchObject({ companyId: Number(company) });
  });

  it('trap 3: writes no blank permissions claim, and so repairs one', async () => {
    const id = await fullUser({ permissions: undefined, permissionClaims: [''] });
    await authScape.system.update('User', id, { lastName: 'Moor' }, { expected: asSeen, guard: unguarded });
    const scanned = await scanAll(authScape.system, 'User', { keys: ['email'], detail: false });
    expect(scanned).toMatchObject({ skipped: 0, total: 1 });
  });

  it('trap 4: writes custom fields as text, a cleared one as empty text, the others not at all', async () => {
    const [flag, number, day, cleared, other] = await Promise.all([
      customField('Flag', 1, 5),
      customField('Number', 1, 3),
      customField('Day', 1, 4),
      customField('Cleared', 1, 1),
      customField('Other', 1, 1),
    ]);
    const id = await fullUser({ customFields: [{ customFieldId: cleared, value: 'x' }] });
    const values = {
      [`customFields.${flag}`]: false,
      [`customFields.${number}`]: 2.5,
      [`customFields.${day}`]: '2024-02-29',
      [`customFields.${cleared}`]: null,
    };
    const result = await authScape.system.update('User', id, values, { expected: asSeen, guard: unguarded });
    expect(result).toMatchObject({ record: { values: { ...values, [`customFields.${other}`]: null } } });
    const stored = (await dumpedUser(sim(), id)).customFields;
    expect(Object.fromEntries(stored.map((field) => [field.customFieldId, field.value]))).toEqual({
      [flag]: 'false',
      [number]: '2.5',
      [day]: '2024-02-29',
      [cleared]: '',
    });
  });

  it('writes nothing when the values are there already', async () => {
    const id = await fullUser();
    const result = await authScape.system.update(
      'User',
      id,
      { firstName: 'Ada', isActive: true },
      { expected: asSeen, guard: () => Promise.reject(new Error('nothing to guard')) },
    );
    expect(result).toMatchObject({ kind: 'written', undone: [] });
  });

  it('[W5] writes nothing when a mapped field is no longer what was seen', async () => {
    const id = await fullUser();
    const seen = (record: { values: Readonly<Record<string, unknown>> }) =>
      record.values.lastName === 'Other';
    expect(
      await authScape.system.update('User', id, { firstName: 'X' }, { expected: seen, guard: unguarded }),
    ).toEqual({
      kind: 'moved',
    });
    expect((await requestsByRoute(sim()))['PUT UpdateUser']).toBeUndefined();
  });

  it('trap 15: archives and activates by the calls for that, without a full replace', async () => {
    const id = await fullUser();
    const before = await dumpedUser(sim(), id);
    const off = await authScape.system.update(
      'User',
      id,
      { isActive: false },
      { expected: asSeen, guard: unguarded },
    );
    expect(off).toMatchObject({ record: { active: false } });
    expect(await dumpedUser(sim(), id)).toMatchObject({ isActive: false, archived: expect.any(String) });
    await authScape.system.update('User', id, { isActive: true }, { expected: asSeen, guard: unguarded });
    expect(await dumpedUser(sim(), id)).toEqual(before);
    expect(await requestsByRoute(sim())).toMatchObject({ 'DELETE ArchiveUser': 1, 'DELETE ActivateUser': 1 });
    expect((await requestsByRoute(sim()))['PUT UpdateUser']).toBeUndefined();
  });

  it('[W6] asks the guard before each effect and stops where it says no', async () => {
    const id = await fullUser();
    let asked = 0;
    const guard = async () => {
      asked += 1;
      if (asked === 2) throw new Error('the claim is lost');
    };
    const values = { lastName: 'Moor', isActive: false };
    await expect(authScape.system.update('User', id, values, { expected: asSeen, guard })).rejects.toThrow(
      'the claim is lost',
    );
    expect(await dumpedUser(sim(), id)).toMatchObject({ lastName: 'Moor', isActive: true });
  });

  it('trap 14: names the edit of another user that the full replace took back', async () => {
    const id = await fullUser();
    const edit = connect(sim());
    const guard = async () => {
      await edit.system.update(
        'User',
        id,
        { phoneNumber: '5', lastName: 'Theirs' },
        { expected: asSeen, guard: unguarded },
      );
    };
    const result = await authScape.system.update(
      'User',
      id,
      { lastName: 'Ours' },
      { expected: asSeen, guard },
    );
    expect(result).toMatchObject({
      kind: 'written',
      undone: [{ field: 'phoneNumber', value: '+1 555 0100' }],
      record: { values: { lastName: 'Ours' } },
    });
  });

  it('trap 14: names it also when what follows the replace fails', async () => {
    const id = await fullUser();
    let calls = 0;
    const guard = async () => {
      calls += 1;
      if (calls === 1) {
        await connect(sim()).system.update(
          'User',
          id,
          { phoneNumber: '5' },
          { expected: asSeen, guard: unguarded },
        );
        return;
      }
      throw new Error('the claim is lost');
    };
    const values = { lastName: 'Ours', isActive: false };
    await expect(
      authScape.system.update('User', id, values, { expected: asSeen, guard }),
    ).rejects.toMatchObject({
      name: 'UndoneError',
      undone: [{ field: 'phoneNumber', value: '+1 555 0100' }],
      cause: { message: 'the claim is lost' },
    });
  });

  it('trap 10: 204 means that the user is gone', async () => {
    const id = await fullUser();
    const guard = () => sim().sim<void>('POST', 'delete', { entity: 'User', id: Number(id) });
    expect(await authScape.system.update('User', id, { lastName: 'X' }, { expected: asSeen, guard })).toEqual(
      {
        kind: 'gone',
      },
    );
  });

  it('trap 10: 200 of an archive is not taken for done: an unknown user is told, and nothing is sent', async () => {
    await expect(
      authScape.system.update('User', '987654', { isActive: false }, { expected: asSeen, guard: unguarded }),
    ).rejects.toMatchObject({ name: 'RecordRefusedError' });
    expect((await requestsByRoute(sim()))['DELETE ArchiveUser']).toBeUndefined();
  });

  it.each(["o'brien@moss.example", 'zoë@moss.example'])(
    'trap 13: %s, refused on create, is taken as the e-mail, and so as the login, of a user who is there',
    async (email) => {
      const id = await fullUser();
      const result = await authScape.system.update(
        'User',
        id,
        { email },
        { expected: asSeen, guard: unguarded },
      );
      expect(result).toMatchObject({ kind: 'written', record: { values: { email } } });
      expect(await dumpedUser(sim(), id)).toMatchObject({ email });
    },
  );

  it('does not call a user gone that cannot be read', async () => {
    await expect(
      authScape.system.update('User', '987654', { lastName: 'X' }, { expected: asSeen, guard: unguarded }),
    ).rejects.toMatchObject({ reason: 'record_unreadable' });
  });

  it.each([
    ['cut before the commit', { dropConnection: 'before' }],
    ['cut after the commit', { dropConnection: 'afterCommit' }],
    ['answered 502', { status: 502 }],
    ['out of time', { delayMs: 400 }],
  ])('leaves the fate unknown when the call is %s, and sends nothing twice', async (_name, fault) => {
    const id = await fullUser();
    await inject({ match: 'PUT UpdateUser', ...fault });
    const { system } = connect(sim(), { writeTimeoutMs: 100 });
    await expect(
      system.update('User', id, { lastName: 'X' }, { expected: asSeen, guard: unguarded }),
    ).rejects.toBeInstanceOf(UnknownOutcomeError);
    expect((await requestsByRoute(sim()))['PUT UpdateUser']).toBe(1);
  });

  it('reports what AuthScape refuses as the fault of the record', async () => {
    const id = await fullUser();
    await insert(sim(), { users: [{ email: 'taken@moss.example' }] });
    const refusals: [Record<string, string | null>, string][] = [
      [{ email: 'TAKEN@moss.example' }, 'refused'],
      [{ companyId: '987654' }, 'refused'],
      [{ companyId: 'Moss' }, 'invalid_value'],
      [{ email: '' }, 'required_value_missing'],
      [{ emailConfirmed: 'x' }, 'not_writable'],
      [{ 'customFields.0d4e3c9e-0000-4000-8000-000000000000': 'x' }, 'field_missing'],
    ];
    for (const [values, reason] of refusals) {
      await expect(
        authScape.system.update('User', id, values, { expected: asSeen, guard: unguarded }),
      ).rejects.toMatchObject({
        name: 'RecordRefusedError',
        reason,
      });
    }
    expect(await dumpedUser(sim(), id)).toMatchObject({ email: 'ada@moss.example', lastName: 'Moss' });
  });
});
