import { describe, expect, it } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { systemClock } from '../../../src/adapters/system.js';
import { BridgeError } from '../../../src/domain/errors.js';
import {
  authScapeSim,
  client,
  clientAuth,
  connect,
  insertOne,
  memoryVault,
  requestsByRoute,
} from './fixture.js';

const sim = authScapeSim();

describe('signing in with client credentials', () => {
  it('asks for one token however many calls start at once, and counts every request', async () => {
    const meter = createMeter();
    const { system } = connect(sim(), { meter });
    const { requests } = await meter.measure(() =>
      Promise.all(Array.from({ length: 10 }, () => system.identity())),
    );
    expect(await requestsByRoute(sim())).toEqual({ 'POST connect/token': 1, 'GET UserManagement': 10 });
    expect(requests()).toEqual({ dynamics: 0, authScape: 11, storage: 0 });
  });

  it('says whose token it is, and null when the token names no user', async () => {
    expect(await connect(sim()).system.identity()).toEqual({ userId: client.clientId });
    await sim().sim('POST', 'tokens', { identity: false });
    // [E11] A token without identity: the client id is that of the service's own user.
    expect(await connect(sim()).system.identity()).toEqual({ userId: client.clientId });
  });

  it('replaces a revoked token once, for reads and for writes', async () => {
    const { system } = connect(sim());
    const id = await insertOne(sim(), 'users', { email: 'ada@moss.example', firstName: 'Ada' });
    await system.identity();
    await sim().sim('POST', 'tokens', { expireAll: true });
    await system.identity();
    let revoked = 0;
    const revokeOnce = async () => {
      revoked += 1;
      if (revoked === 1) await sim().sim('POST', 'tokens', { expireAll: true });
    };
    const result = await system.update(
      'User',
      id,
      { firstName: 'Eve' },
      { expected: () => true, guard: revokeOnce },
    );
    expect(result).toMatchObject({ kind: 'written', record: { values: { firstName: 'Eve' } } });
    expect(revoked).toBe(2);
  });

  it('renews five minutes before the token expires', async () => {
    let now = Date.now();
    const { system } = connect(sim(), { clock: { ...systemClock, now: () => now } });
    await system.identity();
    now += (3599 - 301) * 1000;
    await system.identity();
    expect((await requestsByRoute(sim()))['POST connect/token']).toBe(1);
    now += 2000;
    await system.identity();
    expect((await requestsByRoute(sim()))['POST connect/token']).toBe(2);
  });

  it('names the missing audience of the stock branch', async () => {
    await sim().sim('POST', 'tokens', { mode: 'stock' });
    await expect(connect(sim()).probe.authScapeToken()).rejects.toMatchObject({
      code: 'authscape_unauthorized',
      hint: expect.stringContaining('without an audience'),
    });
    expect(await requestsByRoute(sim())).toEqual({ 'POST connect/token': 2, 'GET UserManagement': 2 });
  });

  it.each([
    ['a wrong secret', { clientSecret: async () => 'wrong' }, 'client id and secret'],
    ['a client id that is no client', { clientId: 'background-service' }, 'client id and secret'],
    ['an unknown scope', { scope: 'api9' }, 'scope'],
  ])('names %s', async (_name, change, part) => {
    const auth = { ...clientAuth, ...change };
    await expect(connect(sim(), { auth }).probe.authScapeToken()).rejects.toMatchObject({
      code: 'authscape_unauthorized',
      message: expect.stringContaining(part),
    });
  });

  it('names a client id that is not the id of a user', async () => {
    await sim().sim('POST', 'delete', { entity: 'User', id: Number(client.clientId) });
    await expect(connect(sim()).probe.authScapeToken()).rejects.toMatchObject({
      code: 'authscape_unauthorized',
      hint: expect.stringContaining('decimal id'),
    });
  });

  it('tells an identity provider that is away from one that refuses', async () => {
    const { probe } = connect(sim(), { idpUrl: 'http://127.0.0.1:9' });
    await expect(probe.authScapeToken()).rejects.toMatchObject({ code: 'authscape_unreachable' });
    await sim().sim('POST', 'faults', [{ match: 'POST connect/token', status: 503, times: 3 }]);
    await expect(connect(sim()).probe.authScapeToken()).rejects.toMatchObject({
      code: 'authscape_unreachable',
    });
  });

  it('never shows a secret or a token in an error', async () => {
    await sim().sim('POST', 'tokens', { mode: 'stock' });
    const error: unknown = await connect(sim())
      .probe.authScapeToken()
      .catch((reason: unknown) => reason);
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/eyJ|Bearer|a secret that is long/);
  });
});

