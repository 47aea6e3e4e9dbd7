import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { client, type Harness, request, startHarness } from './harness.js';

interface TokenAnswer {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token?: string;
}

let clock: Date;
let authScape: Harness;

beforeEach(async () => {
  clock = new Date('2026-03-01T12:00:00Z');
  const odd = { clientId: 'background-service', clientSecret: 'x' };
  authScape = await startHarness(() => clock, [client, odd, { clientId: '77', clientSecret: 'y' }]);
});

afterEach(() => authScape.close());

const later = (seconds: number) => {
  clock = new Date(clock.getTime() + seconds * 1000);
};

describe('the token endpoint', () => {
  it('gives an opaque token of an hour', async () => {
    const answer = await authScape.token();
    expect(answer.status).toBe(200);
    expect(answer.json<TokenAnswer>()).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    expect(answer.json<TokenAnswer>().access_token.split('.')).toHaveLength(1);
  });

  it.each([
    ['an unknown scope', { scope: 'api1 nonsense' }, 400, 'invalid_scope'],
    ['an unknown grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['an unknown client', { client_id: '12345' }, 401, 'invalid_client'],
    ['an unknown refresh token', { grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant'],
  ])('refuses %s', async (_what, form, status, error) => {
    const answer = await authScape.token(form as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(answer.json()).toMatchObject({ error, error_uri: expect.stringContaining('openiddict') });
  });

  it('reads forms only', async () => {
    const init = {
      body: '{"grant_type":"client_credentials"}',
      headers: { 'content-type': 'application/json' },
    };
    const answer = await request('POST', `${authScape.url}/connect/token`, init);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: 'invalid_request' });
  });

  it('fails with 500 for a client id that is no number, or the number of no user', async () => {
    const odd = await authScape.token({ client_id: 'background-service', client_secret: 'x' });
    expect(odd.status).toBe(500);
    expect(odd.json()).toMatchObject({ statusCode: 500, traceId: expect.any(String) });
    await authScape.sim('POST', 'delete', { entity: 'User', id: 77 });
    expect((await authScape.token({ client_id: '77', client_secret: 'y' })).status).toBe(500);
  });
});

describe('a token at the API', () => {
  it('is refused when absent, unknown or expired: 401 without a body', async () => {
    const absent = await authScape.api('GET', 'GetRoles', undefined, null);
    expect([absent.status, absent.text, absent.headers.get('www-authenticate')]).toEqual([401, '', 'Bearer']);
    const unknown = await authScape.api('GET', 'GetRoles', undefined, 'made-up');
    expect(unknown.status).toBe(401);
    expect(unknown.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect((await authScape.api('GET', 'GetRoles')).status).toBe(200);
    later(3600);
    expect((await authScape.api('GET', 'GetRoles')).status).toBe(401);
  });

  it('is refused after all were revoked', async () => {
    expect((await authScape.api('GET', 'GetRoles')).status).toBe(200);
    await authScape.sim('POST', 'tokens', { expireAll: true });
    expect((await authScape.api('GET', 'GetRoles')).status).toBe(401);
    const { access_token } = (await authScape.token()).json<TokenAnswer>();
    expect((await authScape.api('GET', 'GetRoles', undefined, access_token)).status).toBe(200);
  });

  it('has no audience on the stock branch, and none without the scope', async () => {
    const bare = (await authScape.token({ scope: '' })).json<TokenAnswer>();
    expect((await authScape.api('GET', 'GetRoles', undefined, bare.access_token)).status).toBe(401);
    await authScape.sim('POST', 'tokens', { mode: 'stock' });
    expect((await authScape.api('GET', 'GetRoles')).status).toBe(401);
  });

  it('names the signed-in user on the repaired branch', async () => {
    expect((await authScape.api('GET', '')).json()).toEqual({
      id: 900001,
      email: 'sync-900001@authscape.example',
      firstName: 'Sync',
      lastName: 'Robot',
      roles: [{ id: 1, name: 'Admin' }],
    });
  });

  it('without a signed-in user answers 204 to who am I and 500 to the custom field definitions', async () => {
    await authScape.sim('POST', 'tokens', { mode: 'patched', identity: false });
    const me = await authScape.api('GET', '');
    expect([me.status, me.text]).toEqual([204, '']);
    const ways = ['GetCustomFields?platformType=1', 'GetCustomField', 'GetCustomTabs?platformType=Users'];
    for (const path of ways) {
      expect((await authScape.api('GET', path)).status).toBe(500);
    }
    const users = await authScape.api('POST', 'GetUsers', { offset: 0, length: 5, isActive: true });
    expect(users.status).toBe(200);
  });

  it('may do everything, whatever the roles', async () => {
    const { users } = await authScape.sim<{ users: number[] }>('POST', 'insert', {
      users: [{ email: 'b@c.example' }],
    });
    await authScape.api('DELETE', 'RemoveUserFromRole', { userId: 900001, roleId: 1 });
    await authScape.sim('POST', 'tokens', { expireAll: true });
    const { access_token } = (await authScape.token()).json<TokenAnswer>();
    const answer = await authScape.api('GET', `GetUser?userId=${users[0]}`, undefined, access_token);
    expect(answer.status).toBe(200);
  });
});

describe('refresh tokens', () => {
  const refresh = (token: string) => authScape.token({ grant_type: 'refresh_token', refresh_token: token });

  it('roll: each is good for one use and answers the next', async () => {
    const { refreshToken } = await authScape.sim<{ refreshToken: string }>('POST', 'tokens', {
      mode: 'refresh',
    });
    const first = (await refresh(refreshToken)).json<TokenAnswer>();
    expect(first).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    expect((await refresh(refreshToken)).status).toBe(400);
    const second = (await refresh(first.refresh_token ?? '')).json<TokenAnswer>();
    const me = await authScape.api('GET', '', undefined, second.access_token);
    expect(me.json()).toMatchObject({ id: 900001 });
  });

  it('are good for 14 days, and the only way in their mode', async () => {
    const { refreshToken } = await authScape.sim<{ refreshToken: string }>('POST', 'tokens', {
      mode: 'refresh',
    });
    expect((await authScape.api('GET', 'GetRoles')).status).toBe(401);
    later(14 * 86_400);
    expect((await refresh(refreshToken)).json()).toMatchObject({ error: 'invalid_grant' });
  });
});
