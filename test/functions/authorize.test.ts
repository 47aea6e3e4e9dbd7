import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../src/domain/errors.js';
import { holdsRole, ROLES } from '../../src/domain/roles.js';
import { withRoutes } from '../../src/functions/routes/per-route.js';
import { call, createTestBridge, type TestBridge } from '../support/bridge.js';

const KEY = 'a-key-for-tests';
const apiKeys = { operations: createHash('sha256').update(KEY).digest('hex') };

/** The token is a list of roles; no token is the one of a stranger. */
const verifyToken = async (token: string) => {
  if (token === 'forged') throw new BridgeError('unauthorized', 'The bearer token is not accepted.');
  return { actor: { kind: 'user', name: 'ann' } as const, roles: token.split(',') };
};

let bridge: TestBridge;
beforeEach(() => {
  bridge = createTestBridge({ signIn: { mode: 'app', apiKeys, verifyToken } });
});

const routes = withRoutes(createTestBridge()).map(({ route }) => route);
const secured = routes.filter(({ role }) => role !== null);
const handlerOf = (name: string) => {
  const found = withRoutes(bridge).find(({ route }) => route.name === name);
  if (!found) throw new Error(`There is no route ${name}.`);
  return found.value;
};
const ask = (name: string, headers: Record<string, string>, query: Record<string, string> = {}) => {
  const route = routes.find((one) => one.name === name);
  return call(handlerOf(name), { method: route?.method ?? 'GET', headers, query });
};

const cells = secured.flatMap(({ name, role }) =>
  ['other', ...ROLES].map((held) => ({
    name,
    role,
    held,
    allowed: role !== null && holdsRole([held], role),
  })),
);

describe('the table of roles', () => {
  it.each(cells)('$name with $held: $allowed', async ({ name, role, held, allowed }) => {
    const reply = await ask(name, { authorization: `Bearer ${held}` });

    expect(reply.status).not.toBe(401);
    if (allowed) expect(reply.status).not.toBe(403);
    else {
      expect(reply).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect(JSON.stringify(reply.body)).toContain(role);
    }
  });

  it('lets readers read, operators operate and administrators do everything', () => {
    const of = (role: string) => secured.filter((route) => route.role === role).map(({ name }) => name);

    expect(secured.filter(({ method }) => method === 'GET').map(({ name }) => name)).toEqual(of('sync.read'));
    expect(of('sync.operate').sort()).toEqual(
      [
        ...['runsRequest', 'runsCancel', 'runsTakeBack', 'runsApprove', 'runsReject'],
        ...[
          'recordsSyncUser',
          'recordsSyncCompany',
          'recordsSyncLocation',
          'recordsSyncRow',
          'recordsPreview',
        ],
        ...['linksCreate', 'linksDelete', 'problemsRetry', 'deadLettersReplay', 'deadLettersReplayAll'],
        'eventsAuthScape',
      ].sort(),
    );
    expect(of('sync.admin')).toHaveLength(
      secured.length - of('sync.read').length - of('sync.operate').length,
    );
  });
});

describe('callers that are not known', () => {
  it.each(secured.map(({ name }) => name))('are refused by %s', async (name) => {
    const reply = await ask(name, {});

    expect(reply).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(reply.headers['www-authenticate']).toBe('Bearer');
  });

  it.each([
    [{ 'x-functions-key': 'wrong' }, 'Bearer'],
    [{ authorization: 'Basic YTpi' }, 'Bearer'],
    [{ authorization: 'Bearer forged' }, /^Bearer error="invalid_token"/],
  ])('are told how to sign in: %j', async (headers, challenge) => {
    const reply = await ask('connectionsList', headers);

    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toMatch(challenge);
  });
});

describe('a key', () => {
  it.each(secured.map(({ name }) => name))('opens %s', async (name) => {
    expect([401, 403]).not.toContain((await ask(name, { 'x-functions-key': KEY })).status);
  });

  it('is taken in the query too', async () => {
    expect((await ask('connectionsList', {}, { code: KEY })).status).toBe(200);
  });

  it('is no matter of the app where the platform checks it', async () => {
    bridge = createTestBridge({ signIn: { mode: 'functionKeys', apiKeys } });

    expect((await ask('connectionsList', {})).status).toBe(200);
  });
});