describe('signing in with the rolling refresh token of a user', () => {
  async function chain(): Promise<string> {
    const { refreshToken } = await sim().sim<{ refreshToken: string }>('POST', 'tokens', { mode: 'refresh' });
    return refreshToken;
  }
  const refreshAuth = (vault: ReturnType<typeof memoryVault>) =>
    ({
      kind: 'refresh',
      clientId: client.clientId,
      clientSecret: async () => client.clientSecret,
      secretName: 'authscape-refresh',
      secrets: vault,
    }) as const;

  it('stores each new refresh token, and has stored it before the access token is used', async () => {
    const vault = memoryVault(await chain());
    const auth = refreshAuth(vault);
    let storedAtFirstCall = 0;
    const meter = createMeter();
    const counting = {
      ...meter,
      count: (...args: Parameters<typeof meter.count>) => {
        storedAtFirstCall = vault.stored.length;
        meter.count(...args);
      },
    };
    const { system } = connect(sim(), { auth, meter: counting });
    expect(await system.identity()).toEqual({ userId: client.clientId });
    expect(storedAtFirstCall).toBe(2);
    await sim().sim('POST', 'tokens', { expireAll: true });
    await system.identity();
    expect(new Set(vault.stored).size).toBe(3);
  });

  it('takes over what another instance has rolled', async () => {
    const vault = memoryVault(await chain());
    const first = connect(sim(), { auth: refreshAuth(vault) });
    const second = connect(sim(), { auth: refreshAuth(vault) });
    await first.system.identity();
    await second.system.identity();
    await sim().sim('POST', 'tokens', { expireAll: true });
    await first.system.identity();
    expect(vault.stored).toHaveLength(4);
  });

  it('tries again with the newest token when its own was used up meanwhile', async () => {
    const used = await chain();
    const vault = memoryVault(used);
    await connect(sim(), { auth: refreshAuth(vault) }).system.identity();
    let isFirst = true;
    const late = {
      ...vault,
      latest: async () => {
        const stored = await vault.latest('authscape-refresh');
        if (!isFirst || stored === undefined) return stored;
        isFirst = false;
        return { ...stored, value: used };
      },
    };
    await connect(sim(), { auth: refreshAuth(late) }).system.identity();
  });

  it('does not lose the newest token while the vault cannot store it', async () => {
    const vault = memoryVault(await chain());
    const away = new BridgeError('secret_store_unavailable', 'Key Vault answers 503.');
    let isAway = true;
    const flaky = {
      ...vault,
      put: async (name: string, value: string) => {
        if (isAway) throw away;
        return vault.put(name, value);
      },
    };
    const { system } = connect(sim(), { auth: refreshAuth(flaky) });
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await expect(system.identity()).rejects.toMatchObject({ code: 'secret_store_unavailable' });
    }
    isAway = false;
    expect(await system.identity()).toEqual({ userId: client.clientId });
    // What was stored in the end is good for another process.
    await connect(sim(), { auth: refreshAuth(vault) }).system.identity();
  });

  it('asks for a new sign-in when the token is used up or missing', async () => {
    await chain();
    for (const vault of [memoryVault('used up'), memoryVault()]) {
      await expect(connect(sim(), { auth: refreshAuth(vault) }).probe.authScapeToken()).rejects.toMatchObject(
        {
          code: 'authscape_unauthorized',
          hint: expect.stringMatching(/sign in once/i),
        },
      );
    }
  });
});

describe('probing the module', () => {
  it('passes where the module is', async () => {
    await connect(sim()).probe.authScapeModule();
  });

  it('names the module where it is missing', async () => {
    await sim().sim('POST', 'install', { module: false });
    await expect(connect(sim()).probe.authScapeModule()).rejects.toMatchObject({
      code: 'authscape_module_missing',
    });
  });

  it.each([
    ['no API at the address', { apiUrl: 'http://127.0.0.1:9' }, 'authscape_unreachable'],
    ['an API that does not answer in time', { dataTimeoutMs: 40 }, 'authscape_unreachable'],
  ])('names %s', async (_name, options, code) => {
    await sim().sim('POST', 'faults', [{ match: 'GET GetRoles', delayMs: 300 }]);
    await expect(connect(sim(), options).probe.authScapeModule()).rejects.toMatchObject({ code });
  });

  it('asks to come back later when AuthScape limits requests', async () => {
    await sim().sim('POST', 'limits', { permitLimit: 1, windowSeconds: 60 });
    const { system } = connect(sim());
    // A request that the test before gave up may still arrive, and be the one that is let through.
    await system.identity().catch(() => undefined);
    await expect(system.probe()).rejects.toMatchObject({
      code: 'service_protection_limit',
      retryAfterSeconds: expect.any(Number),
    });
  });

  it('repeats reads that meet passing faults', async () => {
    await sim().sim('POST', 'faults', [
      { match: 'GET GetRoles', status: 503, times: 1 },
      { match: 'GET GetRoles', dropConnection: 'before', times: 1 },
      { match: 'POST GetUsers', status: 500, times: 1 },
    ]);
    await connect(sim()).system.probe();
  });

  it('knows how far the clocks are apart', async () => {
    const { system } = connect(sim(), { clock: { ...systemClock, now: () => Date.now() + 3_600_000 } });
    await system.identity();
    expect(Math.abs(system.clockOffset() - 3_600_000)).toBeLessThan(2_000);
  });
});
