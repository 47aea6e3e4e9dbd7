import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Dump, type Harness, startHarness } from './harness.js';

let authScape: Harness;

beforeEach(async () => {
  authScape = await startHarness();
});

afterEach(() => authScape.close());

const insert = (body: object) => authScape.sim<{ users: number[] }>('POST', 'insert', body);
const dumped = async (id: number | undefined) =>
  (await authScape.sim<Dump & Record<string, unknown>>('GET', 'dump')).users.find((user) => user.id === id);

describe('roles', () => {
  it('of AddRole have a lower-case normalized name', async () => {
    expect((await authScape.api('POST', 'AddRole', { role: 'Site Editor' })).status).toBe(200);
    const roles = (await authScape.api('GET', 'GetRoles')).json<Record<string, unknown>[]>();
    expect(roles.at(-1)).toMatchObject({ name: 'Site Editor', normalizedName: 'site editor' });
    expect(roles[0]).toMatchObject({ name: 'Admin', normalizedName: 'ADMIN' });
  });

  it('are listed, assigned once, and removed with a body', async () => {
    expect((await authScape.api('GET', 'GetRoles')).json()).toEqual([
      { id: 1, name: 'Admin', normalizedName: 'ADMIN', concurrencyStamp: expect.any(String) },
      { id: 2, name: 'User', normalizedName: 'USER', concurrencyStamp: expect.any(String) },
    ]);
    const { id: roleId } = await authScape.sim('POST', 'roles', { name: 'Editor' });
    const { users } = await insert({ users: [{ email: 'a@x.example' }] });
    const assignment = { userId: users[0], roleId };
    expect((await authScape.api('POST', 'AssignUserToRole', assignment)).status).toBe(200);
    expect((await authScape.api('POST', 'AssignUserToRole', assignment)).status).toBe(500);
    expect(await dumped(users[0])).toMatchObject({ roles: ['User', 'Editor'] });
    await authScape.api('DELETE', 'RemoveUserFromRole', assignment);
    expect(await dumped(users[0])).toMatchObject({ roles: ['User'] });
  });
});
