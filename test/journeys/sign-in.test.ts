import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Journey, startJourney, startWithinMs } from './support/journey.js';
import { signInAs } from './support/people.js';

describe('signing in at an issuer', () => {
  let journey: Journey;
  let connectionId: string;

  const ask = async (token: string | undefined, method: string, path: string, body?: unknown) =>
    journey.api.ask(method, path, {
      body,
      anonymous: true,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  const statuses = async (token: string | undefined) => {
    const read = await ask(token, 'GET', 'connections');
    const operate = await ask(token, 'POST', `connections/${connectionId}/dead-letters/replay`);
    const change = await ask(token, 'PATCH', `connections/${connectionId}`, { enabled: true });
    return [read.status, operate.status, change.status];
  };

  beforeAll(async () => {
    journey = await startJourney({ STACK_AUTH: 'app' });
    connectionId = await journey.api.createConnection();
  }, startWithinMs);
  afterAll(() => journey?.stop());

  it.each([
    ['guest', [403, 403, 403]],
    ['reader', [200, 403, 403]],
    ['operator', [200, 202, 403]],
    ['admin', [200, 202, 200]],
  ])('lets a person do what the roles say: %s', async (name, expected) => {
    expect(await statuses(await signInAs(journey.stack, name))).toEqual(expected);
  });

  it('names the person in the audit', async () => {
    const admin = await signInAs(journey.stack, 'admin');
    await ask(admin, 'PATCH', `connections/${connectionId}`, { syncIntervalMinutes: 45 });
    const { body } = await ask(admin, 'GET', `audit?connectionId=${connectionId}&limit=1`);

    expect(body).toMatchObject({
      items: [
        {
          actor: { kind: 'user', name: 'admin@contoso.example' },
          action: 'connection.update',
          target: `/api/connections/${connectionId}`,
          changes: [{ path: 'syncIntervalMinutes', from: 15, to: 45 }],
        },
      ],
    });
  });

  it('refuses callers without key or token, and tokens that were changed', async () => {
    const token = await signInAs(journey.stack, 'reader');
    const [head, body = '', signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const raised = Buffer.from(JSON.stringify({ ...claims, roles: ['sync.admin'] })).toString('base64url');

    expect(await statuses(undefined)).toEqual([401, 401, 401]);
    const refused = await ask([head, raised, signature].join('.'), 'GET', 'connections');
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/);
  });

  it('takes tokens signed with a key that the issuer has just made', async () => {
    await journey.identity.post('tokens', { rollKey: 'keep' });

    // The keys were read when the first token came; a new one is looked for at most each half minute.
    await expect
      .poll(async () => (await statuses(await signInAs(journey.stack, 'reader')))[0], {
        timeout: 60_000,
        interval: 2_000,
      })
      .toBe(200);
  });

  it('leaves health and the document open', async () => {
    expect((await ask(undefined, 'GET', 'health')).status).toBe(200);
    expect((await ask(undefined, 'GET', 'openapi.json')).status).toBe(200);
  });
});
