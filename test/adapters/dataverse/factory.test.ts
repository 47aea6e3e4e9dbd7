import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noAnswer, reply } from '../http/script.js';
import { APP_ID, aConnection, type Bench, rejection, startBench, startScriptBench } from './support.js';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(async () => {
  await bench.control('POST', 'reset');
  await bench.control('DELETE', 'faults');
  await bench.control('DELETE', 'requests');
});
afterAll(async () => {
  await bench.close();
});

const COLUMNS = ['lastname'];

describe('connection', () => {
  it('says who it is and in which organization, anew each time', async () => {
    const first = await bench.system.identity();
    const organizationId = randomUUID();
    await bench.control('POST', 'organization', { organizationId });
    await expect(bench.system.identity()).resolves.toEqual({ ...first, organizationId });
  });

  it('counts every request, repeats included', async () => {
    await bench.system.table('contact');
    await bench.control('POST', 'faults', [{ match: 'GET contacts', status: 503, times: 1 }]);
    const { requests } = await bench.meter.measure(() => bench.system.get('contact', randomUUID(), COLUMNS));
    expect(requests()).toEqual({ dynamics: 2, authScape: 0, storage: 0 });
  });

  it('gets a new token once after a 401', async () => {
    const given = bench.tokens.given.length;
    for (const token of bench.tokens.given) bench.tokens.revoked.add(token);
    await expect(bench.system.identity()).resolves.toBeDefined();
    expect(bench.tokens.given.length).toBe(given + 1);
  });

  it.each(['empty', 'text'])('calls a second 401 (%s body) a fault of the credentials', async (body) => {
    await bench.control('POST', 'behaviour', { unauthorizedBody: body });
    const given = bench.tokens.given.length;
    for (let index = 0; index <= given + 5; index += 1) bench.tokens.revoked.add(`token-${index}`);
    expect(await rejection(bench.system.identity())).toMatchObject({ code: 'invalid_client_credentials' });
    expect(bench.tokens.given.length).toBe(given + 1);
    bench.tokens.revoked.clear();
  });

  it('waits out a short pause of the service', async () => {
    await bench.control('POST', 'faults', [{ match: 'GET WhoAmI', status: 429, retryAfter: 0.05, times: 1 }]);
    await expect(bench.system.identity()).resolves.toBeDefined();
  });

  it('[R5] trap: one 429 pauses every call of the connection, without asking again', async () => {
    await bench.control('POST', 'faults', [{ match: 'GET WhoAmI', status: 429, retryAfter: 120, times: 1 }]);
    const connection = aConnection({ id: 'c_paused' });
    const system = await bench.factory.open(connection);
    expect(await rejection(system.identity())).toMatchObject({
      code: 'service_protection_limit',
      retryAfterSeconds: 120,
    });
    await bench.control('DELETE', 'requests');
    expect(await rejection(system.identity())).toMatchObject({ code: 'service_protection_limit' });
    await expect(bench.control('GET', 'requests')).resolves.toMatchObject({ total: 0 });
    await expect(bench.system.identity()).resolves.toBeDefined();
  });

  it('gives out one client per connection until its environment changes', async () => {
    const again = await bench.factory.open(aConnection());
    expect(again).toBe(bench.system);
    const other = await bench.factory.open(aConnection({ environment: 'other.crm.dynamics.com' }));
    expect(other).not.toBe(bench.system);
    await bench.factory.open(aConnection());
  });

  it('[M15] knows how the clocks differ', async () => {
    await bench.system.identity();
    expect(Math.abs(bench.system.clockOffset())).toBeLessThan(2_000);
    const script = await startScriptBench(
      reply(
        200,
        {
          OrganizationId: '11111111-0000-4000-8000-00000000000a',
          UserId: '11111111-0000-4000-8000-00000000000b',
        },
        { date: new Date(Date.now() - 60_000).toUTCString() },
      ),
    );
    await script.system.identity();
    expect(script.system.clockOffset()).toBeGreaterThan(58_000);
    await script.close();
  });
});

describe('connection test', () => {
  const probe = () => bench.factory.probe;

  afterEach(async () => {
    await bench.control('POST', 'users', { appId: APP_ID, state: 'ok' });
  });

  it('passes where all is well', async () => {
    await expect(probe().token(bench.connection)).resolves.toBeUndefined();
    await expect(probe().whoAmI(bench.connection)).resolves.toHaveProperty('organizationId');
    await expect(probe().readContact(bench.connection)).resolves.toBeUndefined();
    await expect(probe().writeContact(bench.connection)).resolves.toBeUndefined();
    await expect(probe().changeTracking(bench.connection)).resolves.toBeUndefined();
    const dump = (await bench.control('GET', 'dump')) as { contacts: unknown[] };
    expect(dump.contacts).toHaveLength(0);
  });

  it('signs in anew', async () => {
    const given = bench.tokens.given.length;
    await probe().token(bench.connection);
    expect(bench.tokens.given.length).toBe(given + 1);
  });

  it.each([
    ['none', 'application_user_missing'],
    ['disabled', 'application_user_missing'],
    ['noRole', 'access_denied'],
  ])('whoAmI with the user state %s: %s', async (state, code) => {
    await bench.control('POST', 'users', { appId: APP_ID, state });
    expect(await rejection(probe().whoAmI(bench.connection))).toMatchObject({
      code,
      hint: expect.any(String),
    });
  });

  it('names the privilege that reading lacks', async () => {
    await bench.control('POST', 'users', {
      appId: APP_ID,
      state: 'missingPrivilege',
      privilege: 'prvReadContact',
    });
    expect(await rejection(probe().readContact(bench.connection))).toMatchObject({
      code: 'access_denied',
      message: expect.stringContaining('prvReadContact'),
    });
  });

  it('names the privilege that writing lacks', async () => {
    const message = 'Principal user is missing prvWriteContact privilege on OTC=2';
    const script = await startScriptBench(reply(403, { error: { code: '0x80040220', message } }));
    expect(await rejection(script.factory.probe.writeContact(script.connection))).toMatchObject({
      code: 'access_denied',
      message: expect.stringContaining('prvWriteContact'),
    });
    await script.close();
  });

  it('tells missing change tracking from missing rights, naming the table', async () => {
    await bench.control('POST', 'tracking', { enabled: { account: false } });
    expect(await rejection(probe().changeTracking(bench.connection))).toMatchObject({
      code: 'dynamics_error',
      message: expect.stringContaining('`account`'),
    });
    await bench.control('POST', 'users', { appId: APP_ID, state: 'noGlobalRead' });
    expect(await rejection(probe().changeTracking(bench.connection))).toMatchObject({
      code: 'access_denied',
      message: expect.stringContaining('`contact`'),
    });
  });

  it.each([404, 302])('knows a name that belongs to no environment (%i)', async (status) => {
    const script = await startScriptBench(reply(status, '<html>', { location: 'https://elsewhere.example' }));
    expect(await rejection(script.factory.probe.whoAmI(script.connection))).toMatchObject({
      code: 'environment_not_found',
    });
    await script.close();
  });

  it('says that no server answers', async () => {
    const script = await startScriptBench(noAnswer);
    await script.server.close();
    expect(await rejection(script.factory.probe.whoAmI(script.connection))).toMatchObject({
      code: 'connection_timeout',
      hint: expect.stringContaining('bare domain'),
    });
    await script.close();
  });
});
